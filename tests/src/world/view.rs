//! Looking at what the stores hold, past all wrappers.

use std::collections::BTreeMap;
use std::future::Future;

use domain::contact::Contact;
use domain::conversation::Conversation;
use domain::{ConversationId, IntentId, NumberId, OrganizationId};
use flow::ports::{DocPath, Document, Documents, Items};
use flow::records::{
    Alias, Annotation, IntentRecord, Message, OutboxRow, alias_path, contact_path, conversation_id, intent_key,
    number_path, read_alias, read_annotation, read_contact, read_conversation, read_intent, read_message, read_number,
    read_outbox_row,
};
use futures::FutureExt;

use super::World;
use super::people::Person;

/// What the work comes to that never has to wait, as that of the stores in memory.
///
/// # Panics
/// When it waits.
#[track_caller]
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("work that does not wait")
}

/// A conversation and everything in it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Whose.
    pub organization: OrganizationId,
    /// The conversation.
    pub conversation: Conversation,
    /// Its messages, by when they were written.
    pub messages: Vec<Message>,
    /// What was done to messages, by the blind key of Meta's id.
    pub annotations: BTreeMap<String, Annotation>,
    /// What waits to be sent, in order.
    pub rows: Vec<OutboxRow>,
}

impl Seen {
    /// The words of its messages, in order; those without words by their type.
    pub fn texts(&self) -> Vec<String> {
        self.messages.iter().map(|m| m.body.text().unwrap_or_else(|| m.body.kind()).to_owned()).collect()
    }

    /// The message with these words.
    ///
    /// # Panics
    /// When there is none, or more than one.
    #[track_caller]
    pub fn message(&self, text: &str) -> &Message {
        let mut found = self.messages.iter().filter(|message| message.body.text() == Some(text));
        let message = found.next().unwrap_or_else(|| panic!("no message says {text:?}: {:?}", self.texts()));
        assert!(found.next().is_none(), "several messages say {text:?}");
        message
    }
}

impl World {
    /// The document at this path.
    pub fn document(&self, path: &DocPath) -> Option<Document> {
        at_once(self.stores.documents.get(path)).expect("a document")
    }

    /// Every conversation there is, with everything in it.
    pub fn conversations(&self) -> Vec<Seen> {
        self.ports.watch.group("conversations").iter().map(|path| self.seen_at(path)).collect()
    }

    /// The one conversation of a person with a number.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn conversation_with(&self, person: &Person, number: &str) -> Seen {
        let id = self.conversation_id(person, number);
        let organization = self.owner(number);
        self.seen_at(&flow::records::conversation_path(&organization, &id))
    }

    /// The one conversation of a person with the bakery.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn seen(&self, person: &Person) -> Seen {
        self.conversation_with(person, super::BAKERY)
    }

    /// The id of a person's conversation with a number.
    ///
    /// # Panics
    /// When the person or the number is not known.
    #[track_caller]
    pub fn conversation_id(&self, person: &Person, number: &str) -> ConversationId {
        let contact = self.contact_of(&self.owner(number), person).expect("a contact");
        conversation_id(&self.bare, &number.parse::<NumberId>().expect("a number's id"), &contact.id)
    }

    /// The id of a person's conversation with a number, if they have one.
    pub fn find_conversation(&self, person: &Person, number: &str) -> Option<ConversationId> {
        let organization = self.owner(number);
        let contact = self.contact_of(&organization, person)?;
        let id = conversation_id(&self.bare, &number.parse::<NumberId>().expect("a number's id"), &contact.id);
        self.document(&flow::records::conversation_path(&organization, &id)).map(|_| id)
    }

    /// The bakery's contact that a person is.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn contact(&self, person: &Person) -> Contact {
        self.contact_of(&self.bakery.clone(), person).expect("a contact")
    }

    /// The contact of an organization that a person is, by the user id they show, else by their number.
    pub fn contact_of(&self, organization: &OrganizationId, person: &Person) -> Option<Contact> {
        let by_user = person
            .user_id
            .as_ref()
            .map(|user| Alias::of_user(&self.bare, organization, &user.parse().expect("a user id")));
        let by_phone =
            domain::Phone::parse(&person.phone).ok().map(|phone| Alias::of_phone(&self.bare, organization, &phone));
        let alias = by_user.into_iter().chain(by_phone).find_map(|alias| {
            let document = self.document(&alias_path(organization, &alias))?;
            Some(read_alias(&self.bare, &document).expect("an alias"))
        });
        let mut id = alias?;
        loop {
            let contact = self.document(&contact_path(organization, &id)).expect("the alias's contact");
            let contact = read_contact(&self.bare, &contact).expect("a contact");
            match &contact.merged_into {
                Some(survivor) => id = survivor.clone(),
                None => return Some(contact),
            }
        }
    }

    /// An intent as it is stored.
    pub fn intent(&self, id: &IntentId) -> Option<IntentRecord> {
        let items = at_once(self.stores.items.get(&[intent_key(id)])).expect("items");
        items.first().and_then(Option::as_ref).map(|item| read_intent(&self.bare, item).expect("an intent"))
    }

    /// Who owns a number.
    ///
    /// # Panics
    /// When nobody does.
    #[track_caller]
    pub fn owner(&self, number: &str) -> OrganizationId {
        let path = number_path(&number.parse::<NumberId>().expect("a number's id"));
        let document = self.document(&path).expect("a number that somebody owns");
        read_number(&self.bare, &document).expect("a number").0.organization
    }

    fn seen_at(&self, path: &DocPath) -> Seen {
        let document = self.document(path).unwrap_or_else(|| panic!("no conversation at {path:?}"));
        let below = |collection: &str| {
            let parent = path.collection(collection);
            let all = self.ports.watch.documents().into_iter();
            let all = all.filter(|path| path.parent() == parent);
            all.map(|path| self.document(&path).expect("a document that was written")).collect::<Vec<_>>()
        };
        let mut messages: Vec<Message> =
            below("messages").iter().map(|found| read_message(&self.bare, found).expect("a message")).collect();
        messages.sort_by(|a, b| (a.at, a.recorded_at, &a.id).cmp(&(b.at, b.recorded_at, &b.id)));
        let mut rows: Vec<OutboxRow> =
            below("outbox").iter().map(|found| read_outbox_row(&self.bare, found).expect("a row")).collect();
        rows.sort_by_key(|row| row.order);
        let annotations = below("annotations")
            .into_iter()
            .map(|found| (found.path.id().to_owned(), read_annotation(&self.bare, &found).expect("an annotation")));
        Seen {
            organization: path.segment(1).unwrap_or_default().parse().expect("an organization's id"),
            conversation: read_conversation(&self.bare, &document).expect("a conversation"),
            messages,
            annotations: annotations.collect(),
            rows,
        }
    }
}
