//! What belongs to one organization, document or queue and is of no use to another.

use domain::EventId;
use domain::organization::Number;
use flow::event::Envelope;
use flow::job::JobError;
use flow::ports::{Document, Queue};
use flow::records::{contact_path, number_path, read_contact, read_number};
use flow::setup::connect_number;
use tests::world::people::Person;
use tests::world::{BAKERY, World, at_once, envelope};

#[test]
fn a_number_stays_with_its_organization() {
    let mut world = World::new(1);
    let document = world.document(&number_path(&BAKERY.parse().unwrap())).unwrap();
    let (bakerys, _) = read_number(&world.bare, &document).unwrap();
    // The same number below an account of the florist's own, and another number below the bakery's account.
    let same = Number { organization: world.florist.clone(), waba_id: "9010".into(), ..bakerys.clone() };
    let below = Number { id: "4004".parse().unwrap(), waba_id: envelope::WABA.into(), ..same.clone() };
    for number in [same, below] {
        let connected = world.act(|platform| async move { connect_number(&platform, &number, None).await });
        assert!(matches!(connected, Err(JobError::Fail(_))), "{connected:?}");
    }
    world.customer(1).writes("bom dia, padaria");
    world.settle();
    assert_eq!(world.seen(&Person::new(1)).organization, world.bakery);
}

#[test]
fn a_sealed_field_is_read_in_its_own_document_only() {
    let mut world = World::new(2);
    for n in 1..=2 {
        world.customer(n).writes("bom dia, tudo bem?");
    }
    world.settle();
    let [ana, rui] = [1, 2].map(|n| contact_path(&world.bakery, &world.contact(&Person::new(n)).id));
    let anas = world.document(&ana).unwrap();
    assert!(read_contact(&world.bare, &anas).is_ok());
    assert!(read_contact(&world.bare, &Document { path: rui, ..anas }).is_err());
}

#[test]
fn a_sealed_event_is_read_from_its_own_queue_only() {
    let world = World::new(3);
    let bare = &world.bare;
    let envelope = Envelope { id: EventId::from_bits([7; 16]), received_at: world.now(), event: "{}".into() };
    let sealed = envelope.seal(&bare.sealer, bare.entropy.as_ref(), bare.blobs.as_ref(), Queue::Inbound);
    let body = at_once(sealed).unwrap();
    assert!(at_once(Envelope::open(bare, Queue::Inbound, &body)).unwrap().is_some());
    assert!(matches!(at_once(Envelope::open(bare, Queue::Status, &body)), Err(JobError::Fail(_))));
}
