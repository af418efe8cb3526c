//! `POST /numbers/{id}/verify`: ask Meta how a number stands.

use axum::extract::State;
use axum::response::Response;
use domain::NumberId;
use flow::numbers;
use http::StatusCode;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownNumberDetails};
use crate::state::ApiState;

/// Ask Meta how a number stands
///
/// That Meta refuses the access token, or does not answer, is an answer as well: `state` says which.
#[utoipa::path(
    post,
    path = "/numbers/{id}/verify",
    tag = "Numbers",
    params(
        ("id" = String, Path, description = "Meta's id of the number.")
    ),
    responses((status = 200, body = ShownNumberDetails<'static>))
)]
pub(crate) async fn verify_number(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<NumberId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let known = numbers::verify(&state.platform, state.business.as_ref(), &caller.organization, &id).await?;
    entity::answer(StatusCode::OK, &show::number(&known))
}
