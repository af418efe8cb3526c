//! `GET /numbers/{id}`: one of them.

use axum::extract::State;
use axum::response::Response;
use domain::NumberId;
use flow::numbers;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownNumberDetails};
use crate::state::ApiState;

/// Read a connected number
#[utoipa::path(
    get,
    path = "/numbers/{id}",
    tag = "Numbers",
    params(
        ("id" = String, Path, description = "Meta's id of the number.")
    ),
    responses((status = 200, body = ShownNumberDetails<'static>))
)]
pub(crate) async fn get_number(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<NumberId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = numbers::get(&state.platform, &caller.organization, &id).await?;
    let known = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::read_as(&headers, &show::number(&known), &show::changeable_number(&known))
}
