//! A customer's phone: who they are, and what their screen shows.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use super::entries::ProfileChange;
use super::identity::Side;

/// Meta documents that the typing indicator goes when the answer comes, or after 25 seconds.
pub(super) const TYPING: Span = Span::from_seconds(25);

/// Meta's customer service window.
const WINDOW: Span = Span::from_hours(24);

/// One phone.
#[derive(Serialize, Deserialize)]
pub(super) struct Phone {
    /// The number as it last wrote, digits only.
    pub wa_id: String,
    /// The business-scoped user id.
    pub user_id: String,
    /// The profile name.
    pub name: String,
    /// The username.
    pub username: Option<String>,
    /// Businesses do not see the number.
    pub hidden: bool,
    /// When it was last used or looked at.
    pub active_at: Timestamp,
    wrote_at: Option<Timestamp>,
    revision: u64,
    sequence: u64,
    messages: VecDeque<Shown>,
    #[serde(skip)]
    typing_until: Option<Timestamp>,
    #[serde(skip)]
    changed: Arc<Notify>,
}

/// A message on the screen.
#[derive(Serialize, Deserialize)]
struct Shown {
    sequence: u64,
    revision: u64,
    id: String,
    from: Side,
    at: Timestamp,
    status: Tick,
    error: Option<i64>,
    message: Map<String, Value>,
}

/// How far a message got. The customer's own: sent = Meta has it, delivered = the platform took the webhook, read =
/// the business marked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tick {
    /// Meta took it.
    Accepted,
    /// ✓
    Sent,
    /// ✓✓
    Delivered,
    /// ✓✓ in colour.
    Read,
    /// It will never arrive.
    Failed,
}

impl Tick {
    /// Meta's word.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

impl Phone {
    /// A phone that has never been used.
    pub(super) fn new(wa_id: String, user_id: String, now: Timestamp) -> Self {
        Self {
            wa_id,
            user_id,
            name: "Cliente".to_owned(),
            username: None,
            hidden: false,
            active_at: now,
            wrote_at: None,
            revision: 0,
            sequence: 0,
            messages: VecDeque::new(),
            typing_until: None,
            changed: Arc::default(),
        }
    }

    /// Takes over what the customer changed about themselves; the user id is the world's to change.
    pub(super) fn change(&mut self, profile: &ProfileChange) {
        if let Some(name) = &profile.name {
            self.name.clone_from(name);
        }
        if let Some(username) = &profile.username {
            self.username = Some(username.clone()).filter(|name| !name.is_empty());
        }
        if let Some(hidden) = profile.hide_phone {
            self.hidden = hidden;
        }
    }

    /// Shows a message, and returns the ids of those that are forgotten for it.
    pub(super) fn show(
        &mut self,
        id: &str,
        from: Side,
        at: Timestamp,
        message: &Map<String, Value>,
        keep: usize,
    ) -> Vec<String> {
        self.sequence += 1;
        let status = match from {
            Side::Customer => {
                self.wrote_at = self.wrote_at.max(Some(at));
                Tick::Sent
            }
            Side::Business => {
                self.typing_until = None;
                Tick::Accepted
            }
        };
        let (sequence, revision) = (self.sequence, self.bump());
        let message = message.clone();
        self.messages.push_back(Shown {
            sequence,
            revision,
            id: id.to_owned(),
            from,
            at,
            status,
            error: None,
            message,
        });
        let over = self.messages.len().saturating_sub(keep.max(1));
        self.messages.drain(..over).map(|old| old.id).collect()
    }

    /// Moves a message's tick forward; it never goes back.
    pub(super) fn advance(&mut self, id: &str, tick: Tick, error: Option<i64>) {
        let revision = self.revision + 1;
        let Some(shown) = self.messages.iter_mut().rev().find(|shown| shown.id == id) else { return };
        if shown.status < tick {
            (shown.status, shown.error, shown.revision) = (tick, error, revision);
            self.bump();
        }
    }

    /// The business has read this message of the customer's, and with it all before.
    pub(super) fn mark_read(&mut self, id: &str) {
        let Some(upto) = self.messages.iter().find(|shown| shown.id == id).map(|shown| shown.sequence) else { return };
        let revision = self.revision + 1;
        let mut changed = false;
        for shown in self.messages.iter_mut().filter(|shown| shown.from == Side::Customer && shown.sequence <= upto) {
            if shown.status < Tick::Read {
                (shown.status, shown.revision, changed) = (Tick::Read, revision, true);
            }
        }
        if changed {
            self.bump();
        }
    }

    /// Whether this message of the customer's is on the screen.
    pub(super) fn wrote(&self, id: &str) -> bool {
        self.messages.iter().any(|shown| shown.from == Side::Customer && shown.id == id)
    }

    /// Who wrote the message with this id.
    pub(super) fn writer(&self, id: &str) -> Option<Side> {
        self.messages.iter().find(|shown| shown.id == id).map(|shown| shown.from)
    }

    /// The business is typing until then.
    pub(super) fn typing(&mut self, until: Timestamp) {
        self.typing_until = Some(until);
        self.bump();
    }

    /// Takes the typing indicator away if its time is over.
    pub(super) fn stop_typing(&mut self, now: Timestamp) {
        if self.typing_until.is_some_and(|until| until <= now) {
            self.typing_until = None;
            self.bump();
        }
    }

    /// Whether the customer wrote in the last 24 hours, so that the business may write freely.
    pub(super) fn window_open(&self, now: Timestamp) -> bool {
        self.wrote_at.is_some_and(|at| now.since(at) < WINDOW)
    }

    /// The number of the last change of anything on the screen.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// Wakes whoever waits for a change.
    pub(super) fn changed(&self) -> Arc<Notify> {
        self.changed.clone()
    }

    /// The ids of all messages on the screen.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().map(|shown| shown.id.as_str())
    }

    /// What the screen shows: everything that changed after this revision.
    pub(super) fn screen(&self, after: u64, now: Timestamp) -> Value {
        let after = if after > self.revision { 0 } else { after };
        let messages: Vec<Value> =
            self.messages.iter().filter(|shown| shown.revision > after).map(Shown::json).collect();
        json!({
            "wa_id": self.wa_id,
            "user_id": self.user_id,
            "profile_name": self.name,
            "username": self.username,
            "hide_phone": self.hidden,
            "revision": self.revision,
            "typing": self.typing_until.is_some_and(|until| now < until),
            "messages": messages,
        })
    }

    fn bump(&mut self) -> u64 {
        self.revision += 1;
        self.changed.notify_waiters();
        self.revision
    }
}

impl Shown {
    fn json(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("sequence".into(), self.sequence.into());
        shown.insert("id".into(), self.id.as_str().into());
        shown.insert("from".into(), json!(self.from));
        shown.insert("at".into(), self.at.to_string().into());
        shown.insert("status".into(), self.status.as_str().into());
        if let Some(code) = self.error {
            shown.insert("error_code".into(), code.into());
        }
        shown.extend(self.message.clone());
        Value::Object(shown)
    }
}
