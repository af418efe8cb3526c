use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use domain::outcome::RefusalClass;
use serde_json::json;

use super::document::{Template, capitalized, listed, root, target};

#[test]
fn every_alarm_is_heard() {
    let template = Template::read();
    for (name, alarm) in template.of_type("AWS::CloudWatch::Alarm") {
        assert_eq!(alarm["AlarmActions"], json!([{"Ref": "Alerts"}]), "{name}");
        assert!(!alarm["AlarmDescription"].as_str().unwrap().is_empty(), "{name}");
        let expected = if name == "UpkeepSilentAlarm" { "breaching" } else { "notBreaching" };
        assert_eq!(alarm["TreatMissingData"], expected, "{name}");
    }
}

#[test]
fn a_single_dead_letter_rings() {
    let template = Template::read();
    let queues = template.of_type("AWS::SQS::Queue");
    let dead: BTreeSet<&str> = queues.keys().copied().filter(|name| name.ends_with("Dead")).collect();
    assert_eq!(dead.len(), 8);
    for name in dead {
        let alarm = template.properties(&format!("{name}Alarm"));
        assert_eq!(alarm["MetricName"], "ApproximateNumberOfMessagesVisible", "{name}");
        assert_eq!(target(&alarm["Dimensions"][0]["Value"]), Some(name));
        let rings = (&alarm["ComparisonOperator"], &alarm["Threshold"], &alarm["EvaluationPeriods"], &alarm["Period"]);
        let at_once = (&json!("GreaterThanOrEqualToThreshold"), &json!(1), &json!(1), &json!(60));
        assert_eq!(rings, at_once, "{name}");
    }
}

#[test]
fn a_queue_that_falls_behind_rings() {
    let template = Template::read();
    for queue in flow::ports::Queue::ALL {
        let name = capitalized(queue.name());
        let alarm = template.properties(&format!("{name}AgeAlarm"));
        assert_eq!(alarm["MetricName"], "ApproximateAgeOfOldestMessage");
        assert_eq!(target(&alarm["Dimensions"][0]["Value"]), Some(format!("{name}Queue").as_str()));
    }
}

#[test]
fn each_function_is_measured_against_its_own_timeout() {
    let template = Template::read();
    let metrics = listed(&template.properties("TimeoutsAlarm")["Metrics"]);
    let expression = metrics.iter().find_map(|metric| metric["Expression"].as_str()).unwrap();
    let terms: BTreeSet<&str> = expression.trim_start_matches("MAX([").trim_end_matches("])").split(", ").collect();
    // Milliseconds by a hundredth of the timeout.
    // A task works until its time is up.
    let measured = template.functions().filter(|function| function.name != "task");
    let expected = measured.map(|function| format!("{} / {}", function.name, function.timeout() * 10));
    let expected: BTreeSet<String> = expected.collect();
    assert_eq!(terms, expected.iter().map(String::as_str).collect());
}

#[test]
fn what_the_filters_look_for_is_what_the_code_logs() {
    let template = Template::read();
    let shared = code(&root().join("shared"));
    let filters = template.of_type("AWS::Logs::MetricFilter");
    assert!(!filters.is_empty());
    for (name, filter) in filters {
        // Of the functions' own code only that of the one whose log it is.
        let log = target(&filter["LogGroupName"]).unwrap();
        let function =
            template.functions().find(|function| log == format!("{}Log", capitalized(function.name))).unwrap();
        let sources = shared.clone() + &code(&root().join("functions").join(function.name));
        let pattern = filter["FilterPattern"].as_str().unwrap();
        let terms = pattern.strip_prefix("{ ").and_then(|rest| rest.strip_suffix(" }")).unwrap();
        let mut fields = BTreeSet::new();
        for term in terms.split(" && ") {
            let (field, value) = term.split_once(" = ").unwrap();
            let value = value.trim_matches('"');
            let is_logged = match field {
                "$.message" => {
                    fields = fields_beside(&sources, value);
                    sources.contains(&format!("\"{value}\""))
                }
                "$.class" => fields.contains("class") && CLASSES.iter().any(|class| format!("{class:?}") == value),
                "$.level" => value == "ERROR",
                _ => false,
            };
            assert!(is_logged, "{name}: nothing logs {term}");
        }
        let counted = filter["MetricTransformations"][0]["MetricValue"].as_str().unwrap();
        assert!(counted == "1" || fields.contains(counted.trim_start_matches("$.")), "{name}: nothing logs {counted}");
    }
}

