//! `DELETE /auth/sessions`: sign out everywhere.

use axum::extract::State;
use axum::response::Response;
use flow::access::sessions;

use crate::body::Nothing;
use crate::caller::Person;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// End all of one's own sessions
///
/// The one that asks included.
#[utoipa::path(
    delete,
    path = "/auth/sessions",
    tag = "Sign-in",
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn end_sessions(
    State(state): State<ApiState>,
    person: Person,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    sessions::end_all(&state.platform, &person.actor, &person.member, None).await?;
    Ok(entity::nothing())
}
