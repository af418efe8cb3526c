//! `GET /events`: the change feed.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::Response;
use domain::feed::FeedType;
use flow::feed::{self, ReadError};
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownEvents};
use crate::state::ApiState;

/// Read the change feed
///
/// What happened after the number `after`, in order and without a gap; kept for 14 days. It names ids and states: read the object by its id. Whoever asks again with `next_after` misses nothing.
#[utoipa::path(
    get,
    path = "/events",
    tag = "Events",
    params(
        ("after" = Option<u64>, Query, minimum = 0, description = "The number to go on after; without it, the oldest that is kept comes first."),
        ("types" = inline(Option<schema::FeedTypeList>), Query, description = "Only these types, comma-separated."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given.")
    ),
    responses((status = 200, body = ShownEvents<'static>))
)]
pub(crate) async fn list_events(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let after = parameters.take("after", "must be a whole number", read_number)?;
    let types = parameters.take("types", "must be types of the feed, comma-separated", read_types)?;
    parameters.end()?;
    let after = match after {
        Some(after) => after,
        None => feed::beginning(&state.platform, &caller.organization).await?,
    };
    let page = feed::read(&state.platform, &caller.organization, after, &types.unwrap_or_default(), limit).await;
    let page = page.map_err(|error| match error {
        ReadError::Gone { oldest } => Problem::new(Code::EventsGone)
            .detail(format!("What is kept begins with number {oldest}: go on after {}.", oldest.saturating_sub(1)))
            .member("oldest", oldest.into()),
        ReadError::Job(error) => error.into(),
    })?;
    entity::read(&headers, &show::events(&page))
}

/// A number, and none that a program could not hold that has 64 bits with a sign.
fn read_number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| i64::try_from(*number).is_ok())
}

fn read_types(text: &str) -> Option<Vec<FeedType>> {
    let named: Option<BTreeSet<FeedType>> = text.split(',').map(|name| name.parse().ok()).collect();
    named.map(|named| named.into_iter().collect())
}
