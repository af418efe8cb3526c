//! What a commit tells the feed.

use domain::contact::Contact;
use domain::conversation::{Conversation, Happened};
use domain::delivery::DeliveryStatus;
use domain::feed::{Change, FeedType};
use domain::figures::Counts;
use domain::{ConversationId, FeedId, OrganizationId, Span, Timestamp};

use crate::analytics::{Counted, CountedRecord, of_episode, of_message, of_model_call};
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{
    Body, Message, ModelCall, Origin, WaitingEntry, episode_path, feed_path, sort_key, write_episode,
    write_waiting_entry,
};
use crate::wake::wake_feed;

/// The entries of one commit. Each change is told of with the object as it was read and as it is written: what does not
/// show makes no entry, and an object that did change notes when, so that the next entry about it comes after this one
/// whatever the clocks say.
///
/// With them goes by how much the commit changes what is counted, and what has happened in the conversation's episode.
pub(crate) struct Entries<'a> {
    platform: &'a Platform,
    organization: &'a OrganizationId,
    /// The entries follow it, each by the rank of its type.
    moment: Timestamp,
    told: Vec<WaitingEntry>,
    counted: Vec<Counted>,
    happened: Vec<Happened>,
    /// Episodes that are over.
    writes: Vec<Write>,
}

impl<'a> Entries<'a> {
    /// Entries of a commit that depends on objects which last changed at these times.
    pub fn after(
        platform: &'a Platform,
        organization: &'a OrganizationId,
        changed: impl IntoIterator<Item = Timestamp>,
    ) -> Self {
        let seen = changed.into_iter().max().unwrap_or_default();
        let moment = platform.clock.now().max(seen + Span::from_micros(1));
        Self {
            platform,
            organization,
            moment,
            told: Vec::new(),
            counted: Vec::new(),
            happened: Vec::new(),
            writes: Vec::new(),
        }
    }

    /// When the objects of this commit have changed.
    pub fn changed_at(&self) -> Timestamp {
        self.moment + micros(FeedType::ALL.len())
    }

    /// A customer's message, or one from the business's own phone, is recorded for the first time. `target`: within how
    /// many seconds the organization wants to answer.
    pub fn recorded(&mut self, conversation: &ConversationId, message: &mut Message, target: Option<u32>) {
        let (conversation_id, message_id) = (conversation.clone(), message.id.clone());
        let change = match message.origin {
            Origin::PhoneApp => Change::MessageEchoed { conversation_id, message_id },
            _ => Change::MessageReceived { conversation_id, message_id },
        };
        self.add(&[message.id.as_str()], change);
        match &message.body {
            Body::Inbound(content) if content.asks_for_reply() => {
                self.happened.push(Happened::CustomerWrote { at: message.at.min(message.recorded_at), target });
            }
            Body::Echo(content) if content.asks_for_reply() => self.business_wrote(message),
            _ => {}
        }
        self.count_message(conversation, None, message);
    }

    /// A message is decided.
    pub fn queued(&mut self, conversation: &ConversationId, message: &mut Message) {
        let change = Change::MessageQueued {
            conversation_id: conversation.clone(),
            message_id: message.id.clone(),
            origin: message.origin.as_str().to_owned(),
        };
        self.add(&[message.id.as_str()], change);
        self.business_wrote(message);
        self.count_message(conversation, None, message);
    }

    /// A message may have got further, or cost something.
    pub fn advanced(&mut self, conversation: &ConversationId, before: Option<&Message>, message: &mut Message) {
        if before.map(|before| before.status) != Some(message.status) {
            let change = Change::MessageStatusChanged {
                conversation_id: conversation.clone(),
                message_id: message.id.clone(),
                status: message.status,
                error_code: message.error_code.filter(|_| message.status == DeliveryStatus::Failed),
            };
            self.add(&[message.id.as_str(), message.status.as_str()], change);
        }
        self.count_message(conversation, before, message);
    }

    /// A language model has answered.
    pub fn model_answered(&mut self, call: &ModelCall) {
        let record = CountedRecord::ModelCall { sort: call.sort(), id: call.id.clone() };
        self.count(record, &Counts::default(), &of_model_call(call));
    }

    fn business_wrote(&mut self, message: &Message) {
        self.happened.push(Happened::BusinessWrote {
            at: message.placed_at(),
            origin: message.origin,
            assistant: message.attribution.assistant.clone(),
            member: message.attribution.member.clone(),
        });
    }

    /// Called after the entries about it: it notes when the message has changed.
    fn count_message(&mut self, conversation: &ConversationId, before: Option<&Message>, message: &mut Message) {
        let record = CountedRecord::Message { conversation: conversation.clone(), sort: sort_key(message) };
        let counts = before.map(of_message).unwrap_or_default();
        let is_counted = self.count(record, &counts, &of_message(message));
        if is_counted || before.map(|before| before.status) != Some(message.status) {
            message.changed_at = self.changed_at();
        }
    }

    /// Whether a record counts something else than before.
    fn count(&mut self, record: CountedRecord, before: &Counts, after: &Counts) -> bool {
        let by = after.minus(before);
        if by.is_empty() {
            return false;
        }
        self.counted.push(Counted { record, by });
        true
    }

