//! The function that does what its event says, and looking at processes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::lambda::{Function, FunctionSettings, Listener};
use harness::{Failure, Invoke};
use serde_json::Value;

/// An example of this package, which is built with the tests.
pub fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().unwrap().parent().unwrap().join("examples").join(name)
}

pub fn settings(example_name: &str) -> FunctionSettings {
    FunctionSettings {
        name: "echo".to_owned(),
        binary: example(example_name),
        variables: vec![("OWN".to_owned(), "variable".to_owned())],
        timeout: Duration::from_secs(20),
        memory: 256,
        concurrency: 3,
    }
}

/// What functions wrote.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    pub fn listener(&self) -> Listener {
        let lines = Arc::clone(&self.0);
        Arc::new(move |name, line| lines.lock().unwrap().push(format!("{name}: {line}")))
    }

    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

pub async fn ask(function: &dyn Invoke, event: Value) -> Result<Value, Failure> {
    let answer = function.invoke(event.to_string().into()).await?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

/// The echo, with 20 seconds and three environments at most.
pub fn echo() -> Function {
    Function::new(settings("echo"), Lines::default().listener())
}

/// The state of a process, such as `S` (sleeps) or `T` (stopped); `None` where there is none.
pub fn state(process: u32) -> Option<char> {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    status.rsplit_once(") ")?.1.chars().next()
}

/// Looks again and again until it is so.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let looking = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looking).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}
