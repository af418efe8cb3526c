use domain::routing::{Because, Match, Rule};
use domain::{ConversationId, MessageId, Timestamp};
use flow::routing::Tried;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::schema;

/// What happens to a customer's message because of what it says, where it came from and when.
#[derive(Serialize, ToSchema)]
#[schema(as = RoutingRule)]
pub(crate) struct ShownRule<'a> {
    #[schema(schema_with = schema::rule_id)]
    id: &'a str,
    name: &'a str,
    enabled: bool,
    /// Which messages it is for.
    #[schema(schema_with = schema::content)]
    when: Value,
    /// What it does, in this order.
    #[schema(schema_with = schema::contents)]
    then: Value,
    /// Whether the rules after it decide as well.
    goes_on: bool,
}

/// Shows a routing rule.
pub(crate) fn rule(rule: &Rule) -> ShownRule<'_> {
    ShownRule {
        id: rule.id.as_str(),
        name: rule.name.as_str(),
        enabled: rule.is_enabled,
        when: serde_json::to_value(&rule.when).unwrap_or_default(),
        then: serde_json::to_value(&rule.then).unwrap_or_default(),
        goes_on: rule.goes_on,
    }
}

/// A message of the past, and what rules would have done to it.
#[derive(Serialize, ToSchema)]
#[schema(as = RoutedMessage)]
pub(crate) struct ShownTried<'a> {
    #[schema(schema_with = schema::conversation_id)]
    conversation_id: &'a ConversationId,
    #[schema(schema_with = schema::message_id)]
    message_id: &'a MessageId,
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    /// The rules that would have decided, in their order; empty: the assistant would have answered.
    matches: Vec<ShownMatch<'a>>,
}

/// A rule that matches, and why.
#[derive(Serialize, ToSchema)]
#[schema(as = RuleMatch)]
struct ShownMatch<'a> {
    /// Its place among the rules, from 0.
    position: usize,
    /// Its id; null, where the rules were given.
    #[schema(schema_with = schema::maybe_rule_id)]
    rule_id: Option<&'a str>,
    name: &'a str,
    /// What of it the message meets.
    because: Vec<ShownBecause<'a>>,
    /// What it would have done.
    #[schema(schema_with = schema::contents)]
    then: Value,
}

/// A condition that a message meets.
#[derive(Serialize, ToSchema)]
#[schema(as = RuleCondition)]
struct ShownBecause<'a> {
    /// Its type.
    condition: &'static str,
    /// The rule asks that it is not so, and it is not.
    absent: bool,
    /// The value of the rule that the message has.
    value: Option<&'a str>,
}

/// Shows what rules would have done. Rules that were given have no ids of their own.
pub(crate) fn tried<'a>(tried: &'a Tried<'a>, is_saved: bool) -> ShownTried<'a> {
    let because = |because: &'a Because| ShownBecause {
        condition: because.condition,
        absent: because.is_absent,
        value: because.value.as_deref(),
    };
    let found = |found: &'a Match<'a>| ShownMatch {
        position: found.position,
        rule_id: is_saved.then(|| found.rule.id.as_str()),
        name: found.rule.name.as_str(),
        because: found.because.iter().map(because).collect(),
        then: serde_json::to_value(&found.rule.then).unwrap_or_default(),
    };
    ShownTried {
        conversation_id: &tried.conversation,
        message_id: &tried.message,
        at: tried.at,
        matches: tried.matches.iter().map(found).collect(),
    }
}
