use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use flow::ports::{DocPath, Fields, ItemWrite, Outgoing, Queue, Value, Write};

/// Everything that was written: which documents there are, and every text, to be searched for what must not be there.
#[derive(Default)]
pub struct Watch(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    documents: BTreeSet<DocPath>,
    /// Conversations with messages that wait for the assistant, and entries of feeds that wait for their numbers.
    due: BTreeSet<DocPath>,
    /// Every text that was written, with a place where it was; those that were not searched yet.
    texts: BTreeMap<String, String>,
    groups: BTreeMap<Queue, Vec<String>>,
    /// What was enqueued, where somebody wants to know.
    enqueued: Option<Vec<(Queue, Outgoing)>>,
    commits: u64,
}

impl Watch {
    /// The documents that there are.
    pub fn documents(&self) -> Vec<DocPath> {
        self.seen().documents.iter().cloned().collect()
    }

    /// The documents of every collection with this id.
    pub fn group(&self, collection: &str) -> Vec<DocPath> {
        self.documents().into_iter().filter(|path| path.parent().id() == collection).collect()
    }

    /// Whether any message waits for the assistant or to be sent, or an entry of a feed for its number.
    pub fn has_work(&self) -> bool {
        let seen = self.seen();
        !seen.due.is_empty() || seen.documents.iter().any(|path| path.parent().id() == "outbox")
    }

    /// The groups of the messages that were enqueued, in order.
    pub fn groups(&self, queue: Queue) -> Vec<String> {
        self.seen().groups.get(&queue).cloned().unwrap_or_default()
    }

    /// Notes every message that is enqueued from now on.
    pub fn note_messages(&self) {
        self.seen().enqueued = Some(Vec::new());
    }

    /// The messages that were noted.
    pub fn noted(&self) -> Vec<(Queue, Outgoing)> {
        self.seen().enqueued.clone().unwrap_or_default()
    }

    /// How many commits took effect.
    pub fn commits(&self) -> u64 {
        self.seen().commits
    }

    /// Where these secrets were written in plain since the last search.
    pub fn search(&self, secrets: &[String]) -> Vec<String> {
        let texts = std::mem::take(&mut self.seen().texts);
        // One long text is searched faster than many short ones.
        let all = texts.keys().map(String::as_str).collect::<Vec<_>>().join("\n");
        let found: Vec<&String> = secrets.iter().filter(|secret| all.contains(secret.as_str())).collect();
        let holds_one = |text: &str| found.iter().any(|secret| text.contains(secret.as_str()));
        texts.into_iter().filter(|(text, _)| holds_one(text)).map(|(_, place)| place).collect()
    }

    /// A backup's documents were put in place.
    pub(in crate::world) fn put_back(&self, writes: &[Write]) {
        self.seen().written(writes);
    }

    pub(super) fn committed(&self, writes: &[Write]) {
        let mut seen = self.seen();
        seen.commits += 1;
        for write in writes {
            if let Write::Set { path, fields, .. } = write {
                seen.text(path.as_str(), path.as_str());
                seen.fields(path.as_str(), fields);
            }
        }
        seen.written(writes);
    }

    pub(super) fn transacted(&self, writes: &[ItemWrite]) {
        let mut seen = self.seen();
        for write in writes {
            seen.text(write.key().as_str(), write.key().as_str());
            if let ItemWrite::Put { key, fields, .. } = write {
                seen.fields(key.as_str(), fields);
            }
        }
    }

    pub(super) fn enqueued(&self, queue: Queue, messages: &[Outgoing]) {
        let mut seen = self.seen();
        for message in messages {
            seen.text(queue.name(), &message.group);
            seen.text(queue.name(), &message.deduplication);
            seen.body(queue.name(), &message.body);
            seen.groups.entry(queue).or_default().push(message.group.clone());
            seen.enqueued.iter_mut().for_each(|noted| noted.push((queue, message.clone())));
        }
    }

    pub(super) fn stored(&self, key: &str, bytes: &[u8]) {
        let mut seen = self.seen();
        seen.text(key, key);
        seen.text(key, &String::from_utf8_lossy(bytes));
    }

    pub(super) fn named(&self, key: &str) {
        self.seen().text("limiter", key);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// Which documents there are, and which of them wait for the assistant.
    fn written(&mut self, writes: &[Write]) {
        for write in writes {
            match write {
                Write::Set { path, fields, .. } => {
                    self.documents.insert(path.clone());
                    if fields.contains_key("reply_due_at") || fields.contains_key("waiting_since") {
                        self.due.insert(path.clone());
                    } else {
                        self.due.remove(path);
                    }
                }
                Write::Delete { path, .. } => {
                    self.documents.remove(path);
                    self.due.remove(path);
                }
            }
        }
    }

    fn text(&mut self, place: &str, text: &str) {
        // Of what is sealed there is nothing to see.
        if !is_sealed(text) && !self.texts.contains_key(text) {
            self.texts.insert(text.to_owned(), place.to_owned());
        }
    }

    /// A queue's body: JSON that may hold a sealed text.
    fn body(&mut self, place: &str, body: &str) {
        match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(body) {
            Ok(members) => members.iter().for_each(|(_, value)| match value.as_str() {
                Some(text) => self.text(place, text),
                None => self.text(place, &value.to_string()),
            }),
            Err(_) => self.text(place, body),
        }
    }

    fn fields(&mut self, place: &str, fields: &Fields) {
        fields.values().for_each(|value| self.value(place, value));
    }

    fn value(&mut self, place: &str, value: &Value) {
        match value {
            Value::Text(text) => self.text(place, text),
            Value::Bytes(bytes) => self.text(place, &String::from_utf8_lossy(bytes)),
            Value::Int(number) => self.text(place, &number.to_string()),
            Value::Array(values) => values.iter().for_each(|value| self.value(place, value)),
            Value::Map(fields) => self.fields(place, fields),
            Value::Bool(_) | Value::Double(_) | Value::Time(_) => {}
        }
    }
}

/// `v1.`, the key's id, and base64url.
fn is_sealed(text: &str) -> bool {
    let parts = text.strip_prefix("v1.").and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(key, sealed)| {
        key.len() == 8 && sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}
