//! Customers, as Meta names them in its events.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

/// A customer. What Meta shows of them may change from one event to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The number as Meta writes it, digits only.
    pub phone: String,
    /// The business-scoped user id, where Meta tells it.
    pub user_id: Option<String>,
    /// Whether Meta keeps the number to itself (people with a username).
    pub hidden: bool,
    /// The profile name.
    pub name: String,
    /// The username.
    pub username: Option<String>,
}

impl Person {
    /// Somebody with a number and nothing else.
    pub fn new(n: u32) -> Self {
        Self {
            phone: format!("55119{:08}", 70_000_000 + n),
            user_id: None,
            hidden: false,
            name: format!("Freguesa Canário {n}"),
            username: None,
        }
    }

    /// Somebody who shows a user id only.
    pub fn without_phone(n: u32) -> Self {
        let user_id = Some(format!("BR.990011223344{n:06}"));
        Self { hidden: true, user_id, username: Some(format!("canario.{n}")), ..Self::new(n) }
    }

    /// Somebody who shows both.
    pub fn with_both(n: u32) -> Self {
        Self { hidden: false, ..Self::without_phone(n) }
    }

    /// What must never be written down in plain.
    pub fn secrets(&self) -> Vec<String> {
        let encoded = BASE64_STANDARD.encode(&self.phone);
        let mut secrets = vec![self.name.clone(), encoded.trim_end_matches('=').to_owned()];
        secrets.extend(self.user_id.clone());
        secrets.extend(self.username.clone());
        match domain::Phone::parse(&self.phone) {
            Ok(phone) => secrets.extend(phone.forms()),
            Err(_) => secrets.push(self.phone.clone()),
        }
        secrets
    }

    /// The number, where Meta shows it.
    pub fn shown_phone(&self) -> Option<&str> {
        (!self.hidden).then_some(self.phone.as_str())
    }

    /// The entry under `contacts`.
    pub fn contact(&self) -> Value {
        let mut profile = Map::new();
        profile.insert("name".into(), self.name.as_str().into());
        if let Some(username) = &self.username {
            profile.insert("username".into(), username.as_str().into());
        }
        let mut contact = Map::new();
        contact.insert("profile".into(), profile.into());
        self.name_contact(&mut contact);
        json!(contact)
    }

    /// `wa_id` and `user_id`.
    pub(super) fn name_contact(&self, out: &mut Map<String, Value>) {
        self.name_by(out, "wa_id", "user_id");
    }

    pub(super) fn name_author(&self, out: &mut Map<String, Value>) {
        self.name_by(out, "from", "from_user_id");
    }

    pub(super) fn name_receiver(&self, out: &mut Map<String, Value>) {
        self.name_by(out, "to", "to_user_id");
    }

    pub(super) fn name_recipient(&self, out: &mut Map<String, Value>) {
        self.name_by(out, "recipient_id", "recipient_user_id");
    }

    fn name_by(&self, out: &mut Map<String, Value>, phone: &str, user_id: &str) {
        if let Some(number) = self.shown_phone() {
            out.insert(phone.into(), number.into());
        }
        if let Some(id) = &self.user_id {
            out.insert(user_id.into(), id.as_str().into());
        }
    }
}
