//! `POST /routing-rules`: a rule after all others.

use axum::response::Response;
use domain::DisplayName;
use domain::routing::{Action, Condition};
use flow::routing::{self, NewRule};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownRule};

/// Which messages, and what happens to them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRoutingRule {
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Boletos")]
    name: DisplayName,
    #[serde(default = "yes")]
    #[schema(default = true)]
    enabled: bool,
    /// Which messages it is for: `all`, `any` (`of` conditions), `not` (`of` one), `text` (`contains`), `keyword`,
    /// `message_type`, `button`, `ad`, `number`, `contact` (each `is` a list), `hours` (`open`), `first_message`.
    #[schema(schema_with = schema::content)]
    when: Condition,
    /// What it does: `reply` (`text`), `assistant` (`assistant_id`), `person`, `close`.
    #[schema(schema_with = schema::actions)]
    then: Vec<Action>,
    /// Whether the rules after it decide as well.
    #[serde(default)]
    goes_on: bool,
}

fn yes() -> bool {
    true
}

impl NewRoutingRule {
    /// As the use cases take it.
    pub fn into_new(self) -> NewRule {
        let Self { name, enabled, when, then, goes_on } = self;
        NewRule { name, is_enabled: enabled, when, then, goes_on }
    }
}

/// Make a routing rule
///
/// It counts from the next message on, after all other rules. A rule answers at most three times an hour in one conversation, and never while a person has it.
#[utoipa::path(
    post,
    path = "/routing-rules",
    tag = "Routing",
    request_body = NewRoutingRule,
    responses((status = 201, body = ShownRule<'static>))
)]
pub(crate) async fn create_routing_rule(
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<NewRoutingRule>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let made = routing::create(&platform, &caller.organization, &caller.actor, new.into_new()).await?;
    entity::answer(StatusCode::CREATED, &show::rule(&made))
}
