//! The organizations' feeds: reading along with them, and what must hold of them.

use std::collections::{BTreeMap, BTreeSet};

use domain::conversation::{Attention, ConversationState};
use domain::delivery::DeliveryStatus;
use domain::feed::{Change, FeedEntry};
use domain::template::{Category, Quality, TemplateStatus};
use domain::{MemberId, OrganizationId, TeamId};
use flow::feed::{FeedPage, ReadError, read};
use flow::job::JobError;
use flow::records::{
    Body, contact_path, feed_head_path, feed_path, read_contact, read_feed_head, read_template, templates,
};

use super::view::at_once;
use super::{Seen, World};

/// After a restore the numbers go on far beyond those that it lost.
const LEAP: u64 = 1 << 31;

/// Somebody who reads a feed along.
#[derive(Default)]
pub(super) struct Follower {
    next: u64,
    read: Vec<FeedEntry>,
}

impl Follower {
    /// Takes a page; whether there is another one.
    fn take(&mut self, page: Result<FeedPage, ReadError>) -> Result<bool, JobError> {
        match page {
            Ok(page) => {
                self.read.extend(page.entries);
                self.next = page.next;
                Ok(page.has_more)
            }
            Err(ReadError::Gone { oldest }) => {
                self.next = oldest - 1;
                Ok(true)
            }
            Err(ReadError::Job(error)) => Err(error),
        }
    }
}

/// What the feed tells of a conversation: its state, why a person should look, the team and the person who look after it.
type Shown = (ConversationState, Option<Attention>, Option<TeamId>, Option<MemberId>);

/// What a feed says of the objects that it tells of.
#[derive(Default)]
struct Told {
    /// How often a message was told of as new.
    messages: BTreeMap<String, usize>,
    statuses: BTreeMap<String, Vec<DeliveryStatus>>,
    conversations: BTreeMap<String, Shown>,
    contacts: BTreeSet<String>,
    merged: BTreeSet<String>,
    stopped: BTreeMap<String, bool>,
    templates: BTreeMap<String, (TemplateStatus, Option<Category>, Quality)>,
    wrong: Vec<String>,
}

impl World {
    /// Everything in an organization's feed, read page by page.
    ///
    /// # Panics
    /// When it cannot be read.
    #[track_caller]
    pub fn feed(&self, organization: &OrganizationId) -> Vec<FeedEntry> {
        let mut follower = Follower::default();
        self.read_on(organization, &mut follower);
        follower.read
    }

