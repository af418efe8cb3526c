//! Queues: conversations that need a person and that nobody looks after wait there, the one that has waited longest first,
//! until somebody of their team can be given one. Those of no team wait in the organization's queue.
//!
//! What comes into a queue, and whoever comes to have room, is dealt with at once; what a crash left behind, by upkeep.

use domain::conversation::Conversation;
use domain::team::Strategy;
use domain::{ConversationId, MemberId, OrganizationId, Span, TeamId, Timestamp};

use super::find::queue_key;
use super::turn::{distribution, next_turn};
use crate::causes::Causes;
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Document, Precondition, StoreError, Write};
use crate::records::{
    DeskWork, conversation_path, queries, queue_work_path, read_conversation, write_conversation, write_desk_work,
};

/// So many of a queue are given out at once; upkeep goes on with the others.
const ONE_GO: u32 = 25;

/// A queue is looked at by upkeep with this period.
const PERIOD: Span = Span::from_minutes(5);

/// What became of a conversation that waits.
enum Given {
    /// Somebody looks after it.
    Yes,
    /// It waits no longer.
    Gone,
    /// Nobody can be given it now.
    Nobody,
}

/// A conversation has changed: if it waits for somebody, whose turn it is gets it. Where that cannot be done, upkeep does.
pub(crate) async fn give(platform: &Platform, organization: &OrganizationId, conversation: &Conversation) {
    if conversation.queued_at.is_none() {
        return;
    }
    if let Err(error) = give_one(platform, organization, &conversation.id).await {
        tracing::warn!(error = %Causes(&error), "a conversation was left to upkeep to be given out");
    }
}

/// As [`give`], of a conversation as it is by now.
pub(crate) async fn give_by_id(platform: &Platform, organization: &OrganizationId, id: &ConversationId) {
    if let Err(error) = give_one(platform, organization, id).await {
        tracing::warn!(error = %Causes(&error), "a conversation was left to upkeep to be given out");
    }
}

/// Somebody may be given more than before: out of the queues of their teams, and out of the organization's.
pub(crate) async fn has_room(platform: &Platform, organization: &OrganizationId, member: &MemberId) {
    let done = async {
        for document in platform.documents.query(&queries::teams_of(organization, member)).await? {
            let team = document.path.id().parse();
            let team: TeamId = team.map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?;
            give_out(platform, organization, Some(&team)).await?;
        }
        give_out(platform, organization, None).await
    };
    if let Err(error) = done.await {
        tracing::warn!(error = %Causes(&error), "queues were left to upkeep to be given out");
    }
}

/// How a team, or the organization, gives conversations out has changed, or who can be given some.
pub(crate) async fn distribution_changed(platform: &Platform, organization: &OrganizationId, team: Option<&TeamId>) {
    let done = async {
        look_after(platform, organization, team).await?;
        give_out(platform, organization, team).await
    };
    if let Err(error) = done.await {
        tracing::warn!(error = %Causes(&error), "a queue was left to upkeep to be given out");
    }
}

/// The write that lets upkeep look after the queue of a team that is new.
pub(crate) fn looked_after(platform: &Platform, organization: &OrganizationId, team: &TeamId) -> Write {
    let path = queue_work_path(organization, Some(team));
    let work = DeskWork::Queue { team: Some(team.clone()), last: None };
    let fields = write_desk_work(platform, &path, &work, Some(platform.clock.now() + PERIOD));
    Write::Set { path, fields, precondition: Precondition::None }
}

/// Lets upkeep look after a queue, where that is not so yet.
async fn look_after(platform: &Platform, organization: &OrganizationId, team: Option<&TeamId>) -> Result<(), JobError> {
    let path = queue_work_path(organization, team);
    if platform.documents.get(&path).await?.is_some() {
        return Ok(());
    }
    let work = DeskWork::Queue { team: team.cloned(), last: None };
    let fields = write_desk_work(platform, &path, &work, Some(platform.clock.now() + PERIOD));
    match platform.documents.commit(vec![Write::Set { path, fields, precondition: Precondition::MustNotExist }]).await {
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Gives out what waits in a queue, the longest first, until nobody can be given any more; how many.
pub(super) async fn give_out(
    platform: &Platform,
    organization: &OrganizationId,
    team: Option<&TeamId>,
) -> Result<usize, JobError> {
    let key = queue_key(platform, organization, team);
    let mut given = 0;
    for document in platform.documents.query(&queries::conversations_queued(organization, &key, ONE_GO)).await? {
        let conversation = read_conversation(platform, &document)?;
        match give_one(platform, organization, &conversation.id).await? {
            Given::Yes => given += 1,
            Given::Gone => {}
            Given::Nobody => break,
        }
    }
    Ok(given)
}

async fn give_one(platform: &Platform, organization: &OrganizationId, id: &ConversationId) -> Result<Given, JobError> {
    let path = conversation_path(organization, id);
    for _ in 0..TRIES {
        let Some(document) = platform.documents.get(&path).await? else { return Ok(Given::Gone) };
        let before = read_conversation(platform, &document)?;
        if before.queued_at.is_none() {
            return Ok(Given::Gone);
        }
        let Some(turn) = next_turn(platform, organization, before.team.as_ref()).await? else {
            return Ok(Given::Nobody);
        };
        let mut after = Conversation { assignee: Some(turn.member), ..before.clone() };
        let mut entries = Entries::after(platform, organization, [before.changed_at]);
        entries.conversation(Some((&before, &document.version)), &mut after);
        let mut writes = turn.writes;
        writes.push(Write::Set {
            path: path.clone(),
            fields: write_conversation(platform, organization, &after),
            precondition: Precondition::Unchanged(document.version),
        });
        match entries.commit(writes).await {
            Ok(()) => return Ok(Given::Yes),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Upkeep's look at a queue: what waits is given out, and the next look is planned. One in which nothing is given out by
/// itself any more is not looked after.
pub(super) async fn look(
    platform: &Platform,
    organization: &OrganizationId,
    (team, last): (Option<&TeamId>, Option<MemberId>),
    document: &Document,
    now: Timestamp,
) -> Result<usize, JobError> {
    let distribution = distribution(platform, organization, team).await?;
    let is_automatic = distribution.is_some_and(|distribution| distribution.strategy != Strategy::Manual);
    let (path, precondition) = (document.path.clone(), Precondition::Unchanged(document.version.clone()));
    let write = if is_automatic {
        let work = DeskWork::Queue { team: team.cloned(), last };
        let fields = write_desk_work(platform, &path, &work, Some(now + PERIOD));
        Write::Set { path, fields, precondition }
    } else {
        Write::Delete { path, precondition }
    };
    match platform.documents.commit(vec![write]).await {
        Ok(()) if is_automatic => give_out(platform, organization, team).await,
        // Somebody else looks at it in this moment, or takes a turn; it stays due then.
        Ok(()) | Err(StoreError::Conflict) => Ok(0),
        Err(error) => Err(error.into()),
    }
}
