//! `GET /webhook-endpoints/{id}/deliveries`: what was and is delivered.

use axum::extract::State;
use axum::response::Response;
use domain::EndpointId;
use domain::webhook::DeliveryState;
use flow::browse::Cursor;
use flow::webhooks;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownDelivery, ShownPage};
use crate::state::ApiState;

/// List what was delivered to a webhook endpoint
///
/// The newest first, with the latest tries; kept for 14 days.
#[utoipa::path(
    get,
    path = "/webhook-endpoints/{id}/deliveries",
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The endpoint."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
        ("state" = inline(Option<schema::StateOfDelivery>), Query, description = "Only those in this state.")
    ),
    responses((status = 200, body = ShownPage<ShownDelivery<'static>>))
)]
pub(crate) async fn list_webhook_deliveries(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<EndpointId>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters.take("cursor", "must be the next_cursor of an earlier page", |text| {
        Cursor::of::<domain::DeliveryId>(text).ok()
    })?;
    let wanted = parameters.take("state", "must be pending, delivered or failed", DeliveryState::parse)?;
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    webhooks::get(platform, organization, &id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let page = webhooks::deliveries(platform, organization, &id, wanted, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, show::delivery))
}
