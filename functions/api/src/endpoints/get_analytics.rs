//! `GET /analytics`: figures over some time.

use axum::extract::State;
use axum::response::Response;
use domain::figures::{Interval, Period, Slice};
use domain::{AssistantId, MemberId, NumberId, TeamId};
use flow::analytics;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::period::take_period;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownReport};
use crate::state::ApiState;

/// Get figures
///
/// Of the whole organization, or of one number, assistant, team or member; by the hours (31 days at most), days or months (366 days at most) of the organization's calendar. Whatever was done before the request is in them.
#[utoipa::path(
    get,
    path = "/analytics",
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
    responses((status = 200, body = ShownReport))
)]
pub(crate) async fn get_analytics(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (slice, period) = take_slice_and_period(&state, &caller, &mut parameters).await?;
    parameters.end()?;
    let report = analytics::report(&state.platform, &caller.organization, &slice, &period).await?;
    entity::read(&headers, &show::report(&report))
}

/// Whom the figures shall be about, and over what time.
pub(super) async fn take_slice_and_period(
    state: &ApiState,
    caller: &Caller,
    parameters: &mut Parameters,
) -> Result<(Slice, Period), Problem> {
    let interval = parameters.take("interval", "must be hour, day or month", Interval::parse)?;
    let slice = take_slice(parameters)?;
    let period = take_period(state, caller, parameters, interval.unwrap_or(Interval::Day)).await?;
    Ok((slice, period))
}

/// At most one of these.
fn take_slice(parameters: &mut Parameters) -> Result<Slice, Problem> {
    let number = |text: &str| NumberId::try_from(text.to_owned()).ok().map(Slice::Number);
    let assistant = |text: &str| AssistantId::try_from(text.to_owned()).ok().map(Slice::Assistant);
    let team = |text: &str| TeamId::try_from(text.to_owned()).ok().map(Slice::Team);
    let member = |text: &str| MemberId::try_from(text.to_owned()).ok().map(Slice::Member);
    let named = [
        ("/phone_number_id", parameters.take("phone_number_id", "must be the id of a number", number)?),
        ("/assistant_id", parameters.take("assistant_id", "must be the id of an assistant", assistant)?),
        ("/team_id", parameters.take("team_id", "must be the id of a team", team)?),
        ("/member_id", parameters.take("member_id", "must be the id of a member", member)?),
    ];
    let mut named = named.into_iter().filter_map(|(name, slice)| Some((name, slice?)));
    let Some((_, slice)) = named.next() else { return Ok(Slice::All) };
    match named.next() {
        None => Ok(slice),
        Some((name, _)) => {
            let problem = Problem::new(Code::InvalidParameter);
            Err(problem.field(Place::Query, name, "cannot be given with another of whom the figures are about"))
        }
    }
}
