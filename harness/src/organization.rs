//! The demo organization in the services that the functions use.

use std::collections::BTreeMap;

use boot::settings::Environment;
use cloud::{Ports, Setup, StartError};
use demo::{Demo, DemoError, DemoNumber};
use domain::access::Permission;
use domain::api_key::ApiKeySecret;
use domain::{DisplayName, OrganizationId};
use flow::access::AccessError;
use flow::access::api_keys::{self, NewApiKey};
use flow::job::JobError;
use flow::platform::Platform;
use secrecy::SecretString;

use crate::lambda::{self, REGION};

/// The id of the sample events' organization.
const ID: [u8; 16] = [1; 16];

/// The key of the sample events: the same for all who develop. It protects nothing.
pub const API_KEY: &str = "pk_live_aeaqcaibaeaqcaibaeaqcaibae_0El6XFXwsUFD8J2vGxsaboW7rZYnQRBP5d9erwRwd29_2W84KZ";

/// The organization that is there now.
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// A key that opens the API for it.
    pub api_key: SecretString,
}

/// Why the organization could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// The variables do not lead to the services.
    #[error("the services cannot be reached")]
    Services(#[from] StartError),
    /// The key was not adopted.
    #[error("the API key could not be made")]
    Key(#[from] AccessError),
    /// A store did not answer.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// A store did not answer.
    #[error("the number's token could not be renewed")]
    Token(#[from] JobError),
}

/// Makes the demo organization, unless it is there, with the id and the key of the sample events, and connects the number
/// with its token. `model`: what the assistant asks from now on.
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
    let platform = cloud::read(Environment::from_pairs(who.chain(given)), wire).await?;
    let id = OrganizationId::from_bits(ID);
    let default_model = openai::DEFAULT_MODEL;
    demo::set_up(&platform, &Demo { organization: &id, number, token: Some(token), model, default_model }).await?;
    flow::setup::token_changed(&platform, &number.id).await?;
    let new = NewApiKey {
        name: DisplayName::parse("For who develops").map_err(|_| AccessError::Invalid("a name"))?,
        scopes: Permission::ALL.to_vec(),
        ranges: Vec::new(),
        expires_at: None,
    };
    let key = ApiKeySecret::parse(API_KEY).map_err(|_| AccessError::Invalid("a key"))?;
    api_keys::adopt(&platform, &id, &new, &key).await?;
    Ok(Organization { id, api_key: API_KEY.into() })
}

fn wire(setup: &Setup<'_>) -> Option<Platform> {
    let (documents, items) = (setup.documents(), setup.items());
    setup.platform(Ports { documents: documents?, items: items?, ..Ports::default() })
}
