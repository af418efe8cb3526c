//! What a team does with its conversations: who looks after which, labels, what is read, notes among themselves, and closing
//! them. Who answers, the assistant or a person, is [`crate::owner`]'s. What nobody looks after is given out: by turns
//! (`turn`), out of queues (`queue`), and anew where somebody has left (`leave`).

mod find;
mod leave;
mod notes;
mod queue;
mod receipt;
mod turn;

use std::sync::atomic::{AtomicBool, Ordering};

use domain::contact::{InvalidTag, Tag};
use domain::conversation::{Conversation, Epoch};
use domain::wording::WrongField;
use domain::{ConversationId, MemberId, OrganizationId, TeamId};

pub use self::find::{Filter, keys_of, list, with_customer, with_customers};
pub(crate) use self::leave::{member_left, team_removed, work_due};
pub use self::notes::{NOTE_LENGTH, add_note, list_notes, remove_note};
pub(crate) use self::queue::{distribution_changed, give, give_by_id, has_room, looked_after};
pub(crate) use self::turn::next_turn;

use crate::access::{members, teams};
use crate::audit::{self, Actor};
use crate::browse::{ListedConversation, conversation};
use crate::feed::Entries;
use crate::manage::{ManageError, valid};
use crate::owner::{TRIES, change_and, write_gate};
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, WhatsApp, Write};
use crate::records::{conversation_path, read_conversation, write_conversation};

/// Who shall look after a conversation; `None` leaves that as it is.
#[derive(Debug, Clone, Default)]
pub struct Assignment {
    /// The team; `Some(None)`: none.
    pub team: Option<Option<TeamId>>,
    /// The person; `Some(None)`: nobody.
    pub assignee: Option<Option<MemberId>>,
}