    /// Reads to the end, past all wrappers.
    #[track_caller]
    fn read_on(&self, organization: &OrganizationId, follower: &mut Follower) {
        loop {
            let page = at_once(read(&self.bare, organization, follower.next, &[], 7));
            match follower.take(page) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => self.fail(&format!("a feed that cannot be read: {error:?}")),
            }
        }
    }

    /// The types of an organization's feed, in order.
    pub fn feed_types(&self, organization: &OrganizationId) -> Vec<&'static str> {
        self.feed(organization).iter().map(|entry| entry.change.kind().as_str()).collect()
    }

    /// Somebody reads on in all feeds, while everything else goes on; what cannot be read now is read the next time.
    pub fn read_feeds(&mut self) {
        for organization in [self.bakery.clone(), self.florist.clone()] {
            let mut follower = self.followers.remove(&organization).unwrap_or_default();
            loop {
                let (whose, next) = (organization.clone(), follower.next);
                let page = self.attempt(move |platform| async move { read(&platform, &whose, next, &[], 7).await });
                if !page.is_some_and(|page| follower.take(page).unwrap_or(false)) {
                    break;
                }
            }
            self.followers.insert(organization, follower);
        }
    }

    /// What is wrong with the feeds, nothing being left to do.
    pub(super) fn wrong_feeds(&mut self, conversations: &[Seen]) -> Vec<String> {
        let mut wrong: Vec<String> = self
            .ports
            .watch
            .group("feed")
            .into_iter()
            .filter_map(|path| {
                let waits = self.document(&path).is_some_and(|entry| entry.fields.contains_key("waiting_since"));
                waits.then(|| format!("feed: {path:?} has no number"))
            })
            .collect();
        if !wrong.is_empty() {
            // Who reads would number them.
            return wrong;
        }
        for organization in [self.bakery.clone(), self.florist.clone()] {
            let mut follower = self.followers.remove(&organization).unwrap_or_default();
            self.read_on(&organization, &mut follower);
            self.followers.insert(organization.clone(), follower);
            let entries = self.feed(&organization);
            wrong.extend(numbers(&entries));
            let oldest = entries.first().map_or(u64::MAX, |entry| entry.sequence);
            let followed = self.followers[&organization].read.iter().filter(|entry| entry.sequence >= oldest);
            // What was read before a restore may be lost by it.
            if !self.was_restored && !followed.eq(&entries) {
                wrong.push(format!("feed: who read along in {organization} has missed something"));
            }
            let head = self.document(&feed_head_path(&organization));
            let is_whole = read_feed_head(&self.bare, head.as_ref()).expect("a head").oldest == 1;
            if is_whole {
                wrong.extend(self.wrong_feed(&organization, &entries, conversations));
            }
        }
        wrong
    }

    fn wrong_feed(&self, organization: &OrganizationId, entries: &[FeedEntry], conversations: &[Seen]) -> Vec<String> {
        let told = Told::by(entries);
        let mut wrong = told.wrong;
        let strays = entries.iter().filter(|entry| self.document(&feed_path(organization, &entry.id)).is_none());
        wrong.extend(strays.map(|entry| format!("feed: {} is not {organization}'s", entry.id)));
        let mut told_of = told.conversations;
        for seen in conversations.iter().filter(|seen| seen.organization == *organization) {
            let conversation = &seen.conversation;
            let is = (
                conversation.state(),
                conversation.attention,
                conversation.team.clone(),
                conversation.assignee.clone(),
            );
            let says = told_of.remove(conversation.id.as_str());
            if says.as_ref() != Some(&is) {
                wrong.push(format!("feed: {} is {is:?}, the feed says {says:?}", conversation.id));
            }
            for message in &seen.messages {
                let times = told.messages.get(message.id.as_str()).copied().unwrap_or_default();
                if times != usize::from(message.body != Body::Lost) {
                    wrong.push(format!("feed: {} was told of {times} times", message.id));
                }
                let says = told.statuses.get(message.id.as_str()).and_then(|statuses| statuses.last());
                // What it begins with is not told of as a change.
                let begins_with = match &message.body {
                    Body::Inbound(_) => Some(DeliveryStatus::Received),
                    Body::Outbound(_) => Some(DeliveryStatus::Queued),
                    Body::Echo(_) => Some(DeliveryStatus::Sent),
                    Body::Lost => None,
                };
                if says.or(begins_with.as_ref()) != Some(&message.status) {
                    wrong.push(format!("feed: {} is {:?}, the feed says {says:?}", message.id, message.status));
                }
            }
        }
        wrong.extend(told_of.keys().map(|id| format!("feed: there is no {id} in {organization}")));
        let below = format!("{}/", templates(organization).as_str());
        for path in self.ports.watch.group("templates").iter().filter(|path| path.as_str().starts_with(&below)) {
            let template = self.document(path).expect("a template");
            let template = read_template(&self.bare, &template).expect("a template");
            let is = (template.status().clone(), template.category().cloned(), template.quality().clone());
            let says = told.templates.get(template.id.as_str());
            if says != Some(&is) {
                wrong.push(format!("feed: {} is {is:?}, the feed says {says:?}", template.id));
            }
        }
        for path in self.ports.watch.group("contacts") {
            let contact = read_contact(&self.bare, &self.document(&path).expect("a contact")).expect("a contact");
            if path != contact_path(organization, &contact.id) {
                continue;
            }
            let id = contact.id.as_str();
            let is_stopped = contact.marketing.is_some_and(|choice| choice.stopped);
            if !told.contacts.contains(id) || told.merged.contains(id) != contact.merged_into.is_some() {
                wrong.push(format!("feed: {id} is not told of as it is"));
            }
            if told.stopped.get(id).copied().unwrap_or_default() != is_stopped {
                wrong.push(format!("feed: {id} has stopped marketing ({is_stopped}), and the feed says otherwise"));
            }
        }
        wrong
    }
}

