//! `GET /auth/sessions`: where the person is signed in.

use axum::extract::State;
use axum::response::Response;
use flow::access::sessions;
use http::HeaderMap;

use crate::caller::Person;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownSession};
use crate::state::ApiState;

/// List one's own sessions
#[utoipa::path(
    get,
    path = "/auth/sessions",
    tag = "Sign-in",
    responses((status = 200, body = ShownPage<ShownSession<'static>>))
)]
pub(crate) async fn list_sessions(
    State(state): State<ApiState>,
    person: Person,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = sessions::list(&state.platform, &person.member).await?;
    let shown = found.iter().map(|session| show::session(session, session.id == person.session)).collect();
    entity::read(&headers, &ShownPage::whole(shown))
}
