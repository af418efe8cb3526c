//! What is recorded in the end, as far as the order of arrival must not matter.
//!
//! Left out, because they depend on when we learned of an event, and rightly so:
//! - our own clock's times (recorded at, created at, accepted at) and how long a take-over lasts, which counts from them;
//! - what the assistant and the program wrote during the story, and with it which message is the last one: how messages
//!   fall into bursts, and whether an echo came before or after an answer, decides what is said. That every message is
//!   answered once or is on a person's list is checked in each run by itself;
//! - why a person should look at a conversation: the reason noted last is the one of what arrived last;
//! - the epoch's number: it counts the changes of hands that were seen. Whether a person or the assistant owns the
//!   conversation is compared.

use std::collections::BTreeMap;

use domain::delivery::DeliveryTimes;
use flow::ports::{Items, Value};
use flow::records::{Body, Message, Raw, wamid_key};
use tests::world::people::Person;
use tests::world::{BAKERY, FLORIST, Seen, World, at_once};

use super::story::Story;

/// Facts by what they are about.
#[derive(Debug, PartialEq, Eq)]
pub struct Record(BTreeMap<String, String>);

impl Record {
    pub fn of(world: &World, story: &Story) -> Self {
        let mut record = Self(BTreeMap::new());
        for (n, person) in story.people.iter().enumerate() {
            record.contact(world, n, person);
            for number in [BAKERY, FLORIST] {
                if let Some(seen) = conversation(world, person, number) {
                    record.conversation(world, &format!("person {n} at {number}"), &seen, story);
                }
            }
        }
        for path in world.ports.watch.group("events").iter().chain(&world.ports.watch.group("unowned")) {
            record.note(format!("kept {}", path.as_str()), "");
        }
        for path in world.ports.watch.group("consents") {
            let fields = world.document(&path).unwrap().fields;
            record.note(format!("consent {}", path.id()), format!("{:?} {:?}", fields["granted"], fields["at"]));
        }
        for item in at_once(world.stores.items.scan("stop#", None, 1_000)).unwrap() {
            let stopped = item.fields.get("stopped").unwrap_or(&Value::Bool(false)).clone();
            record.note(format!("gate {}", item.key.as_str()), format!("{stopped:?} {:?}", item.fields["at"]));
        }
        record
    }

    /// What the two disagree about.
    pub fn differs_from(&self, other: &Self) -> String {
        let keys = self.0.keys().chain(other.0.keys().filter(|key| !self.0.contains_key(*key)));
        let lines = keys.filter(|key| self.0.get(*key) != other.0.get(*key)).map(|key| {
            let show = |record: &Self| record.0.get(key).cloned().unwrap_or_else(|| "nothing".into());
            format!("{key}\n    in order: {}\n    here:     {}", show(self), show(other))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn note(&mut self, about: String, fact: impl Into<String>) {
        self.0.insert(about, fact.into());
    }

    fn contact(&mut self, world: &World, n: usize, person: &Person) {
        let contact = world.contact(person);
        let names = (&contact.name, &contact.username, &contact.wa_id);
        let user = contact.user_id.as_ref().map(|user| (user.at, user.value.as_str()));
        self.note(format!("contact {n}"), format!("{names:?} {user:?} {:?}", contact.marketing));
    }

    fn conversation(&mut self, world: &World, about: &str, seen: &Seen, story: &Story) {
        let conversation = &seen.conversation;
        let fact = (conversation.state(), conversation.window_until, conversation.open.len(), seen.rows.len());
        self.note(about.to_owned(), format!("{fact:?}"));
        for (key, annotation) in &seen.annotations {
            self.note(format!("{about}, annotation {key}"), format!("{annotation:?}"));
        }
        for message in &seen.messages {
            let told = match &message.body {
                Body::Outbound(_) => story.answers.iter().any(|taken| Some(&taken.intent) == intent(message).as_ref()),
                Body::Inbound(_) | Body::Echo(_) | Body::Lost => true,
            };
            if told {
                self.message(world, about, message);
            }
        }
    }

    fn message(&mut self, world: &World, about: &str, message: &Message) {
        let key = match &message.wamid {
            Some(wamid) => wamid_key(&world.bare, &BAKERY.parse().unwrap(), wamid),
            None => message.id.to_string(),
        };
        let times = DeliveryTimes { accepted: None, ..message.times };
        let reply_to = message.reply_to.as_ref().map(|wamid| wamid.as_str());
        let state = (message.status, times, message.error_code, &message.pricing, message.suppression);
        let raw = match &message.raw {
            Some(Raw::Inline(json)) => sorted(&serde_json::from_str(json).unwrap()),
            Some(Raw::Blob(key)) => key.clone(),
            None => String::new(),
        };
        let said = (&message.body, message.origin, reply_to);
        // Outbound times are our clock's.
        let at = matches!(message.body, Body::Inbound(_) | Body::Echo(_)).then_some(message.at);
        self.note(format!("{about}, message {key}"), format!("{said:?} {at:?} {state:?} {raw}"));
    }
}

fn intent(message: &Message) -> Option<String> {
    message.intent.as_ref().map(ToString::to_string)
}

fn conversation(world: &World, person: &Person, number: &str) -> Option<Seen> {
    let contact = world.contact_of(&world.owner(number), person)?;
    let mut all = world.conversations().into_iter();
    all.find(|seen| seen.conversation.contact == contact.id && seen.conversation.number.as_str() == number)
}

/// JSON with the members of its objects in the order of their names: batches of different sizes are cut differently.
fn sorted(json: &serde_json::Value) -> String {
    match json {
        serde_json::Value::Object(members) => {
            let members: BTreeMap<&String, String> =
                members.iter().map(|(name, value)| (name, sorted(value))).collect();
            format!("{members:?}")
        }
        serde_json::Value::Array(elements) => format!("{:?}", elements.iter().map(sorted).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}
