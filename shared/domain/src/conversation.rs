//! A conversation: who answers, what is open, and the 24-hour window. Everything an event changes here is a maximum or
//! a latest value, so that the order and the number of deliveries do not matter.

mod episode;

pub use self::episode::{Ended, Episode, Happened, Moment};
use crate::contact::Tags;
use crate::delivery::DeliveryStatus;
use crate::routing::RuleReply;
use crate::{AssistantId, ContactId, ConversationId, MemberId, MessageId, NumberId, Span, TeamId, Timestamp};

/// How long after a customer's message a business may answer freely. Meta's rule.
pub const WINDOW: Span = Span::from_hours(24);

/// How long a burst of messages may hold back its answer, counted from its oldest open message.
pub const BURST_LIMIT: Span = Span::from_seconds(15);

/// Who answers the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationState {
    /// The assistant.
    Assistant,
    /// A person.
    Person,
    /// Nobody; the customer's next message opens it again.
    Closed,
}

impl ConversationState {
    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assistant => "assistant",
            Self::Person => "person",
            Self::Closed => "closed",
        }
    }

    /// Reads a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Assistant, Self::Person, Self::Closed].into_iter().find(|state| state.as_str() == name)
    }
}

/// The owner's epoch: a number that grows by one with each change of hands. Odd: a person owns the conversation. An
/// assistant's reply is bound to the epoch at which its turn began, and the claim before its send checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Epoch(pub i64);

impl Epoch {
    /// Whether a person owns the conversation.
    pub fn is_person(self) -> bool {
        self.0 % 2 == 1
    }

    /// The epoch after a person took over. It grows even if a person already had it, so that nothing which an assistant
    /// decided before is bound to it, its own farewell included.
    #[must_use]
    pub fn taken_over(self) -> Self {
        Self(self.0 + if self.is_person() { 2 } else { 1 })
    }

    /// The epoch after the conversation was handed back; the same if the assistant already has it.
    #[must_use]
    pub fn handed_back(self) -> Self {
        if self.is_person() { Self(self.0 + 1) } else { self }
    }
}

/// A message that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenMessage {
    /// Which one.
    pub id: MessageId,
    /// When we recorded it.
    pub recorded_at: Timestamp,
    /// When it reached us: Meta's time of it, or the webhook's where that is earlier. It stays the same when Meta posts
    /// the event again.
    pub arrived_at: Timestamp,
}

impl OpenMessage {
    /// Whether a restore leaves it to a person: it came before the restore, and may have been answered by what was
    /// lost. Meta's times are whole seconds rounded down, so what came in the same second counts as before.
    pub fn is_older_than(&self, restored_at: Option<Timestamp>) -> bool {
        restored_at.is_some_and(|restored_at| self.arrived_at <= restored_at)
    }
}

/// Why a person should look at a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// A customer wrote while a person had the conversation, or its turn found a person in charge.
    Waiting,
    /// The customer asked for a person, or the assistant did.
    HandOver,
    /// The assistant could not answer and said its fallback text.
    Fallback,
    /// The number has no assistant.
    NoAssistant,
    /// It is not known whether a message was sent.
    UnknownSend,
    /// A message could not be sent.
    FailedSend,
    /// A message was held back by a rule.
    SuppressedSend,
    /// A backup was restored, and what came before may have been answered already.
    Restored,
}

impl Attention {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Waiting,
        Self::HandOver,
        Self::Fallback,
        Self::NoAssistant,
        Self::UnknownSend,
        Self::FailedSend,
        Self::SuppressedSend,
        Self::Restored,
    ];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::HandOver => "hand_over",
            Self::Fallback => "fallback",
            Self::NoAssistant => "no_assistant",
            Self::UnknownSend => "unknown_send",
            Self::FailedSend => "failed_send",
            Self::SuppressedSend => "suppressed_send",
            Self::Restored => "restored",
        }
    }

    /// Reads a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attention| attention.as_str() == name)
    }
}

/// The newest message of a conversation, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastMessage {
    /// When it was written.
    pub at: Timestamp,
    /// Which one.
    pub id: MessageId,
}

