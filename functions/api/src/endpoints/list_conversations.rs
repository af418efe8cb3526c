//! `GET /conversations`: an organization's conversations, the one with the newest message first.
//!
//! Parameters: `limit` (1 to 100), `cursor`, `state` (`assistant`, `person`, `closed`), `needs_person` (`true`, `false`).

use axum::extract::State;
use axum::response::Response;
use domain::conversation::ConversationState;
use flow::browse::{self, Cursor, Filter};
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownConversation, ShownPage};
use crate::state::ApiState;

/// List conversations
///
/// The one with the newest message first.
#[utoipa::path(
    get,
    path = "/conversations",
    tag = "Conversations",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."), ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."), ("state" = inline(Option<schema::StateOfConversation>), Query, description = "Only those in this state."), ("needs_person" = Option<bool>, Query, description = "Only those that a person should look at, or only the others.")),
    responses((status = 200, body = ShownPage<ShownConversation<'static>>))
)]
pub(crate) async fn list_conversations(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of_conversations(text).ok())?;
    let filter = Filter {
        state: parameters.take("state", "must be assistant, person or closed", ConversationState::parse)?,
        needs_person: parameters.take("needs_person", "must be true or false", |text| text.parse().ok())?,
    };
    parameters.end()?;
    let page =
        browse::list_conversations(&state.platform, &caller.organization, filter, cursor.as_ref(), limit).await?;
    let now = state.platform.clock.now();
    entity::read(&headers, &show::page(&page, |conversation| show::conversation(conversation, now)))
}
