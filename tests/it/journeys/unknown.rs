//! Meta's answer is lost: nobody knows whether a message was taken.

use domain::Span;
use domain::conversation::Attention;
use domain::delivery::DeliveryStatus;
use domain::intent::IntentState;
use tests::world::World;
use tests::world::meta::Answer;
use tests::world::people::Person;

/// Customer 1 writes, and Meta's answer to the reply is this.
fn after(answer: Answer, statuses: &[(&'static str, Span)]) -> (World, Person) {
    let mut world = World::new(1);
    world.meta.tells(statuses);
    world.meta.next(answer);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    (world, ana)
}

fn status(world: &World, person: &Person) -> DeliveryStatus {
    world.seen(person).message("Resposta a: bom dia, tudo bem?").status
}

#[test]
fn a_status_proves_that_a_message_with_a_lost_answer_was_taken() {
    let (mut world, ana) = after(Answer::AcceptThenLose, &[("sent", Span::from_seconds(2))]);
    world.settle();
    assert_eq!(status(&world, &ana), DeliveryStatus::Sent);
    assert_eq!((world.meta.calls().len(), world.seen(&ana).conversation.attention), (1, None));
}

#[test]
fn without_a_status_it_is_unknown_after_its_lease_and_a_person_sees_it() {
    let (mut world, ana) = after(Answer::AcceptThenLose, &[]);
    let took = world.settle();
    assert!(took <= Span::from_minutes(3), "{took:?}");
    assert_eq!(status(&world, &ana), DeliveryStatus::Unknown);
    assert_eq!(world.seen(&ana).conversation.attention, Some(Attention::UnknownSend));
}

#[test]
fn a_status_that_comes_much_later_resolves_what_was_unknown() {
    let (mut world, ana) = after(Answer::AcceptThenLose, &[]);
    world.settle();
    world.wait(Span::from_days(6));
    let taken = world.meta.taken()[0].clone();
    let delivered = world.meta.status_of(&taken, "delivered", world.now(), None);
    world.meta_posts(&[delivered]);
    world.settle();
    assert_eq!(status(&world, &ana), DeliveryStatus::Delivered);
    assert_eq!(world.seen(&ana).conversation.attention, None);
    let intent = world.seen(&ana).message("Resposta a: bom dia, tudo bem?").intent.clone().unwrap();
    assert!(matches!(world.intent(&intent).unwrap().intent.state, IntentState::Sent { .. }));
}

#[test]
fn a_person_sees_it_until_the_last_of_several_is_resolved() {
    let (mut world, ana) = after(Answer::AcceptThenLose, &[]);
    world.settle();
    world.meta.next(Answer::AcceptThenLose);
    world.person(ana.clone()).writes("e o meu pedido?");
    world.settle();
    let taken = world.meta.taken().to_vec();
    assert_eq!(taken.len(), 2);
    for (sent, attention) in taken.iter().zip([Some(Attention::UnknownSend), None]) {
        let delivered = world.meta.status_of(sent, "delivered", world.now(), None);
        world.meta_posts(&[delivered]);
        world.settle();
        assert_eq!(world.seen(&ana).conversation.attention, attention);
    }
}

#[test]
fn handing_back_what_no_person_had_leaves_it_on_the_list() {
    let (mut world, ana) = after(Answer::AcceptThenLose, &[]);
    world.settle();
    let id = world.seen(&ana).conversation.id.clone();
    world.hand_back(&id);
    assert_eq!(world.seen(&ana).conversation.attention, Some(Attention::UnknownSend));
    world.take_over(&id);
    world.hand_back(&id);
    assert_eq!(world.seen(&ana).conversation.attention, None, "whoever had it has seen it");
}

#[test]
fn what_is_unknown_is_never_sent_again_not_in_eight_days() {
    let (mut world, ana) = after(Answer::Lose, &[]);
    world.settle();
    for _ in 0..8 {
        world.wait(Span::from_days(1));
    }
    world.settle();
    assert_eq!((world.meta.calls().len(), status(&world, &ana)), (1, DeliveryStatus::Unknown));
}

#[test]
fn while_it_is_not_known_the_conversations_next_message_waits_and_then_leaves() {
    let (mut world, ana) = after(Answer::Lose, &[]);
    let begin = world.now();
    world.wait(Span::from_seconds(5));
    world.person(ana.clone()).writes("e o meu pedido?");
    world.wait(Span::from_seconds(15));
    assert!(world.meta.taken().is_empty());
    world.settle();
    let taken = world.meta.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].at.since(begin) >= Span::from_seconds(30), "{:?}", taken[0].at.since(begin));
}