/// What one number and one contact say to each other, for ever.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Its id, derived from number and contact: two first messages make one conversation.
    pub id: ConversationId,
    /// The business number.
    pub number: NumberId,
    /// The customer.
    pub contact: ContactId,
    /// Somebody closed it and nobody wrote since.
    pub closed: bool,
    /// The owner's epoch as this record last saw it; the gate is the truth.
    pub epoch: Epoch,
    /// A person's take-over ends by itself at this time.
    pub take_over_until: Option<Timestamp>,
    /// Until when a free answer is allowed.
    pub window_until: Option<Timestamp>,
    /// Messages that wait for the assistant, in the order in which they were recorded.
    pub open: Vec<OpenMessage>,
    /// A turn was already called off for the present burst.
    pub turn_cancelled: bool,
    /// The place of the next outbox row.
    pub next_order: i64,
    /// A person should look at it, and why.
    pub attention: Option<Attention>,
    /// Of how many of its messages nobody knows whether they were sent.
    pub unknown_sends: u32,
    /// The newest message.
    pub last_message: Option<LastMessage>,
    /// Who answers in place of the number's own assistant, because a rule says so.
    pub assistant: Option<AssistantId>,
    /// How rules answered of late.
    pub rule_replies: Vec<RuleReply>,
    /// The team that looks after it.
    pub team: Option<TeamId>,
    /// Who of the organization looks after it.
    pub assignee: Option<MemberId>,
    /// What the organization has marked it with.
    pub labels: Tags,
    /// Since when it needs a person while nobody looks after it: its place in the queue of its team.
    pub queued_at: Option<Timestamp>,
    /// The closed time of the business in which the customer was told last that nobody is there, or need not be: when it
    /// began.
    pub away_in: Option<Timestamp>,
    /// How many messages of the customer nobody of the organization has read yet.
    pub unread: u32,
    /// The stretch of it that is going on, or was the last.
    pub episode: Option<Episode>,
    /// When it began.
    pub created_at: Timestamp,
    /// When the feed last told of a change: later than each time before, whatever the clocks say.
    pub changed_at: Timestamp,
}

/// Whether a turn begins now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnStart {
    /// Nothing waits.
    Nothing,
    /// A newer message will answer for this one.
    LeaveToNewer,
    /// Answer these, oldest first.
    Answer(Vec<OpenMessage>),
}

impl Conversation {
    /// A conversation that begins now.
    pub fn begin(id: ConversationId, number: NumberId, contact: ContactId, now: Timestamp) -> Self {
        Self {
            id,
            number,
            contact,
            closed: false,
            epoch: Epoch::default(),
            take_over_until: None,
            window_until: None,
            open: Vec::new(),
            turn_cancelled: false,
            next_order: 0,
            attention: None,
            unknown_sends: 0,
            last_message: None,
            assistant: None,
            rule_replies: Vec::new(),
            team: None,
            assignee: None,
            labels: Tags::default(),
            queued_at: None,
            away_in: None,
            unread: 0,
            episode: None,
            created_at: now,
            changed_at: now,
        }
    }

    /// Notes how far one of its messages got, `was` being how far it had got before. While it is not known of one whether it
    /// was sent, a person should look; another reason to look stays.
    pub fn note_delivery(&mut self, was: Option<DeliveryStatus>, is: DeliveryStatus) {
        let was_unknown = was == Some(DeliveryStatus::Unknown);
        let is_unknown = is == DeliveryStatus::Unknown;
        if is_unknown && !was_unknown {
            self.unknown_sends += 1;
            self.attention.get_or_insert(Attention::UnknownSend);
        }
        if was_unknown && !is_unknown {
            self.unknown_sends = self.unknown_sends.saturating_sub(1);
            if self.unknown_sends == 0 && self.attention == Some(Attention::UnknownSend) {
                self.attention = None;
            }
        }
    }

    /// Who answers.
    pub fn state(&self) -> ConversationState {
        match (self.closed, self.epoch.is_person()) {
            (true, _) => ConversationState::Closed,
            (false, true) => ConversationState::Person,
            (false, false) => ConversationState::Assistant,
        }
    }

    /// Puts it in its queue at this time, or takes it out: it waits there as long as a person should look at it whom
    /// nobody has named.
    pub fn queue(&mut self, now: Timestamp) {
        let waits = self.attention.is_some() && self.assignee.is_none() && !self.closed;
        self.queued_at = waits.then(|| self.queued_at.unwrap_or(now));
    }

