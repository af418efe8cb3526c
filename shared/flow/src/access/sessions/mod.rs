//! Sessions of people who signed in: each a family of refresh tokens of which one is good.
//!
//! They are kept as items, not as documents, so that no restore of a backup can bring an old token back to life. A refresh
//! token proves itself: it says whose it is and which generation, under a code that only the session's seed can make. So
//! text that was never a token of ours ends nobody's session, and the successor of a token is derived, not stored: whoever
//! lost the answer to a refresh gets the very same one for ten seconds. A genuine token that was replaced earlier is in two
//! hands, and ends the whole session.

mod refresh;
mod token;

use std::fmt;

use domain::{MemberId, OrganizationId, SessionId, Span, Timestamp};
use secrecy::SecretString;

pub use refresh::{RefreshError, Refreshed, refresh};

use crate::audit::{Actor, entry};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Condition, ItemWrite, ItemsError, StoreError};
use crate::records::{SessionRecord, read_sessions, sessions_key, write_sessions};

/// A session ends so long after its refresh token was used last.
pub const IDLE: Span = Span::from_days(14);
/// A session ends so long after its sign-in, whatever happens.
pub const LONGEST: Span = Span::from_days(90);
/// For so long a refresh token that was just replaced gives its successor again.
pub const GRACE: Span = Span::from_seconds(10);
/// How many sessions a person has at most; then the oldest gives way.
pub const MOST: usize = 20;
/// How often a change is decided anew: as often as all of a person's sessions can be used at once, and a few more.
const TRIES: usize = 32;
/// How often a write whose answer was lost is looked for and made again.
const LOST: usize = 2;
/// How much is kept of what a client says that it is.
const DESCRIPTION: usize = 200;

/// What somebody signs in with, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// What it says that it is, such as its `User-Agent`. Personal data.
    pub description: Option<String>,
    /// The address that the request came from. Personal data.
    pub address: Option<String>,
    /// The id of the request.
    pub request_id: String,
}

/// A session, as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The organization that it is for.
    pub organization: OrganizationId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was refreshed last.
    pub last_used_at: Timestamp,
    /// When it ends, if it is not refreshed before.
    pub expires_at: Timestamp,
    /// What the person signed in with. Personal data.
    pub client: Option<String>,
    /// From where it was used last. Personal data.
    pub address: Option<String>,
}

/// A session that has begun.
pub struct Begun {
    /// The session.
    pub session: Session,
    /// For the person alone.
    pub refresh_token: SecretString,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}

impl From<&SessionRecord> for Session {
    fn from(record: &SessionRecord) -> Self {
        Self {
            id: record.id.clone(),
            organization: record.organization.clone(),
            created_at: record.created_at,
            last_used_at: record.last_used_at,
            expires_at: ends(record),
            client: record.client.clone(),
            address: record.address.clone(),
        }
    }
}

/// Begins a session for an organization. Whether the person belongs to it is for the caller.
///
/// # Errors
/// [`JobError`].
pub async fn begin(
    platform: &Platform,
    member: &MemberId,
    organization: &OrganizationId,
    client: &Client,
) -> Result<Begun, JobError> {
    let mut seed = [0; 32];
    platform.entropy.fill(&mut seed);
    let now = platform.clock.now();
    let described = client.description.as_deref().map(|text| text.chars().take(DESCRIPTION).collect());
    let record = SessionRecord {
        id: SessionId::from_bits(platform.entropy.bits()),
        organization: organization.clone(),
        created_at: now,
        last_used_at: now,
        seed,
        generation: 1,
        rotated_at: now,
        client: described,
        address: client.address.clone(),
    };
    change(platform, member, |sessions| {
        // It is there already where the answer to an earlier try was lost.
        if !sessions.iter().any(|session| session.id == record.id) {
            sessions.push(record.clone());
            let too_many = sessions.len().saturating_sub(MOST);
            sessions.drain(..too_many);
        }
    })
    .await?;
    Ok(Begun { session: Session::from(&record), refresh_token: token::write(member, &record, record.generation) })
}

/// A person's sessions, the newest first.
///
/// # Errors
/// [`JobError`].
pub async fn list(platform: &Platform, member: &MemberId) -> Result<Vec<Session>, JobError> {
    Ok(live(platform, member).await?.iter().rev().map(Session::from).collect())
}

