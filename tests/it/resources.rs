//! What `cargo xtask services` makes is what the flow and the deployment's template say.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use domain::Span;
use flow::ports::Queue;
use services::resources::{PARTITION_KEY, QUEUES, TIME_TO_LIVE};

#[test]
fn the_queues_are_those_of_the_flow() {
    let of_the_flow = Queue::ALL.map(|queue| (queue.name(), queue.fifo(), queue.visibility(), queue.max_receives()));
    let made = QUEUES.map(|made| (made.name, made.fifo, Span::from_seconds(made.visibility.into()), made.max_receives));
    assert_eq!(made, of_the_flow);
}

#[test]
fn the_table_is_that_of_the_template() {
    let template = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")).unwrap();
    let key = format!("KeySchema: [{{AttributeName: {PARTITION_KEY}, KeyType: HASH}}]");
    let time_to_live = format!("TimeToLiveSpecification: {{AttributeName: {TIME_TO_LIVE}, Enabled: true}}");
    for line in [key, time_to_live] {
        assert_eq!(template.matches(&line).count(), 1, "{line}");
    }
}
