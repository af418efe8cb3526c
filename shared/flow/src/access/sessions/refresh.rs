use domain::{MemberId, OrganizationId, SessionId, Timestamp};
use secrecy::SecretString;

use super::{Client, GRACE, Session, change, ends, token};
use crate::audit::{Actor, Who, entry};
use crate::job::JobError;
use crate::platform::Platform;
use crate::records::SessionRecord;

/// What came of a refresh.
#[derive(Debug)]
pub struct Refreshed {
    /// Whose session it is.
    pub member: MemberId,
    /// The session. Whether the person still belongs to its organization is asked on every request.
    pub session: Session,
    /// The one that is good from now on.
    pub refresh_token: SecretString,
}

/// Why a refresh token gave no other: for the log. Whoever presented it learns no more than that.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// It cannot be a refresh token.
    #[error("not of a refresh token's form")]
    Malformed,
    /// There is no such session, or not any more.
    #[error("no such session, or it was ended")]
    Unknown,
    /// It says that it is a session's and was never given out. Nothing has come of that.
    #[error("not a refresh token of the session")]
    Forged,
    /// The session has ended by itself.
    #[error("the session has ended")]
    Expired,
    /// It was replaced before: it is in two hands. The whole session has ended, and the audit log of its organization says
    /// so.
    #[error("a refresh token was used again after it was replaced")]
    Reused {
        /// Whose session it was.
        member: MemberId,
        /// The organization that it was for.
        organization: OrganizationId,
        /// The session.
        session: SessionId,
    },
    /// The stores.
    #[error(transparent)]
    Job(#[from] JobError),
}

/// Replaces a refresh token by its successor. For ten seconds after that, the same token gives the same successor, whoever
/// asks and however often.
///
/// # Errors
/// [`RefreshError`].
pub async fn refresh(platform: &Platform, text: &str, client: &Client) -> Result<Refreshed, RefreshError> {
    let presented = token::read(text).ok_or(RefreshError::Malformed)?;
    let member = presented.member.clone();
    let refreshed = change(platform, &member, |sessions| {
        let now = platform.clock.now();
        let session = sessions.iter_mut().find(|session| session.id == presented.session);
        let session = session.ok_or(RefreshError::Unknown)?;
        if !presented.is_genuine(&session.seed) {
            return Err(RefreshError::Forged);
        }
        match judge(session, presented.generation, now) {
            Verdict::Ended => return Err(RefreshError::Expired),
            Verdict::Reused => {
                return Err(RefreshError::Reused {
                    member: member.clone(),
                    organization: session.organization.clone(),
                    session: session.id.clone(),
                });
            }
            Verdict::Again => {}
            Verdict::Rotate => {
                session.generation += 1;
                session.rotated_at = now;
                session.last_used_at = now;
                session.address = client.address.clone().or(session.address.take());
            }
        }
        let refresh_token = token::write(&member, session, session.generation);
        Ok(Refreshed { member: member.clone(), session: Session::from(&*session), refresh_token })
    })
    .await?;
    if let Err(RefreshError::Reused { member, organization, session }) = &refreshed {
        revoke(platform, client, member, organization, session).await?;
    }
    refreshed
}

/// What is due when a genuine token is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Its successor is made.
    Rotate,
    /// Its successor was made just now, and is given once more.
    Again,
    /// It was replaced before.
    Reused,
    /// The session has ended.
    Ended,
}

fn judge(session: &SessionRecord, generation: u64, now: Timestamp) -> Verdict {
    if now >= ends(session) {
        return Verdict::Ended;
    }
    if generation == session.generation {
        return Verdict::Rotate;
    }
    let is_previous = generation.checked_add(1) == Some(session.generation);
    if is_previous && now.since(session.rotated_at) <= GRACE { Verdict::Again } else { Verdict::Reused }
}

