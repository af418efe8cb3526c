//! `GET /knowledge/{id}`: one of them.

use axum::extract::State;
use axum::response::Response;
use domain::KnowledgeId;
use flow::knowledge;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownKnowledge};
use crate::state::ApiState;

/// Read a knowledge text
#[utoipa::path(
    get,
    path = "/knowledge/{id}",
    tag = "Knowledge",
    params(
        ("id" = String, Path, description = "The text.")
    ),
    responses((status = 200, body = ShownKnowledge<'static>))
)]
pub(crate) async fn get_knowledge_text(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<KnowledgeId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = knowledge::get(&state.platform, &caller.organization, &id).await?;
    entity::read(&headers, &show::knowledge(&found.ok_or_else(|| Problem::new(Code::NotFound))?.value))
}
