//! What a model's answer cost is recorded, once for each call that was answered.

use domain::price::model_price;
use domain::{AssistantId, ConversationId, ModelCallId, NumberId, OrganizationId};

use super::decide::Spent;
use crate::feed::Entries;
use crate::platform::Platform;
use crate::ports::{Precondition, Write};
use crate::records::{ModelCall, model_call_path, write_model_call};

/// The write that records a call of a model. `of`: the conversation that it answered in, with its number.
pub(super) fn record_call(
    platform: &Platform,
    organization: &OrganizationId,
    assistant: &AssistantId,
    of: Option<(&ConversationId, &NumberId)>,
    spent: Spent,
    entries: &mut Entries<'_>,
) -> Write {
    let at = platform.clock.now();
    let (read, written) = (spent.usage.input, spent.usage.output);
    let call = ModelCall {
        id: ModelCallId::from_bits(platform.entropy.bits()),
        at,
        cost: model_price(&spent.model, read, written, at),
        model: spent.model,
        assistant: assistant.clone(),
        conversation: of.map(|(conversation, _)| conversation.clone()),
        number: of.map(|(_, number)| number.clone()),
        read,
        written,
    };
    entries.model_answered(&call);
    let path = model_call_path(organization, &call.id);
    let fields = write_model_call(platform, &path, &call);
    Write::Set { path, fields, precondition: Precondition::MustNotExist }
}
