//! Assistants and what they know.

use domain::access::Permission;
use utoipa_axum::routes;

use crate::endpoint::Endpoint;
use crate::endpoints::{
    ask_assistant, change_assistant, change_knowledge_text, create_assistant, create_knowledge_text, get_assistant,
    get_knowledge_text, list_assistant_versions, list_assistants, list_knowledge, publish_assistant, remove_assistant,
    remove_knowledge_text, roll_back_assistant,
};
use crate::problem::Code;

/// Who answers by itself, and from what.
pub(super) fn assistants() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::AssistantsRead, routes!(list_assistants::list_assistants)),
        Endpoint::allowed(P::AssistantsRead, routes!(get_assistant::get_assistant)),
        Endpoint::allowed(P::AssistantsWrite, routes!(create_assistant::create_assistant))
            .creates()
            .may_answer([Code::LimitReached]),
        Endpoint::allowed(P::AssistantsWrite, routes!(change_assistant::change_assistant)).changes(),
        Endpoint::allowed(P::AssistantsWrite, routes!(remove_assistant::remove_assistant)).may_answer([Code::InUse]),
        Endpoint::allowed(P::AssistantsRead, routes!(list_assistant_versions::list_assistant_versions)),
        Endpoint::allowed(P::AssistantsWrite, routes!(publish_assistant::publish_assistant)),
        Endpoint::allowed(P::AssistantsWrite, routes!(roll_back_assistant::roll_back_assistant)),
        Endpoint::allowed(P::AssistantsWrite, routes!(ask_assistant::ask_assistant)).may_answer([Code::NotPublished]),
        Endpoint::allowed(P::KnowledgeRead, routes!(list_knowledge::list_knowledge)),
        Endpoint::allowed(P::KnowledgeRead, routes!(get_knowledge_text::get_knowledge_text)),
        Endpoint::allowed(P::KnowledgeWrite, routes!(create_knowledge_text::create_knowledge_text))
            .creates()
            .may_answer([Code::PlanLimit, Code::LimitReached]),
        Endpoint::allowed(P::KnowledgeWrite, routes!(change_knowledge_text::change_knowledge_text))
            .changes()
            .may_answer([Code::LimitReached]),
        Endpoint::allowed(P::KnowledgeWrite, routes!(remove_knowledge_text::remove_knowledge_text)),
    ]
}
