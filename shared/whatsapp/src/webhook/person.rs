//! Who an event is about.

use domain::inbound::Person;
use domain::{Phone, UserId};

use super::class::EventClass;
use super::view::View;

/// The person of an event's one element, completed from the change's contacts. It may turn out to name nobody.
pub(crate) fn person(class: EventClass, item: View, contacts: View) -> Person {
    let user_id = class.user_id_keys().iter().find_map(|key| item.at(key).parsed::<UserId>());
    let numbers: Vec<String> = class.phone_keys().iter().filter_map(|key| item.at(key).text()).collect();
    let parent_user_id = class
        .user_id_keys()
        .iter()
        .find_map(|key| item.at(&key.replace("user_id", "parent_user_id")).parsed::<UserId>());
    let mut person = Person { user_id, parent_user_id, ..Person::default() };
    number(&mut person, numbers);
    let Some(contact) = contact_of(class, &person, contacts) else { return person };

    person.user_id = person.user_id.or_else(|| contact.at("user_id").parsed());
    person.parent_user_id = person.parent_user_id.or_else(|| contact.at("parent_user_id").parsed());
    person.name = contact.at("profile").at("name").text();
    person.username = contact.at("profile").at("username").text().or_else(|| contact.at("username").text());
    if person.phone.is_none() {
        let known = person.wa_id.take();
        number(&mut person, contact.at("wa_id").text().into_iter().chain(known).collect());
    }
    person
}

/// Whether the event says at all who it is about.
pub(crate) fn is_named(person: &Person) -> bool {
    person.user_id.is_some() || person.phone.is_some() || person.wa_id.is_some()
}

/// Takes the first number that is one, else the first as it is.
fn number(person: &mut Person, numbers: Vec<String>) {
    let best = numbers.iter().find(|number| Phone::parse(number).is_ok()).or(numbers.first());
    person.phone = best.and_then(|number| Phone::parse(number).ok());
    person.wa_id = best.cloned();
}

/// The contact that is this person: by user id, else by number. A message's only contact is its author even where the
/// numbers differ (Meta documents that `from` and `wa_id` need not match); elsewhere it counts only for an element that
/// names nobody, since nothing may be laid at the wrong person's door.
fn contact_of<'a>(class: EventClass, person: &Person, contacts: View<'a>) -> Option<View<'a>> {
    let by_user_id = contacts
        .list()
        .find(|contact| person.user_id.is_some() && contact.at("user_id").parsed::<UserId>() == person.user_id);
    let by_number = || {
        contacts.list().find(|contact| {
            let wa_id = contact.at("wa_id").text();
            let other_user = contact.at("user_id").parsed::<UserId>().zip(person.user_id.clone());
            let same_number = wa_id.is_some()
                && (wa_id == person.wa_id
                    || (person.phone.is_some() && wa_id.and_then(|text| Phone::parse(&text).ok()) == person.phone));
            same_number && other_user.is_none_or(|(theirs, ours)| theirs == ours)
        })
    };
    let only = || {
        let mut all = contacts.list();
        let first = all.next().filter(|_| all.next().is_none())?;
        let other_user = first.at("user_id").parsed::<UserId>().zip(person.user_id.clone());
        let may_be = class == EventClass::Message || !is_named(person);
        (may_be && other_user.is_none_or(|(theirs, ours)| theirs == ours)).then_some(first)
    };
    by_user_id.or_else(by_number).or_else(only)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(class: EventClass, item: Value, contacts: Value) -> Person {
        person(class, View::new(&item), View::new(&contacts))
    }

    fn message(item: Value, contacts: Value) -> Person {
        of(EventClass::Message, item, contacts)
    }

    fn user(person: &Person) -> Option<&str> {
        person.user_id.as_ref().map(UserId::as_str)
    }

    fn digits(person: &Person) -> Option<&str> {
        person.phone.as_ref().map(Phone::digits)
    }

    #[test]
    fn a_person_without_a_phone_number_is_known_by_their_user_id() {
        let person = message(
            json!({"from_user_id": "BR.77", "from_parent_user_id": "BR.ENT.9"}),
            json!([{"user_id": "BR.77", "profile": {"name": "Lia", "username": "lia.doces"}}]),
        );
        assert_eq!((user(&person), digits(&person), person.wa_id.as_deref()), (Some("BR.77"), None, None));
        assert_eq!(person.parent_user_id.as_ref().map(UserId::as_str), Some("BR.ENT.9"));
        assert_eq!((person.name.as_deref(), person.username.as_deref()), (Some("Lia"), Some("lia.doces")));
    }

    #[test]
    fn an_event_that_names_nobody_is_about_its_only_contact() {
        let person = message(json!({}), json!([{"user_id": "BR.77"}]));
        assert_eq!(user(&person), Some("BR.77"));
        assert!(!is_named(&message(json!({}), json!([{"user_id": "BR.77"}, {"user_id": "BR.78"}]))));
        assert!(!is_named(&message(json!({}), json!(null))));
    }

    #[test]
    fn the_right_contact_of_several_is_found_by_user_id_and_by_number() {
        let contacts = json!([
            {"wa_id": "5511999990001", "profile": {"name": "A"}},
            {"wa_id": "5511999990002", "user_id": "BR.2", "profile": {"name": "B"}},
            {"user_id": "BR.3", "profile": {"name": "C"}},
        ]);
        let name = |item: Value| message(item, contacts.clone()).name;
        assert_eq!(name(json!({"from": "5511999990001"})).as_deref(), Some("A"));
        assert_eq!(name(json!({"from": 5_511_999_990_002_i64})).as_deref(), Some("B"));
        assert_eq!(name(json!({"from": "5511999990001", "from_user_id": "BR.3"})).as_deref(), Some("C"));
        assert_eq!(name(json!({"from": "5511999990009"})), None);
    }

    #[test]
    fn both_forms_of_a_brazilian_number_meet_and_the_address_stays_as_meta_gave_it() {
        let person = message(json!({"from": "551187654321"}), json!([{"wa_id": "5511987654321", "user_id": "BR.1"}]));
        assert_eq!((digits(&person), person.wa_id.as_deref()), (Some("5511987654321"), Some("551187654321")));
        assert_eq!(user(&person), Some("BR.1"));
    }

    #[test]
    fn an_address_that_is_no_phone_number_is_kept_as_it_is() {
        let person = message(json!({"from": "GUEST"}), json!(null));
        assert_eq!((digits(&person), person.wa_id.as_deref()), (None, Some("GUEST")));
        let better = message(json!({"from": "GUEST"}), json!([{"wa_id": "5511987654321"}]));
        assert_eq!((digits(&better), better.wa_id.as_deref()), (Some("5511987654321"), Some("5511987654321")));
    }

    #[test]
    fn another_persons_contact_lends_nothing() {
        let contact = json!([{"wa_id": "5511999990001", "user_id": "BR.1", "profile": {"name": "A"}}]);
        let preference = of(EventClass::Preference, json!({"wa_id": "5511999990002"}), contact.clone());
        assert_eq!((user(&preference), preference.name.as_deref()), (None, None));
        let other_user = message(json!({"from": "5511999990001", "from_user_id": "BR.2"}), contact);
        assert_eq!((user(&other_user), other_user.name.as_deref()), (Some("BR.2"), None));
    }

    #[test]
    fn the_person_of_an_echo_is_the_one_written_to() {
        let item = json!({"from": "551130000000", "to": "5511999990001", "to_user_id": "BR.1"});
        let person = of(EventClass::Echo, item, json!(null));
        assert_eq!((user(&person), digits(&person)), (Some("BR.1"), Some("5511999990001")));
    }
}
