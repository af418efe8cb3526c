//! `POST /conversations/{id}/labels`: what it is marked with.

use axum::extract::State;
use axum::response::Response;
use domain::contact::Tag;
use flow::desk;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::InConversation;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownConversation};
use crate::state::ApiState;

/// Which labels come and go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LabelChange {
    #[serde(default)]
    #[schema(schema_with = schema::tags, required = false)]
    add: Vec<Tag>,
    #[serde(default)]
    #[schema(schema_with = schema::tags, required = false)]
    remove: Vec<Tag>,
}

/// Label a conversation
///
/// Up to fifty labels; those that read the same, case and accents aside, are one.
#[utoipa::path(
    post,
    path = "/conversations/{id}/labels",
    tag = "Conversations",
    params(("id" = String, Path, description = "The conversation.")),
    request_body = LabelChange,
    responses((status = 200, body = ShownConversation<'static>))
)]
pub(crate) async fn label_conversation(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    Json(change): Json<LabelChange>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let change = (change.add.as_slice(), change.remove.as_slice());
    let changed = desk::label(&state.platform, &caller.organization, &caller.actor, &id, change).await?;
    entity::answer(StatusCode::OK, &show::conversation(&changed, state.platform.clock.now()))
}
