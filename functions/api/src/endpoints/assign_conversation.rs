//! `POST /conversations/{id}/assign`: who looks after it.

use axum::extract::State;
use axum::response::Response;
use domain::{MemberId, TeamId};
use flow::desk::{self, Assignment};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::InConversation;
use crate::body::{Json, given};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownConversation};
use crate::state::ApiState;

/// Who shall look after it; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConversationAssignment {
    /// A team; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schema::maybe_team_id, required = false)]
    team_id: Option<Option<TeamId>>,
    /// Somebody of the organization; null: nobody. Left out where a team is given: the one of the team who looks after the fewest.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schema::maybe_member_id, required = false)]
    member_id: Option<Option<MemberId>>,
}

/// Assign a conversation
///
/// Who answers stays as it is: the assistant goes on until somebody takes over.
#[utoipa::path(
    post,
    path = "/conversations/{id}/assign",
    tag = "Conversations",
    params(("id" = String, Path, description = "The conversation.")),
    request_body = ConversationAssignment,
    responses((status = 200, body = ShownConversation<'static>))
)]
pub(crate) async fn assign_conversation(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    Json(wanted): Json<ConversationAssignment>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let wanted = Assignment { team: wanted.team_id, assignee: wanted.member_id };
    let changed = desk::assign(&state.platform, &caller.organization, &caller.actor, &id, wanted).await?;
    entity::answer(StatusCode::OK, &show::conversation(&changed, state.platform.clock.now()))
}
