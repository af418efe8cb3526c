//! What is said of SQS when it is not well, and what is asked of it.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../aws/tests/fake/mod.rs"]
mod fake;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_client::{Deadlines, SdkConfig};
use domain::Span;
use fake::{Answer, Fake};
use flow::ports::{Outgoing, Queue, QueueConsumer, Queues, StoreError};
use sqs_queues::{Settings, SqsQueues};

/// Short deadlines, and the usual number of tries.
const SHORT: Deadlines = Deadlines {
    connect: Duration::from_millis(200),
    attempt: Duration::from_millis(200),
    operation: Duration::from_millis(500),
    attempts: 3,
};

/// Queues, with addresses at the place of the fake.
fn queues(config: &SdkConfig) -> SqsQueues {
    let at = config.endpoint_url().unwrap();
    let address = |queue: Queue| (queue, format!("{at}/1/{}", queue.name()));
    let settings = Settings { queues: Queue::ALL.map(address).into(), ..Settings::default() };
    SqsQueues::new(config, settings)
}

fn message(n: u32) -> Outgoing {
    Outgoing { body: format!("body {n}"), group: format!("group-{n}"), deduplication: format!("id-{n}") }
}

fn is_unavailable<T>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}

async fn send_one(fake: &Fake, deadlines: Deadlines) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    queues(&fake.config(deadlines)).send(Queue::Inbound, vec![message(0)]).await
}

const TAKEN: &str = r#"{"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"x"}]}"#;

