//! What a commit tells the feed.

use domain::contact::Contact;
use domain::conversation::Conversation;
use domain::delivery::DeliveryStatus;
use domain::feed::{Change, FeedType};
use domain::{ConversationId, FeedId, OrganizationId, Span, Timestamp};

use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{Message, Origin, WaitingEntry, feed_path, write_waiting_entry};
use crate::wake::wake_feed;

/// The entries of one commit. Each change is told of with the object as it was read and as it is written: what does not
/// show makes no entry, and an object that did change notes when, so that the next entry about it comes after this one
/// whatever the clocks say.
pub(crate) struct Entries<'a> {
    platform: &'a Platform,
    organization: &'a OrganizationId,
    /// The entries follow it, each by the rank of its type.
    moment: Timestamp,
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
        Self { platform, organization, moment, writes: Vec::new() }
    }

    /// When the objects of this commit have changed.
    pub fn changed_at(&self) -> Timestamp {
        self.moment + micros(FeedType::ALL.len())
    }

    /// A customer's message, or one from the business's own phone, is recorded for the first time.
    pub fn recorded(&mut self, conversation: &ConversationId, message: &mut Message) {
        let (conversation_id, message_id) = (conversation.clone(), message.id.clone());
        message.changed_at = self.changed_at();
        let change = match message.origin {
            Origin::PhoneApp => Change::MessageEchoed { conversation_id, message_id },
            _ => Change::MessageReceived { conversation_id, message_id },
        };
        self.add(&[message.id.as_str()], change);
    }

    /// A message is decided.
    pub fn queued(&mut self, conversation: &ConversationId, message: &mut Message) {
        message.changed_at = self.changed_at();
        let change = Change::MessageQueued {
            conversation_id: conversation.clone(),
            message_id: message.id.clone(),
            origin: message.origin.as_str().to_owned(),
        };
        self.add(&[message.id.as_str()], change);
    }

    /// A message may have got further.
    pub fn advanced(&mut self, conversation: &ConversationId, was: Option<DeliveryStatus>, message: &mut Message) {
        if was == Some(message.status) {
            return;
        }
        message.changed_at = self.changed_at();
        let change = Change::MessageStatusChanged {
            conversation_id: conversation.clone(),
            message_id: message.id.clone(),
            status: message.status,
            error_code: message.error_code.filter(|_| message.status == DeliveryStatus::Failed),
        };
        self.add(&[message.id.as_str(), message.status.as_str()], change);
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
        if !self.writes.is_empty() {
            after.changed_at = self.changed_at();
        }
    }

    /// A contact may have changed, or is new.
    pub fn contact(&mut self, before: Option<(&Contact, &Version)>, after: &mut Contact) {
        let contact_id = after.id.clone();
        let told = self.writes.len();
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
        if self.writes.len() > told {
            after.changed_at = self.changed_at();
        }
    }

    /// Something that the facts name happened, once.
    pub fn add(&mut self, facts: &[&str], change: Change) -> FeedId {
        let kind = change.kind();
        let facts: Vec<&str> = [self.organization.as_str(), kind.as_str()].iter().chain(facts).copied().collect();
        let id = FeedId::derived(&self.platform.id_key, &facts);
        let path = feed_path(self.organization, &id);
        let entry = WaitingEntry { id: id.clone(), at: self.moment + micros(kind.rank()), change };
        let fields = write_waiting_entry(self.platform, &path, &entry);
        self.writes.push(Write::Set { path, fields, precondition: Precondition::MustNotExist });
        id
    }

    /// Commits the writes together with the entries, and wakes who numbers them.
    ///
    /// # Errors
    /// Those of a commit.
    pub async fn commit(self, mut writes: Vec<Write>) -> Result<(), StoreError> {
        let wakes = !self.writes.is_empty();
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