/// Ends a session of which a token is in two hands. The entry comes first: where one of the two fails, the token tells the
/// same the next time, and the session has not ended without its entry.
async fn revoke(
    platform: &Platform,
    client: &Client,
    member: &MemberId,
    organization: &OrganizationId,
    session: &SessionId,
) -> Result<(), JobError> {
    tracing::error!(session.id = %session, organization.id = %organization, "a refresh token was used twice");
    let actor = Actor { who: Who::System, request_id: client.request_id.clone(), address: client.address.clone() };
    let details = [("severity", "critical"), ("member", member.as_str())];
    let entry = entry(platform, organization, &actor, "session.reuse_detected", Some(session.as_str()), &details);
    platform.documents.commit(vec![entry]).await?;
    change(platform, member, |sessions| sessions.retain(|record| record.id != *session)).await
}

#[cfg(test)]
mod tests {
    use domain::Span;
    use proptest::prelude::*;

    use super::super::{IDLE, LONGEST};
    use super::*;

    fn session(generation: u64, rotated: Timestamp) -> SessionRecord {
        SessionRecord {
            id: SessionId::from_bits([1; 16]),
            organization: OrganizationId::from_bits([2; 16]),
            created_at: rotated,
            last_used_at: rotated,
            seed: [3; 32],
            generation,
            rotated_at: rotated,
            client: None,
            address: None,
        }
    }

    const NOW: i64 = 1_795_000_000;

    #[test]
    fn the_grace_is_ten_seconds_for_the_one_before_alone() {
        let now = Timestamp::from_seconds(NOW);
        let session = session(7, now);
        assert_eq!(judge(&session, 7, now), Verdict::Rotate);
        assert_eq!(judge(&session, 6, now + GRACE), Verdict::Again);
        assert_eq!(judge(&session, 6, now + GRACE + Span::from_micros(1)), Verdict::Reused);
        assert_eq!(judge(&session, 5, now), Verdict::Reused);
        assert_eq!(judge(&session, u64::MAX, now), Verdict::Reused);
        // The clock of whoever replaced it may be ahead.
        assert_eq!(judge(&session, 6, now - Span::from_seconds(1)), Verdict::Again);
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_after_ninety_days() {
        let now = Timestamp::from_seconds(NOW);
        let mut session = session(1, now);
        assert_eq!(judge(&session, 1, now + IDLE - Span::from_micros(1)), Verdict::Rotate);
        assert_eq!(judge(&session, 1, now + IDLE), Verdict::Ended);
        session.last_used_at = now + LONGEST - Span::from_seconds(1);
        assert_eq!(judge(&session, 1, now + LONGEST - Span::from_micros(1)), Verdict::Rotate);
        assert_eq!(judge(&session, 1, now + LONGEST), Verdict::Ended);
    }

    proptest! {
        #[test]
        fn one_token_alone_moves_a_session_on(generation in 1_u64..1_000, presented in 0_u64..1_010, after in 0_i64..30) {
            let now = Timestamp::from_seconds(NOW);
            let verdict = judge(&session(generation, now), presented, now + Span::from_seconds(after));
            prop_assert_eq!(verdict == Verdict::Rotate, presented == generation);
            prop_assert_eq!(verdict == Verdict::Again, presented + 1 == generation && after <= 10);
        }

        #[test]
        fn a_token_is_genuine_as_it_was_written_only(seed: [u8; 32], generation: u64, at in 4_usize..100, other in 0_u8..64) {
            use secrecy::ExposeSecret;
            let member = MemberId::from_bits([9; 16]);
            let record = SessionRecord { seed, ..session(1, Timestamp::from_seconds(NOW)) };
            let written = token::write(&member, &record, generation);
            let text = written.expose_secret();
            prop_assert_eq!(text.len(), 100);
            let read = token::read(text).map(|read| (read.generation, read.is_genuine(&seed)));
            prop_assert_eq!(read, Some((generation, true)));
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let mut changed = text.as_bytes().to_vec();
            changed[at] = alphabet[usize::from(other)];
            let changed = String::from_utf8(changed).unwrap_or_default();
            let genuine = token::read(&changed).is_some_and(|read| read.is_genuine(&seed));
            prop_assert_eq!(genuine, changed == text);
        }
    }
}
