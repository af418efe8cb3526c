//! The queues are made as the flow needs them.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../aws/tests/fake/mod.rs"]
mod fake;

use std::collections::HashMap;

use aws_client::Deadlines;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use domain::Span;
use flow::ports::{Outgoing, Queue, Queues};
use services::Moto;
use sqs_queues::{SqsQueues, create};

const DELAY: Span = Span::from_seconds(3);

async fn attributes(client: &Client, url: &str) -> HashMap<String, String> {
    let call = client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    let known = call.send().await.unwrap().attributes.unwrap();
    known.into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect()
}

#[tokio::test]
async fn each_queue_has_its_times_and_its_dead_letters() {
    let moto = Moto::start(None).unwrap();
    let config = fake::settings(&moto.endpoint(), Deadlines::SMALL).config();
    let client = Client::new(&config);
    let settings = create(&config, "times", DELAY).await.unwrap();
    for queue in Queue::ALL {
        let (live, dead) = (&settings.queues[&queue], &settings.dead_letters[&queue]);
        assert_eq!(live.ends_with(".fifo"), queue.fifo(), "{live}");
        let (live, dead) = (attributes(&client, live).await, attributes(&client, dead).await);
        let delay = match queue {
            Queue::Reply => "3",
            Queue::Feed => "2",
            _ => "0",
        };
        assert_eq!(live["DelaySeconds"], delay, "{queue:?}");
        assert_eq!(live["VisibilityTimeout"], queue.visibility().seconds_up().to_string(), "{queue:?}");
        assert_eq!((&*live["MessageRetentionPeriod"], &*dead["MessageRetentionPeriod"]), ("345600", "1209600"));
        assert_eq!((&*live["MaximumMessageSize"], &*dead["MaximumMessageSize"]), ("1048576", "1048576"));
        assert!(live["RedrivePolicy"].contains(&dead["QueueArn"]), "{}", live["RedrivePolicy"]);
        assert!(live["RedrivePolicy"].contains(&queue.max_receives().to_string()), "{}", live["RedrivePolicy"]);
        if queue.fifo() {
            assert_eq!(live["FifoThroughputLimit"], "perMessageGroupId");
        }
    }
}

#[tokio::test]
async fn queues_that_are_there_keep_what_they_hold() {
    let moto = Moto::start(None).unwrap();
    let config = fake::settings(&moto.endpoint(), Deadlines::SMALL).config();
    let first = create(&config, "twice", DELAY).await.unwrap();
    let queues = SqsQueues::new(&config, first.clone());
    let message = Outgoing { body: "body".into(), group: "group".into(), deduplication: "id".into() };
    queues.send(Queue::Send, vec![message]).await.unwrap().remove(0).unwrap();
    assert_eq!(create(&config, "twice", DELAY).await.unwrap(), first);
    let sent = attributes(&Client::new(&config), &first.queues[&Queue::Send]).await;
    assert_eq!(sent["ApproximateNumberOfMessages"], "1");
}
