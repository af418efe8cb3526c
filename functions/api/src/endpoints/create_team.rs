//! `POST /teams`: people who look after the same conversations.

use axum::response::Response;
use domain::team::Distribution;
use domain::{DisplayName, MemberId};
use flow::access::teams;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::{Json, object};
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownDistribution, ShownTeam};

/// What it is called, and who is in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTeam {
    /// No other team is called so, case and accents aside.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Sales")]
    name: DisplayName,
    /// Members of the organization.
    #[serde(default)]
    #[schema(schema_with = schema::team_members, required = false)]
    members: Vec<MemberId>,
    /// Who of them is given a conversation; left out: whoever looks after the fewest.
    #[serde(default, deserialize_with = "object")]
    #[schema(value_type = Option<ShownDistribution>)]
    distribution: Option<Distribution>,
}

/// Make a team
#[utoipa::path(
    post,
    path = "/teams",
    tag = "Teams",
    request_body = NewTeam,
    responses((status = 201, body = ShownTeam<'static>))
)]
pub(crate) async fn create_team(
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(NewTeam { name, members, distribution }): Json<NewTeam>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let distribution = distribution.unwrap_or_default();
    let made = teams::create(&platform, &caller.organization, &caller.actor, &name, &members, distribution).await?;
    entity::answer(StatusCode::CREATED, &show::team(&made))
}
