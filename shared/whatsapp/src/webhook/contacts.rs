//! Which contacts of a change belong to which of its events.
//!
//! A batch of a thousand messages comes with a thousand contacts; each event gets its own and no other, and a contact
//! that belongs to none is left over for the remainder.

use std::collections::HashMap;

use domain::Phone;
use serde_json::value::RawValue;

use super::class::EventClass;
use super::raw::Members;

/// A contact longer than this is given to one event only.
const SHORT: usize = 8 * 1_024;

/// What names a person in an event or a contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) user_ids: Vec<String>,
    pub(crate) phones: Vec<String>,
}

/// The contacts of one change.
pub(crate) struct Contacts<'a> {
    all: Vec<Contact<'a>>,
    by_user_id: HashMap<String, Vec<usize>>,
    by_phone: HashMap<String, Vec<usize>>,
}

struct Contact<'a> {
    raw: &'a RawValue,
    keys: Keys,
    used: bool,
}

impl Keys {
    /// The keys of an element of that class.
    pub(crate) fn of_item(class: EventClass, item: &Members) -> Self {
        let mut user_ids: Vec<String> = class.user_id_keys().iter().filter_map(|key| item.text(key)).collect();
        if class == EventClass::UserIdChange
            && let Some(ids) = item.get("user_id").and_then(Members::of)
        {
            user_ids.extend(["current", "previous"].iter().filter_map(|key| ids.text(key)));
        }
        let phones = class.phone_keys().iter().filter_map(|key| item.text(key)).map(canonical).collect();
        Self { user_ids, phones }
    }

    fn of_contact(contact: &RawValue) -> Self {
        let Some(members) = Members::of(contact) else { return Self::default() };
        Self {
            user_ids: members.text("user_id").into_iter().collect(),
            phones: members.text("wa_id").map(canonical).into_iter().collect(),
        }
    }

    /// The key that tells most: a user id, else a phone.
    pub(crate) fn first(&self) -> Option<&str> {
        self.user_ids.first().or(self.phones.first()).map(String::as_str)
    }
}

impl<'a> Contacts<'a> {
    pub(crate) fn new(raws: &[&'a RawValue]) -> Self {
        let all: Vec<Contact> =
            raws.iter().map(|raw| Contact { raw, keys: Keys::of_contact(raw), used: false }).collect();
        let mut contacts = Self { all, by_user_id: HashMap::new(), by_phone: HashMap::new() };
        // Kept in reverse, so that the next one to give away stands last.
        for (i, contact) in contacts.all.iter().enumerate().rev() {
            for (index, keys) in
                [(&mut contacts.by_user_id, &contact.keys.user_ids), (&mut contacts.by_phone, &contact.keys.phones)]
            {
                for key in keys {
                    index.entry(key.clone()).or_default().push(i);
                }
            }
        }
        contacts
    }

    /// Whether any contact is named by the keys.
    pub(crate) fn know(&self, keys: &Keys) -> bool {
        keys.user_ids.iter().any(|id| self.by_user_id.contains_key(id))
            || keys.phones.iter().any(|phone| self.by_phone.contains_key(phone))
    }

    /// The contacts that belong to an event with these keys. Where a person is listed several times, each event gets the
    /// next of them, so that every one goes to some event.
    pub(crate) fn take(&mut self, keys: &Keys) -> Vec<usize> {
        let mut found = Vec::new();
        for (index, keys) in [(&mut self.by_user_id, &keys.user_ids), (&mut self.by_phone, &keys.phones)] {
            for key in keys {
                if let Some(list) = index.get_mut(key) {
                    found.extend(if list.len() > 1 { list.pop() } else { list.last().copied() });
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        self.give(found)
    }

    /// The only contact, for events that do not name their person otherwise.
    pub(crate) fn take_only(&mut self) -> Vec<usize> {
        self.give(vec![0])
    }

    fn give(&mut self, mut found: Vec<usize>) -> Vec<usize> {
        found.retain(|&i| !self.all[i].used || self.all[i].raw.get().len() <= SHORT);
        for &i in &found {
            self.all[i].used = true;
        }
        found
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// A contact's JSON.
    pub(crate) fn json(&self, i: usize) -> &'a str {
        self.all[i].raw.get()
    }

    /// A contact's keys.
    pub(crate) fn keys(&self, i: usize) -> &Keys {
        &self.all[i].keys
    }

    /// The contacts that were given to no event.
    pub(crate) fn left_over(&self) -> Vec<usize> {
        (0..self.all.len()).filter(|&i| !self.all[i].used).collect()
    }
}

/// One form for both forms of a number, so that `from` without and `wa_id` with the Brazilian ninth digit meet.
fn canonical(phone: String) -> String {
    Phone::parse(&phone).map(|phone| phone.digits().to_owned()).unwrap_or(phone)
}
