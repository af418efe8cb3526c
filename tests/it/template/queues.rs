use std::collections::BTreeSet;

use domain::Span;
use flow::ports::Queue;
use serde_json::{Value, json};

use super::document::{Template, capitalized, target};

const DAY: u64 = 86_400;

fn queue(template: &Template, queue: Queue) -> &Value {
    template.properties(&format!("{}Queue", capitalized(queue.name())))
}

fn dead(template: &Template, queue: Queue) -> &Value {
    template.properties(&format!("{}Dead", capitalized(queue.name())))
}

#[test]
fn the_queues_are_those_of_the_flow() {
    let template = Template::read();
    for kind in Queue::ALL {
        let (name, queue) = (kind.name(), queue(&template, kind));
        let suffix = if kind.fifo() { ".fifo" } else { "" };
        assert_eq!(queue["QueueName"]["Fn::Sub"], format!("${{AWS::StackName}}-{name}{suffix}"));
        assert_eq!(queue["FifoQueue"] == json!(true), kind.fifo(), "{name}");
        let visibility = u64::try_from(kind.visibility().seconds_up()).unwrap();
        assert_eq!(queue["VisibilityTimeout"], visibility, "{name}");
        assert_eq!(queue["MaximumMessageSize"], 1 << 20, "{name}: what the port takes");
    }
}

#[test]
fn what_is_received_too_often_goes_to_dead_letters_of_the_same_kind_that_are_kept_longer() {
    let template = Template::read();
    for kind in Queue::ALL {
        let (name, queue, dead) = (kind.name(), queue(&template, kind), dead(&template, kind));
        let redrive = &queue["RedrivePolicy"];
        assert_eq!(redrive["maxReceiveCount"], kind.max_receives(), "{name}");
        let expected = format!("{}Dead", capitalized(name));
        assert_eq!(target(&redrive["deadLetterTargetArn"]), Some(expected.as_str()), "{name}");
        for setting in ["FifoQueue", "MaximumMessageSize", "DeduplicationScope", "FifoThroughputLimit"] {
            assert_eq!(dead[setting], queue[setting], "{name}: {setting}");
        }
        // In a standard queue a message keeps its age when it moves.
        let (alive, dead) = (&queue["MessageRetentionPeriod"], &dead["MessageRetentionPeriod"]);
        assert_eq!((alive, dead), (&json!(4 * DAY), &json!(14 * DAY)), "{name}");
    }
}

#[test]
fn every_queue_and_every_dead_letter_is_encrypted() {
    let template = Template::read();
    for (name, queue) in template.of_type("AWS::SQS::Queue") {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{name}");
    }
}

#[test]
fn the_delay_of_the_reply_queue_is_the_debounce_and_the_others_are_those_of_the_flow() {
    let template = Template::read();
    for kind in Queue::ALL {
        let expected = match (kind, kind.delay(Span::ZERO).seconds_up()) {
            (Queue::Reply, _) => json!({"Ref": "ReplyDebounceSeconds"}),
            (_, 0) => Value::Null,
            (_, seconds) => json!(seconds),
        };
        assert_eq!(queue(&template, kind)["DelaySeconds"], expected, "{}", kind.name());
    }
    let debounce = template.at("/Parameters/ReplyDebounceSeconds");
    assert_eq!((&debounce["Default"], &debounce["MaxValue"]), (&json!(2), &json!(15)), "a burst lasts 15 s at most");
}

#[test]
fn each_queue_has_one_consumer_which_answers_for_each_message_and_has_time_six_times_over() {
    let template = Template::read();
    let mut consumed = BTreeSet::new();
    for function in template.functions() {
        for event in function.events("SQS") {
            let name = target(&event["Queue"]).unwrap();
            assert!(consumed.insert(name), "{name} has two consumers");
            let queue = template.properties(name);
            let visibility = queue["VisibilityTimeout"].as_u64().unwrap();
            assert!(visibility >= 6 * function.timeout(), "{name}: {visibility} s, timeout {} s", function.timeout());
            assert!(target(&queue["RedrivePolicy"]["deadLetterTargetArn"]).is_some(), "{name} has no dead letters");
            assert_eq!(event["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{name}");
            // Of a FIFO queue one at a time: those behind one that fails would be received as often, and never tried. Of
            // deliveries as well: those behind an endpoint that hangs would wait for it.
            let is_alone = queue["FifoQueue"] == true || name == "DeliverQueue";
            let most = if is_alone { 1 } else { 10 };
            assert_eq!(event["BatchSize"], most, "{name}");
            assert!((2..=100).contains(&event["ScalingConfig"]["MaximumConcurrency"].as_u64().unwrap()), "{name}");
            assert_eq!(event["Enabled"], json!({"Fn::If": ["IsWorking", true, false]}), "{name}: a restore stops it");
        }
    }
    let expected: Vec<String> = Queue::ALL.iter().map(|queue| format!("{}Queue", capitalized(queue.name()))).collect();
    assert_eq!(consumed, expected.iter().map(String::as_str).collect());
}

#[test]
fn upkeep_runs_every_minute_and_a_tick_that_cannot_be_handed_over_is_kept() {
    let template = Template::read();
    let upkeep = template.functions().find(|function| function.name == "upkeep").unwrap();
    let [schedule] = upkeep.events("Schedule")[..] else { panic!("one schedule") };
    assert_eq!(schedule["Schedule"], "rate(1 minute)");
    assert_eq!(schedule["State"], json!({"Fn::If": ["IsWorking", "ENABLED", "DISABLED"]}));
    assert_eq!(target(&schedule["DeadLetterConfig"]["Arn"]), Some("UpkeepDead"));
    assert_eq!(schedule["RetryPolicy"]["MaximumEventAgeInSeconds"], 60, "then the next tick is due");
    // EventBridge may write there only if the queue lets this very rule.
    let statement = &template.properties("UpkeepDeadPolicy")["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Principal"]["Service"], "events.amazonaws.com");
    let rule = statement["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"].as_str().unwrap();
    let name = schedule["Name"]["Fn::Sub"].as_str().unwrap();
    assert!(rule.ends_with(&format!(":rule/{name}")), "{rule} {name}");
}
