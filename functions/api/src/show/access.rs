use domain::access::{Permission, Role};
use domain::organization::Organization;
use domain::plan::Limits;
use domain::team::Availability;
use domain::{Plan, Timestamp};
use flow::access::Membership;
use flow::access::sessions::Session;
use flow::records::{ApiKey, Invitation, Member};
use serde::Serialize;
use utoipa::ToSchema;

use super::hours::{ShownAwayMessage, ShownException, ShownOpening, away_message, hours, hours_exceptions};
use super::team::{ShownDistribution, distribution};
use crate::schema;

/// An organization and its settings.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
pub(crate) struct ShownOrganization<'a> {
    #[schema(schema_with = schema::organization_id)]
    id: &'a str,
    name: &'a str,
    /// The language of what Porfin itself says.
    #[schema(schema_with = schema::language)]
    language: &'static str,
    #[schema(example = "America/Sao_Paulo")]
    time_zone: &'a str,
    /// When it is open, from Monday to Sunday; null: it does not say.
    hours: Option<Vec<Vec<ShownOpening>>>,
    /// Within how many seconds it wants to answer a customer for the first time; null: it has set itself nothing.
    first_response_seconds: Option<u32>,
    /// The days that are otherwise than their weekday, in the order of the calendar.
    hours_exceptions: Vec<ShownException>,
    /// What is said to who writes while it is closed; null: nothing.
    away_message: Option<ShownAwayMessage<'a>>,
    /// Who is given the conversations that need a person and that no team looks after.
    distribution: ShownDistribution,
    #[schema(schema_with = schema::plan)]
    plan: &'static str,
    limits: ShownLimits,
}

/// What the plan allows.
#[derive(Serialize, ToSchema)]
#[schema(as = Limits)]
pub(crate) struct ShownLimits {
    members: u32,
    api_keys: u32,
    webhook_endpoints: u32,
    knowledge_texts: u32,
    requests_per_minute: u32,
    campaign_messages_per_minute: u32,
    model_tokens_per_month: u64,
}

/// Shows an organization.
pub(crate) fn organization(organization: &Organization) -> ShownOrganization<'_> {
    let Limits {
        members,
        api_keys,
        webhook_endpoints,
        knowledge_texts,
        requests_per_minute,
        campaign_messages_per_minute,
        model_tokens_per_month,
    } = Plan::limits(organization.plan);
    ShownOrganization {
        id: organization.id.as_str(),
        name: &organization.name,
        language: organization.language.code(),
        time_zone: organization.time_zone.as_str(),
        hours: organization.hours.week.as_ref().map(hours),
        hours_exceptions: hours_exceptions(&organization.hours.exceptions),
        away_message: organization.away.as_ref().map(away_message),
        distribution: distribution(organization.distribution),
        first_response_seconds: organization.first_response_seconds,
        plan: organization.plan.as_str(),
        limits: ShownLimits {
            members,
            api_keys,
            webhook_endpoints,
            knowledge_texts,
            requests_per_minute,
            campaign_messages_per_minute,
            model_tokens_per_month,
        },
    }
}

/// A person of the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct ShownMember<'a> {
    #[schema(schema_with = schema::member_id)]
    id: &'a str,
    #[schema(schema_with = schema::role)]
    role: Role,
    email: Option<&'a str>,
    name: Option<&'a str>,
    /// Whether they can be given conversations.
    #[schema(schema_with = schema::availability)]
    availability: Availability,
    #[schema(schema_with = schema::time)]
    joined_at: Timestamp,
}

/// Shows a member.
pub(crate) fn member(member: &Member) -> ShownMember<'_> {
    ShownMember {
        id: member.id.as_str(),
        role: member.role,
        email: member.email.as_ref().map(domain::Email::as_str),
        name: member.name.as_deref(),
        availability: member.availability,
        joined_at: member.joined_at,
    }
}

/// An invitation that was not accepted yet.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct ShownInvitation<'a> {
    #[schema(schema_with = schema::invitation_id)]
    id: &'a str,
    email: &'a str,
    #[schema(schema_with = schema::role)]
    role: Role,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
    #[schema(schema_with = schema::time)]
    expires_at: Timestamp,
    /// What the invited person signs in with. Shown once, where the invitation is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

