use domain::intent::{Intent, IntentState, SuppressionReason};
use domain::{ConversationId, IntentId, MessageId, NumberId, OrganizationId, Timestamp, Wamid};

use super::audit::{put_actor, read_actor};
use super::{FieldReader, FieldWriter, Origin, RecordError};
use crate::audit::Actor;
use crate::platform::Platform;
use crate::ports::{Fields, Item, ItemKey, Value};

/// An intent as it is stored, with all that is needed to bring its record back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRecord {
    /// Where it stands.
    pub intent: Intent,
    /// Whose.
    pub organization: OrganizationId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// Which message it sends.
    pub message: MessageId,
    /// Who wrote it.
    pub origin: Origin,
    /// The messages that it answers.
    pub answers: Vec<MessageId>,
    /// From which number.
    pub number: NumberId,
    /// Meta's id of the message, once it is sent.
    pub wamid: Option<Wamid>,
    /// The message that it sends again.
    pub resends: Option<MessageId>,
    /// What a person said of it while nobody knew. It stays when proof comes.
    pub verdict: Option<Verdict>,
    /// When it was first written.
    pub created_at: Timestamp,
}

/// What a person said of a send of which nobody knew the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Meta took it, they said.
    pub sent: bool,
    /// When they said it.
    pub at: Timestamp,
    /// Who they are.
    pub actor: Actor,
}

/// The key of an intent.
pub fn intent_key(id: &IntentId) -> ItemKey {
    ItemKey::new("intent", &[id.as_str()])
}

/// Writes an intent.
pub fn write_intent(platform: &Platform, id: &IntentId, record: &IntentRecord) -> Fields {
    let key = intent_key(id);
    let writer = FieldWriter::new(platform, key.as_str())
        .put("organization", record.organization.as_str())
        .put("conversation", record.conversation.as_str())
        .put("message", record.message.as_str())
        .put("origin", record.origin.as_str())
        .put("answers", record.answers.iter().map(|id| Value::Text(id.to_string())).collect::<Vec<_>>())
        .put("number", record.number.as_str())
        .put("tries", record.intent.tries)
        .put("waits", record.intent.waits)
        .put("resends", record.resends.as_ref().map(MessageId::as_str))
        .put("created_at", record.created_at)
        .sealed("wamid_sealed", record.wamid.as_ref().map(Wamid::as_str));
    let writer = match &record.verdict {
        Some(verdict) => {
            put_actor(writer.put("verdict_sent", verdict.sent).put("verdict_at", verdict.at), &verdict.actor)
        }
        None => writer,
    };
    match &record.intent.state {
        IntentState::Ready { not_before } => writer.put("state", "ready").put("not_before", *not_before),
        IntentState::Sending { attempt, lease_until } => {
            writer.put("state", "sending").put("attempt", attempt.as_str()).put("lease_until", *lease_until)
        }
        IntentState::Unknown { attempt } => writer.put("state", "unknown").put("attempt", attempt.as_str()),
        IntentState::Sent { attempt, wamid_key } => {
            writer.put("state", "sent").put("attempt", attempt.as_str()).put("wamid_key", wamid_key.as_str())
        }
        IntentState::Failed { code } => writer.put("state", "failed").put("code", *code),
        IntentState::Suppressed { reason } => writer.put("state", "suppressed").put("reason", reason.as_str()),
        IntentState::Cancelled => writer.put("state", "cancelled"),
        IntentState::Said { attempt, sent } => {
            writer.put("state", "said").put("attempt", attempt.as_str()).put("sent", *sent)
        }
    }
    .done()
}

/// Reads an intent.
///
/// # Errors
/// [`RecordError`].
pub fn read_intent(platform: &Platform, item: &Item) -> Result<IntentRecord, RecordError> {
    let fields = FieldReader::new(platform, item.key.as_str(), &item.fields);
    let state = match fields.text("state")? {
        "ready" => IntentState::Ready { not_before: fields.time("not_before")? },
        "sending" => {
            IntentState::Sending { attempt: fields.parsed("attempt")?, lease_until: fields.time("lease_until")? }
        }
        "unknown" => IntentState::Unknown { attempt: fields.parsed("attempt")? },
        "sent" => {
            IntentState::Sent { attempt: fields.parsed("attempt")?, wamid_key: fields.text("wamid_key")?.to_owned() }
        }
        "failed" => IntentState::Failed { code: fields.int("code")? },
        "suppressed" => IntentState::Suppressed {
            reason: fields.named("reason", SuppressionReason::parse)?.ok_or_else(|| fields.missing("reason"))?,
        },
        "cancelled" => IntentState::Cancelled,
        "said" => IntentState::Said { attempt: fields.parsed("attempt")?, sent: fields.flag("sent")? },
        _ => return Err(fields.malformed("state")),
    };
    let verdict = match fields.optional_time("verdict_at")? {
        Some(at) => Some(Verdict { sent: fields.flag("verdict_sent")?, at, actor: read_actor(&fields)? }),
        None => None,
    };
    Ok(IntentRecord {
        intent: Intent {
            state,
            tries: u32::try_from(fields.int("tries")?).unwrap_or(u32::MAX),
            waits: u32::try_from(fields.int("waits")?).unwrap_or(u32::MAX),
        },
        organization: fields.parsed("organization")?,
        conversation: fields.parsed("conversation")?,
        message: fields.parsed("message")?,
        // Earlier intents do not say.
        origin: fields.named("origin", Origin::parse)?.unwrap_or(Origin::Program),
        answers: fields.ids("answers")?,
        number: fields.parsed("number")?,
        wamid: fields.sealed_parsed("wamid_sealed")?,
        resends: fields.optional_parsed("resends")?,
        verdict,
        created_at: fields.time("created_at")?,
    })
}
