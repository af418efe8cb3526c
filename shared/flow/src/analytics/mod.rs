//! What is counted of an organization: messages, episodes, what they cost.
//!
//! Each record counts what `count` makes of it, and nothing else. Whoever changes a record puts the
//! difference into the feed's entry of the same commit. Entries that have their numbers are folded into sheets, one for
//! each slice and day, in the order of their numbers and in one commit with the feed's head, which says how far. So each
//! difference is folded once, whatever is told twice, comes late or is broken off, and no sheet is written by those who
//! handle messages. `recount` makes all sheets anew from the records, while messages go on.

mod count;
mod fold;
mod ledger;
mod recount;
mod report;
mod usage;

pub(crate) use self::count::{of_episode, of_message, of_model_call};
pub(crate) use self::fold::fold_overdue;
pub use self::fold::{fold, fold_when_due};
pub use self::ledger::{Ledger, LedgerLine, LineKind, ledger};
pub(crate) use self::recount::recount_step;
pub use self::recount::{RecountProgress, start_recount};
pub use self::report::{BreakdownRow, Report, ReportRow, breakdown, report};
pub use self::usage::{Usage, usage};

use domain::figures::Counts;
use domain::{ConversationId, ModelCallId};
use serde::{Deserialize, Serialize};

/// By how much what a record counts has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Which record.
    pub record: CountedRecord,
    /// By how much.
    pub by: Counts,
}

/// A record that counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedRecord {
    /// An answer of a language model.
    ModelCall {
        /// Its place among them.
        sort: String,
        /// Which one.
        id: ModelCallId,
    },
    /// An episode.
    Episode {
        /// Its conversation.
        conversation: ConversationId,
        /// Which one of it.
        number: u32,
    },
    /// A message.
    Message {
        /// Its conversation.
        conversation: ConversationId,
        /// Its place among the messages.
        sort: String,
    },
}

/// How the figures of an organization are kept: as which generation, and how far the next one is that a recount makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counting {
    /// The generation that is shown.
    pub generation: u32,
    /// The one that is being made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextCounting>,
}

impl Default for Counting {
    fn default() -> Self {
        Self { generation: 1, next: None }
    }
}

/// A generation that a recount makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextCounting {
    /// Which one.
    pub generation: u32,
    /// The task that makes it.
    pub task: domain::TaskId,
    /// The records that are counted in it already.
    pub until: CountedUntil,
}

/// How far a recount is. Calls, episodes and messages are counted newest first, so that new ones belong to what is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedUntil {
    /// Nothing is counted.
    Nothing,
    /// The calls of models down to this one.
    ModelCall(String),
    /// All calls, the conversations before this one, and its episodes down to this one.
    Episode(ConversationId, u32),
    /// All calls, the conversations before this one, its episodes, and its messages down to this one; to none of them
    /// where there is none yet.
    Conversation(ConversationId, Option<String>),
    /// Everything.
    Everything,
}

impl CountedUntil {
    /// Whether a record is counted already.
    pub fn includes(&self, record: &CountedRecord) -> bool {
        match (self, record) {
            (Self::Everything, _) | (Self::Episode(..) | Self::Conversation(..), CountedRecord::ModelCall { .. }) => {
                true
            }
            (Self::ModelCall(until), CountedRecord::ModelCall { sort, .. }) => sort >= until,
            (Self::Episode(until, down_to), CountedRecord::Episode { conversation, number }) => {
                conversation < until || (conversation == until && number >= down_to)
            }
            (Self::Episode(until, _), CountedRecord::Message { conversation, .. }) => conversation < until,
            (Self::Conversation(until, _), CountedRecord::Episode { conversation, .. }) => conversation <= until,
            (Self::Conversation(until, down_to), CountedRecord::Message { conversation, sort }) => {
                conversation < until
                    || (conversation == until && down_to.as_ref().is_some_and(|down_to| sort >= down_to))
            }
            (Self::Nothing | Self::ModelCall(_), _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recount_has_counted_what_it_has_passed() {
        let conversation = |n: u8| ConversationId::from_bits([n; 16]);
        let call = |sort: &str| CountedRecord::ModelCall { sort: sort.into(), id: ModelCallId::from_bits([0; 16]) };
        let episode = |n, number| CountedRecord::Episode { conversation: conversation(n), number };
        let episodes = |n| episode(n, 1);
        let message = |n, sort: &str| CountedRecord::Message { conversation: conversation(n), sort: sort.into() };

        let until = CountedUntil::Nothing;
        assert!(!until.includes(&call("5")) && !until.includes(&episodes(1)) && !until.includes(&message(1, "5")));
        let until = CountedUntil::ModelCall("5".into());
        assert!(until.includes(&call("6")) && until.includes(&call("5")) && !until.includes(&call("4")));
        assert!(!until.includes(&message(1, "9")) && !until.includes(&episodes(1)));
        let until = CountedUntil::Episode(conversation(2), 3);
        assert!(until.includes(&call("1")) && until.includes(&message(1, "1")) && until.includes(&episodes(1)));
        assert!(until.includes(&episode(2, 4)) && until.includes(&episode(2, 3)) && !until.includes(&episode(2, 2)));
        assert!(!until.includes(&message(2, "9")) && !until.includes(&episode(3, 9)));
        let until = CountedUntil::Conversation(conversation(2), None);
        assert!(until.includes(&call("1")) && until.includes(&message(1, "1")) && until.includes(&episodes(2)));
        assert!(!until.includes(&message(2, "9")) && !until.includes(&episodes(3)));
        let until = CountedUntil::Conversation(conversation(2), Some("5".into()));
        assert!(
            until.includes(&message(2, "5")) && !until.includes(&message(2, "4")) && !until.includes(&message(3, "9"))
        );
        assert!(CountedUntil::Everything.includes(&message(9, "0")));
    }
}
