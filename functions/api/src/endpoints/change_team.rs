//! `PATCH /teams/{id}`: what it is called, and who is in it.

use axum::extract::State;
use axum::response::Response;
use domain::team::Distribution;
use domain::{DisplayName, MemberId, TeamId};
use flow::access::Versioned;
use flow::access::teams::{self, TeamChange};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::{Json, object};
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownDistribution, ShownTeam};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TeamChange)]
pub(crate) struct ChangedTeam {
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<DisplayName>,
    /// All who shall be in it.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_team_members, required = false)]
    members: Option<Vec<MemberId>>,
    /// Who of them is given a conversation.
    #[serde(default, deserialize_with = "object")]
    #[schema(value_type = Option<ShownDistribution>)]
    distribution: Option<Distribution>,
}

/// Change a team
#[utoipa::path(
    patch,
    path = "/teams/{id}",
    tag = "Teams",
    params(
        ("id" = String, Path, description = "The team."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = ChangedTeam,
    responses((status = 200, body = ShownTeam<'static>))
)]
pub(crate) async fn change_team(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TeamId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(ChangedTeam { name, members, distribution }): Json<ChangedTeam>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = teams::get(platform, organization, &id).await?;
    let Versioned { value, version } = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::team(&value))?;
    let change = TeamChange { name, members, distribution };
    let changed = teams::change(platform, organization, &caller.actor, &id, Some(&version), change).await?;
    entity::answer(StatusCode::OK, &show::team(&changed))
}
