//! `PATCH /canned-replies/{id}`: what it says, and what it is found by.

use axum::extract::State;
use axum::response::Response;
use domain::CannedReplyId;
use flow::access::Versioned;
use flow::canned_replies::{self, CannedReplyChange};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownCannedReply};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CannedReplyChange)]
pub(crate) struct ChangedReply {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 32)]
    shortcut: Option<String>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    title: Option<String>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 4096)]
    text: Option<String>,
}

/// Change a canned reply
#[utoipa::path(
    patch,
    path = "/canned-replies/{id}",
    tag = "Canned replies",
    params(
        ("id" = String, Path, description = "The canned reply."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = ChangedReply,
    responses((status = 200, body = ShownCannedReply<'static>))
)]
pub(crate) async fn change_canned_reply(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<CannedReplyId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(ChangedReply { shortcut, title, text }): Json<ChangedReply>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = canned_replies::get(platform, organization, &id).await?;
    let Versioned { value, version } = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::canned_reply(&value))?;
    let change = CannedReplyChange { shortcut, title, text };
    let changed = canned_replies::change(platform, organization, &caller.actor, &id, Some(&version), change).await?;
    entity::answer(StatusCode::OK, &show::canned_reply(&changed))
}