/// Shows an invitation; with its token only where it was just made.
pub(crate) fn invitation<'a>(invitation: &'a Invitation, token: Option<&'a str>) -> ShownInvitation<'a> {
    ShownInvitation {
        id: invitation.id.as_str(),
        email: invitation.email.as_str(),
        role: invitation.role,
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
        token,
    }
}

/// A key of a program's.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ShownApiKey<'a> {
    #[schema(schema_with = schema::api_key_id)]
    id: &'a str,
    name: &'a str,
    #[schema(schema_with = schema::permissions)]
    scopes: Vec<&'static str>,
    /// From where it may be used, in CIDR notation; empty: from everywhere.
    ip_ranges: Vec<String>,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
    #[schema(schema_with = schema::time)]
    expires_at: Timestamp,
    #[schema(schema_with = schema::maybe_time)]
    revoked_at: Option<Timestamp>,
    /// When it got the secret that it has now, where that is not its first.
    #[schema(schema_with = schema::maybe_time)]
    rotated_at: Option<Timestamp>,
    /// Until when the secret before that is good as well.
    #[schema(schema_with = schema::maybe_time)]
    previous_secret_until: Option<Timestamp>,
    /// Give or take five minutes.
    #[schema(schema_with = schema::maybe_time)]
    last_used_at: Option<Timestamp>,
    /// What goes into `X-API-Key`. Shown once, where the key is made or rotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

/// Shows a key; with its secret only where it was just made.
pub(crate) fn api_key<'a>(key: &'a ApiKey, secret: Option<&'a str>) -> ShownApiKey<'a> {
    ShownApiKey {
        id: key.id.as_str(),
        name: key.name.as_str(),
        scopes: key.scopes.iter().copied().map(Permission::as_str).collect(),
        ip_ranges: key.ranges.iter().map(ToString::to_string).collect(),
        created_at: key.created_at,
        expires_at: key.expires_at,
        revoked_at: key.revoked_at,
        rotated_at: key.rotated_at,
        previous_secret_until: key.previous_until,
        last_used_at: key.last_used_at,
        secret,
    }
}

/// A key without when it was used last, which is no change of anybody's.
pub(crate) fn changeable_api_key(key: &ApiKey) -> ShownApiKey<'_> {
    ShownApiKey { last_used_at: None, ..api_key(key, None) }
}

/// A sign-in of a person's.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct ShownSession<'a> {
    #[schema(schema_with = schema::session_id)]
    id: &'a str,
    /// The organization that it is for.
    #[schema(schema_with = schema::organization_id)]
    organization_id: &'a str,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
    #[schema(schema_with = schema::time)]
    last_used_at: Timestamp,
    /// When it ends, if it is not refreshed before.
    #[schema(schema_with = schema::time)]
    expires_at: Timestamp,
    /// What the person signed in with.
    client: Option<&'a str>,
    /// From where it was used last.
    address: Option<&'a str>,
    /// Whether it is the one that asks.
    current: bool,
}

/// Shows a session to one of its person's.
pub(crate) fn session<'a>(session: &'a Session, current: bool) -> ShownSession<'a> {
    ShownSession {
        id: session.id.as_str(),
        organization_id: session.organization.as_str(),
        created_at: session.created_at,
        last_used_at: session.last_used_at,
        expires_at: session.expires_at,
        client: session.client.as_deref(),
        address: session.address.as_deref(),
        current,
    }
}

/// An organization that a person belongs to.
#[derive(Serialize, ToSchema)]
#[schema(as = Membership)]
pub(crate) struct ShownMembership {
    #[schema(schema_with = schema::organization_id)]
    organization_id: String,
    #[schema(schema_with = schema::role)]
    role: Role,
    #[schema(schema_with = schema::time)]
    joined_at: Timestamp,
}

/// Shows where a person belongs.
pub(crate) fn membership(membership: &Membership) -> ShownMembership {
    ShownMembership {
        organization_id: membership.organization.to_string(),
        role: membership.role,
        joined_at: membership.joined_at,
    }
}
