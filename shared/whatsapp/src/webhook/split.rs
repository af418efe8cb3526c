//! Cutting a body into single events, each of which can be sealed, queued and read on its own.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use data_encoding::HEXLOWER;
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::canonical;
use super::class::EventClass;
use super::contacts::{Contacts, Keys};
use super::envelope::{Body, Change, Entry};
use super::raw::Members;
use super::scan::readable;

/// One event of a body.
#[derive(Clone, PartialEq, Eq)]
pub struct SplitEvent {
    /// Its sort.
    pub class: EventClass,
    /// The event as JSON: a body of Meta's own form that holds this event alone, envelope included. Personal data.
    pub json: String,
    /// Whom it concerns.
    pub routing: Routing,
    /// What makes this event this event, however often and in whatever batch Meta repeats it: the input of its
    /// deterministic id. Personal data.
    pub fingerprint: String,
}

/// Whom an event concerns, as far as the webhook needs it to choose the queue's group. Personal data.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Routing {
    /// The WhatsApp business account.
    pub waba_id: Option<String>,
    /// Meta's id of the business number.
    pub number_id: Option<String>,
    /// The person: the user id, else the canonical phone number, else whatever Meta wrote in its place.
    pub person: Option<String>,
}

/// Cuts a signed body into its events: one per message, status, echo, preference, user id change and error of the account,
/// one per change of any other field. The caller has checked the size (3 MiB).
///
/// Never fails and loses nothing: the events together hold every leaf of the body. What several events share and is
/// short (account, number, time) is copied into each; what is left (unknown members, contacts of nobody) becomes a
/// [`EventClass::Remainder`]. A body that is no JSON object, nests deeper than 32 levels, names a structural member twice
/// or holds over 10,000 events is kept whole as one [`EventClass::Unparsed`].
pub fn split(body: &[u8]) -> Vec<SplitEvent> {
    readable(body).ok().and_then(|text| cut(&text)).unwrap_or_else(|| vec![unparsed(body)])
}

impl SplitEvent {
    /// Whether it goes to the status queue. Everything else goes to the inbound queue.
    pub fn is_status(&self) -> bool {
        self.class == EventClass::Status
    }
}

impl fmt::Debug for SplitEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SplitEvent({:?}, {} bytes)", self.class, self.json.len())
    }
}

impl fmt::Debug for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routing")
            .field("waba_id", &self.waba_id)
            .field("number_id", &self.number_id)
            .finish_non_exhaustive()
    }
}

/// The event that keeps a whole body: as text, or in base64 where it is not UTF-8 or where escapes would take more room.
pub(crate) fn unparsed(body: &[u8]) -> SplitEvent {
    let escaped = body.iter().filter(|byte| byte.is_ascii_control()).count();
    let json = match std::str::from_utf8(body) {
        Ok(text) if escaped < body.len() / 16 + 16 => json!({ "encoding": "utf-8", "body": text }),
        _ => json!({ "encoding": "base64", "body": BASE64_STANDARD.encode(body) }),
    };
    SplitEvent {
        class: EventClass::Unparsed,
        json: format!("{{\"unparsed\":{json}}}"),
        routing: Routing::default(),
        fingerprint: fingerprint(&["unparsed", &HEXLOWER.encode(&Sha256::digest(body))]),
    }
}

fn cut(text: &str) -> Option<Vec<SplitEvent>> {
    let body = Body::parse(text)?;
    let mut out = Vec::with_capacity(body.events());
    for entry in &body.entries {
        for change in &entry.changes {
            cut_change(&body, entry, change, &mut out);
        }
        let own = &entry.level.own;
        if entry.changes.is_empty() {
            let json = format!("{{{}\"entry\":[{}]}}", body.level.shared, entry.raw);
            out.push(plain(EventClass::Account, json, entry.id.clone(), None));
        } else if !own.is_empty() {
            let rest = object(&[&entry.level.shared, own]);
            let json = format!("{{{}\"entry\":[{rest}]}}", body.level.shared);
            out.push(plain(EventClass::Remainder, json, entry.id.clone(), None));
        }
    }
    if !body.level.own.is_empty() {
        let json = object(&[&body.level.shared, &body.level.own]);
        out.push(plain(EventClass::Remainder, json, None, None));
    }
    if body.events() == 1 {
        // The body is its one event.
        out.truncate(1);
        let event = out.pop().unwrap_or_else(|| plain(EventClass::Account, text.to_owned(), None, None));
        let by_content = matches!(event.class, EventClass::Account | EventClass::Remainder);
        let fingerprint = if by_content { account_fingerprint(text) } else { event.fingerprint };
        let class = if event.class == EventClass::Remainder { EventClass::Account } else { event.class };
        out.push(SplitEvent { class, json: text.to_owned(), fingerprint, ..event });
    }
    Some(out)
}

