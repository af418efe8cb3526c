//! `GET /trace`: the way of a message, found by any of its ids.

use axum::extract::State;
use axum::response::Response;
use flow::trace;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownTrace};
use crate::state::ApiState;

/// Follow the way of a message
///
/// Everything that says what happened to it and when: how far it got, its intent and attempts, what stands in its way now, what people did to it. It is found by any of its ids, and told without what anybody wrote, a phone number or a name. An event of Meta's that was kept and is no message is found as well.
#[utoipa::path(
    get,
    path = "/trace",
    tag = "Trace",
    params((
        "id" = String, Query, min_length = 1, max_length = 256,
        description = "A message's id, its intent's (Meta's `biz_opaque_callback_data`), an event's, or WhatsApp's (`wamid.…`)."
    )),
    responses((status = 200, body = ShownTrace<'static>))
)]
pub(crate) async fn trace_message(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let expected = "must be an id";
    let id = parameters.take("id", expected, |id| (1..=256).contains(&id.chars().count()).then(|| id.to_owned()))?;
    parameters.end()?;
    let Some(id) = id else {
        return Err(Problem::new(Code::InvalidParameter).field(Place::Query, "/id", expected));
    };
    let found = trace::find(&state.platform, &caller.organization, &id).await?;
    let found = found.ok_or_else(|| Problem::new(Code::NotFound).detail("No message has this id."))?;
    entity::read(&headers, &show::trace(&found))
}
