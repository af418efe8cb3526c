//! `GET /analytics/by/{dimension}`: figures of each number, assistant, team or member.

use axum::extract::State;
use axum::response::Response;
use domain::figures::{Dimension, Interval};
use flow::analytics;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::period::take_period;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownBreakdown};
use crate::state::ApiState;

/// Compare figures
///
/// Of each number, assistant, team or member that has some in these days, 31 at most.
#[utoipa::path(
    get,
    path = "/analytics/by/{dimension}",
    tag = "Analytics",
    params(
        ("dimension" = inline(schema::DimensionOfReport), Path, description = "By what."),
        ("from" = inline(Option<schema::DayOfReport>), Query, description = "The first day; six days before the last where it is not given."),
        ("to" = inline(Option<schema::DayOfReport>), Query, description = "The last day; today where it is not given.")
    ),
    responses((status = 200, body = ShownBreakdown))
)]
pub(crate) async fn get_analytics_breakdown(
    State(state): State<ApiState>,
    caller: Caller,
    Id(dimension): Id<Dimension>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if dimension == Dimension::All {
        return Err(Problem::new(Code::NotFound));
    }
    let period = take_period(&state, &caller, &mut parameters, Interval::Hour).await?;
    parameters.end()?;
    let rows = analytics::breakdown(&state.platform, &caller.organization, dimension, &period).await?;
    entity::read(&headers, &show::breakdown(&rows))
}
