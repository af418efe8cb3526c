//! `GET /ledger`: what was used and what it cost.

use axum::extract::State;
use axum::response::Response;
use flow::analytics::{self, Interval};
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::period::{csv, take_csv, take_period};
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownLedger};
use crate::state::ApiState;

/// Get the ledger
///
/// One line for each thing that was used in an interval: delivered messages by country and category, as Meta charges them, and language models. Prices are those of the price file on the day of the delivery. By days or months of the organization's calendar, 366 days at most. With `format=csv` the answer is a table.
#[utoipa::path(
    get,
    path = "/ledger",
    tag = "Analytics",
    params(
        ("from" = Option<String>, Query, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description = "The first day; six days before the last where it is not given.", example = "2026-11-22"),
        ("to" = Option<String>, Query, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description = "The last day; today where it is not given.", example = "2026-11-28"),
        ("interval" = inline(Option<schema::IntervalOfLedger>), Query, description = "How finely; by days where it is not given."),
        ("format" = inline(Option<schema::FormatOfReport>), Query, description = "JSON where it is not given.")
    ),
    responses((status = 200, content((ShownLedger = "application/json"), (String = "text/csv"))))
)]
pub(crate) async fn get_ledger(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let known = |text: &str| Interval::parse(text).filter(|interval| *interval != Interval::Hour);
    let interval = parameters.take("interval", "must be day or month", known)?;
    let wants_csv = take_csv(&mut parameters)?;
    let period = take_period(&state, &caller, &mut parameters, interval.unwrap_or(Interval::Day)).await?;
    parameters.end()?;
    let ledger = analytics::ledger(&state.platform, &caller.organization, &period).await?;
    if wants_csv {
        return csv("ledger", show::ledger_table(&ledger));
    }
    entity::read(&headers, &show::ledger(&ledger))
}
