//! Stores that fail, are slow or do not answer, and handlers that panic.

use std::sync::Arc;

use domain::conversation::Attention;
use domain::delivery::DeliveryStatus;
use domain::intent::{IntentState, Transition};
use domain::{IntentId, Span};
use flow::platform::Platform;
use flow::ports::{Condition, ItemWrite, Outgoing, Queue, QueueConsumer, Queues, StoreError};
use flow::records::{IntentRecord, intent_key, read_intent, write_intent};
use lambda_runtime::{Context, LambdaEvent};
use secrecy::SecretString;
use serde_json::json;
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, World, at_once, envelope};
use webhook::Webhook;
use whatsapp::webhook::{AppSecrets, VerifyToken};

/// A world in which customer 1 has written and was answered.
fn after_a_first_answer(seed: u64) -> (World, Person) {
    let mut world = World::new(seed);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    (world, ana)
}

/// A world in which nobody knows whether Meta took the answer to "e agora?", which it did.
fn after_an_unknown_answer(seed: u64) -> (World, Person) {
    let (mut world, ana) = after_a_first_answer(seed);
    world.meta.tells(&[]);
    world.meta.next(Answer::AcceptThenLose);
    world.person(ana.clone()).writes("e agora?");
    world.settle();
    assert_eq!(answer(&world, &ana), DeliveryStatus::Unknown);
    (world, ana)
}

fn answer(world: &World, person: &Person) -> DeliveryStatus {
    world.seen(person).message("Resposta a: e agora?").status
}

/// Queues that do not take the last message of a call.
struct AllButTheLast(Arc<dyn Queues>);

#[async_trait::async_trait]
impl Queues for AllButTheLast {
    async fn send(&self, queue: Queue, mut messages: Vec<Outgoing>) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        messages.pop();
        let mut answers = self.0.send(queue, messages).await?;
        answers.push(Err(StoreError::Unavailable("this one was not taken".into())));
        Ok(answers)
    }

    async fn defer(&self, queue: Queue, receipt: &str, span: Span) -> Result<(), StoreError> {
        self.0.defer(queue, receipt, span).await
    }
}

#[test]
fn a_body_of_which_the_queue_took_a_part_is_no_200() {
    let mut world = World::new(1);
    let ana = Person::new(1);
    let text = json!({"type": "text", "text": {"body": "bom dia, tudo bem?"}});
    let now = world.now();
    let messages = [world.new_wamid(&ana), world.new_wamid(&ana)];
    let body = envelope::body(&messages.map(|wamid| envelope::message(BAKERY, &ana, &wamid, now, &text)));
    let webhook = Webhook {
        secrets: AppSecrets::parse("a secret").unwrap(),
        verify_token: VerifyToken::new(SecretString::from("a token")),
        queues: Arc::new(AllButTheLast(world.bare.queues.clone())),
        blobs: world.bare.blobs.clone(),
        sealer: world.bare.sealer.clone(),
        id_key: world.bare.id_key.clone(),
        clock: world.bare.clock.clone(),
        entropy: world.bare.entropy.clone(),
    };
    let request = http::Request::post("/webhooks/whatsapp")
        .header("x-hub-signature-256", webhook.secrets.sign(&body))
        .body(lambda_http::Body::from(body))
        .unwrap();
    assert_eq!(at_once(webhook::handle(&webhook, request)).status(), 503);
}

#[test]
fn an_event_whose_commit_fails_is_recorded_all_the_same() {
    // The second one goes through the blob store.
    for text in ["bom dia, tudo bem?".to_owned(), "pão de queijo e café com leite. ".repeat(15_000)] {
        let mut world = World::new(2);
        world.ports.set_faults(Some(fails_once("commit", 0, Fault::Before)));
        world.customer(1).sends(&json!({"type": "text", "text": {"body": text}}));
        world.settle();
        assert_eq!(world.meta.taken().len(), 1, "{} bytes", text.len());
    }
}

#[test]
fn an_outage_of_half_an_hour_sends_nothing_to_the_dead_letters() {
    let mut world = World::new(3);
    let ana = Person::new(1);
    world.ports.set_faults(Some(Box::new(|call| (call.operation == "commit").then_some(Fault::Before))));
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.wait(Span::from_minutes(30));
    world.ports.set_faults(None);
    world.settle();
    assert!(at_once(world.stores.queues.dead_letters(Queue::Inbound, 10)).unwrap().is_empty());
    assert_eq!(world.meta.texts_to(&ana).len(), 1);
}

