//! The order of the feed: one number for each entry, dense, and the same for everybody who reads along.

use domain::feed::Change;
use domain::{EndpointId, FeedId, OrganizationId, Span, Timestamp};
use flow::feed::{read, sequence};
use flow::platform::Platform;
use flow::ports::{Precondition, Write};
use flow::records::{WaitingEntry, feed_head_path, feed_path, read_feed_head, write_waiting_entry};
use futures::future::join_all;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, World, at_once};

/// An entry that waits for its number.
fn waiting(platform: &Platform, organization: &OrganizationId, n: i64, at: Timestamp) -> (FeedId, Write) {
    let id = FeedId::derived(&platform.id_key, &[&n.to_string()]);
    let path = feed_path(organization, &id);
    let change = Change::WebhookTest { endpoint_id: EndpointId::from_bits([1; 16]) };
    let fields = write_waiting_entry(
        platform,
        &path,
        &WaitingEntry { id: id.clone(), at, change: Some(change), counted: Vec::new() },
    );
    (id, Write::Set { path, fields, precondition: Precondition::MustNotExist })
}

/// Entries that wait for their numbers, the later ones by their times first.
fn leave_waiting(world: &World, organization: &OrganizationId, count: u32) -> Vec<FeedId> {
    let begin = world.now();
    let made = (0..i64::from(count)).map(|n| waiting(&world.bare, organization, n, begin + Span::from_micros(n)));
    let (ids, writes): (Vec<FeedId>, Vec<Write>) = made.unzip();
    for chunk in writes.chunks(400) {
        at_once(world.platform.documents.commit(chunk.to_vec())).unwrap();
    }
    ids
}

#[test]
fn many_who_number_at_once_give_each_entry_one_number_oldest_first() {
    let mut world = World::new(1).shuffled();
    world.ports.interleave(false);
    let bakery = world.bakery.clone();
    let ids = leave_waiting(&world, &bakery, 1_000);
    world.ports.interleave(true);
    let whose = bakery.clone();
    let all = world.act(move |platform| async move {
        join_all((0..4).map(|_| sequence(&platform, &whose)))
            .await
            .into_iter()
            .filter_map(Result::ok)
            .collect::<Vec<_>>()
    });
    assert!(all.iter().any(|numbered| numbered.is_complete && numbered.last == 1_000), "{all:?}");
    let entries = world.feed(&bakery);
    assert_eq!(entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), (1..=1_000).collect::<Vec<_>>());
    assert_eq!(entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>(), ids);
}

#[test]
fn who_was_held_up_gives_no_number_that_was_given_meanwhile() {
    let mut world = World::new(9);
    let bakery = world.bakery.clone();
    let ids = leave_waiting(&world, &bakery, 3);
    let (whose, begin) = (bakery.clone(), world.now());
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Slow(Span::from_seconds(20)))));
    world.act(move |platform| async move {
        let others = async {
            platform.clock.sleep(Span::from_seconds(5)).await;
            // An older one comes, and so all others have another number than before.
            let (_, write) = waiting(&platform, &whose, 9, begin - Span::from_micros(1));
            platform.documents.commit(vec![write]).await.unwrap();
            sequence(&platform, &whose).await.unwrap();
        };
        futures::join!(sequence(&platform, &whose), others).0.unwrap();
    });
    let entries = world.feed(&bakery);
    assert_eq!(entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(entries.into_iter().skip(1).map(|entry| entry.id).collect::<Vec<_>>(), ids);
}

#[test]
fn who_reads_while_others_number_misses_nothing_before_what_it_has_read() {
    let mut world = World::new(2).shuffled();
    world.ports.interleave(false);
    let bakery = world.bakery.clone();
    let ids = leave_waiting(&world, &bakery, 600);
    world.ports.interleave(true);
    let whose = bakery.clone();
    let read_by = world.act(move |platform| async move {
        let reader = async {
            let (mut next, mut all) = (0, Vec::new());
            loop {
                let page = read(&platform, &whose, next, &[], 30).await.unwrap();
                all.extend(page.entries.into_iter().map(|entry| entry.id));
                next = page.next;
                if !page.has_more {
                    return all;
                }
            }
        };
        let others = join_all((0..3).map(|_| sequence(&platform, &whose)));
        futures::join!(reader, others).0
    });
    assert_eq!(read_by, ids);
}

