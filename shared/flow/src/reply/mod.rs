//! A turn of the assistant: one answer to everything that is open in a conversation.
//!
//! Owner and epoch come from the gate, never from the document. What was decided is kept as a draft before the turn is
//! committed, so that a retry neither pays twice nor says something else. One commit, conditional on the conversation,
//! writes the answer and its row and closes what it answers; only then send is woken.

mod ask;
mod decide;
mod prompt;
mod spend;

use std::panic::AssertUnwindSafe;

use domain::conversation::{Attention, Conflict, Conversation, Epoch, OpenMessage, TurnStart};
use domain::outbound::OutboundContent;
use domain::{AssistantId, ConversationId, IntentId, MessageId, OrganizationId, Span, Timestamp};
use futures::FutureExt;

pub use self::ask::{AskError, Asked, Outcome, Question, ask};
use self::decide::{Decided, Decision, decide};
pub use self::decide::{FoundPassage, Reason};
use self::spend::record_call;
use crate::causes::Causes;
use crate::compose::{Outbound, outbound};
use crate::desk;
use crate::feed::Entries;
use crate::job::{Done, JobError};
use crate::owner::{TRIES, change, follow_gate, move_gate};
use crate::platform::Platform;
use crate::ports::{Model, Precondition, StoreError, Version, WhatsApp, Write};
use crate::records::{
    Draft, Origin, conversation_path, draft_path, number_path, owner_key, read_conversation, read_draft, read_number,
    read_owner, read_restore, restore_key, write_conversation, write_draft,
};
use crate::wake::wake_send;

/// A turn is not begun with less time than this left.
const SHORTEST: Span = Span::from_seconds(20);

/// A turn that fails is tried again until the oldest message has been open for so long.
const GIVE_UP: Span = Span::from_minutes(10);

/// Who helps an assistant to answer.
#[derive(Clone, Copy)]
pub struct Helpers<'a> {
    /// The language model; without one the assistant answers from the organization's own texts.
    pub model: Option<&'a dyn Model>,
    /// Meta, for read receipt and typing indicator.
    pub whatsapp: &'a dyn WhatsApp,
}

/// What a turn is about.
struct Turn<'a> {
    organization: &'a OrganizationId,
    conversation: Conversation,
    version: Version,
    epoch: Epoch,
    restored_at: Option<Timestamp>,
    answered: Vec<OpenMessage>,
    intent: IntentId,
}

/// Answers what is open in a conversation, if it is time. `message` is the one whose wake-up this is; `None` is upkeep's.
/// A turn that goes on failing does not do so for ever: what has been open for ten minutes goes on a person's list.
///
/// # Errors
/// [`JobError`]; running it again is safe.
pub async fn reply(
    platform: &Platform,
    helpers: Helpers<'_>,
    organization: &OrganizationId,
    conversation: &ConversationId,
    message: Option<&MessageId>,
    deadline: Timestamp,
) -> Result<Done, JobError> {
    if platform.clock.now() + SHORTEST > deadline {
        return Ok(Done::Defer(Span::from_seconds(1)));
    }
    let turn = turn(platform, helpers, organization, conversation, message, deadline);
    let failed = match AssertUnwindSafe(turn).catch_unwind().await {
        Ok(Err(error)) => error,
        Ok(done) => return done,
        Err(_) => JobError::Retry("the turn panicked".into()),
    };
    let now = platform.clock.now();
    let given_up = |conversation: &Conversation| {
        conversation.open.first().is_some_and(|oldest| now.since(oldest.recorded_at) >= GIVE_UP)
    };
    let left = change(platform, organization, conversation, |conversation| {
        if given_up(conversation) {
            conversation.leave_to_person(Attention::Fallback);
        }
    });
    match left.await {
        Ok(Some(conversation)) if conversation.open.is_empty() => {
            desk::give(platform, organization, &conversation).await;
            tracing::error!(
                conversation.id = %conversation.id,
                error = %Causes(&failed),
                "a turn failed for too long; its messages are on a person's list"
            );
            Ok(Done::Acknowledge)
        }
        _ => Err(failed),
    }
}

