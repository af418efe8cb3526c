//! The demo organization in the services that the functions use.

use std::collections::BTreeMap;

use boot::settings::Environment;
use cloud::{Ports, Setup, StartError};
use demo::{Demo, DemoError, DemoNumber};
use domain::OrganizationId;
use flow::job::JobError;
use flow::platform::Platform;
use secrecy::SecretString;

use crate::lambda::{self, REGION};

/// The organization that is there now.
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// A key that opens the API for it: the first of `PORFIN_API_KEYS`.
    pub api_key: SecretString,
}

/// Why the organization could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// The variables do not lead to the services.
    #[error("the services cannot be reached")]
    Services(#[from] StartError),
    /// No key says which organization it opens.
    #[error("PORFIN_API_KEYS is not set")]
    NoKey,
    /// A store did not answer.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// A store did not answer.
    #[error("the number's token could not be renewed")]
    Token(#[from] JobError),
}

/// Makes the demo organization, unless it is there, under the id that `PORFIN_API_KEYS` names, and connects the number with
/// its token. `model`: what the assistant asks from now on.
///
/// # Errors
/// [`OrganizationError`].
pub async fn set_up(
    variables: &BTreeMap<String, String>,
    number: &DemoNumber,
    token: &SecretString,
    model: Option<&str>,
) -> Result<Organization, OrganizationError> {
    let who = lambda::CREDENTIALS.into_iter().chain([("AWS_REGION", REGION)]);
    let given = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (platform, keys) = cloud::read(Environment::from_pairs(who.chain(given)), wire).await?;
    let (id, api_key) = keys.into_iter().next().ok_or(OrganizationError::NoKey)?;
    let default_model = openai::DEFAULT_MODEL;
    demo::set_up(&platform, &Demo { organization: &id, number, token: Some(token), model, default_model }).await?;
    flow::setup::token_changed(&platform, &number.id).await?;
    Ok(Organization { id, api_key })
}

fn wire(setup: &Setup<'_>) -> Option<(Platform, Vec<(OrganizationId, SecretString)>)> {
    let (documents, items, keys) = (setup.documents(), setup.items(), setup.api_keys());
    let ports = Ports { documents: documents?, items: items?, ..Ports::default() };
    Some((setup.platform(ports)?, keys?))
}
