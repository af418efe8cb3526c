//! Sends of which nobody knows the outcome: the list, and what a person says of one.

use domain::Span;
use domain::conversation::Attention;
use domain::delivery::DeliveryStatus;
use domain::intent::IntentState;
use flow::browse::Cursor;
use flow::unknown::{ResolveError, Said, list, resolve};
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{FLORIST, World, a_person, at_once};

use super::{ANSWER, after_an_unknown_answer, entries, is_delivered, says};

fn state(world: &World, person: &Person) -> (DeliveryStatus, IntentState) {
    let seen = world.seen(person);
    let message = seen.message(ANSWER);
    (message.status, world.intent(message.intent.as_ref().unwrap()).unwrap().intent.state)
}

#[test]
fn the_list_shows_an_organizations_own_newest_first_and_page_by_page() {
    let mut world = World::new(1);
    world.meta.tells(&[]);
    world.meta.always(Answer::Lose);
    for n in 1..=3 {
        world.person(Person::new(n)).writes(&format!("pergunta número {n}"));
        world.wait(Span::from_seconds(1));
    }
    world.person(Person::new(4)).to(FLORIST).writes("bom dia, floricultura");
    world.settle();
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..3 {
        let page = at_once(list(&world.bare, &world.bakery, after.as_ref(), 1)).unwrap();
        found.extend(page.items.iter().map(|placed| placed.message.body.text().unwrap().to_owned()));
        after = page.next.map(|next| Cursor::of_messages(&next.to_string()).unwrap());
    }
    assert_eq!(found, [3, 2, 1].map(|n| format!("Resposta a: pergunta número {n}")));
    assert_eq!(after, None);
    let florists = at_once(list(&world.bare, &world.florist, None, 100)).unwrap().items;
    assert_eq!(florists.len(), 1);
    assert_eq!(florists[0].conversation, world.conversation_id(&Person::new(4), FLORIST));
}

#[test]
fn what_a_person_says_was_sent_is_accepted_and_off_the_list() {
    let (mut world, ana, id) = after_an_unknown_answer(2, Answer::AcceptThenLose);
    let placed = says(&mut world, &id, Said::Sent).unwrap();
    assert_eq!(placed.message.status, DeliveryStatus::Accepted);
    assert_eq!(world.seen(&ana).conversation.attention, None);
    assert!(at_once(list(&world.bare, &world.bakery, None, 100)).unwrap().items.is_empty());
    let [entry] = &entries(&world, "send.resolved")[..] else { panic!("not one entry") };
    assert_eq!((&entry.actor, entry.target.as_deref()), (&a_person(), Some(id.as_str())));
    assert!(entry.details.contains(&("verdict".to_owned(), "sent".to_owned())), "{:?}", entry.details);
    world.settle();
}

#[test]
fn what_a_person_says_was_not_sent_has_failed_without_a_code_of_metas() {
    let (mut world, ana, id) = after_an_unknown_answer(3, Answer::Lose);
    let placed = says(&mut world, &id, Said::NotSent).unwrap();
    assert_eq!((placed.message.status, placed.message.error_code), (DeliveryStatus::Failed, None));
    assert_eq!(world.seen(&ana).conversation.attention, None, "whoever said so has seen it");
    world.wait(Span::from_days(2));
    world.settle();
    assert_eq!(world.meta.calls().len(), 1, "it is never sent again by itself");
}

#[test]
fn saying_the_same_again_changes_nothing_and_the_opposite_is_refused() {
    let (mut world, _, id) = after_an_unknown_answer(4, Answer::Lose);
    says(&mut world, &id, Said::NotSent).unwrap();
    says(&mut world, &id, Said::NotSent).unwrap();
    let Err(ResolveError::Known(known)) = says(&mut world, &id, Said::Sent) else { panic!("it was turned") };
    assert_eq!(known.message.status, DeliveryStatus::Failed);
    assert_eq!(entries(&world, "send.resolved").len(), 1);
}

#[test]
fn proof_of_metas_outweighs_what_a_person_said() {
    for said in [Said::Sent, Said::NotSent] {
        let (mut world, ana, id) = after_an_unknown_answer(5, Answer::AcceptThenLose);
        says(&mut world, &id, said).unwrap();
        is_delivered(&mut world);
        world.settle();
        let (status, state) = state(&world, &ana);
        assert_eq!(status, DeliveryStatus::Delivered);
        assert!(matches!(state, IntentState::Sent { .. }), "{state:?}");
        let verdict = world.intent(world.seen(&ana).message(ANSWER).intent.as_ref().unwrap()).unwrap().verdict;
        assert_eq!(verdict.unwrap().sent, said == Said::Sent, "what was said stays known");
    }
}

#[test]
fn what_a_status_has_resolved_is_no_persons_to_say() {
    let (mut world, _, id) = after_an_unknown_answer(6, Answer::AcceptThenLose);
    is_delivered(&mut world);
    world.settle();
    let Err(ResolveError::Known(known)) = says(&mut world, &id, Said::NotSent) else { panic!("it was believed") };
    assert_eq!(known.message.status, DeliveryStatus::Delivered);
    assert_eq!(says(&mut world, &id, Said::Sent).unwrap().message.status, DeliveryStatus::Delivered, "they agree");
    assert!(entries(&world, "send.resolved").is_empty(), "nothing was changed");
}