/// Whether a session has not ended: an access token counts only while this is so.
///
/// # Errors
/// [`JobError`].
pub async fn is_live(platform: &Platform, member: &MemberId, session: &SessionId) -> Result<bool, JobError> {
    Ok(live(platform, member).await?.iter().any(|record| record.id == *session))
}

/// Ends a session of a person's. `false`: they have no such session.
///
/// # Errors
/// [`JobError`].
pub async fn end(platform: &Platform, actor: &Actor, member: &MemberId, session: &SessionId) -> Result<bool, JobError> {
    Ok(end_those(platform, Some(actor), member, |record| record.id == *session).await? > 0)
}

/// Ends all sessions of a person, but for one. How many there were.
///
/// # Errors
/// [`JobError`].
pub async fn end_all(
    platform: &Platform,
    actor: &Actor,
    member: &MemberId,
    but: Option<&SessionId>,
) -> Result<usize, JobError> {
    end_those(platform, Some(actor), member, |record| Some(&record.id) != but).await
}

/// Ends the sessions of somebody who has left an organization.
pub(super) async fn end_in(
    platform: &Platform,
    member: &MemberId,
    organization: &OrganizationId,
) -> Result<usize, JobError> {
    end_those(platform, None, member, |record| record.organization == *organization).await
}

/// The entries of the audit log come first: where one of the two fails, the call is made again, and nothing has ended
/// without its entry.
async fn end_those(
    platform: &Platform,
    actor: Option<&Actor>,
    member: &MemberId,
    is_meant: impl Fn(&SessionRecord) -> bool,
) -> Result<usize, JobError> {
    let meant: Vec<SessionRecord> =
        live(platform, member).await?.into_iter().filter(|record| is_meant(record)).collect();
    if meant.is_empty() {
        return Ok(0);
    }
    if let Some(actor) = actor {
        let ended = |record: &SessionRecord| {
            let details = [("member", member.as_str())];
            entry(platform, &record.organization, actor, "session.ended", Some(record.id.as_str()), &details)
        };
        platform.documents.commit(meant.iter().map(ended).collect()).await?;
    }
    change(platform, member, |sessions| sessions.retain(|record| !meant.iter().any(|meant| meant.id == record.id)))
        .await?;
    Ok(meant.len())
}

/// A person's sessions that have not ended, the oldest first.
async fn live(platform: &Platform, member: &MemberId) -> Result<Vec<SessionRecord>, JobError> {
    let items = platform.items.get(&[sessions_key(member)]).await?;
    let mut sessions = read_sessions(platform, items.first().and_then(Option::as_ref))?;
    let now = platform.clock.now();
    sessions.retain(|record| now < ends(record));
    Ok(sessions)
}

/// When a session ends, if it is not refreshed before.
fn ends(record: &SessionRecord) -> Timestamp {
    (record.last_used_at + IDLE).min(record.created_at + LONGEST)
}

/// Changes a person's sessions, decided anew when they changed meanwhile, and when the answer to a write was lost: `decide`
/// then meets its own effect.
async fn change<T>(
    platform: &Platform,
    member: &MemberId,
    decide: impl Fn(&mut Vec<SessionRecord>) -> T,
) -> Result<T, JobError> {
    let key = sessions_key(member);
    let mut lost = 0;
    for _ in 0..TRIES {
        let items = platform.items.get(std::slice::from_ref(&key)).await?;
        let item = items.first().and_then(Option::as_ref);
        let before = read_sessions(platform, item)?;
        let mut after = before.clone();
        let decided = decide(&mut after);
        if after == before {
            return Ok(decided);
        }
        let now = platform.clock.now();
        after.retain(|record| now < ends(record));
        let write = ItemWrite::Put {
            key: key.clone(),
            fields: write_sessions(platform, &key, &after),
            expires_at: Some(after.iter().map(ends).max().unwrap_or(now)),
            condition: item.map_or(Condition::Absent, |item| Condition::Version(item.version)),
        };
        match platform.items.transact(vec![write]).await {
            Ok(()) => return Ok(decided),
            Err(ItemsError::Condition { .. }) => {}
            Err(ItemsError::Unavailable(_)) if lost < LOST => lost += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
