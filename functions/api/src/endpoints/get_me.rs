//! `GET /auth/me`: who has signed in.

use axum::extract::State;
use axum::response::Response;
use flow::access::{members, memberships};
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Person;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownMember, ShownMembership};
use crate::state::ApiState;

/// A person, where they are signed in and what they may do there.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me<'a> {
    member: ShownMember<'a>,
    #[schema(schema_with = schema::organization_id)]
    organization_id: &'a str,
    #[schema(schema_with = schema::session_id)]
    session_id: &'a str,
    #[schema(schema_with = schema::permissions)]
    permissions: Vec<&'static str>,
    /// Every organization that they belong to.
    organizations: Vec<ShownMembership>,
}

/// Say who has signed in
#[utoipa::path(
    get,
    path = "/auth/me",
    tag = "Sign-in",
    responses((status = 200, body = Me<'static>))
)]
pub(crate) async fn get_me(
    State(state): State<ApiState>,
    person: Person,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let platform = &state.platform;
    let (member, places) = tokio::try_join!(
        members::get(platform, &person.organization, &person.member),
        memberships(platform, &person.member)
    )?;
    let member = member.ok_or_else(|| Problem::new(Code::NotFound))?.value;
    let may = domain::access::Permission::ALL.into_iter().filter(|permission| person.role.allows(*permission));
    let me = Me {
        member: show::member(&member),
        organization_id: person.organization.as_str(),
        session_id: person.session.as_str(),
        permissions: may.map(domain::access::Permission::as_str).collect(),
        organizations: places.iter().map(show::membership).collect(),
    };
    entity::read(&headers, &me)
}