/// The fields of the log line that says this sentence: what is written between `tracing::…!(` and the sentence.
fn fields_beside<'s>(sources: &'s str, sentence: &str) -> BTreeSet<&'s str> {
    let Some((before, _)) = sources.split_once(&format!("\"{sentence}\"")) else { return BTreeSet::new() };
    let (_, line) = before.rsplit_once("tracing::").unwrap();
    line.split(['(', ',']).filter_map(|field| Some(field.split_once(" = ")?.0.trim())).collect()
}

/// The classes that a filter may name.
const CLASSES: [RefusalClass; 3] = [RefusalClass::Auth, RefusalClass::Restricted, RefusalClass::Throughput];

#[test]
fn a_consumer_that_fails_every_message_rings() {
    let template = Template::read();
    let filters = template.of_type("AWS::Logs::MetricFilter");
    let says = |log: &str, metric: &str| -> BTreeSet<&str> {
        let own = filters.values().filter(|filter| {
            let counts = &filter["MetricTransformations"][0];
            target(&filter["LogGroupName"]) == Some(log)
                && counts["MetricName"] == metric
                && counts["MetricValue"] == "1"
        });
        let patterns = own.map(|filter| filter["FilterPattern"].as_str().unwrap());
        patterns.map(|pattern| pattern.trim_start_matches("{ $.message = \"").trim_end_matches("\" }")).collect()
    };
    for function in template.functions() {
        let name = capitalized(function.name);
        let (log, broken, again) = (format!("{name}Log"), format!("{name}Broken"), format!("{name}TriedAgain"));
        let consumed = function.events("SQS").first().map(|event| target(&event["Queue"]).unwrap());
        let mut expected = BTreeSet::from(["panicked"]);
        expected.extend(consumed.map(|_| "a message cannot be handled and goes into quarantine"));
        assert_eq!(says(&log, &broken), expected, "{name}");
        let alarm = template.properties(&format!("{broken}Alarm"));
        assert_eq!(
            (&alarm["Threshold"], &alarm["Period"], &alarm["Statistic"]),
            (&json!(1), &json!(60), &json!("Sum"))
        );
        if let Some(queue) = consumed {
            assert_eq!(says(&log, &again), BTreeSet::from(["a message will be tried again"]), "{name}");
            let alarm = template.properties(&format!("{again}Alarm")).to_string();
            // The canary is a tenth: what fails each of its messages is a tenth of all.
            assert!(alarm.contains("IF(again >= 5, 100 * again / received, 0)") && alarm.contains("\"Threshold\":5"));
            assert!(alarm.contains(&format!("{{\"Fn::GetAtt\":\"{queue}.QueueName\"}}")), "{name}: {alarm}");
        }
    }
}

#[test]
fn what_is_filtered_is_looked_at() {
    let template = Template::read();
    let alarms = template.of_type("AWS::CloudWatch::Alarm");
    let watched: String = alarms.values().map(|alarm| alarm.to_string()).collect();
    let (mut errors, mut of_group) = (BTreeSet::new(), BTreeMap::<&str, u32>::new());
    for (name, filter) in template.of_type("AWS::Logs::MetricFilter") {
        let metric = filter["MetricTransformations"][0]["MetricName"].as_str().unwrap();
        assert!(watched.contains(&format!("\"MetricName\":\"{metric}\"")), "{name}: no alarm reads {metric}");
        *of_group.entry(target(&filter["LogGroupName"]).unwrap()).or_default() += 1;
        if metric == "ErrorLines" {
            errors.insert(target(&filter["LogGroupName"]).unwrap());
        }
    }
    let logs: Vec<String> = template.functions().map(|function| format!("{}Log", capitalized(function.name))).collect();
    assert_eq!(errors, logs.iter().map(String::as_str).collect(), "errors count, whoever logs them");
    assert!(of_group.values().all(|filters| *filters <= 100), "a log group takes 100 filters: {of_group:?}");
}

/// All Rust code below a folder.
fn code(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &code(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &fs::read_to_string(path).unwrap();
        }
    }
    text
}
