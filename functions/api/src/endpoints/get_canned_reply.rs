//! `GET /canned-replies/{id}`: one of them.

use axum::extract::State;
use axum::response::Response;
use domain::CannedReplyId;
use flow::canned_replies;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownCannedReply};
use crate::state::ApiState;

/// Read a canned reply
#[utoipa::path(
    get,
    path = "/canned-replies/{id}",
    tag = "Canned replies",
    params(
        ("id" = String, Path, description = "The canned reply.")
    ),
    responses((status = 200, body = ShownCannedReply<'static>))
)]
pub(crate) async fn get_canned_reply(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<CannedReplyId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = canned_replies::get(&state.platform, &caller.organization, &id).await?;
    entity::read(&headers, &show::canned_reply(&found.ok_or_else(|| Problem::new(Code::NotFound))?.value))
}
