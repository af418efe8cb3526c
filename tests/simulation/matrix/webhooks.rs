//! What Meta posts comes again, in any number, at any time and at once.

use domain::Span;
use serde_json::json;
use tests::runs::for_each;
use tests::world::people::Person;
use tests::world::{BAKERY, World, envelope};

#[test]
fn any_number_of_copies_at_once_is_one_message_and_one_reply() {
    let cases: Vec<u64> = (0..60).collect();
    let name = "matrix::webhooks::any_number_of_copies_at_once_is_one_message_and_one_reply";
    let runs = for_each(name, "SEED", &cases, |seed| {
        let copies = [2, 10, 100][usize::try_from(seed % 3).unwrap()];
        let mut world = World::new(*seed).shuffled();
        world.customer(1).times(copies).writes("que horas vocês abrem?");
        world.settle();
        let seen = world.seen(&Person::new(1));
        assert_eq!((seen.messages.len(), world.meta.calls().len()), (2, 1), "{copies} copies: {:?}", seen.texts());
    });
    println!("{runs} runs");
}

#[test]
fn a_copy_that_comes_after_minutes_days_or_a_week_has_no_effect() {
    let spans = [Span::from_seconds(301), Span::from_days(1), Span::from_days(7), Span::from_days(100)];
    for (seed, span) in (0..).zip(spans) {
        let mut world = World::new(seed);
        let ana = Person::new(1);
        let wamid = world.new_wamid(&ana);
        let content = json!({"type": "text", "text": {"body": "que horas vocês abrem?"}});
        let change = envelope::message(BAKERY, &ana, &wamid, world.now(), &content);
        world.meta_posts(std::slice::from_ref(&change));
        world.settle();
        let before = (world.seen(&ana), world.meta.calls().len());
        world.wait(span);
        world.meta_posts(&[change]);
        world.settle();
        let after = (world.seen(&ana), world.meta.calls().len());
        assert_eq!(
            (before.0.messages, before.0.conversation, before.1),
            (after.0.messages, after.0.conversation, after.1)
        );
    }
    println!("4 runs");
}

#[test]
fn two_first_messages_at_nearly_the_same_time_make_one_conversation() {
    let cases: Vec<u64> = (0..160).collect();
    let name = "matrix::webhooks::two_first_messages_at_nearly_the_same_time_make_one_conversation";
    let runs = for_each(name, "SEED", &cases, |seed| {
        let apart = [0, 1, 50, 214][usize::try_from(seed % 4).unwrap()];
        let mut world = World::new(*seed).shuffled();
        // Nothing but what is recorded says that both are one person.
        world.person(Person::new(1)).writes("a primeira mensagem");
        world.clock.advance(Span::from_millis(apart));
        world.person(Person::with_both(1)).writes("a segunda mensagem");
        world.settle();
        assert_eq!((world.conversations().len(), world.ports.watch.group("contacts").len()), (1, 1));
    });
    println!("{runs} runs");
}
