//! `GET /attributes`: what the organization keeps of its contacts.

use axum::extract::State;
use axum::response::Response;
use flow::contacts;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownAttribute, ShownPage};
use crate::state::ApiState;

/// List attributes
///
/// All of them, by key.
#[utoipa::path(
    get,
    path = "/attributes",
    tag = "Contacts",
    responses((status = 200, body = ShownPage<ShownAttribute<'static>>))
)]
pub(crate) async fn list_attributes(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let definitions = contacts::definitions(&state.platform, &caller.organization).await?;
    let used = definitions.values().filter(|definition| !definition.retired);
    entity::read(&headers, &ShownPage::whole(used.map(show::attribute).collect()))
}
