//! What `cargo xtask services` and `compose.yaml` make is what the flow and the deployment's template say.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use domain::Span;
use flow::ports::Queue;
use saphyr::{LoadableYamlNode, Yaml};
use services::resources::{PARTITION_KEY, QUEUES, TIME_TO_LIVE};

#[test]
fn the_queues_are_those_of_the_flow() {
    // What delays `reply` is chosen when it is made.
    let of_the_flow = Queue::ALL
        .map(|queue| (queue.name(), queue.fifo(), queue.delay(Span::ZERO), queue.visibility(), queue.max_receives()));
    let seconds = |seconds: u32| Span::from_seconds(seconds.into());
    let made =
        QUEUES.map(|made| (made.name, made.fifo, seconds(made.delay), seconds(made.visibility), made.max_receives));
    assert_eq!(made, of_the_flow);
}

#[test]
fn the_table_is_that_of_the_template() {
    let template = read("template.yaml");
    let key = format!("KeySchema: [{{AttributeName: {PARTITION_KEY}, KeyType: HASH}}]");
    let time_to_live = format!("TimeToLiveSpecification: {{AttributeName: {TIME_TO_LIVE}, Enabled: true}}");
    for line in [key, time_to_live] {
        assert_eq!(template.matches(&line).count(), 1, "{line}");
    }
}

/// What the container `resources` of `compose.yaml` runs, `$$` being its `$`.
fn composed() -> String {
    let compose = read("compose.yaml");
    let compose = Yaml::load_from_str(&compose).unwrap();
    compose[0]["services"]["resources"]["command"][0].as_str().unwrap().replace("$$", "$")
}

#[test]
fn the_queues_of_compose_are_those_of_the_flow() {
    let script = composed();
    // name, suffix, visibility, delay, receives, attributes
    let made: Vec<Vec<&str>> = script
        .lines()
        .filter_map(|line| line.strip_prefix("queue "))
        .map(|line| line.split_whitespace().map(|word| word.trim_matches(['\'', '"'])).collect())
        .collect();
    let expected = Queue::ALL.map(|queue| {
        let (suffix, attributes) = if queue.fifo() { (".fifo", "$fifo") } else { ("", "") };
        let (visibility, receives) = (queue.visibility().seconds_up().to_string(), queue.max_receives().to_string());
        // As long as the template's default.
        let delay = queue.delay(Span::from_seconds(2)).seconds_up().to_string();
        [queue.name().into(), suffix.into(), visibility, delay, receives, attributes.to_owned()]
    });
    assert_eq!(made, expected);
    let attributes = [
        r#"\"VisibilityTimeout\":\"$3\""#,
        r#"\"DelaySeconds\":\"$4\""#,
        r#"\\\"maxReceiveCount\\\":$5}"#,
        r#"\"MessageRetentionPeriod\":\"345600\""#,
        r#"\"MessageRetentionPeriod\":\"1209600\""#,
        r#""FifoQueue":"true","DeduplicationScope":"messageGroup","FifoThroughputLimit":"perMessageGroupId""#,
    ];
    for attribute in attributes {
        assert_eq!(script.matches(attribute).count(), 1, "{attribute}");
    }
    assert_eq!(script.matches(r#"\"MaximumMessageSize\":\"1048576\""#).count(), 2);
}

#[test]
fn the_table_of_compose_is_that_of_the_template() {
    let script = composed();
    let attribute = format!("--attribute-definitions AttributeName={PARTITION_KEY},AttributeType=S ");
    let key = format!("--key-schema AttributeName={PARTITION_KEY},KeyType=HASH\n");
    let time_to_live = format!("--time-to-live-specification Enabled=true,AttributeName={TIME_TO_LIVE}\n");
    for words in [attribute, key, time_to_live] {
        assert_eq!(script.matches(&words).count(), 1, "{words}");
    }
}

#[test]
fn compose_waits_until_everything_is_made() {
    let compose = read("compose.yaml");
    let compose = Yaml::load_from_str(&compose).unwrap();
    let waits = &compose[0]["services"]["cache"]["depends_on"]["resources"]["condition"];
    assert_eq!(
        waits.as_str(),
        Some("service_completed_successfully"),
        "else `up --wait` fails when that container ends"
    );
}

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)).unwrap()
}
