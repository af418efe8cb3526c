//! A function for the harness' own tests: it does what its event says.

use std::collections::BTreeSet;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    #[expect(clippy::disallowed_methods, reason = "a process that reports what it was started with")]
    let variables: Value = std::env::vars().collect::<std::collections::BTreeMap<_, _>>().into_iter().collect();
    if variables["BEGINS"] == "not" {
        return Err("it cannot begin".into());
    }
    println!("it begins");
    let mut invocations = 0;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        invocations += 1;
        answer(event, variables.clone(), invocations)
    }))
    .await
}

async fn answer(event: LambdaEvent<Value>, variables: Value, invocations: u64) -> Result<Value, Error> {
    let asked = &event.payload;
    if let Some(millis) = asked["waits"].as_u64() {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
    if let Some(records) = asked["Records"].as_array() {
        return Ok(batch(records));
    }
    match asked["does"].as_str() {
        Some("fails") => Err("it fails".into()),
        Some("panics") => panic!("it panics"),
        #[expect(clippy::disallowed_methods, reason = "a process that ends in the middle of its work")]
        Some("exits") => std::process::exit(3),
        Some("swells") => Ok(json!("x".repeat(7_000_000))),
        _ => Ok(json!({
            "event": asked,
            "process": std::process::id(),
            "invocations": invocations,
            "variables": variables,
            "id": event.context.request_id,
            "deadline": event.context.deadline,
            "arn": event.context.invoked_function_arn,
            "trace": event.context.xray_trace_id,
        })),
    }
}

/// Handles each message once it was received as often as its body asks for, and writes down which it handled.
fn batch(records: &[Value]) -> Value {
    let mut failures = Vec::new();
    let mut held = BTreeSet::new();
    for record in records {
        let body: Value = serde_json::from_str(record["body"].as_str().unwrap_or_default()).unwrap_or_default();
        let received: u64 =
            record["attributes"]["ApproximateReceiveCount"].as_str().and_then(|count| count.parse().ok()).unwrap_or(0);
        let is_early = received < body["at"].as_u64().unwrap_or(1);
        if is_early && body["exits"] == true {
            #[expect(clippy::disallowed_methods, reason = "a process that ends in the middle of its work")]
            std::process::exit(3);
        }
        let group = record["attributes"]["MessageGroupId"].as_str().unwrap_or_default();
        if is_early || held.contains(group) {
            held.insert(group);
            failures.push(json!({"itemIdentifier": record["messageId"]}));
        } else {
            println!("handled {group} {} of {}", body["n"], records.len());
        }
    }
    json!({"batchItemFailures": failures})
}
