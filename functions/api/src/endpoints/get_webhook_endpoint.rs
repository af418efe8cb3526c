//! `GET /webhook-endpoints/{id}`: one of them.

use axum::extract::State;
use axum::response::Response;
use domain::EndpointId;
use flow::webhooks;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownEndpoint};
use crate::state::ApiState;

/// Read a webhook endpoint
#[utoipa::path(
    get,
    path = "/webhook-endpoints/{id}",
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The endpoint.")
    ),
    responses((status = 200, body = ShownEndpoint<'static>))
)]
pub(crate) async fn get_webhook_endpoint(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<EndpointId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = webhooks::get(&state.platform, &caller.organization, &id).await?;
    entity::read(&headers, &show::endpoint(&found.ok_or_else(|| Problem::new(Code::NotFound))?.0, false))
}
