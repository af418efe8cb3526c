//! `GET /templates/{id}`: one of them.

use axum::extract::State;
use axum::response::Response;
use domain::TemplateId;
use flow::templates;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownTemplate};
use crate::state::ApiState;

/// Read a message template
#[utoipa::path(
    get,
    path = "/templates/{id}",
    tag = "Templates",
    params(
        ("id" = String, Path, description = "The template.")
    ),
    responses((status = 200, body = ShownTemplate<'static>))
)]
pub(crate) async fn get_template(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TemplateId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = templates::get(&state.platform, &caller.organization, &id).await?;
    entity::read(&headers, &show::template(&found.ok_or_else(|| Problem::new(Code::NotFound))?.0))
}
