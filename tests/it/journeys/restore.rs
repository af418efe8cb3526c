//! The system of record goes back to a backup: nothing that was sent is sent again, and nothing vanishes.

use domain::conversation::Attention;
use domain::delivery::DeliveryStatus;
use domain::intent::{IntentState, SuppressionReason};
use domain::{Span, Timestamp};
use flow::records::{Body, KillScope, Origin};
use serde_json::json;
use tests::world::backup::Backup;
use tests::world::meta::Answer;
use tests::world::model::Thought;
use tests::world::people::Person;
use tests::world::{BAKERY, World, envelope};

const QUESTION: &str = "vocês têm pão de queijo?";

fn ana() -> Person {
    Person::new(1)
}

fn seconds(n: i64) -> Span {
    Span::from_seconds(n)
}

/// Meta posts a text of hers again, which she wrote at that time: later than the queue knows it for a copy.
fn posts_again(world: &mut World, wamid: &str, at: Timestamp, text: &str) {
    world.wait(seconds(301));
    let content = json!({"type": "text", "text": {"body": text}});
    let change = envelope::message(BAKERY, &ana(), wamid, at, &content);
    world.meta_posts(&[change]);
}

/// She has written, her message waits for the assistant, and this is its backup.
fn asked(seed: u64) -> (World, Backup) {
    let mut world = World::new(seed);
    world.person(ana()).writes(QUESTION);
    let backup = world.backup();
    (world, backup)
}

/// The messages of hers that were lost and are known again, by how far they got.
fn lost(world: &World) -> Vec<DeliveryStatus> {
    let messages = world.seen(&ana()).messages.into_iter();
    messages.filter(|message| message.body == Body::Lost).map(|message| message.status).collect()
}

fn attention(world: &World) -> Option<Attention> {
    world.seen(&ana()).conversation.attention
}

#[test]
fn a_backup_from_between_a_message_and_its_answer_sends_nothing_again_and_the_answer_is_known() {
    let (mut world, backup) = asked(1);
    world.settle();
    world.restore(&backup);
    world.settle();
    assert_eq!(world.meta.taken().len(), 1);
    let seen = world.seen(&ana());
    let answer = seen.messages.iter().find(|message| message.body == Body::Lost).unwrap();
    assert_eq!((answer.origin, answer.status), (Origin::Assistant, DeliveryStatus::Accepted));
    assert_eq!(answer.answers, [seen.message(QUESTION).id.clone()]);
    assert_eq!(answer.wamid.as_ref().unwrap().as_str(), world.meta.taken()[0].wamid);
    assert_eq!((seen.conversation.attention, seen.conversation.last_message.unwrap().id), (None, answer.id.clone()));
}

#[test]
fn where_a_turn_comes_before_upkeep_a_person_sees_the_message_and_nothing_is_sent_again() {
    let (mut world, backup) = asked(2);
    world.settle();
    let id = world.seen(&ana()).conversation.id;
    let organization = world.bakery.clone();
    world.restore(&backup);
    let wake = |platform| async move { flow::wake::wake_reply(&platform, &organization, &id, None).await };
    world.act(wake).unwrap();
    world.wait(seconds(3));
    assert_eq!(attention(&world), Some(Attention::Restored));
    world.settle();
    assert_eq!((world.meta.taken().len(), lost(&world)), (1, vec![DeliveryStatus::Accepted]));
}

#[test]
fn a_backup_from_before_a_message_sends_nothing_again_even_if_meta_posts_the_message_again() {
    let mut world = World::new(3);
    let backup = world.backup();
    let wamid = world.person(ana()).writes(QUESTION);
    let at = world.now();
    world.settle();
    world.restore(&backup);
    world.settle();
    assert!(world.conversations().is_empty());
    posts_again(&mut world, &wamid, at, QUESTION);
    world.settle();
    assert_eq!((world.meta.taken().len(), attention(&world)), (1, Some(Attention::Restored)));
    assert_eq!(world.seen(&ana()).texts(), [QUESTION]);
}

#[test]
fn a_backup_from_the_middle_of_a_burst_sends_nothing_again() {
    let (mut world, backup) = asked(4);
    world.wait(seconds(1));
    let wamid = world.person(ana()).writes("e café?");
    let at = world.now();
    world.settle();
    assert_eq!(world.meta.taken().len(), 1, "one answer to both");
    world.restore(&backup);
    posts_again(&mut world, &wamid, at, "e café?");
    world.settle();
    assert_eq!((world.meta.taken().len(), attention(&world)), (1, Some(Attention::Restored)));
}

