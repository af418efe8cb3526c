use domain::conversation::{Attention, ConversationState};
use domain::delivery::{DeliveryStatus, DeliveryTimes};
use domain::intent::IntentState;
use domain::{AttemptId, ContactId, ConversationId, EventId, IntentId, MessageId, Timestamp};
use flow::records::{ChannelState, OutboxRow};
use flow::trace::{ChangeFacts, ConversationFacts, DraftFacts, Found, GateFacts, IntentFacts, MessageFacts, Way};
use serde::Serialize;
use utoipa::ToSchema;

use super::audit::{ShownActor, ShownKillSwitch, actor, kill_switch};
use super::dead_letter::{ShownKeptEvent, kept_event};
use super::message::{Failure, ShownDeliveryTimes, ShownDirection, ShownPricing, Suppression, pricing};
use crate::schema;

/// What an id led to: a message with its way, or an event that is no message.
#[derive(Serialize, ToSchema)]
#[schema(as = Trace)]
pub(crate) struct ShownTrace<'a> {
    #[schema(inline)]
    message: Option<ShownWay<'a>>,
    /// An event of Meta's that was kept as it came.
    event: Option<ShownKeptEvent<'a>>,
}

/// All that is known of a message but what it says.
#[derive(Serialize, ToSchema)]
struct ShownWay<'a> {
    #[schema(schema_with = schema::message_id)]
    id: &'a MessageId,
    /// The type of its content.
    r#type: &'a str,
    direction: ShownDirection,
    #[schema(schema_with = schema::origin)]
    origin: &'static str,
    #[schema(schema_with = schema::delivery_status)]
    status: DeliveryStatus,
    /// When it was written.
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    #[schema(schema_with = schema::time)]
    recorded_at: Timestamp,
    #[schema(value_type = ShownDeliveryTimes, inline)]
    times: DeliveryTimes,
    /// Whether WhatsApp has named it.
    has_whatsapp_id: bool,
    /// The events that it came from or that changed it.
    #[schema(schema_with = schema::event_ids)]
    events: &'a [EventId],
    /// The messages that it answers.
    #[schema(schema_with = schema::message_ids)]
    answers: &'a [MessageId],
    /// The messages that answer it.
    #[schema(schema_with = schema::message_ids)]
    answered_by: &'a [MessageId],
    /// The message that it sends again.
    #[schema(schema_with = schema::maybe_message_id)]
    resends: Option<&'a MessageId>,
    /// The messages that send it again.
    #[schema(schema_with = schema::message_ids)]
    sent_again_as: &'a [MessageId],
    error: Option<Failure>,
    suppression: Option<Suppression>,
    #[schema(inline)]
    pricing: Option<ShownPricing<'a>>,
    conversation: ShownPlace<'a>,
    /// What decides whether it is sent, once it was claimed or ended.
    #[schema(inline)]
    intent: Option<ShownIntent<'a>>,
    /// While it waits to be sent.
    #[schema(inline)]
    outbox: Option<ShownRow<'a>>,
    /// What was decided as an answer to it, while its turn has yet to commit it.
    #[schema(inline)]
    draft: Option<ShownDraft<'a>>,
    /// The days, of the organization's zone, on which a unit of the number's quota was taken for it; noted for a week.
    quota_days: &'a [String],
    gates: ShownGates<'a>,
    /// What people and programs did to it, the newest first.
    changes: Vec<ShownChange<'a>>,
}

/// The conversation, as it stands now.
#[derive(Serialize, ToSchema)]
#[schema(as = TraceConversation)]
struct ShownPlace<'a> {
    #[schema(schema_with = schema::conversation_id)]
    id: &'a ConversationId,
    phone_number_id: &'a str,
    #[schema(schema_with = schema::contact_id)]
    contact_id: &'a ContactId,
    #[schema(schema_with = schema::conversation_state)]
    state: ConversationState,
    /// Grows with each change of hands.
    epoch: i64,
    #[schema(schema_with = schema::maybe_attention)]
    attention: Option<Attention>,
    #[schema(schema_with = schema::maybe_time)]
    take_over_until: Option<Timestamp>,
    #[schema(schema_with = schema::maybe_time)]
    window_until: Option<Timestamp>,
    /// The message waits for the assistant.
    waits_for_assistant: bool,
}

#[derive(Serialize, ToSchema)]
struct ShownIntent<'a> {
    #[schema(schema_with = schema::intent_id)]
    id: &'a IntentId,
    state: ShownIntentState,
    /// The attempt that has it, or had it last.
    #[schema(value_type = Option<String>)]
    attempt: Option<&'a AttemptId>,
    /// Ready: not before this time.
    #[schema(schema_with = schema::maybe_time)]
    not_before: Option<Timestamp>,
    /// Sending: until this time.
    #[schema(schema_with = schema::maybe_time)]
    lease_until: Option<Timestamp>,
    /// How many refusals it has used up.
    tries: u32,
    /// How often it had to wait.
    waits: u32,
    phone_number_id: &'a str,
    /// When it was first claimed or ended.
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
    #[schema(inline)]
    verdict: Option<ShownVerdict<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = IntentState)]
#[serde(rename_all = "snake_case")]
enum ShownIntentState {
    Ready,
    Sending,
    Unknown,
    Sent,
    Failed,
    Suppressed,
    Cancelled,
    Said,
}

/// What a person said became of it, while nobody knew.
#[derive(Serialize, ToSchema)]
struct ShownVerdict<'a> {
    sent: bool,
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    by: ShownActor<'a>,
}

