//! What once went wrong, or would have: each test is named for what must hold instead.

use domain::Span;
use domain::conversation::{Attention, ConversationState};
use domain::delivery::DeliveryStatus;
use domain::intent::SuppressionReason;
use domain::outbound::TemplateCategory;
use flow::ports::{Condition, ItemWrite};
use flow::records::{owner_key, write_owner};
use serde_json::json;
use tests::world::model::Thought;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, World, envelope, template};

/// A world in which customer 1 has written and was answered.
fn after_a_first_answer(seed: u64) -> (World, Person) {
    let mut world = World::new(seed);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    (world, ana)
}

/// The stop gate is kept by name: it must be there under a name that the person gets later.
#[test]
fn a_stop_follows_the_person_to_a_new_number() {
    let (mut world, ana) = after_a_first_answer(1);
    world.person(ana.clone()).writes("SAIR");
    world.settle();
    let id = world.conversation_id(&ana, BAKERY);
    world.wait(Span::from_minutes(5));
    let moved = world.person(ana.clone()).moves_to("5511911112222", Some("BR.7770000000001"));
    world.settle();
    let before = world.meta.taken().len();
    world.answers_with(&id, "offer", template("oferta", TemplateCategory::Marketing), None).unwrap();
    world.settle();
    assert_eq!(world.meta.taken().len(), before);
    assert!(world.contact(&moved).marketing.unwrap().stopped);
}

/// Numbers are recycled: whoever writes from a number that a contact has given up is somebody else.
#[test]
fn a_stranger_with_a_number_that_was_given_up_does_not_read_the_former_owners_conversation() {
    let (mut world, ana) = after_a_first_answer(2);
    world.wait(Span::from_minutes(5));
    let moved = world.person(ana.clone()).moves_to("5511911112222", None);
    world.settle();
    world.wait(Span::from_days(40));
    let stranger = Person { phone: ana.phone.clone(), ..Person::new(2) };
    world.person(stranger.clone()).writes("comprei este número");
    world.settle();
    assert_ne!(world.conversation_id(&stranger, BAKERY), world.conversation_id(&moved, BAKERY));
    let prompts = world.model.prompts();
    assert!(prompts.last().unwrap().turns.iter().all(|turn| !turn.text.contains("tudo bem")));
    assert_eq!(world.contact(&moved).phone().unwrap().digits(), moved.phone);
}

/// A change from a user id that was never seen, to one that comes with a known phone, is about that phone's owner.
#[test]
fn a_new_user_id_of_somebody_known_by_phone_alone_keeps_the_conversation() {
    let (mut world, ana) = after_a_first_answer(3);
    let before = world.conversation_id(&ana, BAKERY);
    let named = Person { user_id: Some("BR.8880000000001".into()), ..ana.clone() };
    world.keep_secret(&named.secrets());
    world.keep_secret(&["BR.8880000000000".to_owned()]);
    let at = world.now() + Span::from_seconds(1);
    let update = envelope::user_id_update(BAKERY, &named, "BR.8880000000000", "BR.8880000000001", at);
    world.meta_posts(&[update]);
    world.wait(Span::from_seconds(2));
    world.person(named.clone()).writes("continua sendo eu?");
    world.settle();
    assert_eq!(world.conversation_id(&named, BAKERY), before);
    assert_eq!(world.conversations().len(), 1);
}

/// A crash between a take-over's gate and its conversation must not silence the assistant for ever.
#[test]
fn a_take_over_that_got_no_further_than_its_gate_ends_like_any_other() {
    let (mut world, ana) = after_a_first_answer(4);
    let id = world.conversation_id(&ana, BAKERY);
    let gate = id.clone();
    world.act(|platform| async move {
        let fields = write_owner(&platform, &gate, domain::conversation::Epoch(1));
        let key = owner_key(&gate);
        let write = ItemWrite::Put { key, fields, expires_at: None, condition: Condition::Absent };
        platform.items.transact(vec![write]).await.unwrap();
    });
    world.person(ana.clone()).writes("alguém aí?");
    world.settle();
    let seen = world.seen(&ana).conversation;
    assert_eq!((seen.state(), seen.attention), (ConversationState::Person, Some(Attention::Waiting)));
    world.wait_for_upkeep(Span::from_hours(9));
    assert_eq!(world.seen(&ana).conversation.state(), ConversationState::Assistant);
}

/// The assistant's farewell belongs to its own hand-over, not to a take-over that comes after it.
#[test]
fn a_farewell_that_waits_is_not_said_after_a_person_took_over() {
    let (mut world, ana) = after_a_first_answer(5);
    let id = world.conversation_id(&ana, BAKERY);
    world.model.next(Thought::HandOver("Vou chamar alguém.".into()));
    world.meta.next(tests::world::meta::Answer::Refuse(131_056));
    world.person(ana.clone()).writes("quero reclamar");
    world.wait(Span::from_millis(2_500));
    assert_eq!(world.seen(&ana).rows.len(), 1, "the farewell waits for its next try");
    world.take_over(&id);
    world.settle();
    let seen = world.seen(&ana);
    let farewell = seen.message("Vou chamar alguém.");
    let end = (farewell.status, farewell.suppression);
    assert_eq!(end, (DeliveryStatus::Suppressed, Some(SuppressionReason::TakenOver)));
}

/// Meta's refusal is known: a limiter that does not answer at that moment must not turn it into an unknown send.
#[test]
fn a_refusal_stays_a_refusal_when_the_limiter_does_not_answer() {
    let (mut world, ana) = after_a_first_answer(6);
    world.meta.next(tests::world::meta::Answer::Refuse(130_429));
    world.ports.set_faults(Some(fails_once("slow_down", 0, Fault::Before)));
    world.person(ana.clone()).writes("e agora?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 2);
    assert_eq!(world.seen(&ana).conversation.attention, None);
}

/// What Meta answered must survive a store that fails for a moment.
#[test]
fn an_acceptance_is_written_down_although_the_store_fails_at_first() {
    for fault in [Fault::Before, Fault::After] {
        let (mut world, ana) = after_a_first_answer(7);
        world.meta.tells(&[]);
        // The claim is the first transaction of the send, the result the second.
        world.ports.set_faults(Some(fails_once("transact", 1, fault)));
        world.person(ana.clone()).writes("e agora?");
        world.settle_so_far(Span::from_seconds(20));
        let seen = world.seen(&ana);
        assert_eq!(seen.message("Resposta a: e agora?").status, DeliveryStatus::Accepted, "{fault:?}");
    }
}

/// "Quero receber" starts nothing that was never stopped: it is a message like any other.
#[test]
fn a_start_word_of_somebody_who_never_stopped_is_answered() {
    let (mut world, ana) = after_a_first_answer(8);
    world.person(ana.clone()).writes("quero receber");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).last().unwrap(), "Resposta a: quero receber");
}

/// A text that no document can hold is kept whole in its event and shown shortened.
#[test]
fn a_text_of_two_mebibytes_is_recorded() {
    let (mut world, ana) = after_a_first_answer(9);
    let text = "a".repeat(2_000_000);
    world.person(ana.clone()).sends(&json!({ "type": "text", "text": { "body": text } }));
    world.settle();
    let seen = world.seen(&ana);
    let long = seen.messages.iter().filter_map(|message| message.body.text()).map(str::len).max().unwrap();
    assert!((10_000..200_000).contains(&long), "{long}");
}
