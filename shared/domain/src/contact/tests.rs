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
