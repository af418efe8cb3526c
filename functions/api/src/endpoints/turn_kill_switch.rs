//! `POST /kill-switches`: stop all sends, or let them go on.

use axum::extract::State;
use axum::response::Response;
use domain::NumberId;
use flow::kill;
use flow::records::KillScope;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownKillSwitch};
use crate::state::ApiState;

/// Which one, and whether on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KillSwitchTurn {
    on: bool,
    /// Of this number alone, by Meta's id; else of the organization.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    phone_number_id: Option<NumberId>,
}

/// Stop all sends, or let them go on
///
/// Of the organization, or of one of its numbers. Once this is answered nothing more is sent; what waits goes on waiting until the switch is off. Where two people turn it at once, on wins.
#[utoipa::path(
    post,
    path = "/kill-switches",
    tag = "Kill switch",
    request_body = KillSwitchTurn,
    responses((status = 200, body = ShownKillSwitch<'static>))
)]
pub(crate) async fn turn_kill_switch(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    Json(wanted): Json<KillSwitchTurn>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let platform = &state.platform;
    let scope = match &wanted.phone_number_id {
        None => KillScope::Organization(caller.organization.clone()),
        Some(number) => {
            let scope = kill::of_number(platform, &caller.organization, number).await?;
            scope.ok_or_else(|| Problem::new(Code::NotFound).detail("There is no such number."))?
        }
    };
    kill::switch(platform, &scope, wanted.on, &caller.actor).await?;
    let states = kill::state(platform, std::slice::from_ref(&scope)).await?;
    let turned = states.first().ok_or_else(|| Problem::new(Code::Internal))?;
    entity::answer(StatusCode::OK, &show::kill_switch(turned))
}
