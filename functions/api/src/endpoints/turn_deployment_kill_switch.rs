//! `POST /operator/kill-switch`: stop every send of the deployment, or let them go on.

use axum::extract::State;
use axum::response::Response;
use flow::kill;
use flow::records::KillScope;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Operator;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownKillSwitch};
use crate::state::ApiState;

/// Whether on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeploymentKillSwitchTurn {
    on: bool,
}

/// Stop every send of the deployment, or let them go on
///
/// Once this is answered nothing more is sent for anybody; what waits goes on waiting until the switch is off.
#[utoipa::path(
    post,
    path = "/operator/kill-switch",
    tag = "Operators",
    request_body = DeploymentKillSwitchTurn,
    responses((status = 200, body = ShownKillSwitch<'static>))
)]
pub(crate) async fn turn_deployment_kill_switch(
    State(state): State<ApiState>,
    Operator(actor): Operator,
    parameters: Parameters,
    Json(wanted): Json<DeploymentKillSwitchTurn>,
) -> Result<Response, Problem> {
    parameters.end()?;
    kill::switch(&state.platform, &KillScope::Deployment, wanted.on, &actor).await?;
    let states = kill::state(&state.platform, &[KillScope::Deployment]).await?;
    let turned = states.first().ok_or_else(|| Problem::new(Code::Internal))?;
    entity::answer(StatusCode::OK, &show::kill_switch(turned))
}
