//! `GET /analytics/export`: figures over some time, as a table.

use axum::extract::State;
use axum::response::Response;
use flow::analytics;

use super::get_analytics::take_slice_and_period;
use crate::caller::Caller;
use crate::period::csv;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show;
use crate::state::ApiState;

/// Get figures as a table
///
/// Those of `GET /analytics`, one row for each interval, as a file of comma-separated values.
#[utoipa::path(
    get,
    path = "/analytics/export",
    tag = "Analytics",
    params(
        ("from" = inline(Option<schema::DayOfReport>), Query, description = "The first day; six days before the last where it is not given."),
        ("to" = inline(Option<schema::DayOfReport>), Query, description = "The last day; today where it is not given."),
        ("interval" = inline(Option<schema::IntervalOfReport>), Query, description = "How finely; by days where it is not given."),
        ("phone_number_id" = Option<String>, Query, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "Those of this number."),
        ("assistant_id" = Option<String>, Query, pattern = "^as_[a-z2-7]{25}[aeimquy4]$", description = "Those of this assistant."),
        ("team_id" = Option<String>, Query, pattern = "^team_[a-z2-7]{25}[aeimquy4]$", description = "Those of this team."),
        ("member_id" = Option<String>, Query, pattern = "^mem_[a-z2-7]{25}[aeimquy4]$", description = "Those of this member.")
    ),
    responses((status = 200, body = String, content_type = "text/csv", description = "The table, with a heading."))
)]
pub(crate) async fn export_analytics(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let (slice, period) = take_slice_and_period(&state, &caller, &mut parameters).await?;
    parameters.end()?;
    let report = analytics::report(&state.platform, &caller.organization, &slice, &period).await?;
    let rows = report.rows.iter().map(|row| (row.start.to_string(), &row.figures));
    csv("analytics", show::figures_table("start", rows))
}
