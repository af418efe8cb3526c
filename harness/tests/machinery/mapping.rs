//! Messages of queues become invocations.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_client::{Credentials, Deadlines, SdkConfig, Settings};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use harness::lambda::Function;
use harness::mapping::{Mapping, Sqs};
use serde_json::{Value, json};
use services::Moto;
use tokio::sync::watch;

use crate::stage::{Lines, settings, until};

/// A queue with dead letters and visibility of two seconds, mapped to the echo.
struct Stage {
    client: Client,
    queue: String,
    dead: String,
    lines: Lines,
    on: watch::Sender<bool>,
    function: Arc<Function>,
    config: SdkConfig,
    _moto: Moto,
}

impl Stage {
    async fn new(fifo: bool) -> Self {
        boot::crypto::install();
        let moto = tokio::task::spawn_blocking(|| Moto::start(None)).await.unwrap().unwrap();
        let deadlines =
            Deadlines { attempt: Duration::from_secs(30), operation: Duration::from_secs(30), ..Deadlines::SMALL };
        let credentials =
            Credentials { access_key: "test".into(), secret_key: "test".to_owned().into(), session_token: None };
        let endpoint = Some(moto.endpoint().parse().unwrap());
        let config = Settings { region: "sa-east-1".into(), endpoint, credentials, deadlines }.config();
        let client = Client::new(&config);
        let suffix = if fifo { ".fifo" } else { "" };
        let create = async |name: &str, attributes: &[(QueueAttributeName, String)]| {
            let mut call = client.create_queue().queue_name(format!("{name}{suffix}"));
            for (attribute, value) in attributes {
                call = call.attributes(attribute.clone(), value);
            }
            if fifo {
                call = call.attributes(QueueAttributeName::FifoQueue, "true");
            }
            call.send().await.unwrap().queue_url.unwrap()
        };
        let dead = create("dead", &[]).await;
        let arn = format!("arn:aws:sqs:sa-east-1:123456789012:dead{suffix}");
        let redrive = json!({"deadLetterTargetArn": arn, "maxReceiveCount": 3}).to_string();
        let attributes =
            [(QueueAttributeName::VisibilityTimeout, "2".to_owned()), (QueueAttributeName::RedrivePolicy, redrive)];
        let queue = create("queue", &attributes).await;
        let lines = Lines::default();
        let function = Arc::new(Function::new(settings("echo"), lines.listener()));
        Self { client, queue, dead, lines, on: watch::Sender::new(true), function, config, _moto: moto }
    }

    fn start(&self, comes_back: Option<Duration>) {
        let mapping = Mapping {
            queue: self.queue.clone(),
            function: self.function.clone(),
            batch: 10,
            concurrency: 2,
            comes_back,
        };
        tokio::spawn(mapping.run(Sqs::new(&self.config), self.on.subscribe()));
    }

    async fn send(&self, group: Option<&str>, body: Value) {
        let call = self.client.send_message().queue_url(&self.queue).message_body(body.to_string());
        let call = call.set_message_group_id(group.map(str::to_owned));
        call.set_message_deduplication_id(group.map(|group| format!("{group}-{}", body["n"]))).send().await.unwrap();
    }

    /// The numbers of the messages that were handled, by group, in order.
    fn handled(&self) -> BTreeMap<String, Vec<u64>> {
        let mut handled: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for line in self.lines.all() {
            let Some((group, rest)) = line.strip_prefix("echo: handled ").and_then(|rest| rest.split_once(' ')) else {
                continue;
            };
            handled.entry(group.to_owned()).or_default().push(rest.split(' ').next().unwrap().parse().unwrap());
        }
        handled
    }

    async fn count(&self, queue: &str) -> u64 {
        use QueueAttributeName as Name;
        let names = [Name::ApproximateNumberOfMessages, Name::ApproximateNumberOfMessagesNotVisible];
        let call = self.client.get_queue_attributes().queue_url(queue).set_attribute_names(Some(names.to_vec()));
        let attributes = call.send().await.unwrap().attributes.unwrap();
        attributes.values().map(|value| value.parse::<u64>().unwrap()).sum()
    }

    async fn until_empty(&self) {
        while self.count(&self.queue).await > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn groups_are_handled_in_order_and_a_failure_holds_up_its_own_only() {
    let stage = Stage::new(true).await;
    for n in 1..=12_u64 {
        for group in ["a", "b"] {
            let at = if (group, n) == ("a", 4) { 2 } else { 1 };
            stage.send(Some(group), json!({"n": n, "at": at})).await;
        }
    }
    stage.start(None);
    let all = || stage.handled().values().map(Vec::len).sum::<usize>() == 24;
    until("everything is handled", all).await;
    let ordered: Vec<u64> = (1..=12).collect();
    assert_eq!(stage.handled(), BTreeMap::from([("a".to_owned(), ordered.clone()), ("b".to_owned(), ordered)]));
    let batches = stage.lines.all();
    assert!(batches.iter().any(|line| line.ends_with("of 10")), "batches have up to ten: {batches:?}");
    stage.until_empty().await;
}

#[tokio::test]
async fn a_batch_whose_process_dies_comes_back_when_its_visibility_ends() {
    let stage = Stage::new(false).await;
    stage.send(None, json!({"n": 1, "at": 2, "exits": true})).await;
    stage.start(None);
    until("it is handled", || stage.handled().contains_key("")).await;
    assert_eq!(stage.handled()[""], [1]);
    stage.until_empty().await;
}

#[tokio::test]
async fn a_batch_comes_back_sooner_where_a_test_cannot_wait() {
    let stage = Stage::new(true).await;
    let call = stage.client.set_queue_attributes().queue_url(&stage.queue);
    call.attributes(QueueAttributeName::VisibilityTimeout, "600").send().await.unwrap();
    stage.send(Some("a"), json!({"n": 1, "at": 2, "exits": true})).await;
    stage.send(Some("a"), json!({"n": 2})).await;
    stage.function.drop_next(1);
    stage.start(Some(Duration::from_secs(1)));
    until("it is handled", || stage.handled().values().map(Vec::len).sum::<usize>() == 2).await;
    assert_eq!(stage.handled()["a"], [1, 2]);
}

#[tokio::test]
async fn what_fails_too_often_goes_to_the_dead_letters() {
    let stage = Stage::new(false).await;
    stage.send(None, json!({"n": 1, "at": 99})).await;
    stage.start(None);
    while stage.count(&stage.dead).await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.handled(), BTreeMap::new());
    stage.until_empty().await;
}

#[tokio::test]
async fn a_mapping_that_is_off_hands_nothing_over() {
    let stage = Stage::new(false).await;
    stage.on.send_replace(false);
    stage.start(None);
    stage.send(None, json!({"n": 1})).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stage.handled(), BTreeMap::new());
    stage.on.send_replace(true);
    until("it is handled", || stage.handled().contains_key("")).await;
}
