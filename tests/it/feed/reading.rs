//! Reading the feed: pages, types, and what is kept no longer.

use domain::Span;
use domain::feed::FeedType;
use flow::feed::{FeedPage, ReadError, beginning, read};
use tests::world::people::Person;
use tests::world::{World, at_once};

fn page(world: &World, after: u64, types: &[FeedType], limit: u32) -> Result<FeedPage, ReadError> {
    at_once(read(&world.bare, &world.bakery, after, types, limit))
}

fn numbers(page: &FeedPage) -> Vec<u64> {
    page.entries.iter().map(|entry| entry.sequence).collect()
}

/// A world in which customers 1 and 2 were answered: 12 entries, of which 2 are of received messages.
fn two_exchanges(seed: u64) -> World {
    let mut world = World::new(seed);
    for n in 1..=2 {
        world.person(Person::new(n)).writes("bom dia, tudo bem?");
        world.settle();
    }
    world
}

#[test]
fn pages_follow_each_other_without_a_gap_to_the_end() {
    let world = two_exchanges(1);
    let all = world.feed(&world.bakery);
    let (mut next, mut read_so_far, mut pages) = (0, Vec::new(), 0);
    loop {
        let page = page(&world, next, &[], 5).unwrap();
        assert!(page.entries.len() <= 5);
        read_so_far.extend(page.entries.clone());
        (next, pages) = (page.next, pages + 1);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(read_so_far, all);
    assert_eq!((pages, next), (all.len().div_ceil(5), all.last().unwrap().sequence));
    let end = page(&world, next, &[], 5).unwrap();
    assert_eq!((end.entries.len(), end.next, end.has_more), (0, next, false));
}

#[test]
fn who_wants_some_types_only_gets_past_all_the_others() {
    let world = two_exchanges(2);
    let all = world.feed(&world.bakery);
    let wanted: Vec<u64> = all
        .iter()
        .filter(|entry| matches!(entry.change.kind(), FeedType::MessageReceived | FeedType::ContactCreated))
        .map(|entry| entry.sequence)
        .collect();
    assert_eq!(wanted.len(), 4);
    let types = [FeedType::MessageReceived, FeedType::ContactCreated];
    let first = page(&world, 0, &types, 3).unwrap();
    assert_eq!((numbers(&first), first.next, first.has_more), (wanted[..3].to_vec(), wanted[2], true));
    let second = page(&world, first.next, &types, 3).unwrap();
    assert_eq!((numbers(&second), second.has_more), (wanted[3..].to_vec(), false));
    assert_eq!(second.next, all.last().unwrap().sequence, "nothing of theirs is left before the end");
    assert!(page(&world, 0, &[FeedType::EndpointDisabled], 3).unwrap().entries.is_empty());
}

#[test]
fn what_was_committed_before_the_call_is_read_without_any_worker() {
    let mut world = World::new(3);
    world.person(Person::new(1)).writes("bom dia, tudo bem?");
    world.wait(Span::from_millis(500));
    let whose = world.bakery.clone();
    let page = world.act(move |platform| async move { read(&platform, &whose, 0, &[], 100).await }).unwrap();
    let kinds: Vec<_> = page.entries.iter().map(|entry| entry.change.kind().as_str()).collect();
    assert_eq!(kinds, ["contact.created", "conversation.created", "message.received"]);
    world.settle();
}

#[test]
fn what_is_kept_no_longer_is_not_missed_unknowingly() {
    let mut world = two_exchanges(4);
    let last = world.feed(&world.bakery).last().unwrap().sequence;
    world.wait(Span::from_days(8));
    world.person(Person::new(3)).writes("bom dia, tudo bem?");
    world.settle();
    let first_kept = last + 1;
    let end = world.feed(&world.bakery).last().unwrap().sequence;
    assert!(page(&world, 0, &[], 10).is_ok(), "for two weeks everything can be read");
    world.wait(Span::from_days(7));
    world.wait_for_upkeep(Span::from_minutes(3));
    let gone = |after| match page(&world, after, &[], 10) {
        Err(ReadError::Gone { oldest }) => Some(oldest),
        _ => None,
    };
    assert_eq!((gone(0), gone(last - 1)), (Some(first_kept), Some(first_kept)));
    assert_eq!(at_once(beginning(&world.bare, &world.bakery)).unwrap(), last, "whoever is new begins there");
    let page = page(&world, last, &[], 100).unwrap();
    assert_eq!((page.entries[0].sequence, page.next), (first_kept, end));
    // Everything may be over: then the next number is the oldest.
    world.wait(Span::from_days(15));
    world.wait_for_upkeep(Span::from_minutes(3));
    assert!(world.ports.watch.group("feed").is_empty());
    assert!(matches!(
        at_once(read(&world.bare, &world.bakery, last, &[], 10)),
        Err(ReadError::Gone { oldest }) if oldest == end + 1
    ));
    assert_eq!(at_once(read(&world.bare, &world.bakery, end, &[], 10)).unwrap().next, end);
}