#[test]
fn a_lost_wake_up_is_made_up_for_by_upkeep() {
    let mut world = World::new(3);
    world.conduct.lose = 1.0;
    let ana = Person::new(1);
    let id = {
        world.person(ana.clone()).writes("bom dia, tudo bem?");
        world.wait(Span::from_seconds(1));
        world.conversation_id(&ana, BAKERY)
    };
    let waits = |world: &World| {
        world
            .ports
            .watch
            .group("feed")
            .iter()
            .any(|path| world.document(path).unwrap().fields.contains_key("waiting_since"))
    };
    world.take_over(&id);
    world.wait(Span::from_seconds(5));
    assert!(waits(&world), "its wake-up was lost");
    world.wait(Span::from_minutes(2));
    assert!(!waits(&world));
    world.conduct.lose = 0.0;
    world.settle();
}

#[test]
fn a_queue_that_takes_no_wake_up_fails_no_change() {
    let mut world = World::new(4);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let id = world.conversation_id(&ana, BAKERY);
    world.ports.set_faults(Some(fails_once("send", 0, Fault::Before)));
    assert!(world.tries_to_take_over(&id).is_ok());
    world.ports.set_faults(None);
    world.settle();
    assert_eq!(world.feed_types(&world.bakery).last(), Some(&"conversation.updated"));
}

#[test]
fn what_follows_from_another_change_comes_after_it_whatever_the_clocks_say() {
    let mut world = World::new(5);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let id = world.conversation_id(&ana, BAKERY);
    world.take_over(&id);
    let now = world.now();
    // Another machine's clock is a minute behind, and nobody has numbered yet.
    world.clock.set(now - Span::from_minutes(1));
    world.hand_back(&id);
    world.clock.set(now);
    world.settle();
    let states: Vec<_> = world
        .feed(&world.bakery)
        .into_iter()
        .filter_map(|entry| match entry.change {
            Change::ConversationUpdated { state, .. } => Some(state.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(states, ["person", "assistant"]);
}

#[test]
fn after_a_restore_no_number_stands_for_another_entry() {
    let mut world = World::new(6);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let backup = world.backup();
    world.person(ana.clone()).writes("e amanhã, entregam?");
    world.settle();
    let before = world.feed(&world.bakery);
    world.restore(&backup);
    world.person(ana.clone()).writes("alô, ainda está aí?");
    world.settle();
    let after = world.feed(&world.bakery);
    let last = before.last().unwrap().sequence;
    let new: Vec<_> = after.iter().filter(|entry| !before.contains(entry)).collect();
    assert!(!new.is_empty() && new.iter().all(|entry| entry.sequence > last), "{last}: {new:?}");
    // Whoever had read up to there reads on as if nothing had happened.
    let page = at_once(read(&world.bare, &world.bakery, last, &[], 100)).unwrap();
    assert_eq!(page.entries.iter().collect::<Vec<_>>(), new);
}

#[test]
fn a_backup_that_is_restored_twice_leads_to_other_numbers_each_time() {
    let mut world = World::new(10);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let (backup, known) = (world.backup(), world.feed(&world.bakery));
    let mut last = 0;
    for text in ["e amanhã, entregam?", "alô, ainda está aí?"] {
        world.restore(&backup);
        world.person(ana.clone()).writes(text);
        world.settle();
        let new = world.feed(&world.bakery).into_iter().filter(|entry| !known.contains(entry));
        let new: Vec<u64> = new.map(|entry| entry.sequence).collect();
        assert!(!new.is_empty() && new.iter().all(|number| *number > last), "{last}: {new:?}");
        last = new[new.len() - 1];
    }
    assert!(last < 1 << 53, "JSON's readers keep it whole");
}

#[test]
fn two_commits_of_one_organization_write_no_common_document_because_of_the_feed() {
    let mut world = World::new(7);
    for n in 1..=2 {
        world.customer(n).writes("bom dia, tudo bem?");
    }
    // Both are recorded, and nobody has numbered yet: the head is the one document that the feed has for all.
    world.wait(Span::from_seconds(1));
    let head = feed_head_path(&world.bakery);
    assert!(world.document(&head).is_none(), "only who numbers writes it");
    assert_eq!(world.ports.watch.group("feed").len(), 6);
    world.settle();
    let head = read_feed_head(&world.bare, world.document(&head).as_ref()).unwrap();
    assert_eq!(usize::try_from(head.last).unwrap(), world.feed(&world.bakery).len());
}

#[test]
fn waiting_entries_are_as_old_as_their_change() {
    let mut world = World::new(8);
    world.customer(1).writes("bom dia, tudo bem?");
    world.settle();
    let now: Timestamp = world.bare.clock.now();
    for entry in world.feed(&world.bakery) {
        assert!(entry.at <= now && now.since(entry.at) < Span::from_minutes(5), "{entry:?}");
    }
}
