//! `GET /analytics/by/{dimension}`: figures of each number, assistant, team or member.

use axum::extract::State;
use axum::response::Response;
use domain::figures::Dimension;
use flow::analytics::{self, Interval};
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::period::{csv, take_csv, take_period};
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownBreakdown};
use crate::state::ApiState;

/// Compare figures
///
/// Of each number, assistant, team or member that has some in these days, 31 at most. With `format=csv` the answer is a table.
#[utoipa::path(
    get,
    path = "/analytics/by/{dimension}",
    tag = "Analytics",
    params(
        ("dimension" = inline(schema::DimensionOfReport), Path, description = "By what."),
        ("from" = Option<String>, Query, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description = "The first day; six days before the last where it is not given.", example = "2026-11-22"),
        ("to" = Option<String>, Query, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description = "The last day; today where it is not given.", example = "2026-11-28"),
        ("format" = inline(Option<schema::FormatOfReport>), Query, description = "JSON where it is not given.")
    ),
    responses((status = 200, content((ShownBreakdown = "application/json"), (String = "text/csv"))))
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
    let wants_csv = take_csv(&mut parameters)?;
    let period = take_period(&state, &caller, &mut parameters, Interval::Hour).await?;
    parameters.end()?;
    let rows = analytics::breakdown(&state.platform, &caller.organization, dimension, &period).await?;
    if wants_csv {
        let rows = rows.iter().map(|row| (row.slice.id().unwrap_or_default().to_owned(), &row.figures));
        return csv("analytics", show::figures_table(dimension.as_str(), rows));
    }
    entity::read(&headers, &show::breakdown(&rows))
}
