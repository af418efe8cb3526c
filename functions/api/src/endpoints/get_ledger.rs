//! `GET /ledger`: what was used and what it cost.

use axum::extract::State;
use axum::response::Response;
use domain::figures::{Interval, Period};
use flow::analytics;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::period::take_period;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownLedger};
use crate::state::ApiState;

/// Get the ledger
///
/// One line for each thing that was used in an interval: delivered messages by country and category, as Meta charges them, and language models. Prices are those of the price file on the day of the delivery. By days or months of the organization's calendar, 366 days at most.
#[utoipa::path(
    get,
    path = "/ledger",
    tag = "Analytics",
    params(
        ("from" = inline(Option<schema::DayOfReport>), Query, description = "The first day; six days before the last where it is not given."),
        ("to" = inline(Option<schema::DayOfReport>), Query, description = "The last day; today where it is not given."),
        ("interval" = inline(Option<schema::IntervalOfLedger>), Query, description = "How finely; by days where it is not given.")
    ),
    responses((status = 200, body = ShownLedger))
)]
pub(crate) async fn get_ledger(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let period = take_ledger_period(&state, &caller, &mut parameters).await?;
    parameters.end()?;
    let ledger = analytics::ledger(&state.platform, &caller.organization, &period).await?;
    entity::read(&headers, &show::ledger(&ledger))
}

/// Over what time.
pub(super) async fn take_ledger_period(
    state: &ApiState,
    caller: &Caller,
    parameters: &mut Parameters,
) -> Result<Period, Problem> {
    let known = |text: &str| Interval::parse(text).filter(|interval| *interval != Interval::Hour);
    let interval = parameters.take("interval", "must be day or month", known)?;
    take_period(state, caller, parameters, interval.unwrap_or(Interval::Day)).await
}