#[test]
fn a_message_whose_wake_up_was_not_queued_is_answered_when_its_event_comes_again() {
    let mut world = World::new(11);
    let ana = Person::new(1);
    let begin = world.now();
    // The webhook enqueues the event, the inbox the wake-up.
    world.ports.set_faults(Some(fails_once("send", 1, Fault::Before)));
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let taken = world.meta.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].at.since(begin) <= Span::from_seconds(10), "{:?}", taken[0].at.since(begin));
}

#[test]
fn a_message_whose_only_wake_up_was_lost_is_answered_by_upkeep() {
    let (mut world, ana) = after_a_first_answer(12);
    world.person(ana.clone()).writes("e agora?");
    world.clock.advance(Span::from_seconds(3));
    let queue = Queue::Reply;
    let lost = at_once(world.stores.queues.receive(queue, 10, queue.visibility())).unwrap();
    assert_eq!(lost.len(), 1);
    at_once(world.stores.queues.delete(queue, &lost[0].receipt)).unwrap();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 2);
}

#[test]
fn a_handler_that_panics_is_tried_again() {
    let mut world = World::new(4);
    let ana = Person::new(1);
    let mut panics = true;
    world.ports.set_faults(Some(Box::new(move |call| {
        assert!(call.operation != "commit" || !std::mem::take(&mut panics), "a handler that panics");
        None
    })));
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 1);
}

#[test]
fn a_turn_that_goes_on_failing_ends_on_a_persons_list() {
    for panics in [false, true] {
        let (mut world, ana) = after_a_first_answer(5);
        // The model's rate is asked for in every turn, and by nobody else.
        world.ports.set_faults(Some(Box::new(move |call| {
            let is_turn = call.operation == "allow";
            assert!(!(is_turn && panics), "a turn that panics");
            is_turn.then_some(Fault::Before)
        })));
        world.person(ana.clone()).writes("e agora?");
        world.wait(Span::from_minutes(8));
        world.settle();
        let attention = world.seen(&ana).conversation.attention;
        assert_eq!((attention, world.meta.taken().len()), (Some(Attention::Fallback), 1), "panics: {panics}");
    }
}

#[test]
fn after_a_failure_no_later_message_of_its_group_is_touched() {
    let (mut world, ana) = after_a_first_answer(6);
    for text in ["a primeira pergunta", "a segunda pergunta"] {
        world.post_only(&ana, text);
    }
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Before)));
    world.settle();
    let seen = world.seen(&ana);
    let recorded_at = |text: &str| seen.message(text).recorded_at;
    assert!(recorded_at("a primeira pergunta") <= recorded_at("a segunda pergunta"));
}

#[test]
fn what_waits_behind_a_failed_message_comes_back_with_it() {
    let (mut world, ana) = after_a_first_answer(6);
    let begin = world.now();
    for text in ["a primeira pergunta", "a segunda pergunta", "a terceira pergunta"] {
        world.post_only(&ana, text);
    }
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Before)));
    world.settle();
    let recorded_at = world.seen(&ana).message("a terceira pergunta").recorded_at;
    // A group waits for all of its messages in flight, and one that was only held stays there for six minutes.
    assert!(recorded_at.since(begin) <= Span::from_seconds(10), "{:?}", recorded_at.since(begin));
}

#[test]
fn work_for_which_a_function_has_no_time_left_is_not_begun() {
    let (mut world, ana) = after_a_first_answer(9);
    world.post_only(&ana, "ainda dá tempo?");
    let queue = Queue::Inbound;
    let waiting = at_once(world.stores.queues.receive(queue, 10, queue.visibility())).unwrap();
    let records: Vec<_> = waiting
        .iter()
        .map(|delivery| {
            json!({
                "messageId": delivery.message_id,
                "receiptHandle": delivery.receipt,
                "body": delivery.body,
                "attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": delivery.group},
            })
        })
        .collect();
    let mut context = Context::default();
    context.deadline = u64::try_from((world.now() + Span::from_seconds(5)).micros() / 1_000).unwrap();
    let event = LambdaEvent::new(serde_json::from_value(json!({ "Records": records })).unwrap(), context);
    let left = at_once(inbox::handle(&world.bare, event)).batch_item_failures;
    let left: Vec<_> = left.iter().map(|failure| &failure.item_identifier).collect();
    assert_eq!(left, waiting.iter().map(|delivery| &delivery.message_id).collect::<Vec<_>>());
    assert!(!world.seen(&ana).texts().iter().any(|text| text.contains("ainda dá tempo?")));
    // It is back at once, not when its visibility ends.
    let begin = world.now();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 2);
    assert!(world.meta.taken()[1].at.since(begin) <= Span::from_seconds(10));
}