fn cut_change(body: &Body, entry: &Entry, change: &Change, out: &mut Vec<SplitEvent>) {
    let wrap =
        |change: &str| format!("{{{}\"entry\":[{{{}\"changes\":[{change}]}}]}}", body.level.shared, entry.level.shared);
    if change.items.is_empty() {
        let json = wrap(change.raw.get());
        out.push(plain(EventClass::Account, json, entry.id.clone(), change.number.clone()));
        return;
    }
    let mut contacts = Contacts::new(&change.contacts);
    let items: Vec<Item> = change.items.iter().map(|(list, class, raw)| Item::new(change, list, *class, raw)).collect();
    let only_contact_is_theirs = only_contact_is_theirs(&contacts, &items);
    for item in items {
        let own = if only_contact_is_theirs { contacts.take_only() } else { contacts.take(&item.keys) };
        let list = format!("{}\"{}\":[{}],", contact_list(&contacts, &own), item.list, item.raw);
        let value = object(&[&change.value.shared, &list]);
        let json = wrap(&object(&[&change.level.shared, "\"value\":", &value, ","]));
        let person = person(&item.keys, &contacts, &own);
        let routing = Routing { waba_id: entry.id.clone(), number_id: change.number.clone(), person };
        let fingerprint = item.fingerprint.unwrap_or_else(|| account_fingerprint(&json));
        out.push(SplitEvent { class: item.class, json, routing, fingerprint });
    }
    let left = contact_list(&contacts, &contacts.left_over());
    if !(left.is_empty() && change.value.own.is_empty() && change.level.own.is_empty()) {
        let value = object(&[&change.value.shared, &change.value.own, &left]);
        let rest = object(&[&change.level.shared, &change.level.own, "\"value\":", &value, ","]);
        out.push(plain(EventClass::Remainder, wrap(&rest), entry.id.clone(), change.number.clone()));
    }
}

/// One element that is an event.
struct Item<'a> {
    class: EventClass,
    list: &'a str,
    raw: &'a RawValue,
    keys: Keys,
    /// `None` when the element has no id to go by.
    fingerprint: Option<String>,
}

impl<'a> Item<'a> {
    fn new(change: &Change, list: &'a str, class: EventClass, raw: &'a RawValue) -> Self {
        let members = Members::of(raw);
        let keys = members.as_ref().map(|members| Keys::of_item(class, members)).unwrap_or_default();
        let number = change.number.as_deref().unwrap_or_default();
        let fingerprint = members.and_then(|members| {
            let id = members.text("id")?;
            match class {
                EventClass::Message => Some(fingerprint(&["message", number, &id])),
                EventClass::Echo => Some(fingerprint(&["echo", number, &id])),
                EventClass::Status => {
                    let status = members.text("status").unwrap_or_default();
                    let kind = members.text("type").unwrap_or_default();
                    let recipient = keys.first().unwrap_or_default();
                    Some(fingerprint(&["status", number, &id, &status, &kind, recipient]))
                }
                _ => None,
            }
        });
        Self { class, list, raw, keys, fingerprint }
    }
}

/// Whether a change has one contact and one author only, who are then the same person even where their numbers differ:
/// Meta documents that a person's phone number (`from`) and WhatsApp id (`wa_id`) need not match.
fn only_contact_is_theirs(contacts: &Contacts, items: &[Item]) -> bool {
    contacts.len() == 1
        && items.iter().all(|item| item.keys == items[0].keys)
        && items.first().is_some_and(|item| !contacts.know(&item.keys))
}

/// The person for the queue's group: by user id where the event or its contact says so.
fn person(keys: &Keys, contacts: &Contacts, own: &[usize]) -> Option<String> {
    let of_contacts = || own.iter().map(|&i| contacts.keys(i));
    let user_id = keys.user_ids.first().or_else(|| of_contacts().find_map(|keys| keys.user_ids.first()));
    let phone = keys.phones.first().or_else(|| of_contacts().find_map(|keys| keys.phones.first()));
    user_id.or(phone).cloned()
}

/// An event of which nothing but its envelope is known.
fn plain(class: EventClass, json: String, waba_id: Option<String>, number_id: Option<String>) -> SplitEvent {
    let fingerprint = account_fingerprint(&json);
    SplitEvent { class, json, routing: Routing { waba_id, number_id, person: None }, fingerprint }
}

fn account_fingerprint(json: &str) -> String {
    fingerprint(&["account", &canonical::digest(json)])
}

/// Joined so that no two lists of parts run together: Meta's ids hold no control characters.
fn fingerprint(parts: &[&str]) -> String {
    parts.join("\u{1f}")
}

fn contact_list(contacts: &Contacts, which: &[usize]) -> String {
    if which.is_empty() {
        return String::new();
    }
    let list: Vec<&str> = which.iter().map(|&i| contacts.json(i)).collect();
    format!("\"contacts\":[{}],", list.join(","))
}

/// An object of members that each end in a comma.
fn object(members: &[&str]) -> String {
    let mut json = String::with_capacity(members.iter().map(|member| member.len()).sum::<usize>() + 2);
    json.push('{');
    members.iter().for_each(|member| json.push_str(member));
    if json.ends_with(',') {
        json.pop();
    }
    json.push('}');
    json
}

#[cfg(test)]
mod tests;
