//! `GET /templates/{id}/history`: what happened to a template.

use axum::extract::State;
use axum::response::Response;
use domain::TemplateId;
use flow::browse::Cursor;
use flow::templates;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownTemplateChange};
use crate::state::ApiState;

/// List what happened to a message template
///
/// The newest first, by Meta's time. What Meta told late stands where it belongs.
#[utoipa::path(
    get,
    path = "/templates/{id}/history",
    tag = "Templates",
    params(
        ("id" = String, Path, description = "The template."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownTemplateChange<'static>>))
)]
pub(crate) async fn list_template_history(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TemplateId>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters.take("cursor", "must be the next_cursor of an earlier page", |text| {
        Cursor::of::<domain::TemplateChangeId>(text).ok()
    })?;
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    templates::get(platform, organization, &id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let page = templates::history(platform, organization, &id, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, show::template_change))
}
