//! Routing rules: what happens to a customer's message because of what it says, where it came from and when.
//!
//! Rules stand in one order. The first one that matches decides, and one that says so lets those after it decide as well.

mod condition;

use std::collections::BTreeMap;

use crate::contact::{AttributeDefinition, AttributeKey, AttributeValue, Tag};
use crate::wording::{Wording, WrongField};
use crate::{AssistantId, DisplayName, RuleId, Span, TeamId, Timestamp};

pub use condition::{Because, Condition, Facts, words};

/// An organization has at most so many rules.
pub const MAX_RULES: usize = 100;

/// A rule does at most so many things.
const MAX_ACTIONS: usize = 10;

/// The longest reply, in characters: as long as a message.
const REPLY: Wording = Wording::lines(4_096);

/// A rule answers in one conversation at most so often within [`GUARD`].
const REPLIES: usize = 3;

/// An hour.
const GUARD: Span = Span::from_hours(1);

/// A rule.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// What it is called.
    pub name: DisplayName,
    /// Whether it counts.
    pub is_enabled: bool,
    /// Which messages it is for.
    pub when: Condition,
    /// What it does, in this order.
    pub then: Vec<Action>,
    /// Whether the rules after it decide as well.
    pub goes_on: bool,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Answers with this text, in place of the assistant.
    Reply {
        /// The text.
        text: String,
    },
    /// Lets this assistant answer in the conversation from now on, in place of the number's own.
    Assistant {
        /// Which one.
        assistant_id: AssistantId,
    },
    /// Hands the conversation over to a person.
    Person {},
    /// Hands the conversation over to this team.
    Team {
        /// Which one.
        team_id: TeamId,
    },
    /// Marks the customer.
    Tag {
        /// With what.
        tag: Tag,
    },
    /// Notes something of the customer.
    Attribute {
        /// Which attribute.
        key: AttributeKey,
        /// Its value.
        value: AttributeValue,
    },
    /// Closes the conversation; the customer's next message opens it again.
    Close {},
}

impl Action {
    /// Its stable name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Reply { .. } => "reply",
            Self::Assistant { .. } => "assistant",
            Self::Person {} => "person",
            Self::Team { .. } => "team",
            Self::Tag { .. } => "tag",
            Self::Attribute { .. } => "attribute",
            Self::Close {} => "close",
        }
    }
}

impl Rule {
    /// What is wrong with it; empty: nothing.
    pub fn check(&self) -> Vec<WrongField> {
        let mut wrong = Vec::new();
        self.when.check(&mut wrong);
        if self.then.is_empty() || self.then.len() > MAX_ACTIONS {
            wrong.push(WrongField::new("/then", format!("must be 1 to {MAX_ACTIONS} actions")));
        }
        for (at, action) in self.then.iter().enumerate() {
            if let Action::Reply { text } = action {
                REPLY.check(&format!("/then/{at}/text"), text, &mut wrong);
            }
            let is_same = |before: &Action| match (before, action) {
                (Action::Tag { tag: before }, Action::Tag { tag }) => before.key() == tag.key(),
                (Action::Attribute { key: before, .. }, Action::Attribute { key, .. }) => before == key,
                (before, action) => before.kind() == action.kind(),
            };
            if self.then[..at].iter().any(is_same) {
                wrong.push(WrongField::new(format!("/then/{at}"), "must not do the same thing twice"));
            }
            let contradicts = |before: &Action| {
                matches!(
                    (before, action),
                    (Action::Person {} | Action::Team { .. }, Action::Close {})
                        | (Action::Close {}, Action::Person {} | Action::Team { .. })
                )
            };
            if self.then[..at].iter().any(contradicts) {
                wrong.push(WrongField::new(format!("/then/{at}"), "cannot both call a person and close"));
            }
        }
        wrong
    }

    /// The rule with values of attributes as customers have them: a day that was written another way is written as theirs.
    #[must_use]
    pub fn settled(self, known: &BTreeMap<AttributeKey, AttributeDefinition>) -> Self {
        let settle = |action| match action {
            Action::Attribute { key, value } => {
                let json = serde_json::to_value(&value).unwrap_or_default();
                let read = known.get(&key).and_then(|known| known.read(&json).ok());
                Action::Attribute { key, value: read.unwrap_or(value) }
            }
            action => action,
        };
        Self { when: self.when.settled(known), then: self.then.into_iter().map(settle).collect(), ..self }
    }

    /// The assistants that it names.
    pub fn assistants(&self) -> impl Iterator<Item = &AssistantId> {
        self.then.iter().filter_map(|action| match action {
            Action::Assistant { assistant_id } => Some(assistant_id),
            _ => None,
        })
    }

    /// The teams that it names.
    pub fn teams(&self) -> impl Iterator<Item = &TeamId> {
        self.then.iter().filter_map(|action| match action {
            Action::Team { team_id } => Some(team_id),
            _ => None,
        })
    }
}

/// A rule that matches a message, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<'r> {
    /// Its place among the rules, from 0.
    pub position: usize,
    /// The rule.
    pub rule: &'r Rule,
    /// What it matches.
    pub because: Vec<Because>,
}

/// The rules that decide about a message, in their order.
pub fn route<'r>(rules: &'r [Rule], facts: &Facts<'_>) -> Vec<Match<'r>> {
    let mut matches = Vec::new();
    for (position, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.is_enabled) {
        let Some(because) = rule.when.holds(facts) else { continue };
        matches.push(Match { position, rule, because });
        if !rule.goes_on {
            break;
        }
    }
    matches
}

/// That a rule answered in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RuleReply {
    /// Which one.
    pub rule: RuleId,
    /// When.
    pub at: Timestamp,
}

/// Notes that a rule answers at this time. `false`: it has answered in this conversation too often of late, as happens when
/// a machine is at the other end, and must not. What is past is forgotten.
pub fn note_reply(replies: &mut Vec<RuleReply>, rule: &RuleId, now: Timestamp) -> bool {
    replies.retain(|reply| now.since(reply.at) < GUARD);
    let may = replies.iter().filter(|reply| reply.rule == *rule).count() < REPLIES;
    if may {
        replies.push(RuleReply { rule: rule.clone(), at: now });
    }
    may
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
