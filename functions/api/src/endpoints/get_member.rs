//! `GET /members/{id}`: the member.

use axum::extract::State;
use axum::response::Response;
use domain::MemberId;
use flow::access::members;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownMember};
use crate::state::ApiState;

/// Read a member
#[utoipa::path(
    get,
    path = "/members/{id}",
    tag = "Members",
    params(
        ("id" = String, Path, description = "The member.")
    ),
    responses((status = 200, body = ShownMember<'static>))
)]
pub(crate) async fn get_member(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<MemberId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = members::get(&state.platform, &caller.organization, &id).await?;
    let found = found.ok_or_else(|| Problem::new(Code::NotFound))?.value;
    entity::read(&headers, &show::member(&found))
}