    /// Whether a free answer is allowed at this time.
    pub fn window_is_open(&self, now: Timestamp) -> bool {
        self.window_until.is_some_and(|until| now < until)
    }

    /// The customer wrote at this time (Meta's): the window lasts from the latest message.
    pub fn customer_wrote(&mut self, at: Timestamp) {
        self.window_until = self.window_until.max(Some(at + WINDOW));
        self.closed = false;
    }

    /// Notes a message for the list; the newest by time and id stays.
    pub fn note_message(&mut self, id: &MessageId, at: Timestamp) {
        self.last_message = self.last_message.take().max(Some(LastMessage { at, id: id.clone() }));
    }

    /// Nobody has to answer it any more, and nobody looks after it.
    pub fn close(&mut self) {
        self.closed = true;
        self.open.clear();
        self.turn_cancelled = false;
        self.attention = None;
        self.team = None;
        self.assignee = None;
        self.unread = 0;
    }

    /// A recorded message waits for an answer: from the assistant, or, while a person has the conversation, from them.
    pub fn ask(&mut self, message: OpenMessage) {
        if self.epoch.is_person() {
            self.attention = Some(Attention::Waiting);
        } else {
            self.open.push(message);
        }
    }

    /// Puts everything that is open on a person's list.
    pub fn leave_to_person(&mut self, why: Attention) {
        self.open.clear();
        self.turn_cancelled = false;
        self.attention = Some(why);
    }

    /// Puts what is open and older than the last restore on a person's list; what came since stays open.
    pub fn leave_restored(&mut self, restored_at: Option<Timestamp>) {
        let before = self.open.len();
        self.open.retain(|message| !message.is_older_than(restored_at));
        if self.open.len() < before {
            self.turn_cancelled = false;
            self.attention = Some(Attention::Restored);
        }
    }

    /// When an answer is due, for upkeep: a while after the oldest open message, if there is one.
    pub fn reply_due_at(&self) -> Option<Timestamp> {
        self.open.first().map(|oldest| oldest.recorded_at + BURST_LIMIT)
    }

    /// Decides about a turn. `wake_up` names the message whose wake-up this is; `None` is upkeep's, which always
    /// answers. A message is newer if it was recorded later and is still open, whatever Meta's time says.
    pub fn start_turn(&self, wake_up: Option<&MessageId>, now: Timestamp) -> TurnStart {
        let (Some(oldest), Some(newest)) = (self.open.first(), self.open.last()) else { return TurnStart::Nothing };
        let newer = wake_up.is_some_and(|id| newest.id != *id);
        if newer && now.since(oldest.recorded_at) < BURST_LIMIT {
            return TurnStart::LeaveToNewer;
        }
        TurnStart::Answer(self.open.clone())
    }

    /// What a turn that holds an answer to `answered` does when it finds the conversation changed under it.
    pub fn on_conflict(&self, answered: &[OpenMessage], now: Timestamp) -> Conflict {
        let whole = answered.iter().all(|message| self.open.contains(message));
        if !whole || self.epoch.is_person() {
            return Conflict::StartAgain;
        }
        let newer = self.open.len() > answered.len();
        let young = answered.first().is_some_and(|oldest| now.since(oldest.recorded_at) < BURST_LIMIT);
        if newer && young && !self.turn_cancelled { Conflict::CancelTurn } else { Conflict::CommitAgain }
    }

    /// Closes what a turn answers and gives its row a place.
    pub fn answer(&mut self, answered: &[OpenMessage]) -> i64 {
        self.open.retain(|message| !answered.contains(message));
        self.turn_cancelled = false;
        self.take_order()
    }

    /// The place of a new outbox row.
    pub fn take_order(&mut self) -> i64 {
        self.next_order += 1;
        self.next_order - 1
    }
}

/// What a turn does when the conversation changed while it was answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// The owner changed, or part of the messages were closed by somebody else.
    StartAgain,
    /// A newer message came in time: it will answer for all. Happens once a burst.
    CancelTurn,
    /// Nothing that matters changed.
    CommitAgain,
}

#[cfg(test)]
mod tests;
