use domain::assistant::{Assistant, AssistantSettings, AssistantTexts, HandOffRule};
use domain::hours::BusinessHours;
use domain::locale::Language;
use domain::organization::Organization;
use domain::team::Distribution;
use domain::{AssistantId, OrganizationId, Plan, TimeZone};
use serde::Deserialize;

use super::{create_assistant, create_organization, knowledge_id, put_knowledge, set_model};
use crate::job::JobError;
use crate::platform::Platform;
use crate::records::{KnowledgeText, Readers, organization_path};

/// An organization and its assistant, as a file `assistant.json` describes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The organization.
    pub organization: OrganizationDefinition,
    /// The assistant's name.
    pub name: String,
    /// What it speaks.
    pub language: Language,
    /// What the model is told.
    pub instructions: String,
    /// What it says by itself.
    pub texts: AssistantTexts,
    /// When it hands over to a person.
    pub hand_off: HandOffRule,
}

/// The organization of a [`Definition`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationDefinition {
    /// Its name.
    pub name: String,
    /// Its zone, such as `America/Sao_Paulo`.
    pub time_zone: TimeZone,
}

/// What the id of an organization's first assistant is derived from.
const ASSISTANT: &str = "demo";

/// Makes an organization with its assistant and what that knows, unless it is there already; then only a model that is
/// given is taken over. Safe to repeat after a failure. `knowledge` holds pairs of a text's own name and the text, whose
/// first line is its title.
///
/// # Errors
/// [`JobError`].
pub async fn set_up(
    platform: &Platform,
    id: &OrganizationId,
    definition: &Definition,
    knowledge: impl IntoIterator<Item = (&str, &str)>,
    model: Model<'_>,
) -> Result<AssistantId, JobError> {
    let assistant = AssistantId::derived(&platform.id_key, &[id.as_str(), ASSISTANT]);
    if platform.documents.get(&organization_path(id)).await?.is_some() {
        if let Model::Chosen(model) = model {
            set_model(platform, id, &assistant, model).await?;
        }
        return Ok(assistant);
    }
    learn(platform, id, knowledge).await?;
    let Definition { organization, name, language, instructions, texts, hand_off } = definition.clone();
    let (Model::Chosen(model) | Model::Usual(model)) = model;
    let settings = AssistantSettings { name, instructions, model: model.to_owned(), language, texts, hand_off };
    let made = Assistant { id: assistant.clone(), settings };
    create_assistant(platform, id, &made).await?;
    // The organization comes last: it says that the rest is there.
    let OrganizationDefinition { name, time_zone } = organization;
    let plan = Plan::default();
    let (hours, away, distribution) = (BusinessHours::default(), None, Distribution::BY_HAND);
    let made = Organization {
        id: id.clone(),
        name,
        language,
        time_zone,
        hours,
        away,
        distribution,
        plan,
        first_response_seconds: None,
    };
    create_organization(platform, &made).await?;
    Ok(assistant)
}

/// Writes an organization's texts of knowledge, new ones and those that it knows by the same name.
///
/// # Errors
/// [`JobError`]; the texts before the failure are written.
pub async fn learn(
    platform: &Platform,
    id: &OrganizationId,
    knowledge: impl IntoIterator<Item = (&str, &str)>,
) -> Result<(), JobError> {
    for (name, text) in knowledge {
        let (title, body) = text.split_once('\n').unwrap_or((text, ""));
        let known = KnowledgeText {
            id: knowledge_id(&platform.id_key, id, name),
            title: title.trim_start_matches('#').trim().to_owned(),
            text: body.trim().to_owned(),
            is_enabled: true,
            readers: Readers::All,
            created_at: platform.clock.now(),
        };
        put_knowledge(platform, id, &known).await?;
    }
    Ok(())
}

/// Which model an assistant asks.
#[derive(Debug, Clone, Copy)]
pub enum Model<'m> {
    /// This one from now on, also if the assistant is there already.
    Chosen(&'m str),
    /// This one where the assistant is new.
    Usual(&'m str),
}
