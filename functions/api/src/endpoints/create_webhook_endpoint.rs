//! `POST /webhook-endpoints`: be told of what happens.

use axum::extract::State;
use axum::response::Response;
use domain::feed::FeedType;
use flow::webhooks::{self, NewEndpoint};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownEndpoint};
use crate::state::ApiState;

/// Where to, and what for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhookEndpoint {
    #[schema(format = "uri", max_length = 2000, example = "https://shop.example/porfin")]
    url: String,
    /// In your own words.
    #[serde(default)]
    #[schema(max_length = 500)]
    description: String,
    /// What it is told of; empty: everything.
    #[serde(default)]
    #[schema(schema_with = schema::feed_types, required = false)]
    types: Vec<FeedType>,
}

/// Make a webhook endpoint
///
/// What happens is posted to it, signed as Standard Webhooks says with the secret that this answer holds, once. What is not taken is tried again for three and a half days; an endpoint that takes nothing for five days is switched off. The address must be https and of the public internet.
#[utoipa::path(
    post,
    path = "/webhook-endpoints",
    tag = "Webhooks",
    request_body = NewWebhookEndpoint,
    responses((status = 201, body = ShownEndpoint<'static>))
)]
pub(crate) async fn create_webhook_endpoint(
    State(state): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<NewWebhookEndpoint>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let NewWebhookEndpoint { url, description, types } = new;
    let new = NewEndpoint { url, description, types };
    let made = webhooks::create(&platform, &caller.organization, &caller.actor, state.reach, new).await?;
    entity::answer(StatusCode::CREATED, &show::endpoint(&made, true))
}
