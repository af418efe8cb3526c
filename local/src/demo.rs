//! The organization that a first start makes: a neighbourhood bakery with its assistant and what it knows. Later starts
//! leave it as it is.

use anyhow::Context;
use domain::assistant::{Assistant, AssistantTexts, HandOffRule};
use domain::locale::Language;
use domain::organization::{Number, Organization};
use domain::{AssistantId, IdKey, NumberId, OrganizationId};
use flow::platform::Platform;
use flow::records::{KnowledgeText, organization_path};
use flow::setup;

/// The demo assistant's definition, as it is written in `demo/assistant.json`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    organization: OrganizationDefinition,
    name: String,
    language: Language,
    instructions: String,
    texts: AssistantTexts,
    hand_off: HandOffRule,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganizationDefinition {
    name: String,
    time_zone: String,
}

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

/// The name of the demo organization.
///
/// # Errors
/// When the definition that was built in is malformed.
pub fn name() -> anyhow::Result<String> {
    Ok(definition()?.organization.name)
}

/// The id of the demo organization: the same for the same id key.
pub fn organization_id(key: &IdKey) -> OrganizationId {
    OrganizationId::derived(key, &["demo"])
}

/// Makes the demo organization if it is not there, and connects the number to it.
///
/// # Errors
/// When a store does not answer, or the number belongs to another organization.
pub async fn set_up(platform: &Platform, number: &DemoNumber, model: Option<&str>) -> anyhow::Result<OrganizationId> {
    let id = organization_id(&platform.id_key);
    let assistant = AssistantId::derived(&platform.id_key, &[id.as_str(), "demo"]);
    let is_new = platform.documents.get(&organization_path(&id)).await?.is_none();
    if is_new {
        let definition = definition()?;
        for (file, text) in KNOWLEDGE {
            let (title, body) = text.split_once('\n').unwrap_or((text, ""));
            let known = KnowledgeText {
                id: setup::knowledge_id(&platform.id_key, &id, file),
                title: title.trim_start_matches('#').trim().to_owned(),
                text: body.trim().to_owned(),
            };
            setup::put_knowledge(platform, &id, &known).await?;
        }
        let made = Assistant {
            id: assistant.clone(),
            name: definition.name,
            instructions: definition.instructions,
            model: model.unwrap_or(openai::DEFAULT_MODEL).to_owned(),
            language: definition.language,
            texts: definition.texts,
            hand_off: definition.hand_off,
        };
        setup::create_assistant(platform, &id, &made).await?;
        // The organization comes last: it says that the rest is there.
        let organization = Organization {
            id: id.clone(),
            name: definition.organization.name,
            language: definition.language,
            time_zone: definition.organization.time_zone,
        };
        setup::create_organization(platform, &organization).await?;
    } else if let Some(model) = model {
        setup::set_model(platform, &id, &assistant, model).await?;
    }
    let number = Number {
        id: number.id.clone(),
        organization: id.clone(),
        waba_id: number.waba_id.clone(),
        display: number.display.clone(),
        assistant: Some(assistant),
    };
    setup::connect_number(platform, &number, None).await?;
    Ok(id)
}

fn definition() -> anyhow::Result<Definition> {
    serde_json::from_str(ASSISTANT).context("the demo assistant's definition is malformed")
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
