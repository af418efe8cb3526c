//! `GET /assistants/{id}/versions`: what it was, and is.

use axum::extract::State;
use axum::response::Response;
use domain::AssistantId;
use flow::assistants;
use flow::browse::Cursor;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownVersion};
use crate::state::ApiState;

/// List the versions of an assistant
///
/// The newest first; it is the one that answers. A version never changes, and the last 100 are kept.
#[utoipa::path(
    get,
    path = "/assistants/{id}/versions",
    tag = "Assistants",
    params(
        ("id" = String, Path, description = "The assistant."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownVersion<'static>>))
)]
pub(crate) async fn list_assistant_versions(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<AssistantId>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of::<AssistantId>(text).ok())?;
    parameters.end()?;
    let page = assistants::versions(&state.platform, &caller.organization, &id, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page.ok_or_else(|| Problem::new(Code::NotFound))?, show::version))
}