#[test]
fn a_hung_call_that_meta_takes_after_all_is_sent_once() {
    for after_seconds in [1, 9, 11, 20, 24] {
        let answer = Answer::HangThenAccept(Span::from_seconds(after_seconds));
        let (mut world, ana) = after(answer, &[("sent", Span::from_millis(300)), ("delivered", Span::from_seconds(1))]);
        world.settle();
        assert_eq!(status(&world, &ana), DeliveryStatus::Delivered);
        assert_eq!((world.meta.taken().len(), world.meta.calls().len()), (1, 1), "{after_seconds} s");
    }
}

#[test]
fn a_hung_call_that_meta_never_takes_is_not_repeated() {
    let (mut world, ana) = after(Answer::Hang, &[]);
    world.settle();
    assert_eq!((world.meta.calls().len(), status(&world, &ana)), (1, DeliveryStatus::Unknown));
}

#[test]
fn a_status_may_come_before_the_sends_own_answer() {
    let statuses =
        [("sent", Span::from_millis(100)), ("delivered", Span::from_millis(400)), ("read", Span::from_seconds(1))];
    let (mut world, ana) = after(Answer::AcceptSlowly(Span::from_seconds(4)), &statuses);
    world.settle();
    assert_eq!(status(&world, &ana), DeliveryStatus::Read);
    let seen = world.seen(&ana);
    let reply = seen.message("Resposta a: bom dia, tudo bem?");
    assert_eq!(reply.wamid.as_ref().unwrap().as_str(), world.meta.taken()[0].wamid);
    assert_eq!((seen.conversation.attention, world.meta.calls().len()), (None, 1));
}

#[test]
fn a_worker_that_dies_during_the_call_leaves_an_unknown_message_and_no_second_one() {
    let mut world = World::new(2);
    world.meta.next(Answer::HangThenAccept(Span::from_seconds(3)));
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.wait(Span::from_seconds(4));
    assert_eq!(world.meta.calls().len(), 1);
    world.meta.tells(&[]);
    world.restart();
    world.settle();
    assert_eq!((world.meta.calls().len(), world.meta.taken().len()), (1, 1));
    assert_eq!(status(&world, &ana), DeliveryStatus::Unknown);
}

#[test]
fn a_status_that_proves_a_send_lets_the_next_message_leave_at_once() {
    let (mut world, ana) = after(Answer::AcceptThenLose, &[("sent", Span::from_seconds(5))]);
    let begin = world.now();
    world.wait(Span::from_seconds(3));
    world.person(ana.clone()).writes("e o meu pedido?");
    world.settle();
    let took = world.meta.taken()[1].at.since(begin);
    assert!(took <= Span::from_seconds(8), "{took:?}");
}

#[test]
fn after_a_restart_a_claim_lasts_as_long_as_meta_may_take_its_message_and_no_longer() {
    let (mut world, ana) = after(Answer::Hang, &[]);
    world.tick = Span::from_seconds(2);
    world.wait(Span::from_seconds(4));
    assert_eq!(world.meta.calls().len(), 1);
    world.restart();
    world.wait(Span::from_seconds(24));
    assert_eq!(status(&world, &ana), DeliveryStatus::Queued, "Meta may still take it");
    world.wait(Span::from_seconds(5));
    assert_eq!(status(&world, &ana), DeliveryStatus::Unknown);
    world.settle();
}

#[test]
fn a_status_of_another_number_proves_nothing() {
    let (mut world, ana) = after(Answer::AcceptThenLose, &[]);
    world.settle();
    let mut foreign = world.meta.taken()[0].clone();
    foreign.number = tests::world::FLORIST.to_owned();
    let sent = world.meta.status_of(&foreign, "sent", world.now(), None);
    world.meta_posts(&[sent]);
    world.settle();
    assert_eq!(status(&world, &ana), DeliveryStatus::Unknown);
}

#[test]
fn a_status_with_a_second_message_id_for_one_send_is_kept_and_changes_nothing() {
    let (mut world, ana) = after(Answer::Accept, &[("sent", Span::from_millis(200))]);
    world.settle();
    let mut second = world.meta.taken()[0].clone();
    second.wamid = world.new_wamid(&ana);
    let read = world.meta.status_of(&second, "read", world.now(), None);
    world.meta_posts(&[read]);
    world.settle();
    assert_eq!(status(&world, &ana), DeliveryStatus::Sent);
    assert_eq!(world.ports.watch.group("events").len(), 1);
}