#[test]
fn a_call_for_which_too_little_time_is_left_is_made_by_the_next_invocation() {
    let took = |slow: Span| {
        let (mut world, ana) = after_a_first_answer(10);
        // The first reservation is the model's.
        world.ports.set_faults(Some(fails_once("reserve", 1, Fault::Slow(slow))));
        let begin = world.now();
        world.person(ana.clone()).writes("e agora?");
        world.settle();
        assert_eq!(world.meta.texts_to(&ana).len(), 2);
        world.meta.taken()[1].at.since(begin).micros()
    };
    // After 20 of a function's 30 s, a call of 10 s could be cut off: it is made a second later.
    let waited = took(Span::from_seconds(20)) - took(Span::ZERO);
    assert!((21_000_000..22_000_000).contains(&waited), "{waited} µs");
}

#[test]
fn a_result_that_cannot_be_written_leaves_the_send_unknown() {
    let (mut world, ana) = after_a_first_answer(7);
    world.meta.tells(&[]);
    let mut transactions = 0;
    world.ports.set_faults(Some(Box::new(move |call| {
        transactions += u32::from(call.operation == "transact");
        // The first one is the claim. Then nothing can be written for as long as the worker tries.
        (call.operation == "transact" && (2..=9).contains(&transactions)).then_some(Fault::Before)
    })));
    world.person(ana.clone()).writes("e agora?");
    world.settle();
    assert_eq!((answer(&world, &ana), world.meta.calls().len()), (DeliveryStatus::Unknown, 2));
}

#[test]
fn an_answer_leaves_at_once_although_the_documents_are_slow() {
    let (mut world, ana) = after_a_first_answer(8);
    let slow = Fault::Slow(Span::from_seconds(3));
    world.ports.set_faults(Some(Box::new(move |call| (call.operation == "commit").then_some(slow))));
    let begin = world.now();
    world.person(ana.clone()).writes("e agora?");
    world.settle();
    // The message, the draft and the turn are three commits, and the burst is gathered for two seconds.
    let took = world.meta.taken()[1].at.since(begin);
    assert!(took <= Span::from_seconds(14), "{took:?}");
}

/// A worker that woke up late wrote Meta's answer into the intent, and died.
async fn write_the_answer(platform: Platform, id: IntentId) {
    let items = platform.items.get(&[intent_key(&id)]).await.unwrap();
    let item = items[0].as_ref().unwrap();
    let record = read_intent(&platform, item).unwrap();
    let IntentState::Unknown { attempt } = &record.intent.state else { panic!("{:?}", record.intent) };
    let Transition::To(intent) = record.intent.accepted(attempt, "a key") else { panic!("it cannot be accepted") };
    let fields = write_intent(&platform, &id, &IntentRecord { intent, ..record });
    let condition = Condition::Version(item.version);
    let write = ItemWrite::Put { key: intent_key(&id), fields, expires_at: None, condition };
    platform.items.transact(vec![write]).await.unwrap();
}

#[test]
fn an_answer_that_was_found_out_and_not_recorded_is_recorded_by_upkeep() {
    let (mut world, ana) = after_an_unknown_answer(9);
    let id = world.seen(&ana).message("Resposta a: e agora?").intent.clone().unwrap();
    world.act(|platform| write_the_answer(platform, id));
    world.wait_for_upkeep(Span::from_minutes(2));
    assert_eq!((answer(&world, &ana), world.seen(&ana).conversation.attention), (DeliveryStatus::Accepted, None));
}

#[test]
fn a_status_that_fails_halfway_has_its_effect_when_it_comes_again() {
    let (mut world, ana) = after_an_unknown_answer(10);
    let taken = world.meta.taken()[1].clone();
    let delivered = world.meta.status_of(&taken, "delivered", world.now(), None);
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Before)));
    world.meta_posts(&[delivered]);
    world.settle();
    assert_eq!(answer(&world, &ana), DeliveryStatus::Delivered);
}
