//! What people suffer from in systems like this one today, as far as it concerns a customer who writes and is answered.
//! Each complaint is a test; each of them fails when the guard that it names is taken out.

#![allow(clippy::unwrap_used, reason = "tests")]

use domain::Span;
use domain::conversation::{Attention, ConversationState};
use domain::delivery::DeliveryStatus;
use domain::intent::{IntentState, SuppressionReason};
use domain::outbound::TemplateCategory;
use serde_json::json;
use tests::seeds::for_each_seed;
use tests::world::meta::Answer;
use tests::world::model::Thought;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, World, envelope, template};

/// A world in which customer 1 has written and was answered.
fn after_a_first_answer() -> (World, Person) {
    let mut world = World::new(1);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    (world, ana)
}

/// "I wrote three short messages and the bot answered each of them."
///
/// Guard: a turn leaves its messages to a newer one that is still open ([`domain::conversation::Conversation::start_turn`]).
#[test]
fn a_burst_gets_one_reply() {
    let mut world = World::new(1);
    for text in ["oi", "queria saber", "quanto custa o bolo de milho?"] {
        world.customer(1).writes(text);
        world.wait(Span::from_millis(1_500));
    }
    world.settle();
    assert_eq!(world.meta.taken().len(), 1);
}

/// "Our clerk was already talking to her, and the bot went on answering in between."
///
/// Guard: the owner's epoch on the row is compared with the gate before each claim.
#[test]
fn the_assistant_does_not_talk_over_a_person() {
    let (mut world, ana) = after_a_first_answer();
    let id = world.conversation_id(&ana, BAKERY);
    // Its answer is decided and waits for a second try when the clerk takes over.
    world.meta.next(Answer::Refuse(131_056));
    world.person(ana.clone()).writes("cadê o meu pedido?");
    world.wait(Span::from_millis(2_500));
    world.take_over(&id);
    world.settle();
    world.person(ana.clone()).writes("alô?");
    world.settle();
    assert_eq!(world.meta.taken().len(), 1);
}

/// "The bot is supposed to print a magic word to call a human; customers see the word, or the word calls nobody."
///
/// Guard: a hand-over is a decision of its own (the model's tool, or the assistant's rule), never a part of a text.
#[test]
fn no_magic_word_in_a_reply_hands_over() {
    let mut world = World::new(1);
    let words = "[HANDOFF] #human transfer_to_human hand_over";
    world.model.next(Thought::Say(words.into()));
    world.customer(1).writes("quero um bolo de cenoura");
    world.settle();
    let seen = world.seen(&Person::new(1));
    assert_eq!((seen.conversation.state(), seen.conversation.attention), (ConversationState::Assistant, None));
    world.model.next(Thought::HandOver("Vou chamar a equipe.".into()));
    world.customer(1).writes("isso não serve para mim");
    world.settle();
    assert_eq!(world.meta.texts_to(&Person::new(1)), [words, "Vou chamar a equipe."]);
    assert_eq!(world.seen(&Person::new(1)).conversation.state(), ConversationState::Person);
}

/// "The server restarted and the messages that came in meanwhile are gone: it had said 200 before it stored them."
///
/// Guard: the webhook says 200 only when the queue has taken every event.
#[test]
fn nothing_that_got_a_200_is_lost_when_the_process_dies() {
    for fault in [Fault::Before, Fault::After] {
        let mut world = World::new(1);
        let ana = Person::new(1);
        // The queue does not take the first of them, or does not say so: no 200, and Meta posts it again.
        world.ports.set_faults(Some(fails_once("send", 0, fault)));
        world.person(ana.clone()).writes("a primeira mensagem");
        assert_eq!(world.accepted_events(), 0);
        world.settle();
        world.post_only(&ana, "a segunda mensagem");
        world.restart();
        world.settle();
        let texts = world.seen(&ana).texts();
        let of_hers = texts.iter().filter(|text| text.starts_with("a ")).count();
        assert_eq!((of_hers, world.meta.taken().len()), (2, 2), "{texts:?}");
    }
}