#[derive(Serialize, ToSchema)]
struct ShownRow<'a> {
    /// Its place in the conversation.
    order: i64,
    phone_number_id: &'a str,
    /// The owner's epoch that it is bound to (assistant).
    epoch: Option<i64>,
    marketing: bool,
    template: bool,
    /// It is not sent after this.
    #[schema(schema_with = schema::time)]
    not_after: Timestamp,
    /// When it is looked at again, should nobody have dealt with it by then.
    #[schema(schema_with = schema::time)]
    next_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
struct ShownDraft<'a> {
    #[schema(schema_with = schema::message_ids)]
    answers: &'a [MessageId],
    epoch: i64,
}

/// What a send looks at before it is claimed, as it stands now.
#[derive(Serialize, ToSchema)]
#[schema(as = TraceGates)]
struct ShownGates<'a> {
    owner_epoch: i64,
    /// Those that are on.
    kill_switches: Vec<ShownKillSwitch<'a>>,
    #[schema(inline)]
    parked: Option<ShownParked>,
}

/// The number waits: Meta refuses its credential.
#[derive(Serialize, ToSchema)]
struct ShownParked {
    #[schema(schema_with = schema::time)]
    blocked_until: Timestamp,
    #[serde(flatten)]
    #[schema(inline)]
    error: Failure,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TraceChange)]
struct ShownChange<'a> {
    #[schema(example = "send.resolved")]
    action: &'a str,
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    by: ShownActor<'a>,
}

/// Shows what an id led to.
pub(crate) fn trace(found: &Found) -> ShownTrace<'_> {
    match found {
        Found::Message(found) => ShownTrace { message: Some(way(found)), event: None },
        Found::Event(event) => ShownTrace { message: None, event: Some(kept_event(event)) },
    }
}

fn way(way: &Way) -> ShownWay<'_> {
    let MessageFacts { id, kind, direction, origin, status, times, at, recorded_at, has_wamid, .. } = &way.message;
    ShownWay {
        id,
        r#type: kind,
        direction: (*direction).into(),
        origin: origin.as_str(),
        status: *status,
        at: *at,
        recorded_at: *recorded_at,
        times: *times,
        has_whatsapp_id: *has_wamid,
        events: &way.message.events,
        answers: &way.message.answers,
        answered_by: &way.answered_by,
        resends: way.message.resends.as_ref(),
        sent_again_as: &way.sent_again_as,
        error: way.message.error_code.map(Failure::of),
        suppression: way.message.suppression.map(Suppression::of),
        pricing: way.message.pricing.as_ref().map(pricing),
        conversation: place(&way.conversation),
        intent: way.intent.as_ref().map(intent),
        outbox: way.row.as_ref().map(row),
        draft: way.draft.as_ref().map(draft),
        quota_days: &way.quota_days,
        gates: gates(&way.gates),
        changes: way.changes.iter().map(change).collect(),
    }
}

fn place(facts: &ConversationFacts) -> ShownPlace<'_> {
    ShownPlace {
        id: &facts.id,
        phone_number_id: facts.number.as_str(),
        contact_id: &facts.contact,
        state: facts.state,
        epoch: facts.epoch.0,
        attention: facts.attention,
        take_over_until: facts.take_over_until,
        window_until: facts.window_until,
        waits_for_assistant: facts.is_open,
    }
}

fn intent(facts: &IntentFacts) -> ShownIntent<'_> {
    use ShownIntentState as S;
    let (state, attempt, not_before, lease_until) = match &facts.intent.state {
        IntentState::Ready { not_before } => (S::Ready, None, Some(*not_before), None),
        IntentState::Sending { attempt, lease_until } => (S::Sending, Some(attempt), None, Some(*lease_until)),
        IntentState::Unknown { attempt } => (S::Unknown, Some(attempt), None, None),
        IntentState::Sent { attempt, .. } => (S::Sent, Some(attempt), None, None),
        IntentState::Failed { .. } => (S::Failed, None, None, None),
        IntentState::Suppressed { .. } => (S::Suppressed, None, None, None),
        IntentState::Cancelled => (S::Cancelled, None, None, None),
        IntentState::Said { attempt, .. } => (S::Said, Some(attempt), None, None),
    };
    ShownIntent {
        id: &facts.id,
        state,
        attempt,
        not_before,
        lease_until,
        tries: facts.intent.tries,
        waits: facts.intent.waits,
        phone_number_id: facts.number.as_str(),
        created_at: facts.created_at,
        verdict: facts.verdict.as_ref().map(|(sent, at, who)| ShownVerdict { sent: *sent, at: *at, by: actor(who) }),
    }
}

fn row(row: &OutboxRow) -> ShownRow<'_> {
    ShownRow {
        order: row.order,
        phone_number_id: row.number.as_str(),
        epoch: row.epoch.map(|epoch| epoch.0),
        marketing: row.marketing,
        template: row.template,
        not_after: row.not_after,
        next_at: row.next_at,
    }
}

fn draft(facts: &DraftFacts) -> ShownDraft<'_> {
    ShownDraft { answers: &facts.answers, epoch: facts.epoch.0 }
}

fn gates(facts: &GateFacts) -> ShownGates<'_> {
    ShownGates {
        owner_epoch: facts.owner.0,
        kill_switches: facts.kill_switches.iter().map(kill_switch).collect(),
        parked: facts.parked.as_ref().map(parked),
    }
}

fn parked(state: &ChannelState) -> ShownParked {
    ShownParked { blocked_until: state.blocked_until, error: Failure::of(state.code) }
}

fn change(facts: &ChangeFacts) -> ShownChange<'_> {
    ShownChange { action: &facts.action, at: facts.at, by: actor(&facts.who) }
}
