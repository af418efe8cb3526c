//! `GET /operator/dead-letters`: what a queue gave up.

use axum::extract::State;
use axum::response::Response;
use flow::dead_letters;
use flow::ports::Queue;
use http::StatusCode;

use crate::caller::Operator;
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownDeadLetter, ShownPage};
use crate::state::ApiState;

/// Look at the dead letters of a queue
///
/// Messages that were received too often, the oldest first, without their contents. In the cloud the look hides them for a moment, and of each group it sees the first ten.
#[utoipa::path(
    get,
    path = "/operator/dead-letters",
    tag = "Operators",
    params(
        ("queue" = inline(schema::QueueOfLetters), Query, description = "Whose."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given.")
    ),
    responses((status = 200, body = ShownPage<ShownDeadLetter<'static>>))
)]
pub(crate) async fn list_dead_letters(
    State(state): State<ApiState>,
    _: Operator,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let expected = "must be the name of a queue";
    let queue = parameters.take("queue", expected, Queue::parse)?;
    let limit = parameters.take_limit()?;
    parameters.end()?;
    let Some(queue) = queue else {
        return Err(Problem::new(Code::InvalidParameter).field(Place::Query, "/queue", expected));
    };
    let letters = dead_letters::list(&state.platform, state.queues.as_ref(), queue, limit).await?;
    entity::answer(StatusCode::OK, &ShownPage::whole(letters.iter().map(show::dead_letter).collect()))
}
