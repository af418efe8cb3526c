//! A person who talks with an organization, and how the same person is recognised again.

mod attribute;
mod consent;
mod tag;
#[cfg(test)]
mod tests;

pub use self::attribute::{
    AttributeDefinition, AttributeKey, AttributeKind, AttributeValue, Attributes, InvalidAttribute, InvalidKey,
};
pub use self::consent::{Consent, ConsentSource, Consents, Decision, InvalidConsent, LegalBasis, Purpose};
pub use self::tag::{InvalidTag, Tag, Tags};

use crate::gate::StopGate;
use crate::name::DisplayName;
use crate::{ContactId, Phone, Timestamp, UserId};

/// Names are kept up to this many characters.
const MAX_NAME: usize = 512;

/// A person who talks with an organization.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Their id.
    pub id: ContactId,
    /// The profile name they chose, the latest by Meta's time.
    pub name: Option<Dated<String>>,
    /// Their username.
    pub username: Option<Dated<String>>,
    /// Their number as Meta gave it last: where to send. Empty since the number moved to somebody else.
    pub wa_id: Option<Dated<String>>,
    /// Their business-scoped user id, if it is known.
    pub user_id: Option<Dated<UserId>>,
    /// Whether marketing is forbidden; the gate is the truth.
    pub marketing: Option<StopGate>,
    /// What the organization calls them, before whatever they call themselves.
    pub given_name: Option<DisplayName>,
    /// The language in which they are written to first, as WhatsApp names it (`pt_BR`).
    pub language: Option<LanguageCode>,
    /// What the organization has marked them with.
    pub tags: Tags,
    /// What the organization knows of them.
    pub attributes: Attributes,
    /// What they agreed to, with where the evidence is.
    pub consents: Consents,
    /// Nobody answers them and nothing is sent to them, since this time.
    pub blocked_at: Option<Timestamp>,
    /// The contacts that live on in this one.
    pub merged_from: Vec<ContactId>,
    /// This record lives on in another one.
    pub merged_into: Option<ContactId>,
    /// When they were first seen.
    pub created_at: Timestamp,
    /// When the feed last told of a change: later than each time before, whatever the clocks say.
    pub changed_at: Timestamp,
}

/// A language as WhatsApp's templates name it: `pt_BR`, `en`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageCode(String);

/// The text is no such language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language such as pt_BR or en")]
pub struct InvalidLanguageCode;

impl LanguageCode {
    /// Reads `xx`, `xxx`, `xx_YY` or `xx_YYY`; a dash counts as the underscore.
    ///
    /// # Errors
    /// [`InvalidLanguageCode`].
    pub fn parse(text: &str) -> Result<Self, InvalidLanguageCode> {
        let (language, region) = match text.split_once(['_', '-']) {
            Some((language, region)) => (language, Some(region)),
            None => (text, None),
        };
        let letters = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
        match region {
            None if letters(language) => Ok(Self(language.to_ascii_lowercase())),
            Some(region) if letters(language) && letters(region) => {
                Ok(Self(format!("{}_{}", language.to_ascii_lowercase(), region.to_ascii_uppercase())))
            }
            _ => Err(InvalidLanguageCode),
        }
    }

    /// As WhatsApp writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LanguageCode {
    type Error = InvalidLanguageCode;
    fn try_from(text: String) -> Result<Self, InvalidLanguageCode> {
        Self::parse(&text)
    }
}

impl From<LanguageCode> for String {
    fn from(code: LanguageCode) -> Self {
        code.0
    }
}

/// A value and Meta's time of it: the latest one counts, whatever the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dated<T> {
    /// When it was said.
    pub at: Timestamp,
    /// What was said.
    pub value: T,
}

impl Contact {
    /// Somebody new.
    pub fn begin(id: ContactId, now: Timestamp) -> Self {
        Self {
            id,
            name: None,
            username: None,
            wa_id: None,
            user_id: None,
            marketing: None,
            given_name: None,
            language: None,
            tags: Tags::default(),
            attributes: Attributes::default(),
            consents: Consents::default(),
            blocked_at: None,
            merged_from: Vec::new(),
            merged_into: None,
            created_at: now,
            changed_at: now,
        }
    }

    /// Their number as Meta gave it last, if they have one.
    pub fn address(&self) -> Option<&str> {
        self.wa_id.as_ref().map(|wa_id| wa_id.value.as_str()).filter(|wa_id| !wa_id.is_empty())
    }

    /// Their canonical phone number, if it is known.
    pub fn phone(&self) -> Option<Phone> {
        self.address().and_then(|wa_id| Phone::parse(wa_id).ok())
    }

