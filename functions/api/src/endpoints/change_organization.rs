//! `PATCH /organization`: its settings.

use axum::extract::State;
use axum::response::Response;
use domain::away::AwayMessage;
use domain::hours::{Exceptions, WeeklyHours};
use domain::locale::Language;
use domain::team::Distribution;
use domain::{DisplayName, TimeZone};
use flow::access::Versioned;
use flow::organization::{self, OrganizationSettings};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::{Json, given, given_object, object};
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownAwayMessage, ShownDistribution, ShownException, ShownOpening, ShownOrganization};
use crate::state::ApiState;

/// The longest that somebody may want to take for a first answer, in seconds.
const A_WEEK: u32 = 7 * 24 * 60 * 60;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationChange {
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<DisplayName>,
    #[serde(default)]
    #[schema(schema_with = schema::maybe_language, required = false)]
    language: Option<Language>,
    /// A name of the IANA time zone database.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "America/Sao_Paulo")]
    time_zone: Option<TimeZone>,
    /// Seven days from Monday on, each with at most 4 openings; null: it does not say any more.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<Vec<ShownOpening>>>, min_items = 7, max_items = 7)]
    hours: Option<Option<WeeklyHours>>,
    /// Within how many seconds a customer should be answered for the first time; null: no such target.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 604800)]
    first_response_seconds: Option<Option<u32>>,
    /// Days that are otherwise than their weekday, each once; all of them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<ShownException>>, max_items = 200)]
    hours_exceptions: Option<Exceptions>,
    /// What is said to who writes while it is closed; null: nothing.
    #[serde(default, deserialize_with = "given_object")]
    #[schema(value_type = Option<ShownAwayMessage<'static>>)]
    away_message: Option<Option<AwayMessage>>,
    /// Who is given the conversations that need a person and that no team looks after.
    #[serde(default, deserialize_with = "object")]
    #[schema(value_type = Option<ShownDistribution>)]
    distribution: Option<Distribution>,
}

/// Change the organization's settings
#[utoipa::path(
    patch,
    path = "/organization",
    tag = "Organization",
    params(
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = OrganizationChange,
    responses((status = 200, body = ShownOrganization<'static>))
)]
pub(crate) async fn change_organization(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<OrganizationChange>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, id) = (&state.platform, &caller.organization);
    let found = organization::get(platform, id).await?;
    let Versioned { value, version } = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::organization(&value))?;
    let OrganizationChange {
        name,
        language,
        time_zone,
        hours,
        hours_exceptions,
        away_message,
        distribution,
        first_response_seconds,
    } = change;
    if let Some(Some(seconds)) = first_response_seconds
        && !(1..=A_WEEK).contains(&seconds)
    {
        let problem = Problem::new(Code::InvalidBody);
        return Err(problem.field(Place::Body, "/first_response_seconds", "must be from 1 to 604800"));
    }
    let settings = OrganizationSettings {
        name,
        language,
        time_zone,
        hours,
        hours_exceptions,
        away: away_message,
        distribution,
        first_response_seconds,
    };
    let changed = organization::change(platform, &caller.actor, id, &settings, Some(&version)).await?;
    entity::answer(StatusCode::OK, &show::organization(&changed))
}
