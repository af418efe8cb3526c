//! Invitations: how people come into an organization. The link that the invited person gets holds a token that is shown
//! once and stored as its hash; it is good for seven days, for the person whose verified address was invited, once.

use std::fmt;

use domain::access::{Permission, Role};
use domain::identity::VerifiedIdentity;
use domain::team::Availability;
use domain::{Email, InvitationId, MemberId, OrganizationId, Span};
use secrecy::SecretString;

use super::decision::{Decision, contended, limits};
use super::{AccessError, TRIES, members, token};
use crate::audit::{Actor, entry};
use crate::browse::{Cursor, Page, page};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{DocPath, Precondition, Write};
use crate::records::{
    Invitation, Member, Pending, Roster, invitation_path, member_path, queries, read_invitation, write_invitation,
    write_member,
};

/// How long an invitation is good.
pub const LIFETIME: Span = Span::from_days(7);
/// What the token of an invitation begins with.
const PREFIX: &str = "pin_";
/// How many invitations that have ended are cleared away with one change.
const CLEARED: usize = 50;

/// An invitation that was made, and the token that accepts it.
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// For the invited person alone; it cannot be had again.
    pub token: SecretString,
}

impl fmt::Debug for Invited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.invitation.fmt(f)
    }
}

/// The invitations that nobody accepted yet, newest first, those that have ended since included. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<Invitation>, JobError> {
    let query = queries::invitations_newest_first(organization, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_invitation(platform, document).map(|(invitation, _)| invitation)).await
}

/// Invites whoever has this address to become this. An earlier invitation of the same address is good no more. People and
/// invitations together stay within the plan.
///
/// # Errors
/// [`AccessError`].
pub async fn create(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    email: &Email,
    role: Role,
) -> Result<Invited, AccessError> {
    let most = limits(platform, organization).await?.members;
    let id = InvitationId::from_bits(platform.entropy.bits());
    let mut secret = [0; 32];
    platform.entropy.fill(&mut secret);
    for _ in 0..TRIES {
        let mut decision = Decision::begin(platform, organization, actor).await?;
        if !decision.authority.allows(Permission::MembersWrite) || !decision.authority.decides_on(role) {
            return Err(AccessError::Forbidden);
        }
        // An earlier request with the same `Idempotency-Key` has made it.
        if let Some(document) = platform.documents.get(&invitation_path(organization, &id)).await? {
            let (invitation, hash) = read_invitation(platform, &document)?;
            if token::same(&hash, &token::hash(&secret)) {
                return Ok(Invited { token: write_token(organization, &id, &secret), invitation });
            }
        }
        let now = platform.clock.now();
        let email_key = email_key(platform, organization, email);
        let mut gone = ended(&mut decision.roster, now);
        let replaced = decision.roster.pending.iter().position(|pending| pending.email_key == email_key);
        gone.extend(replaced.map(|place| decision.roster.pending.remove(place).id));
        if decision.roster.members as usize + decision.roster.pending.len() >= most as usize {
            return Err(AccessError::PlanLimit(most));
        }
        let expires_at = now + LIFETIME;
        let invitation = Invitation {
            id: id.clone(),
            organization: organization.clone(),
            email: email.clone(),
            role,
            created_at: now,
            expires_at,
        };
        decision.roster.pending.push(Pending { id: id.clone(), email_key, expires_at });
        let mut writes: Vec<Write> = gone.iter().map(|id| delete(invitation_path(organization, id))).collect();
        writes.push(Write::Set {
            path: invitation_path(organization, &id),
            fields: write_invitation(platform, &invitation, token::hash(&secret)),
            precondition: Precondition::MustNotExist,
        });
        let details = [("role", role.as_str())];
        writes.push(entry(platform, organization, actor, "invitation.created", Some(id.as_str()), &details));
        if decision.carry_out(platform, organization, writes).await? {
            return Ok(Invited { token: write_token(organization, &id, &secret), invitation });
        }
    }
    Err(contended())
}

/// Takes an invitation back: it cannot be accepted any more.
///
/// # Errors
/// [`AccessError`].
pub async fn revoke(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    id: &InvitationId,
) -> Result<(), AccessError> {
    let path = invitation_path(organization, id);
    for _ in 0..TRIES {
        let mut decision = Decision::begin(platform, organization, actor).await?;
        let document = platform.documents.get(&path).await?.ok_or(AccessError::NotFound)?;
        let (invitation, _) = read_invitation(platform, &document)?;
        if !decision.authority.allows(Permission::MembersWrite) || !decision.authority.decides_on(invitation.role) {
            return Err(AccessError::Forbidden);
        }
        decision.roster.pending.retain(|pending| pending.id != *id);
        let writes = vec![
            Write::Delete { path: path.clone(), precondition: Precondition::Unchanged(document.version) },
            entry(platform, organization, actor, "invitation.revoked", Some(id.as_str()), &[]),
        ];
        if decision.carry_out(platform, organization, writes).await? {
            return Ok(());
        }
    }
    Err(contended())
}

/// The invitation that this token accepts, while it is good.
///
/// # Errors
/// [`JobError`].
pub async fn find(platform: &Platform, text: &str) -> Result<Option<Invitation>, JobError> {
    let Some((organization, id, secret)) = read_token(text) else { return Ok(None) };
    let Some(document) = platform.documents.get(&invitation_path(&organization, &id)).await? else { return Ok(None) };
    let (invitation, hash) = read_invitation(platform, &document)?;
    let is_good = token::same(&hash, &token::hash(&secret)) && platform.clock.now() < invitation.expires_at;
    Ok(is_good.then_some(invitation))
}

