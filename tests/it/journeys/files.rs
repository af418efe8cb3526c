//! A customer sends a file, and it is kept.

use domain::Span;
use domain::media::{MediaLoss, MediaState};
use flow::records::StoredMedia;
use serde_json::{Value, json};
use tests::world::meta::FakeFile;
use tests::world::people::Person;
use tests::world::{BAKERY, World, at_once, envelope};

fn image(id: &str, caption: &str) -> Value {
    json!({"type": "image", "image": {"id": id, "mime_type": "image/jpeg", "caption": caption}})
}

/// The file of the message with these words.
fn file(world: &World, who: &Person, words: &str) -> StoredMedia {
    let message = world.seen(who).message(words).id.clone();
    at_once(flow::media::of_message(&world.bare, &world.bakery, &message)).unwrap().unwrap()
}

#[test]
fn a_picture_is_fetched_right_after_its_message() {
    let mut world = World::new(1);
    let ana = Person::new(1);
    world.meta.has_file("77", Some(FakeFile::new(vec![7; 300_000], "image/jpeg")));
    world.person(ana.clone()).sends(&image("77", "este bolo"));
    world.settle();
    assert!(matches!(file(&world, &ana, "este bolo").state, MediaState::Stored { size: 300_000, .. }));
}

#[test]
fn a_picture_from_the_businesss_own_phone_is_kept_as_well() {
    let mut world = World::new(2);
    let ana = Person::new(1);
    world.customer(1).writes("bom dia");
    world.settle();
    world.meta.has_file("78", Some(FakeFile::new(b"a cake".to_vec(), "image/jpeg")));
    let wamid = world.new_wamid(&ana);
    let now = world.now();
    world.meta_posts(&[envelope::echo(BAKERY, &ana, &wamid, now, &image("78", "assim fica"))]);
    world.settle();
    assert!(matches!(file(&world, &ana, "assim fica").state, MediaState::Stored { size: 6, .. }));
}

#[test]
fn a_connection_that_breaks_in_the_middle_is_made_again() {
    let mut world = World::new(3);
    let ana = Person::new(1);
    let whole = FakeFile::new(vec![7; 300_000], "image/jpeg");
    world.meta.has_file("77", Some(FakeFile { breaks_after: Some(100_000), ..whole.clone() }));
    world.person(ana.clone()).sends(&image("77", "este bolo"));
    world.settle();
    assert!(matches!(file(&world, &ana, "este bolo").state, MediaState::Pending { tries: 1, .. }));
    world.meta.has_file("77", Some(whole));
    world.wait(Span::from_minutes(4));
    world.settle();
    assert!(matches!(file(&world, &ana, "este bolo").state, MediaState::Stored { size: 300_000, .. }));
}

#[test]
fn a_refused_token_is_waited_for_and_a_file_that_is_gone_is_not() {
    let mut world = World::new(4);
    let ana = Person::new(1);
    world.meta.has_file("77", Some(FakeFile::new(b"a cake".to_vec(), "image/jpeg")));
    world.meta.only_token(Some("another"));
    world.person(ana.clone()).sends(&image("77", "este bolo"));
    world.person(ana.clone()).sends(&image("78", "e este"));
    world.wait(Span::from_hours(12));
    assert!(matches!(file(&world, &ana, "este bolo").state, MediaState::Pending { .. }));
    world.reconnect(BAKERY, "another", true);
    world.wait(Span::from_hours(30));
    assert!(matches!(file(&world, &ana, "este bolo").state, MediaState::Stored { size: 6, .. }));
    assert_eq!(file(&world, &ana, "e este").state, MediaState::Unavailable(MediaLoss::Gone));
    world.settle();
}