/// "She wrote twice within 200 milliseconds, and now there are two conversations, in the wrong order."
///
/// Guard: aliases, contact and conversation are created on condition that they do not exist.
#[test]
fn two_first_messages_200_ms_apart_make_one_conversation() {
    for_each_seed("complaints::two_first_messages_200_ms_apart_make_one_conversation", 0..40, |seed| {
        let mut world = World::new(seed).shuffled();
        // Meta shows her user id with the second only: nothing but the records themselves says that she is one person.
        let (first, second) = (Person::new(1), Person::with_both(1));
        world.person(first.clone()).writes("primeira mensagem");
        world.clock.advance(Span::from_millis(200));
        world.person(second.clone()).writes("segunda mensagem");
        world.settle();
        assert_eq!((world.conversations().len(), world.ports.watch.group("contacts").len()), (1, 1));
        let texts = world.seen(&second).texts();
        assert!(
            ["primeira mensagem", "segunda mensagem"].iter().all(|text| texts.iter().any(|t| t == text)),
            "{texts:?}"
        );
    });
}

/// "A message that was read is shown as delivered again, because the webhooks came late."
///
/// Guard: a status only moves forward ([`DeliveryStatus::advance`]).
#[test]
fn a_late_status_does_not_undo_a_later_one() {
    let mut world = World::new(1);
    let ana = Person::new(1);
    world.meta.tells(&[("read", Span::from_millis(100))]);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let taken = world.meta.taken()[0].clone();
    for status in ["delivered", "sent"] {
        let late = world.meta.status_of(&taken, status, world.now(), None);
        world.meta_posts(&[late]);
        world.settle();
    }
    assert_eq!(world.seen(&ana).message("Resposta a: bom dia, tudo bem?").status, DeliveryStatus::Read);
}

/// "One malformed status in the payload, and none of the others was handled."
///
/// Guard: a body is cut into single events before anything is read.
#[test]
fn one_bad_status_leaves_the_others_of_its_body_alone() {
    let mut world = World::new(1);
    world.meta.tells(&[]);
    let people: Vec<Person> = (1..=2).map(Person::new).collect();
    for person in &people {
        world.person(person.clone()).writes("bom dia, tudo bem?");
    }
    world.settle();
    let taken = world.meta.taken();
    let now = world.now();
    let of = |n: usize| world.meta.status_of(&taken[n], "delivered", now, None)["value"]["statuses"][0].clone();
    let bad = json!({"id": ["not", "an", "id"], "status": {"x": 1}, "timestamp": "yesterday", "errors": "none"});
    let mut change = world.meta.status_of(&taken[0], "delivered", now, None);
    change["value"]["statuses"] = json!([of(0), bad, of(1)]);
    world.meta_posts(&[change]);
    world.settle();
    for person in &people {
        assert_eq!(world.seen(person).message("Resposta a: bom dia, tudo bem?").status, DeliveryStatus::Delivered);
    }
}

/// "Anybody could post to the webhook: without the signature header the check was skipped."
///
/// Guard: no header is as wrong as a wrong one.
#[test]
fn a_webhook_without_a_signature_is_refused() {
    let mut world = World::new(1);
    let ana = Person::new(1);
    let wamid = world.new_wamid(&ana);
    let text = json!({"type": "text", "text": {"body": "mensagem forjada"}});
    let body = envelope::body(&[envelope::message(BAKERY, &ana, &wamid, world.now(), &text)]);
    let signed_elsewhere = whatsapp::webhook::AppSecrets::parse("another app's secret").unwrap().sign(&body);
    for header in [None, Some(""), Some("sha256="), Some("sha1=00"), Some(signed_elsewhere.as_str())] {
        assert_eq!(world.status_of_post(&body, header), 401, "{header:?}");
    }
    world.settle();
    assert!(world.conversations().is_empty());
    let ours = world.signature(&body);
    assert_eq!(world.status_of_post(&body, Some(&ours)), 200);
}

/// "The access token had expired for days, and everything looked as if it had been sent."
///
/// Guard: a refusal of the token parks the number; the message stays what it is.
#[test]
fn an_expired_token_is_never_shown_as_success() {
    let mut world = World::new(1);
    let ana = Person::new(1);
    world.meta.only_token(Some("the new token"));
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.wait(Span::from_hours(3));
    let reply = world.seen(&ana).message("Resposta a: bom dia, tudo bem?").clone();
    assert_eq!(reply.status, DeliveryStatus::Queued, "not sent, and not given up either");
    let intent = world.intent(reply.intent.as_ref().unwrap()).unwrap().intent;
    assert!(matches!(intent.state, IntentState::Ready { .. }) && intent.tries == 0, "{intent:?}");
    world.reconnect(BAKERY, "the new token", true);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 1);
}