#[tokio::test]
async fn a_batch_that_is_taken_in_part_is_answered_message_by_message() {
    let answer = r#"{
        "Successful": [{"Id": "3", "MessageId": "m", "MD5OfMessageBody": "x"}],
        "Failed": [
            {"Id": "0", "SenderFault": true, "Code": "InvalidMessageContents", "Message": "body 0"},
            {"Id": "1", "SenderFault": false, "Code": "InternalError"},
            {"Id": "2", "SenderFault": true, "Code": "RequestThrottled"}
        ]
    }"#;
    let fake = Fake::start([Answer::ok(answer)]).await;
    let queues = queues(&fake.config(Deadlines::SMALL));
    let answers = queues.send(Queue::Status, (0..5).map(message).collect()).await.unwrap();
    let [
        Err(StoreError::Invalid(why)),
        Err(StoreError::Unavailable(_)),
        Err(StoreError::Unavailable(_)),
        Ok(()),
        Err(StoreError::Unavailable(unnamed)),
    ] = &answers[..]
    else {
        panic!("{answers:?}")
    };
    assert_eq!(why, "SQS refused the message with InvalidMessageContents");
    assert!(unnamed.to_string().contains("does not name the message"));
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn what_is_malformed_is_not_sent_and_the_rest_is_told_apart_by_its_place() {
    let fake = Fake::start([Answer::ok(r#"{"Failed":[{"Id":"2","SenderFault":false,"Code":"InternalError"}]}"#)]).await;
    let queues = queues(&fake.config(Deadlines::SMALL));
    let bad = Outgoing { group: "two words".into(), ..message(1) };
    let answers = queues.send(Queue::Send, vec![bad.clone(), message(1), message(2)]).await.unwrap();
    assert!(matches!(answers[..], [Err(StoreError::Invalid(_)), Err(StoreError::Unavailable(_)), Err(_)]));
    assert!(!fake.seen()[0].body.contains("two words"));
    let answers = queues.send(Queue::Send, vec![bad]).await.unwrap();
    assert!(matches!(answers[..], [Err(StoreError::Invalid(_))]));
    assert!(queues.send(Queue::Send, vec![]).await.unwrap().is_empty());
    assert_eq!(fake.seen().len(), 1, "there was nothing to send");
}

#[tokio::test]
async fn a_message_carries_its_group_and_in_a_fifo_queue_its_deduplication_id() {
    let fake = Fake::start([Answer::ok(TAKEN)]).await;
    let queues = queues(&fake.config(Deadlines::SMALL));
    for queue in [Queue::Inbound, Queue::Status] {
        queues.send(queue, vec![message(0)]).await.unwrap();
    }
    let seen = fake.seen();
    for (seen, queue) in seen.iter().zip([Queue::Inbound, Queue::Status]) {
        assert!(seen.head.contains("x-amz-target: amazonsqs.sendmessagebatch"), "{}", seen.head);
        assert!(seen.body.contains(&format!("/1/{}\"", queue.name())), "{}", seen.body);
        assert!(seen.body.contains(r#""MessageGroupId":"group-0""#), "{}", seen.body);
        assert_eq!(seen.body.contains(r#""MessageDeduplicationId":"id-0""#), queue.fifo(), "{}", seen.body);
    }
}

#[tokio::test]
async fn throttling_and_faults_that_pass_are_waited_for() {
    for passing in [Answer::error(503, "ServiceUnavailable", ""), Answer::error(400, "RequestThrottled", "")] {
        let fake = Fake::start([passing.clone(), Answer::ok(TAKEN)]).await;
        assert!(matches!(send_one(&fake, Deadlines::SMALL).await.unwrap()[..], [Ok(())]));
        let fake = Fake::start([passing]).await;
        assert!(is_unavailable(send_one(&fake, Deadlines::SMALL).await));
        assert_eq!(fake.seen().len(), 3);
    }
}

#[tokio::test]
async fn a_wrong_call_is_told_from_a_service_that_refuses() {
    for ours in ["InvalidParameterValue", "AWS.SimpleQueueService.BatchRequestTooLong", "InvalidMessageContents"] {
        let fake = Fake::start([Answer::error(400, ours, "body 0")]).await;
        let Err(StoreError::Invalid(why)) = send_one(&fake, Deadlines::SMALL).await else { panic!("{ours}") };
        assert!(!why.contains("body 0"), "{why}");
    }
    for theirs in ["AccessDenied", "AWS.SimpleQueueService.NonExistentQueue", "ExpiredToken", "KmsThrottled"] {
        let fake = Fake::start([Answer::error(400, theirs, "")]).await;
        assert!(is_unavailable(send_one(&fake, Deadlines::SMALL).await), "{theirs}");
    }
}

#[tokio::test]
async fn an_answer_that_is_late_lost_or_garbled_is_no_answer() {
    for lost in [Answer::Silence, Answer::Cut, Answer::Part("{".into()), Answer::ok("<html>")] {
        let fake = Fake::start([lost]).await;
        let sent = tokio::time::timeout(Duration::from_secs(5), send_one(&fake, SHORT)).await.unwrap();
        assert!(is_unavailable(sent));
    }
}

#[tokio::test]
async fn a_service_that_is_gone_and_comes_back_is_found_again() {
    let mut moto = services::Moto::start(None).unwrap();
    let config = fake::settings(&moto.endpoint(), Deadlines::SMALL).config();
    let queues = SqsQueues::new(&config, sqs_queues::create(&config, "outage", Span::ZERO).await.unwrap());
    queues.send(Queue::Send, vec![message(1)]).await.unwrap().remove(0).unwrap();
    moto.stop();
    assert!(is_unavailable(queues.send(Queue::Send, vec![message(2)]).await));
    assert!(is_unavailable(queues.receive(Queue::Send, 1, Span::from_seconds(5)).await));
    moto.start_again().unwrap();
    queues.send(Queue::Send, vec![message(3)]).await.unwrap().remove(0).unwrap();
    assert_eq!(queues.depth(Queue::Send).await.unwrap(), 2);
}

#[tokio::test]
async fn a_receipt_that_sqs_no_longer_takes_is_a_conflict_and_nothing_to_delete() {
    let expired = "Value AQEB for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.";
    for (code, text) in [
        ("InvalidParameterValue", expired),
        ("ReceiptHandleIsInvalid", "The input receipt handle is invalid."),
        ("AWS.SimpleQueueService.MessageNotInflight", ""),
    ] {
        let fake = Fake::start([Answer::error(400, code, text)]).await;
        let queues = queues(&fake.config(Deadlines::SMALL));
        let deferred = queues.defer(Queue::Inbound, "AQEB", Span::from_seconds(5)).await;
        assert!(matches!(deferred, Err(StoreError::Conflict)), "{code}: {deferred:?}");
        queues.delete(Queue::Inbound, "AQEB").await.unwrap();
    }
    let too_long = "Value 43000 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the \
                    message is beyond the limit [43200 seconds]";
    let fake = Fake::start([Answer::error(400, "InvalidParameterValue", too_long)]).await;
    let deferred =
        queues(&fake.config(Deadlines::SMALL)).defer(Queue::Inbound, "AQEB", Span::from_seconds(43_000)).await;
    assert!(matches!(deferred, Err(StoreError::Invalid(_))), "{deferred:?}");
}

#[tokio::test]
async fn a_deferral_is_never_shorter_than_asked_for() {
    let fake = Fake::start([Answer::ok("{}")]).await;
    let queues = queues(&fake.config(Deadlines::SMALL));
    queues.defer(Queue::Send, "AQEB", Span::from_millis(1_001)).await.unwrap();
    assert!(fake.seen()[0].body.contains(r#""VisibilityTimeout":2"#), "{}", fake.seen()[0].body);
}

#[tokio::test]
async fn a_receive_waits_for_longer_than_other_calls() {
    let fake = Fake::start([Answer::Silence]).await;
    let config = fake.config(SHORT);
    let settings = Settings {
        queues: BTreeMap::from([(Queue::Send, format!("{}/1/send", config.endpoint_url().unwrap()))]),
        wait: Span::from_seconds(1),
        ..Settings::default()
    };
    let queues = SqsQueues::new(&config, settings);
    let receive = || queues.receive(Queue::Send, 1, Span::from_seconds(5));
    // Half a second is the end of other calls.
    assert!(tokio::time::timeout(Duration::from_millis(900), receive()).await.is_err(), "it did not wait");
    assert!(is_unavailable(tokio::time::timeout(Duration::from_secs(5), receive()).await.unwrap()));
    assert!(fake.seen()[0].body.contains(r#""WaitTimeSeconds":1"#), "{}", fake.seen()[0].body);
}

#[tokio::test]
async fn a_delivery_without_what_it_must_have_is_no_answer() {
    for answer in [
        r#"{"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"b","Attributes":{"SentTimestamp":"1"}}]}"#,
        r#"{"Messages":[{"MessageId":"m","ReceiptHandle":"r","Attributes":{"SentTimestamp":"1","ApproximateReceiveCount":"1"}}]}"#,
    ] {
        let fake = Fake::start([Answer::ok(answer)]).await;
        let queues = queues(&fake.config(Deadlines::SMALL));
        assert!(is_unavailable(queues.receive(Queue::Status, 1, Span::from_seconds(5)).await));
    }
}

#[tokio::test]
async fn a_queue_without_an_address_is_not_called() {
    let fake = Fake::start([Answer::Silence]).await;
    let queues = SqsQueues::new(&fake.config(Deadlines::SMALL), Settings::default());
    let Err(StoreError::Invalid(why)) = queues.send(Queue::Reply, vec![message(0)]).await else {
        panic!("it was sent")
    };
    assert_eq!(why, "the address of the queue reply is not set");
    let Err(StoreError::Invalid(why)) = queues.dead_letters(Queue::Reply, 1).await else { panic!("it was read") };
    assert_eq!(why, "the address of the dead letters of reply is not set");
    assert!(fake.seen().is_empty());
}
