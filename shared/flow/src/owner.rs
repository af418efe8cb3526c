//! Who owns a conversation: take-over and hand-back. The gate is written first, then the conversation with an entry in the
//! audit log, then it is acknowledged; so once a take-over is acknowledged, no reply of the assistant is claimed any more.

use domain::conversation::{Attention, Conversation, Epoch};
use domain::{ConversationId, OrganizationId};

use crate::audit::{self, Actor, Who};
use crate::desk;
use crate::feed::Entries;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Condition, ItemWrite, ItemsError, Precondition, StoreError, Write};
use crate::records::{conversation_path, owner_key, read_conversation, read_owner, write_conversation, write_owner};

/// How often a conditional write is decided anew before the work is left to a later try.
pub(crate) const TRIES: usize = 8;

/// A person takes the conversation over, or goes on with it: the assistant is silent from now on, what is open goes on
/// the person's list, and the take-over ends by itself after a while without a message of theirs. `None`: there is no
/// such conversation.
///
/// # Errors
/// [`JobError`]; the caller may call again at any time.
pub async fn take_over(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
    actor: &Actor,
) -> Result<Option<Conversation>, JobError> {
    if !belongs(platform, organization, conversation).await? {
        return Ok(None);
    }
    let epoch = write_gate(platform, conversation, Epoch::taken_over).await?;
    let until = platform.clock.now() + platform.settings.take_over;
    let apply = |conversation: &mut Conversation| {
        follow_gate(platform, conversation, epoch);
        conversation.closed = false;
        conversation.take_over_until = conversation.take_over_until.max(Some(until));
        // Who takes a conversation over that nobody looks after looks after it.
        if let (None, Who::Member(member)) = (&conversation.assignee, &actor.who) {
            conversation.assignee = Some(member.clone());
        }
    };
    let target = Some(conversation.as_str());
    let entry = || Some(audit::entry(platform, organization, actor, "conversation.taken_over", target, &[]));
    change_and(platform, organization, conversation, apply, entry).await
}

/// The conversation goes back to the assistant, which answers from the customer's next message on; the person who had it
/// has seen to what was waiting. `None`: there is no such conversation.
///
/// # Errors
/// [`JobError`]; the caller may call again at any time.
pub async fn hand_back(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
    actor: &Actor,
) -> Result<Option<Conversation>, JobError> {
    let Some(document) = platform.documents.get(&conversation_path(organization, conversation)).await? else {
        return Ok(None);
    };
    let relieved = read_conversation(platform, &document)?.assignee;
    let epoch = write_gate(platform, conversation, Epoch::handed_back).await?;
    let apply = |conversation: &mut Conversation| {
        // Who had nothing to hand back has not seen what came to wait for a person meanwhile.
        let was_person = conversation.epoch.is_person();
        conversation.epoch = conversation.epoch.max(epoch);
        if was_person && !conversation.epoch.is_person() {
            conversation.take_over_until = None;
            conversation.attention = None;
            conversation.team = None;
            conversation.assignee = None;
        }
    };
    let target = Some(conversation.as_str());
    let entry = || Some(audit::entry(platform, organization, actor, "conversation.handed_back", target, &[]));
    let changed = change_and(platform, organization, conversation, apply, entry).await?;
    if let (Some(relieved), Some(Conversation { assignee: None, .. })) = (relieved, &changed) {
        desk::has_room(platform, organization, &relieved).await;
    }
    Ok(changed)
}

/// A take-over has ended by itself, unless the person has gone on since: the assistant answers from the customer's next
/// message on, and what was waiting for the person goes on waiting for one.
pub(crate) async fn take_over_ended(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ConversationId,
) -> Result<(), JobError> {
    let Some(document) = platform.documents.get(&conversation_path(organization, id)).await? else { return Ok(()) };
    let conversation = read_conversation(platform, &document)?;
    if conversation.take_over_until.is_none_or(|until| until > platform.clock.now()) {
        return Ok(());
    }
    let gate = gate(platform, id).await?;
    if gate.is_person() && gate != conversation.epoch {
        // A take-over got no further than its gate: it counts from now.
        change(platform, organization, id, |conversation| {
            conversation.take_over_until = None;
            follow_gate(platform, conversation, gate);
        })
        .await?;
        return Ok(());
    }
    // Ends that very take-over: a renewed one has another epoch.
    if gate.is_person() && !move_gate(platform, id, gate, gate.handed_back()).await? {
        return Ok(());
    }
    let ended = gate.handed_back();
    let changed = change(platform, organization, id, |conversation| {
        conversation.epoch = conversation.epoch.max(ended);
        if !conversation.epoch.is_person() {
            conversation.take_over_until = None;
            if conversation.attention.is_none() {
                // Nobody looks after what the assistant has again.
                conversation.team = None;
                conversation.assignee = None;
            }
        }
    })
    .await?;
    if let (Some(relieved), Some(Conversation { assignee: None, .. })) = (conversation.assignee, &changed) {
        desk::has_room(platform, organization, &relieved).await;
    }
    Ok(())
}