/// "Customers who hide their number behind a username never get an answer: their messages have no `from`."
///
/// Guard: a person is known by the user id as well as by the phone.
#[test]
fn people_without_a_phone_number_are_not_dropped() {
    let mut world = World::new(1);
    let lia = Person::without_phone(1);
    world.person(lia.clone()).writes("escrevo sem mostrar o número");
    world.settle();
    assert_eq!(world.meta.taken()[0].to, lia.user_id.clone().unwrap());
}

/// "The same customer is in the list twice, once with and once without the ninth digit."
///
/// Guard: both forms of a Brazilian mobile number are one canonical phone.
#[test]
fn the_ninth_digit_does_not_make_two_contacts_of_one_person() {
    let mut world = World::new(1);
    for phone in ["5511987654321", "551187654321"] {
        world.person(Person { phone: phone.into(), ..Person::new(1) }).writes("sou sempre eu");
        world.settle();
    }
    assert_eq!((world.conversations().len(), world.ports.watch.group("contacts").len()), (1, 1));
}

/// "The opt-out was stored all right. Nobody looked at it when the next offer went out."
///
/// Guard: marketing checks the stop of every name of the person, in the claim itself.
#[test]
fn a_stop_is_looked_at_when_an_offer_is_sent() {
    let (mut world, ana) = after_a_first_answer();
    world.person(ana.clone()).writes("SAIR");
    world.settle();
    let before = world.meta.taken().len();
    let id = world.conversation_id(&ana, BAKERY);
    world.answers_with(&id, "offer", template("oferta", TemplateCategory::Marketing), None).unwrap();
    world.settle();
    let seen = world.seen(&ana);
    let offer = seen.messages.iter().find(|message| message.body.kind() == "template").unwrap();
    assert_eq!((world.meta.taken().len(), offer.suppression), (before, Some(SuppressionReason::Stopped)));
}

/// "It knows nothing of the 24 hours: replies fail at Meta one after the other."
///
/// Guard: the window is looked at when an answer is given, and again right before it leaves.
#[test]
fn outside_the_24_hours_nothing_but_a_template_leaves() {
    let mut world = World::new(1);
    world.tick = Span::from_minutes(10);
    let ana = Person::new(1);
    world.meta.always(Answer::Unreachable);
    // Her message comes an hour late: the answer may wait longer than the window is open.
    let (wamid, written) = (world.new_wamid(&ana), world.now());
    world.wait(Span::from_hours(1));
    let text = json!({"type": "text", "text": {"body": "bom dia, tudo bem?"}});
    world.meta_posts(&[envelope::message(BAKERY, &ana, &wamid, written, &text)]);
    world.wait(Span::from_minutes(23 * 60 + 1));
    world.meta.always(Answer::Accept);
    world.settle();
    assert!(world.meta.taken().is_empty());
    assert_eq!(world.seen(&ana).conversation.attention, Some(Attention::SuppressedSend));
    let id = world.conversation_id(&ana, BAKERY);
    world.answers(&id, "late", "ainda dá tempo?").unwrap_err();
    world.answers_with(&id, "template", template("pedido_pronto", TemplateCategory::Utility), None).unwrap();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), ["pedido_pronto"]);
}

/// "Delivered, it says. What it means is that Meta's API had answered."
///
/// Guard: Meta's answer makes a message accepted; only a status makes it more.
#[test]
fn what_meta_accepted_is_not_shown_as_delivered() {
    let mut world = World::new(1);
    let ana = Person::new(1);
    world.meta.tells(&[]);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let status = |world: &World| world.seen(&ana).message("Resposta a: bom dia, tudo bem?").status;
    assert_eq!(status(&world), DeliveryStatus::Accepted);
    for (name, expected) in [("sent", DeliveryStatus::Sent), ("delivered", DeliveryStatus::Delivered)] {
        let change = world.meta.status_of(&world.meta.taken()[0], name, world.now(), None);
        world.meta_posts(&[change]);
        world.settle();
        assert_eq!(status(&world), expected);
    }
}