    /// A conversation may have changed, or is new. Told last: it notes when anything of this commit has changed.
    pub fn conversation(&mut self, before: Option<(&Conversation, &Version)>, after: &mut Conversation) {
        let (conversation_id, contact_id) = (after.id.clone(), after.contact.clone());
        let (state, attention) = (after.state(), after.attention);
        let (team_id, assignee_id) = (after.team.clone(), after.assignee.clone());
        let shown = |conversation: &Conversation| {
            let Conversation { team, assignee, attention, .. } = conversation.clone();
            (conversation.state(), attention, team, assignee)
        };
        match before {
            None => {
                let change =
                    Change::ConversationCreated { conversation_id, contact_id, state, attention, team_id, assignee_id };
                self.add(&[after.id.as_str()], change);
            }
            Some((before, version)) if shown(before) != shown(after) => {
                let change =
                    Change::ConversationUpdated { conversation_id, contact_id, state, attention, team_id, assignee_id };
                self.add(&[after.id.as_str(), &version.0], change);
            }
            Some(_) => {}
        }
        after.queue(self.platform.clock.now());
        self.episode(before.map(|(before, _)| before), after);
        if !self.is_empty() {
            after.changed_at = self.changed_at();
        }
    }

    fn episode(&mut self, before: Option<&Conversation>, after: &mut Conversation) {
        let former = after.follow(before, &self.happened, self.moment);
        if let Some(former) = &former {
            let path = episode_path(self.organization, &after.id, former.number);
            let fields = write_episode(self.platform, &path, former);
            // A number is given once: whoever writes the conversation is on condition of it.
            self.writes.push(Write::Set { path, fields, precondition: Precondition::None });
        }
        let was = before.and_then(|before| before.episode.as_ref());
        for is in former.iter().chain(&after.episode) {
            let was = was.filter(|was| was.number == is.number).map(|was| of_episode(&after.number, was));
            let record = CountedRecord::Episode { conversation: after.id.clone(), number: is.number };
            self.count(record, &was.unwrap_or_default(), &of_episode(&after.number, is));
        }
    }

    fn is_empty(&self) -> bool {
        self.told.is_empty() && self.counted.is_empty()
    }

    /// A contact may have changed, or is new.
    pub fn contact(&mut self, before: Option<(&Contact, &Version)>, after: &mut Contact) {
        let contact_id = after.id.clone();
        let told = self.told.len();
        let is_stopped = |contact: &Contact| contact.marketing.is_some_and(|choice| choice.stopped);
        // A version is never given twice, and the commit is on condition of it.
        let facts = [after.id.as_str(), before.map_or("", |(_, version)| &version.0)];
        match (before, &after.merged_into) {
            (None, _) => {
                self.add(&facts, Change::ContactCreated { contact_id: contact_id.clone() });
            }
            (Some((before, _)), Some(survivor)) if before.merged_into.as_ref() != Some(survivor) => {
                let (contact_id, merged_into) = (contact_id.clone(), survivor.clone());
                self.add(&facts, Change::ContactMerged { contact_id, merged_into });
            }
            (Some((before, _)), _) if names(before) != names(after) || known(before) != known(after) => {
                self.add(&facts, Change::ContactUpdated { contact_id: contact_id.clone() });
            }
            (Some(_), _) => {}
        }
        let marketing_stopped = is_stopped(after);
        if before.is_some_and(|(before, _)| is_stopped(before)) != marketing_stopped {
            self.add(&facts, Change::ConsentChanged { contact_id, marketing_stopped });
        }
        if self.told.len() > told {
            after.changed_at = self.changed_at();
        }
    }

    /// Something that the facts name happened, once.
    pub fn add(&mut self, facts: &[&str], change: Change) -> FeedId {
        let kind = change.kind();
        let facts: Vec<&str> = [self.organization.as_str(), kind.as_str()].iter().chain(facts).copied().collect();
        let id = FeedId::derived(&self.platform.id_key, &facts);
        let at = self.moment + micros(kind.rank());
        self.told.push(WaitingEntry { id: id.clone(), at, change: Some(change), counted: Vec::new() });
        id
    }

    /// Commits the writes together with the entries, and wakes who numbers them.
    ///
    /// # Errors
    /// Those of a commit.
    pub async fn commit(mut self, mut writes: Vec<Write>) -> Result<(), StoreError> {
        let wakes = !self.is_empty();
        if !self.counted.is_empty() && self.told.is_empty() {
            // Nobody is told, but it is folded all the same. The moment is later than each before it of its records.
            let facts = serde_json::to_string(&self.counted.iter().map(|counted| &counted.record).collect::<Vec<_>>());
            let parts = [self.organization.as_str(), "counted", &facts.unwrap_or_default(), &self.moment.to_string()];
            let id = FeedId::derived(&self.platform.id_key, &parts);
            self.told.push(WaitingEntry { id, at: self.moment, change: None, counted: Vec::new() });
        }
        if let Some(first) = self.told.first_mut() {
            first.counted = self.counted;
        }
        for entry in &self.told {
            let path = feed_path(self.organization, &entry.id);
            let fields = write_waiting_entry(self.platform, &path, entry);
            writes.push(Write::Set { path, fields, precondition: Precondition::MustNotExist });
        }
        writes.extend(self.writes);
        self.platform.documents.commit(writes).await?;
        if wakes {
            wake_feed(self.platform, self.organization).await;
        }
        Ok(())
    }
}

/// What a contact goes by, without the times at which it was said.
fn names(contact: &Contact) -> [Option<&str>; 4] {
    [
        contact.name.as_ref().map(|dated| dated.value.as_str()),
        contact.username.as_ref().map(|dated| dated.value.as_str()),
        contact.wa_id.as_ref().map(|dated| dated.value.as_str()),
        contact.user_id.as_ref().map(|dated| dated.value.as_str()),
    ]
}

/// What the organization knows of a contact.
fn known(contact: &Contact) -> impl PartialEq + '_ {
    let Contact { given_name, language, tags, attributes, blocked_at, .. } = contact;
    (given_name, language, tags, attributes, blocked_at.is_some())
}

fn micros(count: usize) -> Span {
    Span::from_micros(i64::try_from(count).unwrap_or(i64::MAX))
}
