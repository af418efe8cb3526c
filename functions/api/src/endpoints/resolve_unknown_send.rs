//! `POST /unknown-sends/{id}/resolve`: say what became of a message.

use axum::extract::State;
use axum::response::Response;
use domain::MessageId;
use flow::unknown::{self, ResolveError, Said};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownUnknownSend};
use crate::state::ApiState;

/// What became of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolution {
    outcome: Outcome,
}

/// Whether the customer has it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Sent,
    NotSent,
}

/// Say what became of a message
///
/// A status of Meta's that says so at the same moment wins.
#[utoipa::path(
    post,
    path = "/unknown-sends/{id}/resolve",
    tag = "Unknown sends",
    params(
        ("id" = String, Path, description = "The message.")
    ),
    request_body = Resolution,
    responses((status = 200, body = ShownUnknownSend<'static>))
)]
pub(crate) async fn resolve_unknown_send(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<MessageId>,
    parameters: Parameters,
    Json(wanted): Json<Resolution>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let said = match wanted.outcome {
        Outcome::Sent => Said::Sent,
        Outcome::NotSent => Said::NotSent,
    };
    let resolved = unknown::resolve(&state.platform, &caller.organization, &id, said, &caller.actor).await;
    let resolved = resolved.map_err(|error| match error {
        ResolveError::NotFound => Problem::new(Code::NotFound),
        ResolveError::Known(placed) => {
            Problem::new(Code::OutcomeKnown).detail(format!("The message is {}.", placed.message.status.as_str()))
        }
        ResolveError::Job(error) => error.into(),
    })?;
    entity::answer(StatusCode::OK, &show::unknown_send(&resolved))
}
