//! The organization that a first start makes: a neighbourhood bakery with its assistant and what it knows. Later starts
//! leave it as it is, but for its plan.
//!
//! Invariant: it is made through `flow::setup` and `flow::organization` alone, as every other organization. Imported by the local program and the
//! harness; imports `flow` and `domain`.

use domain::organization::Number;
use domain::{IdKey, NumberId, OrganizationId, Plan};
use flow::access::AccessError;
use flow::audit::Actor;
use flow::job::JobError;
use flow::organization;
use flow::platform::Platform;
use flow::setup::{self, Definition, Model};
use secrecy::SecretString;

include!(concat!(env!("OUT_DIR"), "/demo.rs"));

/// The number that the demo organization answers on.
pub struct DemoNumber {
    /// Meta's id of it.
    pub id: NumberId,
    /// Meta's id of its business account.
    pub waba_id: String,
    /// The number as people read it.
    pub display: String,
}

/// What is made, for whom.
pub struct Demo<'a> {
    /// The organization's id.
    pub organization: &'a OrganizationId,
    /// Its number.
    pub number: &'a DemoNumber,
    /// The access token of that number; `None`: the deployment's own.
    pub token: Option<&'a SecretString>,
    /// The model that the assistant asks from now on; `None`: the one that it has.
    pub model: Option<&'a str>,
    /// The model of a new assistant, should `model` not say.
    pub default_model: &'a str,
}

/// Why the demo organization could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its definition, which was built in, is malformed.
    #[error("the demo assistant's definition is malformed")]
    Definition(#[from] serde_json::Error),
    /// A store did not answer, or the number belongs to another organization.
    #[error("the demo organization could not be made")]
    Setup(#[from] JobError),
    /// It was not put on its plan.
    #[error("the demo organization could not be put on its plan")]
    Plan(#[from] AccessError),
}

/// The name of the demo organization.
///
/// # Errors
/// [`DemoError::Definition`].
pub fn name() -> Result<String, DemoError> {
    Ok(definition()?.organization.name)
}

/// The id that the demo organization has where nobody chooses one: the same for the same id key.
pub fn organization_id(key: &IdKey) -> OrganizationId {
    OrganizationId::derived(key, &["demo"])
}

/// Makes the demo organization if it is not there, and connects the number to it. It is on the largest plan: whoever tries
/// things out pays for none.
///
/// # Errors
/// [`DemoError`]; what was made until then stays, and the next call goes on with it.
pub async fn set_up(platform: &Platform, demo: &Demo<'_>) -> Result<(), DemoError> {
    let id = demo.organization;
    let model = demo.model.map_or(Model::Usual(demo.default_model), Model::Chosen);
    let assistant = setup::set_up(platform, id, &definition()?, KNOWLEDGE.iter().copied(), model).await?;
    organization::change_plan(platform, &Actor::system(), id, Plan::Enterprise).await?;
    let number = Number {
        id: demo.number.id.clone(),
        organization: id.clone(),
        waba_id: demo.number.waba_id.clone(),
        display: demo.number.display.clone(),
        assistant: Some(assistant),
    };
    Ok(setup::connect_number(platform, &number, demo.token).await?)
}

fn definition() -> Result<Definition, DemoError> {
    Ok(serde_json::from_str(ASSISTANT)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_well_formed() {
        let demo = definition().unwrap();
        assert!(!demo.texts.unknown.is_empty() && !demo.hand_off.phrases.is_empty());
        assert!(KNOWLEDGE.len() >= 10);
        assert!(KNOWLEDGE.iter().all(|(_, text)| text.starts_with("# ") && text.lines().count() > 1));
    }
}
