//! Queues deliver again: now, later, what is long done, and all of it.

use flow::ports::Queues;
use tests::runs::for_each;
use tests::world::{World, at_once};

use super::{all_were_answered_once, many_write, minutes};

#[test]
fn whatever_is_delivered_twice_or_to_two_workers_has_its_effect_once() {
    let cases: Vec<u64> = (0..200).collect();
    let name = "matrix::queues::whatever_is_delivered_twice_or_to_two_workers_has_its_effect_once";
    let runs = for_each(name, "SEED", &cases, |seed| {
        let mut world = World::new(*seed).shuffled();
        (world.conduct.again, world.conduct.twice, world.conduct.pause) = (0.3, 0.5, 0.005);
        many_write(&mut world, 3);
        world.wait(minutes(1));
        (world.conduct.again, world.conduct.twice, world.conduct.pause) = (0.0, 0.0, 0.0);
        world.settle();
        // A worker that stood still past its lease leaves its message unknown; none is sent twice.
        assert!(world.meta.taken().len() <= 3);
    });
    println!("{runs} runs");
}

#[test]
fn ten_thousand_messages_that_come_back_from_the_dead_letters_change_nothing() {
    let mut world = World::new(1);
    world.ports.watch.note_messages();
    many_write(&mut world, 20);
    world.settle();
    let noted = world.ports.watch.noted();
    let before = (world.meta.taken(), world.conversations().into_iter().map(|seen| seen.messages).collect::<Vec<_>>());
    let mut back = 0;
    'enough: loop {
        for (queue, message) in &noted {
            let mut message = message.clone();
            message.deduplication = format!("back {back}").replace(' ', "-");
            at_once(world.stores.queues.send(*queue, vec![message])).unwrap();
            back += 1;
            if back == 10_000 {
                break 'enough;
            }
        }
        world.come_to_rest();
    }
    world.settle();
    let after = (world.meta.taken(), world.conversations().into_iter().map(|seen| seen.messages).collect::<Vec<_>>());
    assert!(before == after, "messages were sent or changed");
    all_were_answered_once(&world, 20);
    println!("{back} messages");
}

#[test]
fn wake_ups_that_are_all_lost_are_made_up_for_by_upkeep() {
    let mut world = World::new(1);
    world.conduct.lose = 1.0;
    many_write(&mut world, 5);
    world.wait(minutes(3));
    assert!(world.meta.taken().is_empty());
    world.conduct.lose = 0.0;
    world.settle();
    all_were_answered_once(&world, 5);
    println!("1 run");
}
