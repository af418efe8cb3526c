use domain::access::Role;
use domain::identity::VerifiedIdentity;
use domain::locale::Language;
use domain::organization::Organization;
use domain::team::Availability;
use domain::{Email, MemberId, OrganizationId, Plan, TimeZone, Timestamp};
use secrecy::SecretString;

use super::decision::{Decision, commit, contended};
use super::invitations::{self, AcceptError, join};
use super::sessions::{self, Begun, Client, Session};
use super::{AccessError, TRIES, members};
use crate::audit::{Actor, Who, entry};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Precondition, Write};
use crate::records::{
    Member, Roster, bootstrap_path, member_path, organization_path, queries, read_member, roster_path, write_bootstrap,
    write_member, write_organization, write_roster,
};

/// How many organizations of a person are listed.
const LISTED: u32 = 100;

/// What a person is in one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Which one.
    pub organization: OrganizationId,
    /// What they are in it.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}

/// A person who has signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The person.
    pub member: MemberId,
    /// The organization that the session is for.
    pub organization: OrganizationId,
    /// What they are in it.
    pub role: Role,
    /// The session.
    pub session: Session,
    /// For the person alone.
    pub refresh_token: SecretString,
    /// All organizations that they could have signed in to, the one that they joined last first.
    pub organizations: Vec<Membership>,
}

/// Why somebody did not get in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// They belong to no organization.
    #[error("whoever signed in belongs to no organization")]
    NoMembership,
    /// They do not belong to the one that they named.
    #[error("whoever signed in does not belong to that organization")]
    NotMember,
    /// Their invitation is not good.
    #[error(transparent)]
    Invitation(AcceptError),
    /// The stores.
    #[error(transparent)]
    Job(#[from] JobError),
}

/// Lets a person in: begins a session for the organization that they name, else for the one of their invitation, else for
/// the one that they joined last.
///
/// The first time that whoever has `owner_email` signs in, and it is verified, the deployment's first organization is made
/// and is theirs.
///
/// # Errors
/// [`SignInError`]; after [`SignInError::Job`] the call may be made again, with the same invitation.
pub async fn sign_in(
    platform: &Platform,
    identity: &VerifiedIdentity,
    owner_email: Option<&Email>,
    invitation: Option<&str>,
    organization: Option<&OrganizationId>,
    client: &Client,
) -> Result<SignedIn, SignInError> {
    let member = member_id(platform, identity);
    let actor = Actor {
        who: Who::Member(member.clone()),
        request_id: client.request_id.clone(),
        address: client.address.clone(),
    };
    let accepted = match invitation {
        None => None,
        Some(token) => match invitations::accept(platform, &actor, identity, &member, token).await {
            Ok(joined) => Some(joined.organization),
            Err(AcceptError::Job(error)) => return Err(error.into()),
            Err(error) => return Err(SignInError::Invitation(error)),
        },
    };
    if owner_email.is_some() && identity.verified_email() == owner_email {
        bootstrap(platform, &actor, identity, &member).await?;
    }
    let organizations = memberships(platform, &member).await?;
    let place = match organization.or(accepted.as_ref()) {
        Some(named) => organizations.iter().find(|place| place.organization == *named).ok_or(SignInError::NotMember)?,
        None => organizations.first().ok_or(SignInError::NoMembership)?,
    }
    .clone();
    note_profile(platform, identity, &place.organization, &member).await?;
    let Begun { session, refresh_token } = sessions::begin(platform, &member, &place.organization, client).await?;
    let began = entry(platform, &place.organization, &actor, "session.began", Some(session.id.as_str()), &[]);
    platform.documents.commit(vec![began]).await.map_err(JobError::from)?;
    let Membership { organization, role, .. } = place;
    Ok(SignedIn { member, organization, role, session, refresh_token, organizations })
}