async fn turn(
    platform: &Platform,
    helpers: Helpers<'_>,
    organization: &OrganizationId,
    conversation: &ConversationId,
    message: Option<&MessageId>,
    deadline: Timestamp,
) -> Result<Done, JobError> {
    let path = conversation_path(organization, conversation);
    for _ in 0..TRIES {
        let (epoch, restored_at) = gates(platform, conversation).await?;
        let Some(document) = platform.documents.get(&path).await? else { return Ok(Done::Acknowledge) };
        let conversation = read_conversation(platform, &document)?;
        if epoch.is_person() || conversation.epoch.is_person() {
            let follow = |conversation: &mut Conversation| follow_gate(platform, conversation, epoch);
            leave(platform, organization, &conversation.id, follow).await?;
            return Ok(Done::Acknowledge);
        }
        if conversation.open.iter().any(|open| open.is_older_than(restored_at)) {
            leave(platform, organization, &conversation.id, |c| c.leave_restored(restored_at)).await?;
            continue;
        }
        let TurnStart::Answer(answered) = conversation.start_turn(message, platform.clock.now()) else {
            return Ok(Done::Acknowledge);
        };
        let Some(newest) = answered.last() else { return Ok(Done::Acknowledge) };
        let intent = reply_intent(platform, &newest.id);
        let turn = Turn { organization, conversation, version: document.version, epoch, restored_at, answered, intent };
        let Some((decision, assistant)) = draft(platform, helpers, &turn, deadline).await? else {
            let id = &turn.conversation.id;
            leave(platform, organization, id, |c| c.leave_to_person(Attention::NoAssistant)).await?;
            return Ok(Done::Acknowledge);
        };
        match commit(platform, &turn, &decision, &assistant).await? {
            Committed::Yes => {
                wake_send(platform, organization, &turn.conversation.id).await?;
                if !matches!(decision, Decision::Answer { .. }) {
                    desk::give_by_id(platform, organization, &turn.conversation.id).await;
                }
                return Ok(Done::Acknowledge);
            }
            Committed::LeftToNewer => return Ok(Done::Acknowledge),
            Committed::StartAgain => {}
        }
    }
    Err(StoreError::Conflict.into())
}

/// Changes a conversation that is left to a person, and gives it to whose turn it is.
async fn leave(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ConversationId,
    apply: impl Fn(&mut Conversation),
) -> Result<(), JobError> {
    if let Some(conversation) = change(platform, organization, id, apply).await? {
        desk::give(platform, organization, &conversation).await;
    }
    Ok(())
}

/// The owner's epoch, and when the system of record was last restored, read together.
pub(crate) async fn gates(
    platform: &Platform,
    conversation: &ConversationId,
) -> Result<(Epoch, Option<Timestamp>), JobError> {
    let items = platform.items.get(&[owner_key(conversation), restore_key()]).await?;
    let item = |at: usize| items.get(at).and_then(Option::as_ref);
    let restore = read_restore(platform, item(1))?;
    Ok((read_owner(platform, item(0))?, restore.map(|restore| restore.restored_at)))
}

/// The intent of the reply to a burst whose newest message is this one.
pub(crate) fn reply_intent(platform: &Platform, newest: &MessageId) -> IntentId {
    IntentId::derived(&platform.id_key, &["reply", newest.as_str()])
}

/// What an assistant decided for exactly these messages: from the kept draft, or decided now and kept. What a model's answer
/// cost is recorded with it. `None`: the number has no assistant.
async fn draft(
    platform: &Platform,
    helpers: Helpers<'_>,
    turn: &Turn<'_>,
    deadline: Timestamp,
) -> Result<Option<(Decision, AssistantId)>, JobError> {
    let path = draft_path(turn.organization, &turn.conversation.id, &turn.intent);
    let answers: Vec<MessageId> = turn.answered.iter().map(|message| message.id.clone()).collect();
    if let Some(document) = platform.documents.get(&path).await? {
        let draft = read_draft(platform, &document)?;
        if draft.answers == answers
            && draft.epoch == turn.epoch
            && let Ok(decision) = serde_json::from_str(&draft.decision)
        {
            return Ok(Some((decision, draft.assistant)));
        }
    }
    let Some(number) = platform.documents.get(&number_path(&turn.conversation.number)).await? else {
        return Ok(None);
    };
    let (number, token) = read_number(platform, &number)?;
    // One that a rule chose and that answers no more leaves it to the number's own.
    let mut decided = None;
    for assistant in [turn.conversation.assistant.as_ref(), number.assistant.as_ref()].into_iter().flatten() {
        decided = decide(platform, helpers, turn, assistant, token.clone(), deadline).await?.map(|it| (it, assistant));
        if decided.is_some() {
            break;
        }
    }
    let Some((Decided { decision, spent, .. }, assistant)) = decided else { return Ok(None) };
    let kept = Draft {
        answers,
        epoch: turn.epoch,
        assistant: assistant.clone(),
        decision: serde_json::to_string(&decision).map_err(|error| JobError::Fail(error.into()))?,
    };
    let fields = write_draft(platform, &path, &kept);
    let mut writes = vec![Write::Set { path, fields, precondition: Precondition::None }];
    let mut entries = Entries::after(platform, turn.organization, []);
    if let Some(spent) = spent {
        let of = Some((&turn.conversation.id, &turn.conversation.number));
        writes.push(record_call(platform, turn.organization, assistant, of, spent, &mut entries));
    }
    entries.commit(writes).await?;
    Ok(Some((decision, assistant.clone())))
}

