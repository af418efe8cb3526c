//! `POST /routing-rules/dry-run`: what they would have done to earlier messages.

use axum::extract::State;
use axum::response::Response;
use domain::routing::MAX_RULES;
use domain::wording::WrongField;
use domain::{ConversationId, RuleId};
use flow::routing;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::create_routing_rule::NewRoutingRule;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownPage, ShownTried};
use crate::state::ApiState;

/// How many messages are looked at where nothing else is asked for.
const USUAL: u32 = 20;

/// Which rules, on which messages.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DryRun {
    /// Rules to try, in this order; the saved ones, where it is left out.
    #[serde(default)]
    #[schema(max_items = 100)]
    rules: Option<Vec<NewRoutingRule>>,
    /// The messages of this conversation; of the conversations that were written in last, where it is left out.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_conversation_id, required = false)]
    conversation_id: Option<ConversationId>,
    /// How many messages at most; 20 where it is not given.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Try routing rules out
///
/// Says which rules would have decided about the newest messages of customers, and why. Nothing is changed.
#[utoipa::path(
    post,
    path = "/routing-rules/dry-run",
    tag = "Routing",
    request_body = DryRun,
    responses((status = 200, body = ShownPage<ShownTried<'static>>))
)]
pub(crate) async fn dry_run_routing_rules(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    Json(DryRun { rules, conversation_id, limit }): Json<DryRun>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let wrong = |pointer: &str, reason: &str| Problem::new(Code::InvalidBody).field(Place::Body, pointer, reason);
    let limit = limit.unwrap_or(USUAL);
    if !(1..=100).contains(&limit) {
        return Err(wrong("/limit", "must be 1 to 100"));
    }
    let is_saved = rules.is_none();
    let rules = match rules {
        Some(given) if given.len() > MAX_RULES => return Err(wrong("/rules", "must be at most 100")),
        Some(given) => {
            given.into_iter().map(|rule| rule.into_new().with_id(RuleId::from_bits(platform.entropy.bits()))).collect()
        }
        None => routing::list(platform, organization).await?,
    };
    let check = |(at, rule): (usize, &domain::routing::Rule)| {
        let at_rule = move |field: WrongField| WrongField::new(format!("/rules/{at}{}", field.pointer), field.reason);
        rule.check().into_iter().map(at_rule)
    };
    let invalid: Vec<WrongField> = rules.iter().enumerate().flat_map(check).collect();
    if !invalid.is_empty() {
        return Err(Problem::new(Code::InvalidBody).fields(&invalid));
    }
    let tried = routing::dry_run(platform, organization, &rules, conversation_id.as_ref(), limit).await?;
    let tried = tried.ok_or_else(|| wrong("/conversation_id", "must be a conversation of the organization"))?;
    let shown = tried.iter().map(|tried| show::tried(tried, is_saved)).collect();
    entity::answer(StatusCode::OK, &ShownPage::<ShownTried<'_>>::whole(shown))
}
