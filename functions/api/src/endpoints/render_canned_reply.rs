//! `POST /canned-replies/{id}/render`: filled in for a customer.

use axum::extract::State;
use axum::response::Response;
use domain::{CannedReplyId, ConversationId};
use flow::canned_replies;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownRendered};
use crate::state::ApiState;

/// For whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenderCannedReply {
    /// The conversation that it is for.
    #[schema(schema_with = schema::conversation_id)]
    conversation_id: ConversationId,
}

/// Fill a canned reply in
///
/// For the customer of a conversation and whoever asks. Nothing is sent.
#[utoipa::path(
    post,
    path = "/canned-replies/{id}/render",
    tag = "Canned replies",
    params(
        ("id" = String, Path, description = "The canned reply.")
    ),
    request_body = RenderCannedReply,
    responses((status = 200, body = ShownRendered<'static>))
)]
pub(crate) async fn render_canned_reply(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<CannedReplyId>,
    parameters: Parameters,
    Json(RenderCannedReply { conversation_id }): Json<RenderCannedReply>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let filled = canned_replies::fill_in(platform, organization, &caller.actor, &id, &conversation_id).await?;
    entity::answer(StatusCode::OK, &show::rendered(&filled))
}
