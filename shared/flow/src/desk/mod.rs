//! What a team does with its conversations: who looks after which, labels, what is read, notes among themselves, and closing
//! them. Who answers, the assistant or a person, is [`crate::owner`]'s.

mod find;
mod notes;
mod receipt;

use std::sync::atomic::{AtomicBool, Ordering};

use domain::contact::{InvalidTag, Tag};
use domain::conversation::{Conversation, Epoch};
use domain::wording::WrongField;
use domain::{ConversationId, MemberId, OrganizationId, TeamId};

pub use self::find::{Filter, keys_of, list, with_customer, with_customers};
pub use self::notes::{NOTE_LENGTH, add_note, list_notes, remove_note};

use crate::access::{members, teams};
use crate::audit::{self, Actor};
use crate::browse::{ListedConversation, conversation};
use crate::job::JobError;
use crate::manage::{ManageError, valid};
use crate::owner::{change_and, write_gate};
use crate::platform::Platform;
use crate::ports::{WhatsApp, Write};
use crate::records::queries;

/// Who shall look after a conversation; `None` leaves that as it is.
#[derive(Debug, Clone, Default)]
pub struct Assignment {
    /// The team; `Some(None)`: none.
    pub team: Option<Option<TeamId>>,
    /// The person; `Some(None)`: nobody.
    pub assignee: Option<Option<MemberId>>,
}

/// Gives a conversation to a team, to somebody of the organization, or to nobody. A team without a person gives it to the one
/// of its people who looks after the fewest.
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
    let assignee = match (&wanted.team, &wanted.assignee) {
        (Some(Some(team)), None) => Some(least_busy(platform, organization, team).await?),
        (_, assignee) => assignee.clone(),
    };
    let apply = |conversation: &mut Conversation| {
        if let Some(team) = &wanted.team {
            conversation.team.clone_from(team);
        }
        if let Some(assignee) = &assignee {
            conversation.assignee.clone_from(assignee);
        }
    };
    let name = |id: Option<&str>| id.unwrap_or("nobody").to_owned();
    let to = name(assignee.as_ref().and_then(Option::as_ref).map(MemberId::as_str));
    let team = name(wanted.team.as_ref().and_then(Option::as_ref).map(TeamId::as_str));
    let details = [("member", to.as_str()), ("team", team.as_str())];
    edit(platform, organization, actor, id, ("conversation.assigned", &details), apply).await
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
    let seen = conversation(platform, organization, id).await?.ok_or(ManageError::NotFound)?.conversation.last_message;
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
        true => Ok(closed),
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

/// The one of a team's people who looks after the fewest conversations; the first of them by id. `None`: nobody is in it.
///
/// # Errors
/// [`JobError`].
pub(crate) async fn least_busy(
    platform: &Platform,
    organization: &OrganizationId,
    team: &TeamId,
) -> Result<Option<MemberId>, JobError> {
    let Some(team) = teams::get(platform, organization, team).await? else { return Ok(None) };
    let mut members = team.value.members;
    members.sort();
    let mut least: Option<(u64, MemberId)> = None;
    for member in members {
        let key = find::assignee_key(platform, organization, Some(&member));
        let query = queries::conversations_newest_first(organization, Some(&key), None, 1);
        let count = platform.documents.count(&query).await?;
        if least.as_ref().is_none_or(|(fewest, _)| count < *fewest) {
            least = Some((count, member));
        }
    }
    Ok(least.map(|(_, member)| member))
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