#[test]
fn what_was_open_goes_to_a_person_and_what_is_written_after_the_restore_is_answered_alone() {
    let (mut world, backup) = asked(5);
    world.restore(&backup);
    world.wait(seconds(2));
    world.person(ana()).writes("e café, vocês têm?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana()), ["Resposta a: e café, vocês têm?"]);
    let seen = world.seen(&ana());
    let answer = seen.message("Resposta a: e café, vocês têm?");
    assert_eq!(answer.answers, [seen.message("e café, vocês têm?").id.clone()]);
    assert_eq!(seen.conversation.attention, Some(Attention::Restored));
}

#[test]
fn an_event_that_waited_in_a_queue_goes_to_a_person_and_joins_no_burst() {
    let mut world = World::new(6);
    let backup = world.backup();
    world.post_only(&ana(), QUESTION);
    world.restore(&backup);
    world.wait(seconds(2));
    world.person(ana()).writes("e café, vocês têm?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana()), ["Resposta a: e café, vocês têm?"]);
    assert_eq!(attention(&world), Some(Attention::Restored));
    assert_eq!(world.seen(&ana()).texts().len(), 3);
}

#[test]
fn an_old_event_that_comes_while_the_assistant_thinks_does_not_disturb_it() {
    let mut world = World::new(18);
    let wamid = world.new_wamid(&ana());
    let (at, backup) = (world.now(), world.backup());
    world.wait(seconds(10));
    world.restore(&backup);
    world.wait(seconds(2));
    world.model.next(Thought::SayAfter(seconds(5), "Temos, sim.".to_owned()));
    let begin = world.now();
    world.person(ana()).writes(QUESTION);
    world.wait(seconds(4));
    let content = json!({"type": "text", "text": {"body": "uma mensagem de antes"}});
    world.meta_posts(&[envelope::message(BAKERY, &ana(), &wamid, at, &content)]);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana()), ["Temos, sim."]);
    assert!(world.meta.taken()[0].at.since(begin) <= seconds(9), "nor is it late");
    let seen = world.seen(&ana());
    assert_eq!(seen.message("Temos, sim.").answers, [seen.message(QUESTION).id.clone()]);
    assert_eq!(seen.conversation.attention, Some(Attention::Restored));
}

#[test]
fn a_lost_answer_that_turns_up_leaves_what_the_restore_left_to_a_person() {
    let (mut world, backup) = asked(19);
    world.restore(&backup);
    world.wait(seconds(2));
    world.meta.next(Answer::AcceptThenLose);
    world.meta.tells(&[("sent", Span::from_minutes(5))]);
    world.person(ana()).writes("e café, vocês têm?");
    world.wait(Span::from_minutes(3));
    assert_eq!(attention(&world), Some(Attention::Restored));
    world.settle();
    let seen = world.seen(&ana());
    assert_eq!(seen.message("Resposta a: e café, vocês têm?").status, DeliveryStatus::Sent);
    assert_eq!(seen.conversation.attention, Some(Attention::Restored));
}

#[test]
fn an_answer_that_waited_for_its_turn_and_lost_its_row_is_not_sent() {
    let (mut world, backup) = asked(7);
    world.meta.always(Answer::Unreachable);
    world.wait(seconds(10));
    world.meta.always(Answer::Accept);
    let intent = world.seen(&ana()).rows[0].intent.clone();
    assert!(matches!(world.intent(&intent).unwrap().intent.state, IntentState::Ready { .. }));
    world.restore(&backup);
    world.settle();
    let reason = SuppressionReason::Restore;
    assert_eq!(world.intent(&intent).unwrap().intent.state, IntentState::Suppressed { reason });
    let seen = world.seen(&ana());
    let answer = seen.messages.iter().find(|message| message.body == Body::Lost).unwrap();
    assert_eq!((answer.status, answer.suppression), (DeliveryStatus::Suppressed, Some(reason)));
    assert!(world.meta.taken().is_empty() && seen.conversation.attention.is_some());
}

#[test]
fn an_answer_that_waits_and_has_its_row_in_the_backup_is_sent_once() {
    let mut world = World::new(8);
    world.person(ana()).writes(QUESTION);
    world.meta.always(Answer::Unreachable);
    world.wait(seconds(10));
    world.meta.always(Answer::Accept);
    let backup = world.backup();
    world.restore(&backup);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana()), [format!("Resposta a: {QUESTION}")]);
}

#[test]
fn the_record_of_an_unknown_send_comes_back_and_its_status_leaves_what_else_waits_for_a_person() {
    let (mut world, backup) = asked(9);
    world.meta.next(Answer::AcceptThenLose);
    world.meta.tells(&[]);
    world.settle();
    world.restore(&backup);
    world.settle();
    assert_eq!(lost(&world), [DeliveryStatus::Unknown]);
    assert_eq!((attention(&world), world.meta.calls().len()), (Some(Attention::Restored), 1));
    let taken = world.meta.taken()[0].clone();
    let delivered = world.meta.status_of(&taken, "delivered", world.now(), None);
    world.meta_posts(&[delivered]);
    world.settle();
    assert_eq!(lost(&world), [DeliveryStatus::Delivered]);
    assert_eq!(attention(&world), Some(Attention::Restored));
}

#[test]
fn a_send_that_the_restore_interrupts_is_unknown_after_its_lease_and_never_repeated() {
    let (mut world, backup) = asked(10);
    world.meta.next(Answer::HangThenAccept(seconds(3)));
    world.meta.tells(&[]);
    world.wait(seconds(4));
    assert_eq!(world.meta.calls().len(), 1);
    world.restore(&backup);
    world.wait_for_upkeep(Span::from_millis(1));
    world.settle();
    assert_eq!((world.meta.calls().len(), lost(&world)), (1, vec![DeliveryStatus::Unknown]));
}

