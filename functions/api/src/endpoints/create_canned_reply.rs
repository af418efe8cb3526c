//! `POST /canned-replies`: a text that people send again and again.

use axum::response::Response;
use flow::canned_replies::{self, NewCannedReply};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownCannedReply};

/// What it says, and what it is found by.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCannedReply)]
pub(crate) struct NewReply {
    /// One word; no other canned reply has it, case and accents aside.
    #[schema(min_length = 1, max_length = 32, example = "frete")]
    shortcut: String,
    #[schema(min_length = 1, max_length = 100, example = "Quanto custa a entrega")]
    title: String,
    /// May name `{{contact.name}}`, `{{contact.first_name}}`, `{{contact.phone}}`, `{{member.name}}` and
    /// `{{organization.name}}`.
    #[schema(min_length = 1, max_length = 4096, example = "Oi, {{contact.first_name}}! A entrega custa R$ 8.")]
    text: String,
}

/// Write a canned reply
#[utoipa::path(
    post,
    path = "/canned-replies",
    tag = "Canned replies",
    request_body = NewReply,
    responses((status = 201, body = ShownCannedReply<'static>))
)]
pub(crate) async fn create_canned_reply(
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(NewReply { shortcut, title, text }): Json<NewReply>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let new = NewCannedReply { shortcut, title, text };
    let made = canned_replies::create(&platform, &caller.organization, &caller.actor, new).await?;
    entity::answer(StatusCode::CREATED, &show::canned_reply(&made))
}
