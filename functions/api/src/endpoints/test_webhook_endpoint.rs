//! `POST /webhook-endpoints/{id}/test`: try it out.

use axum::extract::State;
use axum::response::Response;
use domain::EndpointId;
use flow::webhooks;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::state::ApiState;

/// What is on its way.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookTest {
    #[schema(schema_with = schema::delivery_id)]
    delivery_id: String,
}

/// Try a webhook endpoint out
///
/// Posts a `webhook.test` to it alone; the delivery is in its log within moments.
#[utoipa::path(
    post,
    path = "/webhook-endpoints/{id}/test",
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The endpoint.")
    ),
    request_body = Option<NoFields>,
    responses((status = 202, body = WebhookTest))
)]
pub(crate) async fn test_webhook_endpoint(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<EndpointId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let delivery = webhooks::send_test(&state.platform, &caller.organization, &caller.actor, &id).await?;
    entity::answer(StatusCode::ACCEPTED, &WebhookTest { delivery_id: delivery.to_string() })
}
