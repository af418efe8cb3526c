//! `GET /operator/kill-switch`: whether every send of the deployment is stopped.

use axum::extract::State;
use axum::response::Response;
use flow::kill;
use flow::records::KillScope;
use http::StatusCode;

use crate::caller::Operator;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownKillSwitch};
use crate::state::ApiState;

/// See whether every send of the deployment is stopped
#[utoipa::path(
    get,
    path = "/operator/kill-switch",
    tag = "Operators",
    responses((status = 200, body = ShownKillSwitch<'static>))
)]
pub(crate) async fn get_deployment_kill_switch(
    State(state): State<ApiState>,
    _: Operator,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.end()?;
    let states = kill::state(&state.platform, &[KillScope::Deployment]).await?;
    let known = states.first().ok_or_else(|| Problem::new(Code::Internal))?;
    entity::answer(StatusCode::OK, &show::kill_switch(known))
}