/// Each number follows the one before.
fn numbers(entries: &[FeedEntry]) -> Vec<String> {
    let is_next = |a: u64, b: u64| b == a + 1 || b > a + LEAP;
    let pairs = entries.windows(2).filter(|pair| !is_next(pair[0].sequence, pair[1].sequence));
    let mut wrong: Vec<String> =
        pairs.map(|pair| format!("feed: {} comes after {}", pair[1].sequence, pair[0].sequence)).collect();
    let ids: BTreeSet<_> = entries.iter().map(|entry| &entry.id).collect();
    if ids.len() < entries.len() {
        wrong.push("feed: an entry is there twice".into());
    }
    wrong
}

impl Told {
    fn by(entries: &[FeedEntry]) -> Self {
        let mut told = Self::default();
        for entry in entries {
            told.take(&entry.change);
        }
        told
    }

    fn take(&mut self, change: &Change) {
        match change {
            Change::MessageReceived { conversation_id, message_id }
            | Change::MessageEchoed { conversation_id, message_id }
            | Change::MessageQueued { conversation_id, message_id, .. } => {
                *self.messages.entry(message_id.to_string()).or_default() += 1;
                self.must_know(conversation_id.as_str());
            }
            Change::MessageStatusChanged { conversation_id, message_id, status, .. } => {
                let statuses = self.statuses.entry(message_id.to_string()).or_default();
                if statuses.last().is_some_and(|last| last >= status) {
                    self.wrong.push(format!("feed: {message_id} goes from {statuses:?} back to {status:?}"));
                }
                statuses.push(*status);
                self.must_know(conversation_id.as_str());
            }
            Change::ConversationCreated { conversation_id, state, attention, team_id, assignee_id, .. } => {
                let now = (*state, *attention, team_id.clone(), assignee_id.clone());
                if self.conversations.insert(conversation_id.to_string(), now).is_some() {
                    self.wrong.push(format!("feed: {conversation_id} is made twice"));
                }
            }
            Change::ConversationUpdated { conversation_id, state, attention, team_id, assignee_id, .. } => {
                let now = (*state, *attention, team_id.clone(), assignee_id.clone());
                self.must_know(conversation_id.as_str());
                let before = self.conversations.insert(conversation_id.to_string(), now.clone());
                if before == Some(now) {
                    self.wrong.push(format!("feed: {conversation_id} is told of and has not changed"));
                }
            }
            Change::ContactCreated { contact_id } => {
                if !self.contacts.insert(contact_id.to_string()) {
                    self.wrong.push(format!("feed: {contact_id} is made twice"));
                }
            }
            Change::ContactUpdated { contact_id } => {
                if !self.contacts.contains(contact_id.as_str()) {
                    self.wrong.push(format!("feed: {contact_id} changed before it was made"));
                }
            }
            Change::ContactMerged { contact_id, .. } => {
                self.merged.insert(contact_id.to_string());
            }
            Change::ConsentChanged { contact_id, marketing_stopped } => {
                self.stopped.insert(contact_id.to_string(), *marketing_stopped);
            }
            Change::TemplateCreated { template_id, status, category, quality } => {
                let now = (status.clone(), category.clone(), quality.clone());
                if self.templates.insert(template_id.to_string(), now).is_some() {
                    self.wrong.push(format!("feed: {template_id} is made twice"));
                }
            }
            Change::TemplateUpdated { template_id, status, category, quality } => {
                let now = (status.clone(), category.clone(), quality.clone());
                if self.templates.insert(template_id.to_string(), now).is_none() {
                    self.wrong.push(format!("feed: {template_id} changed before it was made"));
                }
            }
            Change::AssistantPublished { .. }
            | Change::MessageMediaChanged { .. }
            | Change::TaskFinished { .. }
            | Change::EndpointDisabled { .. }
            | Change::NumberConnected { .. }
            | Change::NumberUpdated { .. }
            | Change::NumberDisconnected { .. }
            | Change::WebhookTest { .. } => {}
        }
    }

    fn must_know(&mut self, conversation: &str) {
        if !self.conversations.contains_key(conversation) {
            self.wrong.push(format!("feed: something happened in {conversation} before it was made"));
        }
    }
}
