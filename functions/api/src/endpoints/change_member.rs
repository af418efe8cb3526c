//! `PATCH /members/{id}`: another role.

use axum::extract::State;
use axum::response::Response;
use domain::MemberId;
use domain::access::Role;
use flow::access::{Versioned, members};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownMember};
use crate::state::ApiState;

/// What shall be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberChange {
    #[schema(schema_with = schema::role)]
    role: Role,
}

/// Give a member another role
///
/// Only owners decide who is an owner or an admin, and an organization always has an owner. It counts from the next request on.
#[utoipa::path(
    patch,
    path = "/members/{id}",
    tag = "Members",
    params(
        ("id" = String, Path, description = "The member."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = MemberChange,
    responses((status = 200, body = ShownMember<'static>))
)]
pub(crate) async fn change_member(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<MemberId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<MemberChange>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let Versioned { value, version } =
        members::get(platform, organization, &id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::member(&value))?;
    let changed = members::change_role(platform, &caller.actor, organization, &id, change.role, Some(&version)).await?;
    entity::answer(StatusCode::OK, &show::member(&changed))
}