/// Why an invitation was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The token is none, or its invitation was used, taken back or replaced by a newer one.
    #[error("the invitation is not good, or not any more")]
    Unknown,
    /// It has ended.
    #[error("the invitation has ended")]
    Expired,
    /// The address of who accepts is not known to be theirs.
    #[error("the address of whoever accepts is not verified")]
    EmailNotVerified,
    /// It is for somebody else.
    #[error("the invitation is for another address")]
    OtherEmail,
    /// The organization's plan does not allow one more.
    #[error("the plan allows {0} members")]
    PlanLimit(u32),
    /// The stores.
    #[error(transparent)]
    Job(#[from] JobError),
}

/// Whoever holds the token joins the organization, if the invited address is theirs; who is in it already stays what they
/// are. Where the answer was lost, the call may be made again.
///
/// # Errors
/// [`AcceptError`].
pub async fn accept(
    platform: &Platform,
    actor: &Actor,
    identity: &VerifiedIdentity,
    member: &MemberId,
    text: &str,
) -> Result<Member, AcceptError> {
    let (organization, id, secret) = read_token(text).ok_or(AcceptError::Unknown)?;
    let path = invitation_path(&organization, &id);
    for _ in 0..TRIES {
        let mut decision = Decision::begin(platform, &organization, actor).await.map_err(job)?;
        let present = members::get(platform, &organization, member).await?.map(|member| member.value);
        let Some(document) = platform.documents.get(&path).await.map_err(JobError::from)? else {
            // Perhaps it was accepted by an earlier call of this one. What they are in it is no secret from them.
            return present.ok_or(AcceptError::Unknown);
        };
        let (invitation, hash) = read_invitation(platform, &document).map_err(JobError::from)?;
        if !token::same(&hash, &token::hash(&secret)) {
            return Err(AcceptError::Unknown);
        }
        let now = platform.clock.now();
        if now >= invitation.expires_at {
            return Err(AcceptError::Expired);
        }
        let email = identity.verified_email().ok_or(AcceptError::EmailNotVerified)?;
        if *email != invitation.email {
            return Err(AcceptError::OtherEmail);
        }
        decision.roster.pending.retain(|pending| pending.id != id);
        let mut writes =
            vec![Write::Delete { path: path.clone(), precondition: Precondition::Unchanged(document.version) }];
        let joined = match present {
            Some(present) => present,
            None => {
                let most = limits(platform, &organization).await.map_err(job)?.members;
                let joined = Member {
                    id: member.clone(),
                    organization: organization.clone(),
                    role: invitation.role,
                    email: identity.email.clone(),
                    name: identity.name.clone(),
                    availability: Availability::default(),
                    joined_at: now,
                };
                if decision.roster.members >= most {
                    return Err(AcceptError::PlanLimit(most));
                }
                writes.extend(join(platform, actor, &mut decision.roster, &joined, Some(&id)));
                joined
            }
        };
        if decision.carry_out(platform, &organization, writes).await.map_err(job)? {
            return Ok(joined);
        }
    }
    Err(job(contended()))
}

/// The writes with which a person joins, and what becomes of the roster.
pub(super) fn join(
    platform: &Platform,
    actor: &Actor,
    roster: &mut Roster,
    member: &Member,
    invitation: Option<&InvitationId>,
) -> Vec<Write> {
    roster.members += 1;
    if member.role == Role::Owner {
        roster.owners.push(member.id.clone());
    }
    let mut details = vec![("role", member.role.as_str())];
    details.extend(invitation.map(|id| ("invitation", id.as_str())));
    vec![
        Write::Set {
            path: member_path(&member.organization, &member.id),
            fields: write_member(platform, member),
            precondition: Precondition::MustNotExist,
        },
        entry(platform, &member.organization, actor, "member.joined", Some(member.id.as_str()), &details),
    ]
}

/// Takes out of the roster what has ended: the ids, whose documents go with this change.
fn ended(roster: &mut Roster, now: domain::Timestamp) -> Vec<InvitationId> {
    let mut gone = Vec::new();
    roster.pending.retain(|pending| {
        let stays = now < pending.expires_at || gone.len() == CLEARED;
        if !stays {
            gone.push(pending.id.clone());
        }
        stays
    });
    gone
}

fn delete(path: DocPath) -> Write {
    Write::Delete { path, precondition: Precondition::None }
}

fn email_key(platform: &Platform, organization: &OrganizationId, email: &Email) -> String {
    platform.id_key.blind("invited email", &[organization.as_str(), email.folded()])
}

fn write_token(organization: &OrganizationId, id: &InvitationId, secret: &[u8; 32]) -> SecretString {
    let bytes = [organization.bits().as_slice(), id.bits().as_slice(), secret.as_slice()].concat();
    token::encode(PREFIX, &bytes).into()
}

fn read_token(text: &str) -> Option<(OrganizationId, InvitationId, Vec<u8>)> {
    let bytes = token::decode::<64>(PREFIX, text)?;
    let organization = OrganizationId::from_bits(token::bits(&bytes, 0));
    Some((organization, InvitationId::from_bits(token::bits(&bytes, 16)), bytes[32..].to_vec()))
}

/// Accepting asks for nobody's permission: what goes wrong is the stores'.
fn job(error: AccessError) -> AcceptError {
    match error {
        AccessError::Job(error) => AcceptError::Job(error),
        _ => AcceptError::Unknown,
    }
}
