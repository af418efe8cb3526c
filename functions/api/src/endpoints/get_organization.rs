//! `GET /organization`: the organization of the credential.

use axum::extract::State;
use axum::response::Response;
use flow::organization;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownOrganization};
use crate::state::ApiState;

/// Read the organization
#[utoipa::path(
    get,
    path = "/organization",
    tag = "Organization",
    responses((status = 200, body = ShownOrganization<'static>))
)]
pub(crate) async fn get_organization(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = organization::get(&state.platform, &caller.organization).await?;
    entity::read(&headers, &show::organization(&found.ok_or_else(|| Problem::new(Code::NotFound))?.value))
}