#[test]
fn a_status_that_comes_after_the_restore_finds_its_message() {
    let (mut world, backup) = asked(11);
    world.settle();
    world.restore(&backup);
    let taken = world.meta.taken()[0].clone();
    let read = world.meta.status_of(&taken, "read", world.now(), None);
    world.meta_posts(&[read]);
    assert_eq!(lost(&world), [DeliveryStatus::Read], "before upkeep looks");
    world.settle();
    assert_eq!((lost(&world), world.meta.taken().len()), (vec![DeliveryStatus::Read], 1));
}

#[test]
fn a_status_whose_conversation_is_gone_is_kept() {
    let mut world = World::new(12);
    let backup = world.backup();
    world.person(ana()).writes(QUESTION);
    world.settle();
    world.restore(&backup);
    let taken = world.meta.taken()[0].clone();
    let read = world.meta.status_of(&taken, "read", world.now(), None);
    world.meta_posts(&[read]);
    world.settle();
    assert_eq!(world.ports.watch.group("events").len(), 1);
}

#[test]
fn a_persons_answer_that_is_asked_for_again_with_its_key_is_not_sent_again() {
    for upkeep_comes_first in [false, true] {
        let (mut world, backup) = asked(13);
        let id = world.seen(&ana()).conversation.id;
        world.answers(&id, "key-1", "Temos, sim! Quantos?").unwrap();
        world.settle();
        world.restore(&backup);
        if upkeep_comes_first {
            world.settle();
        }
        let again = world.answers(&id, "key-1", "Temos, sim! Quantos?").unwrap();
        assert_eq!(again.repeated, upkeep_comes_first);
        world.settle();
        assert_eq!(world.meta.texts_to(&ana()), ["Temos, sim! Quantos?"]);
        assert!(world.seen(&ana()).messages.iter().any(|message| message.status == DeliveryStatus::Accepted));
    }
}

#[test]
fn a_take_over_is_not_undone_by_a_backup_from_before_it() {
    let (mut world, _) = asked(14);
    world.settle();
    let backup = world.backup();
    let id = world.seen(&ana()).conversation.id;
    world.take_over(&id);
    world.restore(&backup);
    world.wait(seconds(2));
    world.person(ana()).writes("quero falar sobre o meu pedido");
    world.settle();
    assert_eq!((world.meta.taken().len(), attention(&world)), (1, Some(Attention::Waiting)));
}

#[test]
fn a_stop_word_that_comes_again_is_not_confirmed_again_and_still_holds() {
    for upkeep_comes_first in [false, true] {
        let (mut world, _) = asked(15);
        world.settle();
        let backup = world.backup();
        let wamid = world.person(ana()).writes("SAIR");
        let at = world.now();
        world.settle();
        assert_eq!(world.meta.taken().len(), 2);
        world.restore(&backup);
        if upkeep_comes_first {
            world.settle();
        }
        posts_again(&mut world, &wamid, at, "SAIR");
        world.settle();
        assert_eq!(world.meta.taken().len(), 2);
        assert!(world.contact(&ana()).marketing.unwrap().stopped);
        assert!(world.seen(&ana()).texts().contains(&"SAIR".to_owned()));
    }
}

#[test]
fn a_backup_of_98_days_ago_sends_nothing_again() {
    let mut world = World::new(16);
    world.tick = Span::from_hours(1);
    world.kill(&KillScope::Deployment, true);
    world.person(ana()).writes(QUESTION);
    world.wait(seconds(10));
    let rui = Person::new(2);
    world.person(rui.clone()).writes("vocês fazem entrega?");
    let backup = world.backup();
    assert_eq!(world.seen(&ana()).rows.len(), 1, "one answer waits, one message is open");
    world.kill(&KillScope::Deployment, false);
    world.settle();
    assert_eq!(world.meta.taken().len(), 2);
    for _ in 0..98 {
        world.wait(Span::from_days(1));
    }
    world.restore(&backup);
    world.tick = Span::from_minutes(1);
    world.settle();
    assert_eq!(world.meta.taken().len(), 2);
    let answer = world.seen(&ana());
    assert_eq!(answer.message(&format!("Resposta a: {QUESTION}")).status, DeliveryStatus::Accepted);
    world.wait_for_upkeep(Span::from_days(1));
    assert_eq!(world.meta.taken().len(), 2);
}

#[test]
fn two_restores_of_one_backup_send_nothing_again() {
    let (mut world, backup) = asked(17);
    world.settle();
    world.restore(&backup);
    world.settle();
    let wamid = world.person(ana()).writes("e café, vocês têm?");
    let at = world.now();
    world.settle();
    assert_eq!(world.meta.taken().len(), 2);
    world.restore(&backup);
    world.settle();
    posts_again(&mut world, &wamid, at, "e café, vocês têm?");
    world.settle();
    assert_eq!((world.meta.taken().len(), attention(&world)), (2, Some(Attention::Restored)));
    assert_eq!(lost(&world).len(), 2);
}