/// Whether the conversation is the organization's. Asked before its gate is written: the gate's key does not name the
/// organization, and nobody may move another's.
async fn belongs(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
) -> Result<bool, JobError> {
    Ok(platform.documents.get(&conversation_path(organization, conversation)).await?.is_some())
}

/// Lets the conversation follow its gate: a person at the gate puts everything that is open on the person's list. A
/// take-over that got no further than its gate ends like any other.
pub(crate) fn follow_gate(platform: &Platform, conversation: &mut Conversation, gate: Epoch) {
    conversation.epoch = conversation.epoch.max(gate);
    if !conversation.epoch.is_person() {
        return;
    }
    conversation.take_over_until.get_or_insert(platform.clock.now() + platform.settings.take_over);
    if !conversation.open.is_empty() {
        conversation.leave_to_person(Attention::Waiting);
    }
}

/// The epoch at the gate of a conversation: the truth about who owns it.
///
/// # Errors
/// [`JobError`].
pub async fn gate(platform: &Platform, conversation: &ConversationId) -> Result<Epoch, JobError> {
    let items = platform.items.get(&[owner_key(conversation)]).await?;
    Ok(read_owner(platform, items.first().and_then(Option::as_ref))?)
}

/// Moves the gate. Nothing is written when it already stands where `next` wants it.
pub(crate) async fn write_gate(
    platform: &Platform,
    conversation: &ConversationId,
    next: impl Fn(Epoch) -> Epoch,
) -> Result<Epoch, JobError> {
    let key = owner_key(conversation);
    for _ in 0..TRIES {
        let items = platform.items.get(std::slice::from_ref(&key)).await?;
        let item = items.first().and_then(Option::as_ref);
        let current = read_owner(platform, item)?;
        let epoch = next(current);
        if epoch == current {
            return Ok(epoch);
        }
        let write = ItemWrite::Put {
            key: key.clone(),
            fields: write_owner(platform, conversation, epoch),
            expires_at: None,
            condition: item.map_or(Condition::Absent, |item| Condition::Version(item.version)),
        };
        match platform.items.transact(vec![write]).await {
            Ok(()) => return Ok(epoch),
            Err(ItemsError::Condition { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Moves the gate from one epoch to another. `false`: it did not stand there any more.
pub(crate) async fn move_gate(
    platform: &Platform,
    conversation: &ConversationId,
    from: Epoch,
    to: Epoch,
) -> Result<bool, JobError> {
    let key = owner_key(conversation);
    let items = platform.items.get(std::slice::from_ref(&key)).await?;
    let item = items.first().and_then(Option::as_ref);
    if read_owner(platform, item)? != from {
        return Ok(false);
    }
    let write = ItemWrite::Put {
        key,
        fields: write_owner(platform, conversation, to),
        expires_at: None,
        condition: item.map_or(Condition::Absent, |item| Condition::Version(item.version)),
    };
    match platform.items.transact(vec![write]).await {
        Ok(()) => Ok(true),
        Err(ItemsError::Condition { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Changes a conversation, on condition that it is as it was read; reads again where it is not.
pub(crate) async fn change(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ConversationId,
    apply: impl Fn(&mut Conversation),
) -> Result<Option<Conversation>, JobError> {
    change_and(platform, organization, id, apply, || None).await
}

/// As [`change`], with another write in the same commit where there is a change.
pub(crate) async fn change_and(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ConversationId,
    apply: impl Fn(&mut Conversation),
    also: impl Fn() -> Option<Write>,
) -> Result<Option<Conversation>, JobError> {
    let path = conversation_path(organization, id);
    for _ in 0..TRIES {
        let Some(document) = platform.documents.get(&path).await? else { return Ok(None) };
        let before = read_conversation(platform, &document)?;
        let mut after = before.clone();
        apply(&mut after);
        if after == before {
            return Ok(Some(after));
        }
        let mut entries = Entries::after(platform, organization, [before.changed_at]);
        entries.conversation(Some((&before, &document.version)), &mut after);
        let write = Write::Set {
            path: path.clone(),
            fields: write_conversation(platform, organization, &after),
            precondition: Precondition::Unchanged(document.version),
        };
        match entries.commit(std::iter::once(write).chain(also()).collect()).await {
            Ok(()) => return Ok(Some(after)),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
