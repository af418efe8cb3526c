//! The days that figures are asked for, and as what they are answered.

use axum::response::{IntoResponse, Response};
use domain::Span;
use domain::figures::{Interval, Period, WrongPeriod};
use flow::organization;
use http::header;

use crate::caller::Caller;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::state::ApiState;

/// So many days before today are told of where nobody says from when.
const USUAL: i64 = 6;

/// The days from `from` to `to`, both included, on the organization's calendar: the last seven where nothing is said.
pub(crate) async fn take_period(
    state: &ApiState,
    caller: &Caller,
    parameters: &mut Parameters,
    interval: Interval,
) -> Result<Period, Problem> {
    let mut day = |name: &str| parameters.take(name, "must be a day such as 2026-11-28", |text| Some(text.to_owned()));
    let (from, to) = (day("from")?, day("to")?);
    let organization = organization::get(&state.platform, &caller.organization).await?;
    let zone = organization.ok_or_else(|| Problem::new(Code::NotFound))?.value.time_zone;
    let today = state.platform.clock.now();
    let to = to.unwrap_or_else(|| today.day_in(&zone).date);
    let usual = || {
        let last = zone.start_of(&to).unwrap_or(today);
        (last - Span::from_hours(24 * USUAL)).day_in(&zone).date
    };
    let from = from.unwrap_or_else(usual);
    Period::new(&from, &to, interval, &zone).map_err(|wrong| {
        let is_from = wrong == WrongPeriod::NotADay && Period::new(&from, &from, interval, &zone).is_err();
        let problem = Problem::new(Code::InvalidParameter);
        problem.field(Place::Query, if is_from { "/from" } else { "/to" }, &wrong.to_string())
    })
}

/// A table as a file of comma-separated values.
pub(crate) fn csv(name: &str, table: Vec<Vec<String>>) -> Result<Response, Problem> {
    let mut file = csv::Writer::from_writer(Vec::new());
    let fail = |_| Problem::new(Code::Internal);
    for row in table {
        file.write_record(row).map_err(fail)?;
    }
    let bytes = file.into_inner().map_err(|_| Problem::new(Code::Internal))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((headers, bytes).into_response())
}
