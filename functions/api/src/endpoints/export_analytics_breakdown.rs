//! `GET /analytics/by/{dimension}/export`: figures of each number, assistant, team or member, as a table.

use axum::extract::State;
use axum::response::Response;
use domain::figures::{Dimension, Interval};
use flow::analytics;

use super::path::Id;
use crate::caller::Caller;
use crate::period::{csv, take_period};
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show;
use crate::state::ApiState;

/// Compare figures in a table
///
/// Those of `GET /analytics/by/{dimension}`, one row for each, as a file of comma-separated values.
#[utoipa::path(
    get,
    path = "/analytics/by/{dimension}/export",
    tag = "Analytics",
    params(
        ("dimension" = inline(schema::DimensionOfReport), Path, description = "By what."),
        ("from" = inline(Option<schema::DayOfReport>), Query, description = "The first day; six days before the last where it is not given."),
        ("to" = inline(Option<schema::DayOfReport>), Query, description = "The last day; today where it is not given.")
    ),
    responses((status = 200, body = String, content_type = "text/csv", description = "The table, with a heading."))
)]
pub(crate) async fn export_analytics_breakdown(
    State(state): State<ApiState>,
    caller: Caller,
    Id(dimension): Id<Dimension>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    if dimension == Dimension::All {
        return Err(Problem::new(Code::NotFound));
    }
    let period = take_period(&state, &caller, &mut parameters, Interval::Hour).await?;
    parameters.end()?;
    let rows = analytics::breakdown(&state.platform, &caller.organization, dimension, &period).await?;
    let rows = rows.iter().map(|row| (row.slice.id().unwrap_or_default().to_owned(), &row.figures));
    csv("analytics", show::figures_table(dimension.as_str(), rows))
}
