//! The end of an intent is recorded: one commit brings the message forward, removes the row, and tells people where they
//! are needed. A restore may have taken the message; then a record is made that says what is still known of it.

use domain::conversation::Attention;
use domain::delivery::{DeliveryStatus, DeliveryTimes};
use domain::intent::{IntentState, SuppressionReason};
use domain::{AuditId, IntentId};

use crate::audit::AuditEntry;
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::records::{
    Attribution, Body, IntentRecord, Message, OutboxRow, WamidAlias, audit_path, conversation_path, message_path,
    outbox_path, read_conversation, read_message, wamid_key, wamid_path, write_audit_entry, write_conversation,
    write_message, write_wamid_alias,
};

/// An intent that has an end (or is unknown), and its row.
pub(crate) struct End {
    pub intent: IntentId,
    pub record: IntentRecord,
}

impl End {
    pub fn of(row: &OutboxRow, record: IntentRecord) -> Self {
        Self { intent: row.intent.clone(), record }
    }

    /// What is known of the message where its record is gone.
    fn lost(&self) -> Message {
        let record = &self.record;
        Message {
            id: record.message.clone(),
            body: Body::Lost,
            origin: record.origin,
            status: DeliveryStatus::Queued,
            times: DeliveryTimes::default(),
            at: record.created_at,
            recorded_at: record.created_at,
            changed_at: record.created_at,
            wamid: None,
            reply_to: None,
            intent: Some(self.intent.clone()),
            answers: record.answers.clone(),
            error_code: None,
            suppression: None,
            resends: record.resends.clone(),
            events: Vec::new(),
            pricing: None,
            charge: None,
            attribution: Attribution { number: Some(record.number.clone()), ..Attribution::default() },
            raw: None,
        }
    }
}

/// How far the message of an intent has got at least; `None` while the intent has no end and is not unknown.
fn reached(state: &IntentState) -> Option<DeliveryStatus> {
    match state {
        IntentState::Ready { .. } | IntentState::Sending { .. } => None,
        IntentState::Unknown { .. } => Some(DeliveryStatus::Unknown),
        IntentState::Sent { .. } => Some(DeliveryStatus::Accepted),
        IntentState::Failed { .. } => Some(DeliveryStatus::Failed),
        IntentState::Suppressed { .. } => Some(DeliveryStatus::Suppressed),
        IntentState::Cancelled => Some(DeliveryStatus::Cancelled),
        IntentState::Said { sent: true, .. } => Some(DeliveryStatus::Accepted),
        IntentState::Said { sent: false, .. } => Some(DeliveryStatus::Failed),
    }
}

/// Whether the message says already what its intent says.
pub(crate) fn is_recorded(state: &IntentState, message: &Message) -> bool {
    reached(state).is_none_or(|reached| message.status.advance(reached) == message.status)
}

