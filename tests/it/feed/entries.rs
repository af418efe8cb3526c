//! What the feed tells of: each change once, and nothing personal.

use domain::Span;
use domain::conversation::{Attention, ConversationState};
use domain::delivery::DeliveryStatus;
use domain::feed::Change;
use domain::outbound::OutboundContent;
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::{BAKERY, World};

/// What happened in the bakery after the first so many entries.
fn later(world: &World, known: usize) -> Vec<Change> {
    world.feed(&world.bakery).into_iter().skip(known).map(|entry| entry.change).collect()
}

fn kinds(changes: &[Change]) -> Vec<&'static str> {
    changes.iter().map(|change| change.kind().as_str()).collect()
}

/// A world in which customer 1 was answered, and how many entries that made.
fn after_a_first_answer(seed: u64) -> (World, Person, usize) {
    let mut world = World::new(seed);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let known = world.feed(&world.bakery).len();
    (world, ana, known)
}

#[test]
fn an_exchange_is_told_of_once_and_in_the_order_in_which_it_happened() {
    let mut world = World::new(1);
    world.meta.tells(&[
        ("sent", Span::from_seconds(1)),
        ("delivered", Span::from_seconds(2)),
        ("read", Span::from_seconds(3)),
    ]);
    let ana = Person::new(1);
    world.person(ana.clone()).times(3).writes("tem pão de queijo?");
    world.settle();
    let entries = world.feed(&world.bakery);
    let kinds: Vec<_> = entries.iter().map(|entry| entry.change.kind().as_str()).collect();
    let expected = [
        "contact.created",
        "conversation.created",
        "message.received",
        "message.queued",
        "message.status_changed",
        "message.status_changed",
        "message.status_changed",
        "message.status_changed",
    ];
    assert_eq!(kinds, expected);
    let seen = world.seen(&ana);
    let reply = seen.messages.last().unwrap();
    let statuses: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::MessageStatusChanged { message_id, status, .. } if *message_id == reply.id => Some(*status),
            _ => None,
        })
        .collect();
    let way = [DeliveryStatus::Accepted, DeliveryStatus::Sent, DeliveryStatus::Delivered, DeliveryStatus::Read];
    assert_eq!(statuses, way);
    assert!(world.feed(&world.florist).is_empty(), "another organization's feed tells nothing of it");
    let told = format!("{entries:?}");
    for secret in ana.secrets().iter().map(String::as_str).chain(["pão", "Resposta"]) {
        assert!(!told.contains(secret), "{secret} is in the feed");
    }
}

#[test]
fn who_has_a_conversation_is_told_of_and_also_that_a_take_over_ended_by_itself() {
    let (mut world, ana, known) = after_a_first_answer(2);
    let id = world.conversation_id(&ana, BAKERY);
    let contact_id = world.contact(&ana).id;
    world.take_over(&id);
    world.take_over(&id);
    world.person(ana.clone()).writes("ainda está aí?");
    world.settle();
    world.wait(Span::from_hours(9));
    world.hand_back(&id);
    world.settle();
    let updated = |state, attention| Change::ConversationUpdated {
        conversation_id: id.clone(),
        contact_id: contact_id.clone(),
        state,
        attention,
        team_id: None,
        // Who took it over looks after it, until it is handed back.
        assignee_id: Some(domain::MemberId::from_bits([7; 16])),
    };
    let changes: Vec<Change> =
        later(&world, known).into_iter().filter(|c| matches!(c, Change::ConversationUpdated { .. })).collect();
    let expected = [
        updated(ConversationState::Person, None),
        updated(ConversationState::Person, Some(Attention::Waiting)),
        updated(ConversationState::Assistant, Some(Attention::Waiting)),
    ];
    assert_eq!(changes, expected, "a second take-over shows nowhere, and neither does a hand-back of nothing");
}

#[test]
fn a_persons_answer_names_who_wrote_it() {
    let (mut world, ana, known) = after_a_first_answer(3);
    let id = world.conversation_id(&ana, BAKERY);
    let text = OutboundContent::Text { body: "sou eu".into(), preview_url: false };
    let first = world.answers_with(&id, "k", text.clone(), None).unwrap();
    world.answers_with(&id, "k", text, None).unwrap();
    world.settle();
    let queued: Vec<_> =
        later(&world, known).into_iter().filter(|change| matches!(change, Change::MessageQueued { .. })).collect();
    let origin = "person".to_owned();
    assert_eq!(queued, [Change::MessageQueued { conversation_id: id, message_id: first.message.id, origin }]);
}

