//! `GET /canned-replies`: the texts that people send again and again.

use axum::extract::State;
use axum::response::Response;
use domain::CannedReplyId;
use flow::browse::Cursor;
use flow::canned_replies;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownCannedReply, ShownPage};
use crate::state::ApiState;

/// List the canned replies
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/canned-replies",
    tag = "Canned replies",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownCannedReply<'static>>))
)]
pub(crate) async fn list_canned_replies(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of::<CannedReplyId>(text).ok())?;
    parameters.end()?;
    let page = canned_replies::list(&state.platform, &caller.organization, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, show::canned_reply))
}
