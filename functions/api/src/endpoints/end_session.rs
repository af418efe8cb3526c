//! `DELETE /auth/sessions/{id}`: sign out there.

use axum::extract::State;
use axum::response::Response;
use domain::SessionId;
use flow::access::sessions;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Person;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::state::ApiState;

/// End one of one's own sessions
///
/// That may be the one that asks: then it is a sign-out. Its access token is good no more from this answer on.
#[utoipa::path(
    delete,
    path = "/auth/sessions/{id}",
    tag = "Sign-in",
    params(
        ("id" = String, Path, description = "The session.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn end_session(
    State(state): State<ApiState>,
    person: Person,
    Id(id): Id<SessionId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    match sessions::end(&state.platform, &person.actor, &person.member, &id).await? {
        true => Ok(entity::nothing()),
        false => Err(Problem::new(Code::NotFound)),
    }
}