#[test]
fn a_stop_and_a_start_are_told_of_with_their_confirmations() {
    let (mut world, ana, known) = after_a_first_answer(4);
    let id = world.contact(&ana).id;
    world.person(ana.clone()).writes("SAIR");
    world.settle();
    world.person(ana.clone()).writes("sair");
    world.settle();
    world.wait(Span::from_seconds(2));
    world.person(ana.clone()).prefers("resume");
    world.settle();
    let changes = later(&world, known);
    let consent: Vec<_> = changes.iter().filter(|change| matches!(change, Change::ConsentChanged { .. })).collect();
    let expected =
        [true, false].map(|marketing_stopped| Change::ConsentChanged { contact_id: id.clone(), marketing_stopped });
    assert_eq!(consent, expected.iter().collect::<Vec<_>>(), "a second stop changes nothing");
    let confirmed = changes.iter().any(|c| matches!(c, Change::MessageQueued { origin, .. } if origin == "program"));
    assert!(confirmed, "{changes:?}");
    let kinds = kinds(&changes);
    assert_eq!(&kinds[..3], ["consent.changed", "message.received", "message.queued"], "of one commit, in this order");
}

#[test]
fn a_contact_that_shows_another_name_or_turns_out_to_be_another_is_told_of() {
    let mut world = World::new(5);
    let by_phone = Person::new(1);
    world.person(by_phone.clone()).writes("oi, aqui é a Ana");
    world.settle();
    world.person(Person::without_phone(1)).writes("oi, de novo");
    world.settle();
    let known = world.feed(&world.bakery).len();
    let old = world.contact(&by_phone).id;
    world.person(Person::with_both(1)).writes("e agora com os dois");
    world.settle();
    let survivor = world.contact(&Person::with_both(1)).id;
    assert_ne!(old, survivor);
    let changes = later(&world, known);
    let merged = Change::ContactMerged { contact_id: old, merged_into: survivor.clone() };
    assert!(changes.contains(&merged), "{changes:?}");
    assert!(changes.contains(&Change::ContactUpdated { contact_id: survivor }), "it has a number now: {changes:?}");
}

#[test]
fn a_send_that_fails_is_told_of_with_its_code_and_so_is_the_person_that_it_needs() {
    let (mut world, ana, known) = after_a_first_answer(6);
    world.meta.next(Answer::Refuse(131_026));
    world.person(ana.clone()).writes("e o meu pedido?");
    world.settle();
    let changes = later(&world, known);
    let failed = |change: &Change| {
        matches!(change, Change::MessageStatusChanged { status: DeliveryStatus::Failed, error_code: Some(131_026), .. })
    };
    assert!(changes.iter().any(failed), "{changes:?}");
    let needs =
        |change: &Change| matches!(change, Change::ConversationUpdated { attention: Some(Attention::FailedSend), .. });
    assert!(changes.iter().any(needs), "{changes:?}");
}

#[test]
fn an_unknown_send_is_told_of_and_so_is_what_it_turns_out_to_be() {
    let (mut world, ana, known) = after_a_first_answer(7);
    world.meta.next(Answer::AcceptThenLose);
    world.meta.tells(&[("delivered", Span::from_minutes(10))]);
    world.person(ana.clone()).writes("e o meu pedido?");
    world.settle();
    let statuses: Vec<_> = later(&world, known)
        .iter()
        .filter_map(|change| match change {
            Change::MessageStatusChanged { status, .. } => Some(*status),
            _ => None,
        })
        .collect();
    assert_eq!(statuses, [DeliveryStatus::Unknown, DeliveryStatus::Delivered]);
}

#[test]
fn a_message_from_the_businesss_own_phone_is_told_of_as_one() {
    let (mut world, ana, known) = after_a_first_answer(8);
    world.person(ana.clone()).is_written_to_by_phone("aqui é o dono");
    world.settle();
    assert_eq!(kinds(&later(&world, known)), ["message.echoed", "conversation.updated"]);
}
