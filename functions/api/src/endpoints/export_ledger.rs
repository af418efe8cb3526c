//! `GET /ledger/export`: what was used and what it cost, as a table.

use axum::extract::State;
use axum::response::Response;
use flow::analytics;

use super::get_ledger::take_ledger_period;
use crate::caller::Caller;
use crate::period::csv;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show;
use crate::state::ApiState;

/// Get the ledger as a table
///
/// The lines of `GET /ledger`, as a file of comma-separated values.
#[utoipa::path(
    get,
    path = "/ledger/export",
    tag = "Analytics",
    params(
        ("from" = inline(Option<schema::DayOfReport>), Query, description = "The first day; six days before the last where it is not given."),
        ("to" = inline(Option<schema::DayOfReport>), Query, description = "The last day; today where it is not given."),
        ("interval" = inline(Option<schema::IntervalOfLedger>), Query, description = "How finely; by days where it is not given.")
    ),
    responses((status = 200, body = String, content_type = "text/csv", description = "The table, with a heading."))
)]
pub(crate) async fn export_ledger(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let period = take_ledger_period(&state, &caller, &mut parameters).await?;
    parameters.end()?;
    let ledger = analytics::ledger(&state.platform, &caller.organization, &period).await?;
    csv("ledger", show::ledger_table(&ledger))
}
