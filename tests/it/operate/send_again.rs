//! A person sends a message again.

use domain::delivery::DeliveryStatus;
use domain::outbound::TemplateCategory;
use domain::{MessageId, Span};
use flow::converse::{AnswerError, Answered};
use flow::unknown::{Said, SendAgainError};
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, World, a_person, template};

use super::{ANSWER, ASKED, after_an_unknown_answer, entries, is_delivered, says};

fn send_again(world: &mut World, message: &MessageId, key: &str) -> Result<Answered, SendAgainError> {
    let (organization, message, key) = (world.bakery.clone(), message.clone(), key.to_owned());
    world.act(|platform| async move {
        flow::unknown::send_again(&platform, &organization, &message, &key, &a_person()).await
    })
}

#[test]
fn an_unknown_message_is_sent_again_as_a_new_one_and_stays_as_it_is() {
    let (mut world, ana, old) = after_an_unknown_answer(1, Answer::Lose);
    let before = world.seen(&ana).message(ANSWER).clone();
    let answered = send_again(&mut world, &old, "once").unwrap();
    assert_eq!((answered.message.resends.as_ref(), answered.repeated), (Some(&old), false));
    world.settle();
    let seen = world.seen(&ana);
    let [first, second] = &seen.messages.iter().filter(|m| m.body.text() == Some(ANSWER)).collect::<Vec<_>>()[..]
    else {
        panic!("not two messages")
    };
    assert_eq!(**first, before);
    assert_eq!(second.status, DeliveryStatus::Accepted);
    assert_eq!(world.intent(second.intent.as_ref().unwrap()).unwrap().resends, Some(old.clone()));
    assert_eq!(world.meta.texts_to(&ana), [ANSWER]);
    let [entry] = &entries(&world, "message.sent_again")[..] else { panic!("not one entry") };
    assert_eq!(entry.target.as_deref(), Some(second.id.as_str()));
    assert!(entry.details.contains(&("resends".to_owned(), old.to_string())));
}

#[test]
fn a_key_sends_once_and_another_key_sends_another_time() {
    let (mut world, ana, old) = after_an_unknown_answer(2, Answer::Lose);
    let first = send_again(&mut world, &old, "once").unwrap();
    let again = send_again(&mut world, &old, "once").unwrap();
    assert_eq!((again.message.id, again.repeated), (first.message.id.clone(), true));
    world.settle();
    let later = send_again(&mut world, &old, "once").unwrap();
    assert_eq!((later.message.status, later.repeated), (DeliveryStatus::Accepted, true));
    let other = send_again(&mut world, &old, "twice").unwrap();
    assert_ne!(other.message.id, first.message.id);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), [ANSWER, ANSWER]);
    assert_eq!(entries(&world, "message.sent_again").len(), 2);
}

#[test]
fn a_lost_answer_is_asked_for_again_and_one_message_is_sent() {
    for fault in [Fault::Before, Fault::After, Fault::Aborted] {
        let (mut world, ana, old) = after_an_unknown_answer(3, Answer::Lose);
        world.ports.set_faults(Some(fails_once("commit", 0, fault)));
        if send_again(&mut world, &old, "once").is_err() {
            send_again(&mut world, &old, "once").unwrap();
        }
        world.settle();
        assert_eq!(world.meta.texts_to(&ana), [ANSWER], "{fault:?}");
        assert_eq!(entries(&world, "message.sent_again").len(), 1, "{fault:?}");
    }
}

#[test]
fn a_failed_message_may_be_sent_again_and_what_a_person_says_failed_as_well() {
    let (mut world, ana, old) = after_an_unknown_answer(4, Answer::Lose);
    says(&mut world, &old, Said::NotSent).unwrap();
    send_again(&mut world, &old, "once").unwrap();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), [ANSWER]);
}

#[test]
fn what_was_sent_is_not_sent_again_though_its_record_lags_behind() {
    let (mut world, ana, old) = after_an_unknown_answer(5, Answer::AcceptThenLose);
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Before)));
    assert!(says(&mut world, &old, Said::Sent).is_err());
    world.ports.set_faults(None);
    assert_eq!(world.seen(&ana).message(ANSWER).status, DeliveryStatus::Unknown);
    let refused = send_again(&mut world, &old, "once");
    assert!(matches!(refused, Err(SendAgainError::NotPossible(DeliveryStatus::Accepted))), "{refused:?}");
    is_delivered(&mut world);
    world.settle();
    let refused = send_again(&mut world, &old, "once");
    assert!(matches!(refused, Err(SendAgainError::NotPossible(DeliveryStatus::Delivered))), "{refused:?}");
    assert_eq!(world.meta.calls().len(), 1);
}

#[test]
fn a_status_at_the_same_moment_and_a_second_send_both_count() {
    for seed in 0..30 {
        let (world, ana, old) = after_an_unknown_answer(seed, Answer::AcceptThenLose);
        let mut world = world.shuffled();
        let taken = world.meta.taken()[0].clone();
        let delivered = world.meta.status_of(&taken, "delivered", world.now(), None);
        world.meta.post_at(world.now(), &[delivered]);
        let sends = match send_again(&mut world, &old, "once") {
            Ok(_) => 2,
            Err(SendAgainError::NotPossible(_)) => 1,
            Err(error) => panic!("seed {seed}: {error}"),
        };
        world.settle();
        let first = world.seen(&ana).messages.iter().find(|message| message.id == old).unwrap().status;
        assert_eq!((first, world.meta.texts_to(&ana).len()), (DeliveryStatus::Delivered, sends), "seed {seed}");
    }
}

#[test]
fn the_window_holds_for_what_is_sent_again_unless_it_is_a_template() {
    let (mut world, ana, old) = after_an_unknown_answer(6, Answer::Lose);
    let id = world.conversation_id(&ana, BAKERY);
    world.meta.next(Answer::Lose);
    let order = template("pedido_pronto", TemplateCategory::Utility);
    let order = world.answers_with(&id, "order", order, None).unwrap().message.id;
    world.settle();
    world.wait(Span::from_hours(25));
    let refused = send_again(&mut world, &old, "once");
    assert!(matches!(refused, Err(SendAgainError::Answer(AnswerError::WindowClosed))), "{refused:?}");
    let again = send_again(&mut world, &order, "once").unwrap();
    assert_eq!(again.message.resends, Some(order));
    world.settle();
    assert_eq!(world.meta.taken().len(), 1);
}

#[test]
fn what_needs_no_second_send_or_is_not_ours_is_refused() {
    let mut world = World::new(7);
    let ana = Person::new(1);
    world.person(ana.clone()).writes(ASKED);
    world.settle();
    let seen = world.seen(&ana);
    for text in [ASKED, ANSWER] {
        let refused = send_again(&mut world, &seen.message(text).id, "once");
        assert!(matches!(refused, Err(SendAgainError::NotPossible(_))), "{refused:?}");
    }
    let (florist, id) = (world.florist.clone(), seen.message(ANSWER).id.clone());
    let refused = world
        .act(|platform| async move { flow::unknown::send_again(&platform, &florist, &id, "once", &a_person()).await });
    assert!(matches!(refused, Err(SendAgainError::NotFound)));
    let nobody = MessageId::from_bits([9; 16]);
    assert!(matches!(send_again(&mut world, &nobody, "once"), Err(SendAgainError::NotFound)));
}
