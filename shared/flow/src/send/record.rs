//! The end of an intent is recorded: one commit brings the message forward, removes the row, and tells people where they
//! are needed.

use domain::IntentId;
use domain::conversation::Attention;
use domain::delivery::DeliveryStatus;
use domain::intent::{IntentState, SuppressionReason};

use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::records::{
    IntentRecord, OutboxRow, WamidAlias, conversation_path, message_path, outbox_path, read_conversation, read_message,
    wamid_key, wamid_path, write_conversation, write_message, write_wamid_alias,
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
}

/// Records an end: forward only, whatever was recorded before.
pub(crate) async fn record(platform: &Platform, end: &End) -> Result<(), JobError> {
    for _ in 0..TRIES {
        let writes = writes(platform, end).await?;
        if writes.is_empty() {
            return Ok(());
        }
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

async fn writes(platform: &Platform, end: &End) -> Result<Vec<Write>, JobError> {
    let intent = &end.record;
    let row = outbox_path(&intent.organization, &intent.conversation, &end.intent);
    let mut writes = vec![Write::Delete { path: row, precondition: Precondition::None }];
    let conversation_path = conversation_path(&intent.organization, &intent.conversation);
    let message_path = message_path(&intent.organization, &intent.conversation, &intent.message);
    let mut documents = platform.documents.get_many(&[message_path, conversation_path]).await?.into_iter();
    let (Some(found), Some(owner)) = (documents.next().flatten(), documents.next().flatten()) else {
        return Ok(writes);
    };
    let before = read_message(platform, &found)?;
    let mut message = before.clone();
    let now = platform.clock.now();
    let attention = match &intent.intent.state {
        IntentState::Sent { .. } => {
            message.status = message.status.advance(DeliveryStatus::Accepted);
            message.times.note(DeliveryStatus::Accepted, now);
            None
        }
        IntentState::Failed { code } => {
            message.status = message.status.advance(DeliveryStatus::Failed);
            message.times.note(DeliveryStatus::Failed, now);
            message.error_code.get_or_insert(*code);
            Some(Attention::FailedSend)
        }
        IntentState::Suppressed { reason } => {
            message.status = message.status.advance(DeliveryStatus::Suppressed);
            message.suppression.get_or_insert(*reason);
            match reason {
                SuppressionReason::Stopped => None,
                SuppressionReason::TakenOver => Some(Attention::Waiting),
                _ => Some(Attention::SuppressedSend),
            }
        }
        IntentState::Cancelled => {
            message.status = message.status.advance(DeliveryStatus::Cancelled);
            None
        }
        IntentState::Unknown { .. } => {
            message.status = message.status.advance(DeliveryStatus::Unknown);
            Some(Attention::UnknownSend)
        }
        // It has no end yet: its row stays.
        IntentState::Ready { .. } | IntentState::Sending { .. } => return Ok(Vec::new()),
    };
    if let Some(wamid) = &intent.wamid {
        message.wamid = Some(wamid.clone());
        let path = wamid_path(&intent.organization, &wamid_key(platform, &intent.number, wamid));
        let alias = WamidAlias { conversation: intent.conversation.clone(), message: intent.message.clone() };
        let fields = write_wamid_alias(platform, &path, &alias);
        writes.push(Write::Set { path, fields, precondition: Precondition::None });
    }
    let moved = message.status != before.status;
    let resolved = moved && before.status == DeliveryStatus::Unknown && attention.is_none();
    let mut conversation = read_conversation(platform, &owner)?;
    let attention = match attention {
        Some(attention) if moved => Some(attention),
        None if resolved && conversation.attention == Some(Attention::UnknownSend) => None,
        _ => conversation.attention,
    };
    if attention != conversation.attention {
        conversation.attention = attention;
        writes.push(Write::Set {
            fields: write_conversation(platform, &intent.organization, &conversation),
            path: owner.path,
            precondition: Precondition::Unchanged(owner.version),
        });
    }
    if message != before {
        let fields = write_message(platform, &found.path, &message);
        let precondition = Precondition::Unchanged(found.version);
        writes.push(Write::Set { path: found.path, fields, precondition });
    }
    Ok(writes)
}
