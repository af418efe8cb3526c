//! Functions as processes behind the Runtime API.

use std::time::Duration;

use boot::SystemClock;
use flow::ports::Clock;
use futures::future::join_all;
use harness::lambda::Function;
use harness::{Failure, Invoke};
use serde_json::json;

use crate::stage::{Lines, ask, echo, settings, state, until};

#[tokio::test]
async fn an_invocation_is_answered_and_knows_what_lambda_tells() {
    let echo = echo();
    let before = SystemClock.now().micros() / 1_000;
    let answer = ask(&echo, json!({"text": "olá"})).await.unwrap();
    assert_eq!(answer["event"], json!({"text": "olá"}));
    let deadline = answer["deadline"].as_i64().unwrap();
    assert!((before + 20_000..before + 30_000).contains(&deadline), "{deadline} after {before}");
    assert_eq!(answer["arn"], "arn:aws:lambda:sa-east-1:123456789012:function:echo");
    assert_eq!(answer["id"].as_str().unwrap().len(), 36);
    assert!(answer["trace"].as_str().unwrap().starts_with("Root=1-"));
    let variables = &answer["variables"];
    for (name, value) in [
        ("OWN", "variable"),
        ("AWS_LAMBDA_FUNCTION_NAME", "echo"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_REGION", "sa-east-1"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(variables[name], value, "{name}");
    }
    assert!(variables["HOME"].is_null(), "nothing of this process reaches it");
}

#[tokio::test]
async fn an_environment_is_used_again_and_concurrent_invocations_get_one_each() {
    let echo = echo();
    let first = ask(&echo, json!({})).await.unwrap();
    until("it waits", || echo.processes().1.len() == 1).await;
    let second = ask(&echo, json!({})).await.unwrap();
    assert_eq!((&second["process"], &second["invocations"]), (&first["process"], &json!(2)));

    let at_once = join_all((0..6).map(|_| ask(&echo, json!({"waits": 200})))).await;
    let processes: std::collections::BTreeSet<i64> =
        at_once.iter().map(|answer| answer.as_ref().unwrap()["process"].as_i64().unwrap()).collect();
    assert_eq!(processes.len(), 3, "no more than its concurrency");
}

#[tokio::test]
async fn an_error_of_the_handler_fails_the_invocation_and_not_the_environment() {
    let echo = echo();
    let process = ask(&echo, json!({})).await.unwrap()["process"].clone();
    for does in ["fails", "panics", "swells"] {
        until("it waits", || echo.processes().1.len() == 1).await;
        let failure = ask(&echo, json!({"does": does})).await.unwrap_err();
        let expected =
            if does == "swells" { failure == Failure::TooLarge } else { matches!(failure, Failure::Reported(_)) };
        assert!(expected, "{does}: {failure}");
    }
    until("it waits", || echo.processes().1.len() == 1).await;
    let last = ask(&echo, json!({})).await.unwrap();
    assert_eq!((&last["process"], &last["invocations"]), (&process, &json!(5)));
}

#[tokio::test]
async fn a_process_that_ends_fails_its_invocation_and_is_replaced() {
    let echo = echo();
    let failure = ask(&echo, json!({"does": "exits"})).await.unwrap_err();
    assert_eq!(failure, Failure::Exited("exit status: 3".to_owned()));
    assert_eq!(ask(&echo, json!({})).await.unwrap()["invocations"], 1);

    until("it waits", || echo.processes().1.len() == 1).await;
    let asked = ask(&echo, json!({"waits": 10_000}));
    let kill = async {
        until("it works", || echo.processes().0.len() == 1).await;
        assert!(echo.kill(echo.processes().0[0]));
    };
    let (failure, ()) = tokio::join!(asked, kill);
    assert_eq!(failure.unwrap_err(), Failure::Exited("signal: 9 (SIGKILL)".to_owned()));
    assert_eq!(ask(&echo, json!({})).await.unwrap()["invocations"], 1);
}

#[tokio::test]
async fn one_that_was_killed_while_it_waited_is_not_used() {
    let echo = echo();
    ask(&echo, json!({})).await.unwrap();
    until("it waits", || echo.processes().1.len() == 1).await;
    echo.kill_all();
    until("it is gone", || echo.processes().1.is_empty()).await;
    assert_eq!(ask(&echo, json!({})).await.unwrap()["invocations"], 1);
}

#[tokio::test]
async fn what_takes_longer_than_the_timeout_is_killed() {
    let settings = harness::lambda::FunctionSettings { timeout: Duration::from_millis(400), ..settings("echo") };
    let echo = Function::new(settings, Lines::default().listener());
    let asked = ask(&echo, json!({"waits": 60_000}));
    let look = async {
        until("it works", || echo.processes().0.len() == 1).await;
        echo.processes().0[0]
    };
    let (failure, process) = tokio::join!(asked, look);
    assert_eq!(failure.unwrap_err(), Failure::TimedOut);
    until("it is gone", || state(process).is_none()).await;
}

#[tokio::test]
async fn between_invocations_a_process_stands_still() {
    let echo = echo();
    let process = ask(&echo, json!({})).await.unwrap()["process"].as_u64().unwrap() as u32;
    until("it is frozen", || state(process) == Some('T')).await;
    assert_eq!(ask(&echo, json!({})).await.unwrap()["process"], process);
    until("it is frozen again", || state(process) == Some('T')).await;
    echo.freezes(false);
    ask(&echo, json!({})).await.unwrap();
    until("it waits", || echo.processes().1 == [process]).await;
    assert_ne!(state(process), Some('T'));
}

#[tokio::test]
async fn a_function_that_cannot_begin_says_so() {
    let lines = Lines::default();
    let mut wrong = settings("echo");
    wrong.variables.push(("BEGINS".to_owned(), "not".to_owned()));
    let failure = ask(&Function::new(wrong, lines.listener()), json!({})).await.unwrap_err();
    assert_eq!(failure, Failure::NotStarted("exit status: 1".to_owned()));
    until("its reason is heard", || lines.all().iter().any(|line| line.contains("it cannot begin"))).await;

    let nowhere = harness::lambda::FunctionSettings { binary: "/nowhere/bootstrap".into(), ..settings("echo") };
    let failure = ask(&Function::new(nowhere, lines.listener()), json!({})).await.unwrap_err();
    assert!(matches!(failure, Failure::NotStarted(_)), "{failure}");
}

#[tokio::test]
async fn an_invocation_can_be_dropped_and_one_that_is_too_large_is_refused() {
    let echo = echo();
    echo.drop_next(1);
    assert_eq!(ask(&echo, json!({})).await.unwrap_err(), Failure::Dropped);
    assert_eq!(ask(&echo, json!({})).await.unwrap()["invocations"], 1);
    let large = format!("\"{}\"", "x".repeat(7_000_000));
    assert_eq!(echo.invoke(large.into()).await.unwrap_err(), Failure::TooLarge);
}

#[tokio::test]
async fn an_invocation_goes_on_when_nobody_waits_for_it_any_more() {
    let echo = echo();
    let hung_up = tokio::time::timeout(Duration::from_millis(300), ask(&echo, json!({"waits": 600}))).await;
    assert!(hung_up.is_err());
    until("it is done", || echo.processes().1.len() == 1).await;
    assert_eq!(ask(&echo, json!({})).await.unwrap()["invocations"], 2);
}

#[tokio::test]
async fn no_process_outlives_its_function() {
    let echo = echo();
    let process = ask(&echo, json!({})).await.unwrap()["process"].as_u64().unwrap() as u32;
    until("it is frozen", || state(process) == Some('T')).await;
    drop(echo);
    until("it is gone", || state(process).is_none()).await;
}