#[test]
fn what_may_be_on_its_way_is_no_persons_to_say_and_neither_is_a_customers_message() {
    let mut world = World::new(7);
    world.meta.next(Answer::Hang);
    let ana = Person::new(1);
    world.person(ana.clone()).writes(super::ASKED);
    world.wait(Span::from_seconds(6));
    let seen = world.seen(&ana);
    let ids = [seen.message(ANSWER).id.clone(), seen.message(super::ASKED).id.clone()];
    for id in ids {
        assert!(matches!(says(&mut world, &id, Said::NotSent), Err(ResolveError::Known(_))));
    }
    world.settle();
    assert_eq!(state(&world, &ana).0, DeliveryStatus::Unknown);
}

#[test]
fn a_message_of_another_organization_is_nobodys() {
    let (mut world, ana, id) = after_an_unknown_answer(8, Answer::Lose);
    let florist = world.florist.clone();
    let refused =
        world.act(|platform| async move { resolve(&platform, &florist, &id, Said::NotSent, &a_person()).await });
    assert!(matches!(refused, Err(ResolveError::NotFound)));
    assert_eq!(state(&world, &ana).0, DeliveryStatus::Unknown);
}

/// The intent knows it and the record does not: whoever makes the record's commit brings the entry with it.
#[test]
fn a_crash_between_intent_and_record_loses_neither_the_verdict_nor_its_entry() {
    for (seed, by_status) in [(9, false), (10, true)] {
        let (mut world, ana, id) = after_an_unknown_answer(seed, Answer::AcceptThenLose);
        world.ports.set_faults(Some(fails_once("commit", 0, Fault::Before)));
        assert!(matches!(says(&mut world, &id, Said::NotSent), Err(ResolveError::Job(_))));
        world.ports.set_faults(None);
        assert_eq!(world.seen(&ana).message(ANSWER).status, DeliveryStatus::Unknown);
        assert!(entries(&world, "send.resolved").is_empty());
        if by_status {
            is_delivered(&mut world);
        } else {
            world.wait_for_upkeep(Span::from_minutes(2));
        }
        let expected = if by_status { DeliveryStatus::Delivered } else { DeliveryStatus::Failed };
        assert_eq!(world.seen(&ana).message(ANSWER).status, expected);
        assert_eq!(world.seen(&ana).conversation.attention, None);
        assert_eq!(entries(&world, "send.resolved").len(), 1);
        world.settle();
    }
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again_and_one_entry_is_written() {
    for (operation, fault) in [("transact", Fault::After), ("commit", Fault::After), ("commit", Fault::Aborted)] {
        let (mut world, ana, id) = after_an_unknown_answer(11, Answer::Lose);
        world.ports.set_faults(Some(fails_once(operation, 0, fault)));
        if says(&mut world, &id, Said::NotSent).is_err() {
            says(&mut world, &id, Said::NotSent).unwrap();
        }
        assert_eq!(state(&world, &ana).0, DeliveryStatus::Failed);
        assert_eq!(entries(&world, "send.resolved").len(), 1, "{operation} {fault:?}");
    }
}

#[test]
fn a_status_at_the_same_moment_wins_or_agrees_whoever_comes_first() {
    for seed in 0..40 {
        for said in [Said::Sent, Said::NotSent] {
            let (world, ana, id) = after_an_unknown_answer(seed, Answer::AcceptThenLose);
            let mut world = world.shuffled();
            let taken = world.meta.taken()[0].clone();
            let delivered = world.meta.status_of(&taken, "delivered", world.now(), None);
            world.meta.post_at(world.now(), &[delivered]);
            match says(&mut world, &id, said) {
                Ok(_) | Err(ResolveError::Known(_)) => {}
                Err(error) => panic!("seed {seed}: {error}"),
            }
            world.settle();
            let (status, state) = state(&world, &ana);
            assert_eq!(status, DeliveryStatus::Delivered, "seed {seed}");
            assert!(matches!(state, IntentState::Sent { .. }), "seed {seed}: {state:?}");
            assert!(entries(&world, "send.resolved").len() <= 1);
        }
    }
}

#[test]
fn several_that_are_unknown_are_resolved_one_by_one() {
    let (mut world, ana, first) = after_an_unknown_answer(12, Answer::Lose);
    world.meta.next(Answer::Lose);
    world.person(ana.clone()).writes("e o meu pedido?");
    world.settle();
    let second = world.seen(&ana).message("Resposta a: e o meu pedido?").id.clone();
    says(&mut world, &first, Said::NotSent).unwrap();
    assert_eq!(world.seen(&ana).conversation.attention, Some(Attention::UnknownSend));
    says(&mut world, &second, Said::NotSent).unwrap();
    assert_eq!(world.seen(&ana).conversation.attention, None);
    world.settle();
}
