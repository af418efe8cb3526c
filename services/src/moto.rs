use crate::gate::Gate;
use crate::process::{Process, Program};
use crate::{Error, FakeTime, http, install};

const SERVICE: &str = "moto";

/// Starts moto, put right where it does not do what Amazon documents.
const SERVER: &str = include_str!("moto/server.py");

/// A moto server, which stands in for SQS, DynamoDB, S3, SSM, Secrets Manager and the other services of AWS. Any region
/// and any credentials will do.
pub struct Moto {
    gate: Gate,
    _process: Process,
}

impl Moto {
    /// Starts a server on a port that is free.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Install`] without Python; [`Error::Start`] when it does not answer.
    pub fn start(time: Option<&FakeTime>) -> Result<Self, Error> {
        Self::start_at(None, time)
    }

    /// Starts a server on this port.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_on(port: u16) -> Result<Self, Error> {
        Self::start_at(Some(port), None)
    }

    fn start_at(port: Option<u16>, time: Option<&FakeTime>) -> Result<Self, Error> {
        let python = install::moto_python()?.to_string_lossy().into_owned();
        let clock = time.map(|time| time.ahead("CLOCK_AHEAD")).unwrap_or_default();
        let command = move |port: u16| {
            let port = port.to_string();
            let arguments = ["-c", SERVER, "-H", "127.0.0.1", "-p", &port];
            [python.clone()].into_iter().chain(arguments.map(str::to_owned)).collect()
        };
        let program =
            Program { service: SERVICE, clock, command: Box::new(command), listens: "Running on http", answers };
        let process = Process::start(program, None)?;
        Ok(Self { gate: Gate::open(SERVICE, port, process.port())?, _process: process })
    }

    /// Where it is: `http://127.0.0.1:<port>`. It stays the same over a stop.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.gate.port()
    }

    /// Takes it off the network: connections break, and new ones are refused. It keeps what it holds.
    pub fn stop(&mut self) {
        self.gate.close();
    }

    /// Brings it back on the same port, with what it held. Does nothing while it is there.
    ///
    /// # Errors
    /// [`Error::Start`] when somebody else has taken the port.
    pub fn start_again(&mut self) -> Result<(), Error> {
        self.gate.open_again()
    }
}

fn answers(port: u16) -> bool {
    http::call(port, "GET", "/moto-api/data.json", "", "").is_ok_and(|answer| answer.status == 200)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn moto_goes_by_the_clock_it_was_given() {
        let time = FakeTime::new().unwrap();
        let moto = Moto::start(Some(&time)).unwrap();
        let sqs = |operation: &str, input: Value| {
            crate::aws::call(moto.port(), "sa-east-1", "sqs", &format!("AmazonSQS.{operation}"), &input).unwrap()
        };
        let queue = sqs("CreateQueue", json!({ "QueueName": "a", "Attributes": { "VisibilityTimeout": "3600" } }));
        let queue = queue["QueueUrl"].as_str().unwrap();
        let receive = || {
            let answer = sqs("ReceiveMessage", json!({ "QueueUrl": queue, "AttributeNames": ["All"] }));
            answer["Messages"].as_array().cloned().unwrap_or_default()
        };
        let sent_at = |message: &Value| {
            let millis = message["Attributes"]["SentTimestamp"].as_str().unwrap().parse().unwrap();
            SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
        };
        let ahead = Duration::from_secs(86_400);
        let begin = time.now();
        time.advance(ahead).unwrap();
        sqs("SendMessage", json!({ "QueueUrl": queue, "MessageBody": "one" }));
        let first = receive();
        let late = sent_at(&first[0]).duration_since(begin).unwrap();
        assert!((ahead - Duration::from_millis(1)..ahead + Duration::from_secs(60)).contains(&late), "{late:?}");

        assert!(receive().is_empty(), "it is hidden for an hour");
        time.advance(Duration::from_secs(3_601)).unwrap();
        assert_eq!(receive()[0]["MessageId"], first[0]["MessageId"]);
    }
}
