//! `POST /operator/organizations/{id}/plan`: what an organization has agreed on.

use axum::extract::State;
use axum::response::Response;
use domain::{OrganizationId, Plan};
use flow::organization;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Operator;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownOrganization};
use crate::state::ApiState;

/// Which one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanChange {
    #[schema(schema_with = schema::plan)]
    plan: Plan,
}

/// Put an organization on another plan
///
/// What it has already beyond that plan stays.
#[utoipa::path(
    post,
    path = "/operator/organizations/{id}/plan",
    tag = "Operators",
    params(
        ("id" = String, Path, description = "The organization.")
    ),
    request_body = PlanChange,
    responses((status = 200, body = ShownOrganization<'static>))
)]
pub(crate) async fn change_plan(
    State(state): State<ApiState>,
    Operator(actor): Operator,
    Id(id): Id<OrganizationId>,
    parameters: Parameters,
    Json(change): Json<PlanChange>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let changed = organization::change_plan(&state.platform, &actor, &id, change.plan).await?;
    entity::answer(StatusCode::OK, &show::organization(&changed))
}