/// Gives a conversation to a team, to somebody of the organization, or to nobody. A team without a person gives it to the one
/// of its people whose turn it is; where it is nobody's, it waits in the team's queue.
///
/// # Errors
/// [`ManageError`].
pub async fn assign(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &ConversationId,
    wanted: Assignment,
) -> Result<ListedConversation, ManageError> {
    conversation(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
    let mut wrong = Vec::new();
    if let Some(Some(team)) = &wanted.team
        && teams::get(platform, organization, team).await?.is_none()
    {
        wrong.push(WrongField::new("/team_id", "must be the id of a team of the organization"));
    }
    if let Some(Some(member)) = &wanted.assignee
        && members::get(platform, organization, member).await?.is_none()
    {
        wrong.push(WrongField::new("/member_id", "must be the id of somebody of the organization"));
    }
    valid(wrong)?;
    for _ in 0..TRIES {
        let path = conversation_path(organization, id);
        let document = platform.documents.get(&path).await?.ok_or(ManageError::NotFound)?;
        let before = read_conversation(platform, &document)?;
        let mut after = before.clone();
        let mut writes = Vec::new();
        if let Some(team) = &wanted.team {
            after.team.clone_from(team);
        }
        match (&wanted.team, &wanted.assignee) {
            (Some(Some(team)), None) => {
                let turn = next_turn(platform, organization, Some(team)).await?;
                after.assignee = turn.map(|turn| {
                    writes.extend(turn.writes);
                    turn.member
                });
            }
            (_, Some(Some(member))) => {
                // Nobody is given what they would look after from outside of the organization.
                let found = members::get(platform, organization, member).await?;
                let found = found.ok_or_else(|| ManageError::wrong("/member_id", "has left the organization"))?;
                writes.push(turn::still(platform, &found.value, found.version));
                after.assignee = Some(member.clone());
            }
            (_, Some(None)) => after.assignee = None,
            (_, None) => {}
        }
        if after == before {
            break;
        }
        let mut entries = Entries::after(platform, organization, [before.changed_at]);
        entries.conversation(Some((&before, &document.version)), &mut after);
        let member = after.assignee.as_ref().map_or("nobody", MemberId::as_str);
        let team = after.team.as_ref().map_or("nobody", TeamId::as_str);
        let details = [("member", member), ("team", team)];
        let target = Some(id.as_str());
        writes.push(audit::entry(platform, organization, actor, "conversation.assigned", target, &details));
        writes.push(Write::Set {
            path,
            fields: write_conversation(platform, organization, &after),
            precondition: Precondition::Unchanged(document.version),
        });
        match entries.commit(writes).await {
            Ok(()) => {
                if let Some(relieved) = before.assignee.as_ref().filter(|one| after.assignee.as_ref() != Some(one)) {
                    has_room(platform, organization, relieved).await;
                }
                give(platform, organization, &after).await;
                return conversation(platform, organization, id).await?.ok_or(ManageError::NotFound);
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    conversation(platform, organization, id).await?.ok_or(ManageError::NotFound)
}

/// Puts labels on a conversation, and takes others off.
///
/// # Errors
/// [`ManageError`].
pub async fn label(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &ConversationId,
    (add, remove): (&[Tag], &[Tag]),
) -> Result<ListedConversation, ManageError> {
    let found = conversation(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
    let labelled = |labels: &mut domain::contact::Tags| -> Result<(), InvalidTag> {
        remove.iter().for_each(|label| labels.remove(label));
        add.iter().try_for_each(|label| labels.add(label.clone()))
    };
    labelled(&mut found.conversation.labels.clone())
        .map_err(|_| ManageError::wrong("/add", "would give the conversation more than 50 labels"))?;
    let apply = |conversation: &mut Conversation| {
        // Somebody else may have added the fiftieth meanwhile; it is one label.
        let _ = labelled(&mut conversation.labels);
    };
    edit(platform, organization, actor, id, ("conversation.labelled", &[]), apply).await
}

/// Closes a conversation: nobody has to answer it any more, and nobody looks after it. The customer's next message opens it
/// again, and the assistant answers.
///
/// # Errors
/// [`ManageError`].
pub async fn close(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &ConversationId,
) -> Result<ListedConversation, ManageError> {
    let found = conversation(platform, organization, id).await?.ok_or(ManageError::NotFound)?.conversation;
    let (seen, relieved) = (found.last_message, found.assignee);
    let epoch = write_gate(platform, id, Epoch::handed_back).await?;
    let apply = |conversation: &mut Conversation| {
        conversation.epoch = conversation.epoch.max(epoch);
        // Somebody has taken it over since, or the customer has written: what nobody has seen stays open.
        if conversation.epoch.is_person() || conversation.last_message != seen {
            return;
        }
        conversation.take_over_until = None;
        conversation.close();
    };
    let closed = edit(platform, organization, actor, id, ("conversation.closed", &[]), apply).await?;
    match closed.conversation.closed {
        true => {
            if let Some(relieved) = relieved {
                has_room(platform, organization, &relieved).await;
            }
            Ok(closed)
        }
        false => Err(ManageError::State("The customer has written, or somebody has taken it over, in this moment.")),
    }
}

/// Opens a closed conversation again.
///
/// # Errors
/// [`ManageError`].
pub async fn reopen(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &ConversationId,
) -> Result<ListedConversation, ManageError> {
    edit(platform, organization, actor, id, ("conversation.reopened", &[]), |conversation| {
        conversation.closed = false;
    })
    .await
}

/// Somebody of the organization has read what the customer wrote. Whoever is the first to read it tells the customer, unless
/// the number does not tell.
///
/// # Errors
/// [`ManageError`].
pub async fn mark_read(
    platform: &Platform,
    whatsapp: Option<&dyn WhatsApp>,
    organization: &OrganizationId,
    id: &ConversationId,
) -> Result<ListedConversation, ManageError> {
    let was_unread = AtomicBool::new(false);
    let apply = |conversation: &mut Conversation| {
        was_unread.store(conversation.unread > 0, Ordering::Relaxed);
        conversation.unread = 0;
    };
    let changed = crate::owner::change(platform, organization, id, apply).await?;
    let changed = changed.ok_or(ManageError::NotFound)?;
    if let Some(whatsapp) = whatsapp.filter(|_| was_unread.load(Ordering::Relaxed)) {
        receipt::send(platform, whatsapp, organization, &changed).await;
    }
    conversation(platform, organization, id).await?.ok_or(ManageError::NotFound)
}

async fn edit(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &ConversationId,
    (action, details): (&str, &[(&str, &str)]),
    apply: impl Fn(&mut Conversation),
) -> Result<ListedConversation, ManageError> {
    let entry =
        || -> Option<Write> { Some(audit::entry(platform, organization, actor, action, Some(id.as_str()), details)) };
    let changed = change_and(platform, organization, id, apply, entry).await?;
    changed.ok_or(ManageError::NotFound)?;
    conversation(platform, organization, id).await?.ok_or(ManageError::NotFound)
}