/// Records an end: forward only, whatever was recorded before.
pub(crate) async fn record(platform: &Platform, end: &End) -> Result<(), JobError> {
    for _ in 0..TRIES {
        let (writes, entries) = writes(platform, end).await?;
        if writes.is_empty() {
            return Ok(());
        }
        match entries.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// The entry of the audit log for what a person said of a send, if somebody did. It stands in the commit that brings their
/// word into the record, whoever makes that: after a crash, upkeep or a status. Written twice, it is the same entry.
pub(crate) fn verdict_entry(platform: &Platform, end: &End) -> Option<Write> {
    let verdict = end.record.verdict.as_ref()?;
    let id = AuditId::derived(&platform.id_key, &["verdict", end.intent.as_str()]);
    let path = audit_path(&end.record.organization, &id);
    let details = [
        ("conversation".to_owned(), end.record.conversation.to_string()),
        ("verdict".to_owned(), if verdict.sent { "sent" } else { "not_sent" }.to_owned()),
    ];
    let entry = AuditEntry {
        id,
        at: verdict.at,
        actor: verdict.actor.clone(),
        action: "send.resolved".to_owned(),
        target: Some(end.record.message.to_string()),
        details: details.to_vec(),
    };
    let fields = write_audit_entry(platform, &path, &entry);
    Some(Write::Set { path, fields, precondition: Precondition::None })
}

async fn writes<'a>(platform: &'a Platform, end: &'a End) -> Result<(Vec<Write>, Entries<'a>), JobError> {
    let intent = &end.record;
    let no_entries = Entries::after(platform, &intent.organization, []);
    // Without an end its row stays.
    let Some(reached) = reached(&intent.intent.state) else { return Ok((Vec::new(), no_entries)) };
    let row = outbox_path(&intent.organization, &intent.conversation, &end.intent);
    let mut writes = vec![Write::Delete { path: row, precondition: Precondition::None }];
    let conversation_path = conversation_path(&intent.organization, &intent.conversation);
    let message_path = message_path(&intent.organization, &intent.conversation, &intent.message);
    let mut documents = platform.documents.get_many(&[message_path.clone(), conversation_path]).await?.into_iter();
    writes.extend(verdict_entry(platform, end));
    let (found, Some(owner)) = (documents.next().flatten(), documents.next().flatten()) else {
        return Ok((writes, no_entries));
    };
    let before = found.as_ref().map(|found| read_message(platform, found)).transpose()?;
    let was = before.as_ref().map(|message| message.status);
    let mut message = before.clone().unwrap_or_else(|| end.lost());
    let before_conversation = read_conversation(platform, &owner)?;
    let mut conversation = before_conversation.clone();
    let mut entries = Entries::after(platform, &intent.organization, [message.changed_at, conversation.changed_at]);
    let now = platform.clock.now();
    message.status = message.status.advance(reached);
    let attention = match &intent.intent.state {
        IntentState::Sent { .. } | IntentState::Said { sent: true, .. } => {
            message.times.note(DeliveryStatus::Accepted, now);
            // A restore may have opened them again.
            conversation.open.retain(|open| !intent.answers.contains(&open.id));
            None
        }
        IntentState::Failed { code } => {
            message.times.note(DeliveryStatus::Failed, now);
            message.error_code.get_or_insert(*code);
            Some(Attention::FailedSend)
        }
        IntentState::Suppressed { reason } => {
            message.suppression.get_or_insert(*reason);
            match reason {
                SuppressionReason::Stopped => None,
                SuppressionReason::TakenOver => Some(Attention::Waiting),
                _ => Some(Attention::SuppressedSend),
            }
        }
        // Whoever said so has seen it, and there is no code of Meta's.
        IntentState::Said { sent: false, .. } => {
            message.times.note(DeliveryStatus::Failed, now);
            None
        }
        IntentState::Unknown { .. }
        | IntentState::Cancelled
        | IntentState::Ready { .. }
        | IntentState::Sending { .. } => None,
    };
    if let Some(wamid) = &intent.wamid {
        message.wamid = Some(wamid.clone());
        let path = wamid_path(&intent.organization, &wamid_key(platform, &intent.number, wamid));
        let alias = WamidAlias { conversation: intent.conversation.clone(), message: intent.message.clone() };
        let fields = write_wamid_alias(platform, &path, &alias);
        writes.push(Write::Set { path, fields, precondition: Precondition::None });
    }
    let moved = Some(message.status) != was;
    conversation.note_delivery(was, message.status);
    if moved && attention.is_some() {
        conversation.attention = attention;
    }
    if found.is_none() {
        conversation.note_message(&message.id, message.at);
    }
    entries.advanced(&conversation.id, before.as_ref(), &mut message);
    if conversation != before_conversation {
        entries.conversation(Some((&before_conversation, &owner.version)), &mut conversation);
        writes.push(Write::Set {
            fields: write_conversation(platform, &intent.organization, &conversation),
            path: owner.path,
            precondition: Precondition::Unchanged(owner.version),
        });
    }
    if before.as_ref() != Some(&message) {
        let fields = write_message(platform, &message_path, &message);
        let precondition = found.map_or(Precondition::MustNotExist, |found| Precondition::Unchanged(found.version));
        writes.push(Write::Set { path: message_path, fields, precondition });
    }
    Ok((writes, entries))
}
