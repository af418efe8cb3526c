//! A person who talks with an organization, and how the same person is recognised again.

use crate::gate::StopGate;
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
    /// This record lives on in another one.
    pub merged_into: Option<ContactId>,
    /// When they were first seen.
    pub created_at: Timestamp,
    /// When the feed last told of a change: later than each time before, whatever the clocks say.
    pub changed_at: Timestamp,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(n: u8) -> ContactId {
        ContactId::from_bits([n; 16])
    }

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    #[test]
    fn a_phone_that_is_revealed_later_joins_its_contact_to_the_user() {
        let (a, b) = (contact(1), contact(2));
        assert_eq!(
            identify(Some(&user("BR.1")), Some(&a), Some((&b, None))),
            Identity::Merge { survivor: a.clone(), merged: b }
        );
    }

    #[test]
    fn a_recycled_phone_moves_and_never_merges_two_users() {
        let (a, b) = (contact(1), contact(2));
        let other = user("BR.2");
        assert_eq!(identify(Some(&user("BR.1")), Some(&a), Some((&b, Some(&other)))), Identity::PhoneMoves(a));
        assert_eq!(identify(Some(&user("BR.1")), None, Some((&b, Some(&other)))), Identity::NewWithPhone);
    }

    #[test]
    fn a_person_known_by_phone_alone_gets_the_user_id() {
        let a = contact(1);
        assert_eq!(identify(Some(&user("BR.1")), None, Some((&a, None))), Identity::Known(a.clone()));
        assert_eq!(identify(None, None, Some((&a, Some(&user("BR.1"))))), Identity::Known(a));
    }

    #[test]
    fn a_late_event_does_not_bring_an_old_number_back() {
        let reached = |wa_id: &str| crate::inbound::Person {
            wa_id: Some(wa_id.into()),
            phone: Phone::parse(wa_id).ok(),
            ..Default::default()
        };
        let mut c = Contact::begin(contact(1), Timestamp::from_seconds(1));
        c.learn(&reached("5511987654321"), Timestamp::from_seconds(9));
        c.learn(&reached("5511912345678"), Timestamp::from_seconds(3));
        assert_eq!(c.phone(), Phone::parse("5511987654321").ok());
        c.lose_phone(Timestamp::from_seconds(10));
        c.learn(&reached("5511987654321"), Timestamp::from_seconds(9));
        assert_eq!(c.phone(), None);
    }

    #[test]
    fn a_number_that_was_given_up_leads_to_nobody() {
        let reached = |wa_id: &str| crate::inbound::Person {
            wa_id: Some(wa_id.into()),
            phone: Phone::parse(wa_id).ok(),
            ..Default::default()
        };
        let at = Timestamp::from_seconds;
        let mut c = Contact::begin(contact(1), at(1));
        c.learn(&reached("5511987654321"), at(5));
        assert_eq!(phone_standing(&c, &reached("5511987654321"), at(3)), PhoneStanding::Holds);
        c.learn(&reached("5511911112222"), at(8));
        assert_eq!(phone_standing(&c, &reached("5511987654321"), at(7)), PhoneStanding::Holds);
        assert_eq!(phone_standing(&c, &reached("5511987654321"), at(9)), PhoneStanding::GivenUp);
    }

    #[test]
    fn a_late_event_of_its_former_owner_does_not_take_a_number_back() {
        let at = Timestamp::from_seconds;
        let person = |user_id: &str| crate::inbound::Person {
            user_id: Some(user(user_id)),
            wa_id: Some("5511987654321".into()),
            phone: Phone::parse("5511987654321").ok(),
            ..Default::default()
        };
        let mut holder = Contact::begin(contact(1), at(1));
        holder.learn(&person("BR.2"), at(9));
        assert_eq!(phone_standing(&holder, &person("BR.1"), at(5)), PhoneStanding::HeldSince);
        assert_eq!(phone_standing(&holder, &person("BR.1"), at(10)), PhoneStanding::Holds);
    }

    #[test]
    fn the_latest_name_by_metas_time_stays_whatever_the_order() {
        let named = |name: &str| crate::inbound::Person { name: Some(name.into()), ..Default::default() };
        let mut c = Contact::begin(contact(1), Timestamp::from_seconds(1));
        c.learn(&named("new"), Timestamp::from_seconds(9));
        c.learn(&named("old"), Timestamp::from_seconds(3));
        assert_eq!(c.name.map(|n| n.value), Some("new".into()));
    }
}