enum Committed {
    Yes,
    LeftToNewer,
    StartAgain,
}

/// Commits the turn, on condition that the conversation is as it was when the turn began, or changed in nothing that
/// matters. What is written is the decision in memory, never one read back.
async fn commit(
    platform: &Platform,
    turn: &Turn<'_>,
    decision: &Decision,
    assistant: &AssistantId,
) -> Result<Committed, JobError> {
    // A hand-over moves the gate first; the row is bound to the new epoch, so that its farewell may pass.
    let epoch = match decision {
        Decision::HandOver { .. } => {
            let taken = turn.epoch.taken_over();
            if !move_gate(platform, &turn.conversation.id, turn.epoch, taken).await? {
                return Ok(Committed::StartAgain);
            }
            taken
        }
        Decision::Answer { .. } | Decision::Fallback { .. } => turn.epoch,
    };
    let path = conversation_path(turn.organization, &turn.conversation.id);
    let mut read = Read { conversation: turn.conversation.clone(), version: turn.version.clone() };
    let mut conversation = read.conversation.clone();
    for _ in 0..TRIES {
        let mut entries = Entries::after(platform, turn.organization, [read.conversation.changed_at]);
        let writes = turn_writes(platform, turn, (decision, assistant, epoch), conversation, &read, &mut entries);
        match entries.commit(writes).await {
            Ok(()) => return Ok(Committed::Yes),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        let Some(document) = platform.documents.get(&path).await? else { return Ok(Committed::StartAgain) };
        read = Read { conversation: read_conversation(platform, &document)?, version: document.version };
        conversation = read.conversation.clone();
        let (gate, restored_at) = gates(platform, &conversation.id).await?;
        if gate != epoch {
            return Ok(Committed::StartAgain);
        }
        conversation.leave_restored(restored_at);
        match conversation.on_conflict(&turn.answered, platform.clock.now()) {
            Conflict::StartAgain => return Ok(Committed::StartAgain),
            Conflict::CommitAgain => {}
            Conflict::CancelTurn if matches!(decision, Decision::HandOver { .. }) => {}
            Conflict::CancelTurn => {
                conversation.turn_cancelled = true;
                let mut entries = Entries::after(platform, turn.organization, [read.conversation.changed_at]);
                let write = read.replaced(platform, turn.organization, conversation, &mut entries);
                match entries.commit(vec![write]).await {
                    Ok(()) => return Ok(Committed::LeftToNewer),
                    Err(StoreError::Conflict) => return Ok(Committed::StartAgain),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    Err(StoreError::Conflict.into())
}

/// The conversation as it was read before a commit.
struct Read {
    conversation: Conversation,
    version: Version,
}

impl Read {
    /// The write that puts the changed conversation in its place, with what the feed tells of the change.
    fn replaced(
        &self,
        platform: &Platform,
        organization: &OrganizationId,
        mut changed: Conversation,
        entries: &mut Entries<'_>,
    ) -> Write {
        entries.conversation(Some((&self.conversation, &self.version)), &mut changed);
        Write::Set {
            path: conversation_path(organization, &changed.id),
            fields: write_conversation(platform, organization, &changed),
            precondition: Precondition::Unchanged(self.version.clone()),
        }
    }
}

fn turn_writes(
    platform: &Platform,
    turn: &Turn<'_>,
    (decision, assistant, epoch): (&Decision, &AssistantId, Epoch),
    mut conversation: Conversation,
    read: &Read,
    entries: &mut Entries<'_>,
) -> Vec<Write> {
    conversation.answer(&turn.answered);
    conversation.epoch = conversation.epoch.max(epoch);
    match decision {
        Decision::Answer { .. } => {}
        Decision::Fallback { .. } => conversation.attention = Some(Attention::Fallback),
        Decision::HandOver { .. } => {
            conversation.leave_to_person(Attention::HandOver);
            conversation.take_over_until = Some(platform.clock.now() + platform.settings.take_over);
        }
    }
    let outbound = outbound(
        platform,
        turn.organization,
        &mut conversation,
        Outbound {
            intent: turn.intent.clone(),
            content: OutboundContent::Text { body: decision.text().to_owned(), preview_url: false },
            origin: Origin::Assistant,
            assistant: Some(assistant.clone()),
            member: None,
            epoch: Some(epoch),
            reply_to: None,
            answers: turn.answered.iter().map(|message| message.id.clone()).collect(),
            resends: None,
        },
        entries,
    );
    let draft = draft_path(turn.organization, &conversation.id, &turn.intent);
    let conversation_write = read.replaced(platform, turn.organization, conversation, entries);
    let draft_write = Write::Delete { path: draft, precondition: Precondition::None };
    outbound.into_iter().chain([conversation_write, draft_write]).collect()
}