    /// Takes in how an event of this time names the person: the latest of each name stays, so that an event which comes
    /// late does not bring an old number back. What is no number never takes a number's place.
    pub fn learn(&mut self, person: &crate::inbound::Person, at: Timestamp) {
        fn latest<T: Clone + Ord>(slot: &mut Option<Dated<T>>, value: Option<T>, at: Timestamp) {
            if let Some(value) = value {
                *slot = slot.take().max(Some(Dated { at, value }));
            }
        }
        let short = |text: &String| text.chars().take(MAX_NAME).collect::<String>();
        latest(&mut self.name, person.name.as_ref().map(short), at);
        latest(&mut self.username, person.username.as_ref().map(short), at);
        latest(&mut self.user_id, person.user_id.clone(), at);
        let wa_id = person.wa_id.as_ref().map(short);
        match &person.phone {
            Some(phone) => latest(&mut self.wa_id, wa_id.or_else(|| Some(phone.digits().to_owned())), at),
            None if self.wa_id.is_none() => latest(&mut self.wa_id, wa_id, at),
            None => {}
        }
    }

    /// What they are called: by the organization, else by themselves.
    pub fn called(&self) -> Option<&str> {
        let own = || self.name.as_ref().map(|name| name.value.as_str());
        self.given_name.as_ref().map(DisplayName::as_str).or_else(own)
    }

    /// Whether marketing may be sent: they agreed to it, with evidence, and neither stopped it nor are blocked.
    pub fn takes_marketing(&self) -> bool {
        let is_stopped = self.marketing.is_some_and(|choice| choice.stopped);
        self.consents.is_granted(Purpose::Marketing) && !is_stopped && self.blocked_at.is_none()
    }

    /// Takes in a contact that turned out to be the same person. What either knows is kept; where both know it, this one's
    /// stays, the later of two consents counts, and a block holds for both.
    pub fn absorb(&mut self, other: &Self) {
        self.given_name = self.given_name.take().or_else(|| other.given_name.clone());
        self.language = self.language.take().or_else(|| other.language.clone());
        self.tags.unite(&other.tags);
        self.attributes.unite(&other.attributes);
        self.consents.unite(&other.consents);
        self.blocked_at = [self.blocked_at, other.blocked_at].into_iter().flatten().min();
        let others = other.merged_from.iter().chain([&other.id]).filter(|id| **id != self.id);
        self.merged_from.extend(others.cloned());
        self.merged_from.sort();
        self.merged_from.dedup();
    }

    /// Their number belongs to somebody else since this time.
    pub fn lose_phone(&mut self, at: Timestamp) {
        self.wa_id = Some(Dated { at, value: String::new() });
    }

    /// Takes in a choice about marketing.
    pub fn choose(&mut self, choice: StopGate) {
        self.marketing = Some(self.marketing.map_or(choice, |known| known.join(choice)));
    }
}

/// How a phone in an event stands to the contact that its alias leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneStanding {
    /// It is that contact's number, or was at the event's time.
    Holds,
    /// The contact had given it up by then: whoever writes from it now is somebody else.
    GivenUp,
    /// The contact got it after the event's time from whom the event names: it stays with the contact.
    HeldSince,
}

/// Numbers are recycled: decides whose a phone is that leads to `holder`, in an event of this time about this person.
pub fn phone_standing(holder: &Contact, person: &crate::inbound::Person, at: Timestamp) -> PhoneStanding {
    let is_current = holder.phone().is_some() && holder.phone() == person.phone;
    let holder_is_newer = holder.wa_id.as_ref().is_some_and(|wa_id| wa_id.at > at);
    let other_user = match (&person.user_id, &holder.user_id) {
        (Some(user), Some(known)) => *user != known.value,
        _ => false,
    };
    match (is_current, holder_is_newer, other_user) {
        (_, true, true) => PhoneStanding::HeldSince,
        (true, _, _) | (false, true, false) => PhoneStanding::Holds,
        (false, false, _) => PhoneStanding::GivenUp,
    }
}

/// What the aliases of an event lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Nobody is known under either name.
    New,
    /// This contact; names that are missing are added to it.
    Known(ContactId),
    /// This contact; the phone has moved to it from somebody else (numbers are recycled).
    PhoneMoves(ContactId),
    /// Both names lead to contacts that are one person: the second lives on in the first.
    Merge {
        /// Who stays: the one with the user id.
        survivor: ContactId,
        /// Who is joined to it: a contact that was known by the phone alone.
        merged: ContactId,
    },
    /// Somebody new, to whom the phone moves: the contact that has it belongs to another user id.
    NewWithPhone,
}

/// Decides who an event is about. `by_user` is the contact known by the event's user id, `by_phone` the one known by its
/// phone, each as (id, the user id it has). Two different user ids are never merged by a phone.
pub fn identify(
    user_id: Option<&UserId>,
    by_user: Option<&ContactId>,
    by_phone: Option<(&ContactId, Option<&UserId>)>,
) -> Identity {
    match (user_id, by_user, by_phone) {
        (_, None, None) => Identity::New,
        (_, Some(contact), None) => Identity::Known(contact.clone()),
        (_, Some(contact), Some((other, _))) if contact == other => Identity::Known(contact.clone()),
        (_, Some(contact), Some((other, None))) => Identity::Merge { survivor: contact.clone(), merged: other.clone() },
        (_, Some(contact), Some((_, Some(_)))) => Identity::PhoneMoves(contact.clone()),
        (Some(user), None, Some((_, Some(known)))) if known != user => Identity::NewWithPhone,
        (_, None, Some((contact, _))) => Identity::Known(contact.clone()),
    }
}
