//! What somebody looked after who has left, or a team that was removed, goes back to the queue: bit by bit, by upkeep.

use domain::conversation::{Attention, Conversation};
use domain::{MemberId, OrganizationId, Span, TeamId, Timestamp};

use super::find::{assignee_key, team_key};
use super::queue;
use crate::access::{members, teams};
use crate::causes::Causes;
use crate::job::JobError;
use crate::owner::change;
use crate::platform::Platform;
use crate::ports::{Document, Precondition, StoreError, Write};
use crate::records::{
    DeskWork, left_work_path, queries, queue_work_path, read_conversation, read_desk_work, write_desk_work,
};

/// One look takes back so many conversations.
const ONE_LOOK: u32 = 100;

/// What was being assigned when they left is found by another look after this.
const AGAIN: Span = Span::from_minutes(10);

/// The write, for the commit with which somebody leaves, that lets what they look after go back to the queues.
pub(crate) fn member_left(platform: &Platform, organization: &OrganizationId, member: &MemberId) -> Write {
    let path = left_work_path(organization, member);
    let work = DeskWork::MemberLeft { member: member.clone(), was_done: false };
    let fields = write_desk_work(platform, &path, &work, Some(platform.clock.now()));
    Write::Set { path, fields, precondition: Precondition::None }
}

/// The write, for the commit that removes a team, that lets its conversations go to the organization's queue.
pub(crate) fn team_removed(platform: &Platform, organization: &OrganizationId, team: &TeamId) -> Write {
    let path = queue_work_path(organization, Some(team));
    let work = DeskWork::TeamRemoved { team: team.clone(), was_done: false };
    let fields = write_desk_work(platform, &path, &work, Some(platform.clock.now()));
    Write::Set { path, fields, precondition: Precondition::None }
}

/// Does the work with conversations that is due; how many were given out or taken back.
///
/// # Errors
/// [`JobError`]; one piece of work that fails does not hold back the others.
pub(crate) async fn work_due(platform: &Platform, now: Timestamp, limit: u32) -> Result<usize, JobError> {
    let mut done = 0;
    for document in platform.documents.query(&queries::desk_work_due(now, limit)).await? {
        match work(platform, &document, now).await {
            Ok(count) => done += count,
            Err(error) => {
                let path = document.path.as_str();
                tracing::error!(path, error = %Causes(&error), "work with conversations was not done");
            }
        }
    }
    Ok(done)
}

async fn work(platform: &Platform, document: &Document, now: Timestamp) -> Result<usize, JobError> {
    let organization = document.path.segment(1).unwrap_or_default();
    let organization = organization.parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?;
    match read_desk_work(platform, document)?.0 {
        DeskWork::Queue { team, last } => {
            queue::look(platform, &organization, (team.as_ref(), last), document, now).await
        }
        DeskWork::MemberLeft { member, was_done } => {
            let is_back = members::get(platform, &organization, &member).await?.is_some();
            let key = assignee_key(platform, &organization, Some(&member));
            let take_back = |conversation: &mut Conversation| {
                if conversation.assignee.as_ref() == Some(&member) {
                    conversation.assignee = None;
                    // Whom the customer would wait for is not there any more.
                    if conversation.epoch.is_person() {
                        conversation.attention.get_or_insert(Attention::Waiting);
                    }
                }
            };
            let key = (!is_back).then_some(key.as_str());
            let count = release(platform, &organization, key, take_back).await?;
            let next = DeskWork::MemberLeft { member: member.clone(), was_done: true };
            settle(platform, document, (count, was_done || is_back), &next, now).await
        }
        DeskWork::TeamRemoved { team, was_done } => {
            let is_there = teams::get(platform, &organization, &team).await?.is_some();
            let key = team_key(platform, &organization, &team);
            let take_back = |conversation: &mut Conversation| {
                if conversation.team.as_ref() == Some(&team) {
                    conversation.team = None;
                }
            };
            let key = (!is_there).then_some(key.as_str());
            let count = release(platform, &organization, key, take_back).await?;
            let next = DeskWork::TeamRemoved { team: team.clone(), was_done: true };
            settle(platform, document, (count, was_done || is_there), &next, now).await
        }
    }
}

/// Takes some of the conversations back that are found by this key, and gives them to whose turn it is; how many.
async fn release(
    platform: &Platform,
    organization: &OrganizationId,
    key: Option<&str>,
    take_back: impl Fn(&mut Conversation),
) -> Result<usize, JobError> {
    let Some(key) = key else { return Ok(0) };
    let query = queries::conversations_newest_first(organization, Some(key), None, ONE_LOOK);
    let found = platform.documents.query(&query).await?;
    for document in &found {
        let conversation = read_conversation(platform, document)?;
        if let Some(conversation) = change(platform, organization, &conversation.id, &take_back).await? {
            queue::give(platform, organization, &conversation).await;
        }
    }
    Ok(found.len())
}

/// Work in which something was found goes on with the next look. Where nothing is left it is looked at once more, later,
/// and is done if nothing is left then either.
async fn settle(
    platform: &Platform,
    document: &Document,
    (count, was_done): (usize, bool),
    next: &DeskWork,
    now: Timestamp,
) -> Result<usize, JobError> {
    if count > 0 {
        return Ok(count);
    }
    let (path, precondition) = (document.path.clone(), Precondition::Unchanged(document.version.clone()));
    let write = if was_done {
        Write::Delete { path, precondition }
    } else {
        let fields = write_desk_work(platform, &path, next, Some(now + AGAIN));
        Write::Set { path, fields, precondition }
    };
    match platform.documents.commit(vec![write]).await {
        Ok(()) | Err(StoreError::Conflict) => Ok(0),
        Err(error) => Err(error.into()),
    }
}