/// Makes a person the owner of an organization that has nobody yet; who is its owner already stays so.
///
/// # Errors
/// [`AccessError::Forbidden`] where it has somebody else; [`AccessError::NotFound`] where it is not there.
pub async fn claim(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    identity: &VerifiedIdentity,
) -> Result<Member, AccessError> {
    let member = member_id(platform, identity);
    for _ in 0..TRIES {
        let mut decision = Decision::begin(platform, organization, actor).await?;
        if platform.documents.get(&organization_path(organization)).await?.is_none() {
            return Err(AccessError::NotFound);
        }
        let present = members::get(platform, organization, &member).await?.map(|member| member.value);
        match present {
            Some(present) if present.role == Role::Owner => return Ok(present),
            _ if decision.roster != Roster::default() => return Err(AccessError::Forbidden),
            _ => {}
        }
        let owner = owner(platform, identity, organization, &member);
        let writes = join(platform, actor, &mut decision.roster, &owner, None);
        if decision.carry_out(platform, organization, writes).await? {
            return Ok(owner);
        }
    }
    Err(contended())
}

/// Makes the deployment's first organization, once and for all.
async fn bootstrap(
    platform: &Platform,
    actor: &Actor,
    identity: &VerifiedIdentity,
    member: &MemberId,
) -> Result<(), JobError> {
    let path = bootstrap_path();
    if platform.documents.get(&path).await?.is_some() {
        return Ok(());
    }
    let id = OrganizationId::derived(&platform.id_key, &["first organization"]);
    let made = Organization {
        id: id.clone(),
        name: identity.name.clone().unwrap_or_else(|| "Porfin".to_owned()),
        language: Language::default(),
        time_zone: TimeZone::parse("America/Sao_Paulo").unwrap_or_default(),
        hours: domain::hours::BusinessHours::default(),
        away: None,
        distribution: domain::team::Distribution::BY_HAND,
        first_response_seconds: None,
        plan: Plan::default(),
    };
    let owner = owner(platform, identity, &id, member);
    let mut roster = Roster::default();
    let mut writes = join(platform, actor, &mut roster, &owner, None);
    let set = |path, fields| Write::Set { path, fields, precondition: Precondition::MustNotExist };
    let roster_path = roster_path(&id);
    writes.extend([
        set(path, write_bootstrap(platform, &id, platform.clock.now())),
        set(organization_path(&id), write_organization(platform, &made)),
        set(roster_path.clone(), write_roster(platform, &roster_path, &roster)),
        entry(platform, &id, actor, "organization.created", Some(id.as_str()), &[]),
    ]);
    match commit(platform, writes).await {
        // Where another sign-in has made it at the same time, it is there.
        Ok(_) => Ok(()),
        Err(AccessError::Job(error)) => Err(error),
        Err(error) => Err(JobError::Fail(error.into())),
    }
}

fn owner(platform: &Platform, identity: &VerifiedIdentity, organization: &OrganizationId, member: &MemberId) -> Member {
    Member {
        id: member.clone(),
        organization: organization.clone(),
        role: Role::Owner,
        email: identity.email.clone(),
        name: identity.name.clone(),
        availability: Availability::default(),
        joined_at: platform.clock.now(),
    }
}

/// The person that an identity is, the same at every sign-in.
fn member_id(platform: &Platform, identity: &VerifiedIdentity) -> MemberId {
    MemberId::derived(&platform.id_key, &[&identity.issuer, &identity.subject])
}

/// What a person is in every organization, the one that they joined last first.
///
/// # Errors
/// [`JobError`].
pub async fn memberships(platform: &Platform, member: &MemberId) -> Result<Vec<Membership>, JobError> {
    let documents = platform.documents.query(&queries::memberships(member, LISTED)).await?;
    let membership = |document| {
        let Member { organization, role, joined_at, .. } = read_member(platform, document)?;
        Ok(Membership { organization, role, joined_at })
    };
    documents.iter().map(membership).collect()
}

/// Takes over what the person is called now. Where the record changes at the same time, the next sign-in does it.
async fn note_profile(
    platform: &Platform,
    identity: &VerifiedIdentity,
    organization: &OrganizationId,
    id: &MemberId,
) -> Result<(), JobError> {
    let Some(known) = members::get(platform, organization, id).await? else { return Ok(()) };
    // An address that is not known to be theirs could be anybody's.
    let email = identity.verified_email().or(known.value.email.as_ref()).cloned();
    if known.value.name == identity.name && known.value.email == email {
        return Ok(());
    }
    let member = Member { name: identity.name.clone(), email, ..known.value };
    let write = Write::Set {
        path: member_path(organization, id),
        fields: write_member(platform, &member),
        precondition: Precondition::Unchanged(known.version),
    };
    match commit(platform, vec![write]).await {
        Err(AccessError::Job(error)) => Err(error),
        _ => Ok(()),
    }
}
