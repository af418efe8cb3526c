//! `GET /teams/{id}`: one of them.

use axum::extract::State;
use axum::response::Response;
use domain::TeamId;
use flow::access::teams;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownTeam};
use crate::state::ApiState;

/// Read a team
#[utoipa::path(
    get,
    path = "/teams/{id}",
    tag = "Teams",
    params(
        ("id" = String, Path, description = "The team.")
    ),
    responses((status = 200, body = ShownTeam<'static>))
)]
pub(crate) async fn get_team(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TeamId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = teams::get(&state.platform, &caller.organization, &id).await?;
    entity::read(&headers, &show::team(&found.ok_or_else(|| Problem::new(Code::NotFound))?.value))
}
