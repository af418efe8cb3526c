//! A decided message is written down: the record that people see and the outbox row that sends it, for one commit
//! together with the conversation.

use domain::conversation::{Conversation, Epoch};
use domain::delivery::{DeliveryStatus, DeliveryTimes};
use domain::outbound::{OutboundContent, TemplateCategory};
use domain::{AssistantId, IntentId, MemberId, MessageId, OrganizationId, Span, Wamid};

use crate::feed::Entries;
use crate::platform::Platform;
use crate::ports::{Precondition, Write};
use crate::records::{
    Attribution, Body, Message, Origin, OutboxRow, message_path, outbound_message_id, outbox_path, write_message,
    write_outbox_row,
};

/// How long after its decision a message may still be sent.
pub(crate) const NOT_AFTER: Span = Span::from_hours(24);

/// How long a row is left to its own wake-up before upkeep looks at it.
pub(crate) const SWEEP_AFTER: Span = Span::from_seconds(30);

/// A message that shall be sent.
pub(crate) struct Outbound {
    /// Its intent, derived from what asks for it: deciding twice makes one message.
    pub intent: IntentId,
    /// What it says.
    pub content: OutboundContent,
    /// Who wrote it.
    pub origin: Origin,
    /// The assistant that wrote it, if one did.
    pub assistant: Option<AssistantId>,
    /// The person who wrote it, if one did.
    pub member: Option<MemberId>,
    /// The owner's epoch that it is bound to.
    pub epoch: Option<Epoch>,
    /// The message that it quotes.
    pub reply_to: Option<Wamid>,
    /// The messages that it answers.
    pub answers: Vec<MessageId>,
    /// The message that it sends again.
    pub resends: Option<MessageId>,
}

/// The writes of a decided message: its record and its row. The conversation gives it its place and notes it; the caller
/// commits the conversation with them, and with the entries.
pub(crate) fn outbound(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &mut Conversation,
    outbound: Outbound,
    entries: &mut Entries<'_>,
) -> [Write; 2] {
    decided(platform, organization, conversation, outbound, entries).1
}

/// As [`outbound`], with the message itself.
pub(crate) fn decided(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &mut Conversation,
    outbound: Outbound,
    entries: &mut Entries<'_>,
) -> (Message, [Write; 2]) {
    let now = platform.clock.now();
    // Meta's times are whole seconds of another clock: an answer is never listed before what it answers.
    let at = conversation.last_message.as_ref().map_or(now, |last| now.max(last.at + Span::from_micros(1)));
    let (template, marketing) = match &outbound.content {
        OutboundContent::Template { category, .. } => (true, *category == TemplateCategory::Marketing),
        _ => (false, false),
    };
    let mut message = Message {
        id: outbound_message_id(platform, &outbound.intent),
        body: Body::Outbound(outbound.content),
        origin: outbound.origin,
        status: DeliveryStatus::Queued,
        times: DeliveryTimes::default(),
        at,
        recorded_at: now,
        changed_at: now,
        wamid: None,
        reply_to: outbound.reply_to,
        intent: Some(outbound.intent.clone()),
        answers: outbound.answers,
        error_code: None,
        suppression: None,
        resends: outbound.resends,
        events: Vec::new(),
        pricing: None,
        charge: None,
        attribution: Attribution {
            assistant: outbound.assistant,
            member: outbound.member,
            ..Attribution::of(conversation)
        },
        raw: None,
    };
    entries.queued(&conversation.id, &mut message);
    conversation.note_message(&message.id, message.at);
    let row = OutboxRow {
        intent: outbound.intent,
        message: message.id.clone(),
        order: conversation.take_order(),
        number: conversation.number.clone(),
        contact: conversation.contact.clone(),
        epoch: outbound.epoch,
        marketing,
        template,
        not_after: now + NOT_AFTER,
        next_at: now + SWEEP_AFTER,
    };
    let message_path = message_path(organization, &conversation.id, &message.id);
    let row_path = outbox_path(organization, &conversation.id, &row.intent);
    let writes = [
        Write::Set {
            fields: write_message(platform, &message_path, &message),
            path: message_path,
            precondition: Precondition::MustNotExist,
        },
        Write::Set {
            fields: write_outbox_row(platform, &row_path, &row),
            path: row_path,
            precondition: Precondition::MustNotExist,
        },
    ];
    (message, writes)
}
