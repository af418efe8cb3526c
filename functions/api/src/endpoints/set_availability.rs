//! `POST /auth/me/availability`: whether somebody can be given conversations.

use axum::extract::State;
use axum::response::Response;
use domain::team::Availability;
use flow::access::members;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Person;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownMember};
use crate::state::ApiState;

/// Whether they can be given conversations.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AvailabilityChange {
    #[schema(schema_with = schema::availability)]
    availability: Availability,
}

/// Say whether you can be given conversations
///
/// Whoever is away keeps what they look after, and is given nothing more. Once they are available, they are given what waits.
#[utoipa::path(
    post,
    path = "/auth/me/availability",
    tag = "Sign-in",
    request_body = AvailabilityChange,
    responses((status = 200, body = ShownMember<'static>))
)]
pub(crate) async fn set_availability(
    State(state): State<ApiState>,
    person: Person,
    parameters: Parameters,
    Json(AvailabilityChange { availability }): Json<AvailabilityChange>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let Person { actor, organization, member, .. } = &person;
    let changed = members::set_availability(&state.platform, actor, organization, member, availability).await?;
    entity::answer(StatusCode::OK, &show::member(&changed))
}
