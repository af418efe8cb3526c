//! The queues, tables, buckets and secrets of a deployment, made in moto as the deployment's template makes them in AWS,
//! and the variables by which the functions find them. Names, shapes and variables stand here and nowhere else.

use std::time::Duration;

use serde_json::{Value, json};

use crate::aws::{call, create_bucket};
use crate::{Error, Firestore, Moto, Redis};

/// A queue as it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueShape {
    /// Its name, without prefix and suffix.
    pub name: &'static str,
    /// Whether it keeps the order of a group.
    pub fifo: bool,
    /// How long a message stays invisible after it was enqueued, in seconds; of `reply` the debounce, which is chosen.
    pub delay: u32,
    /// How long a received message stays invisible, in seconds: six times the timeout of the function behind it.
    pub visibility: u32,
    /// After so many receives a message goes to the dead letters.
    pub max_receives: u32,
}

/// The queues.
pub const QUEUES: [QueueShape; 7] = [
    QueueShape { name: "inbound", fifo: true, delay: 0, visibility: 360, max_receives: 30 },
    QueueShape { name: "status", fifo: false, delay: 0, visibility: 180, max_receives: 30 },
    QueueShape { name: "reply", fifo: true, delay: 0, visibility: 360, max_receives: 10 },
    QueueShape { name: "send", fifo: true, delay: 0, visibility: 180, max_receives: 10 },
    QueueShape { name: "feed", fifo: true, delay: 2, visibility: 180, max_receives: 10 },
    QueueShape { name: "deliver", fifo: false, delay: 0, visibility: 180, max_receives: 10 },
    QueueShape { name: "task", fifo: true, delay: 0, visibility: 360, max_receives: 10 },
];

/// The attribute that is the table's partition key, a string.
pub const PARTITION_KEY: &str = "key";

/// The attribute that says when an item may vanish, in seconds since 1970.
pub const TIME_TO_LIVE: &str = "expires_at";

/// What opens the operators' part of the API, as [`SECRETS`] has it.
pub const OPERATOR_KEY: &str = "po_of-whoever-develops-and-opens-nothing-real";

/// Who develops needs values to sign webhooks and call the API with, so these are the same each time: those of the sample
/// events. They protect nothing.
pub const SECRETS: [(&str, &[(&str, &str)]); 3] = [
    (
        "keys",
        &[
            ("PORFIN_SEALING_KEY", "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="),
            ("PORFIN_ID_KEY", "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU="),
        ],
    ),
    ("webhook", &[("WHATSAPP_APP_SECRET", "events"), ("WHATSAPP_VERIFY_TOKEN", "events-token")]),
    (
        "api",
        &[("PORFIN_TOKEN_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="), ("PORFIN_OPERATOR_KEY", OPERATOR_KEY)],
    ),
];

const DAY: u32 = 86_400;

/// What the resources are called, and what about them can be chosen.
#[derive(Debug, Clone)]
pub struct Resources {
    /// What every name begins with, such as `porfin-dev`: lower case letters, digits and `-`.
    pub prefix: String,
    /// The region, such as `sa-east-1`.
    pub region: String,
    /// How long a burst of messages is gathered before it gets one answer: the delay of the queue `reply`. At most 15
    /// minutes.
    pub reply_debounce: Duration,
}

impl Default for Resources {
    fn default() -> Self {
        Self { prefix: "porfin-dev".into(), region: "sa-east-1".into(), reply_debounce: Duration::from_secs(2) }
    }
}

/// Variables, each with its value.
pub type Variables = Vec<(String, String)>;

impl Resources {
    /// Makes all of them. Names that are in use already are an error.
    ///
    /// # Errors
    /// [`Error::Refused`] with the answer; [`Error::Machine`] when moto cannot be reached.
    pub fn make(&self, moto: &Moto) -> Result<Variables, Error> {
        self.make_at(moto.port())
    }

    /// The same in a moto that another process started, on this port.
    ///
    /// # Errors
    /// As [`make`](Self::make).
    pub fn make_at(&self, port: u16) -> Result<Variables, Error> {
        let mut variables = vec![
            ("APP_ENV".to_owned(), "development".to_owned()),
            ("AWS_ENDPOINT_URL".to_owned(), format!("http://127.0.0.1:{port}")),
            ("AWS_REGION".to_owned(), self.region.clone()),
            ("AWS_ACCESS_KEY_ID".to_owned(), "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), "test".to_owned()),
            ("REPLY_DEBOUNCE_SECONDS".to_owned(), self.reply_debounce.as_secs().to_string()),
        ];
        for queue in QUEUES {
            let (url, dead_letters) = self.make_queue(port, queue)?;
            let name = queue.name.to_uppercase();
            variables.push((format!("PORFIN_QUEUE_{name}_URL"), url));
            variables.push((format!("PORFIN_DEAD_LETTERS_{name}_URL"), dead_letters));
        }
        variables.push(("PORFIN_ITEMS_TABLE".to_owned(), self.make_table(port)?));
        let bucket = format!("{}-blobs", self.prefix);
        create_bucket(port, &self.region, &bucket)?;
        variables.push(("PORFIN_BLOBS_BUCKET".to_owned(), bucket));
        variables.extend(self.make_secrets(port)?);
        Ok(variables)
    }

    /// A queue and its dead letters.
    fn make_queue(&self, port: u16, queue: QueueShape) -> Result<(String, String), Error> {
        let QueueShape { name: queue, fifo, delay, visibility, max_receives } = queue;
        let suffix = if fifo { ".fifo" } else { "" };
        let create = |name: String, mut attributes: Value| {
            attributes["MaximumMessageSize"] = text(1 << 20);
            if fifo {
                attributes["FifoQueue"] = "true".into();
                attributes["DeduplicationScope"] = "messageGroup".into();
                attributes["FifoThroughputLimit"] = "perMessageGroupId".into();
            }
            let input = json!({ "QueueName": name, "Attributes": attributes });
            let answer = call(port, &self.region, "sqs", "AmazonSQS.CreateQueue", &input)?;
            member(&answer, &["QueueUrl"])
        };
        // As long as there is, so that a person has time.
        let dead = json!({ "MessageRetentionPeriod": text(14 * DAY) });
        let dead = create(format!("{}-{queue}-dead{suffix}", self.prefix), dead)?;
        let ask = json!({ "QueueUrl": dead, "AttributeNames": ["QueueArn"] });
        let answer = call(port, &self.region, "sqs", "AmazonSQS.GetQueueAttributes", &ask)?;
        let redrive = json!({
            "deadLetterTargetArn": member(&answer, &["Attributes", "QueueArn"])?,
            "maxReceiveCount": max_receives,
        });
        let delay = if queue == "reply" { self.reply_debounce.as_secs() } else { delay.into() };
        let attributes = json!({
            "DelaySeconds": delay.to_string(),
            "MessageRetentionPeriod": text(4 * DAY),
            "RedrivePolicy": redrive.to_string(),
            "VisibilityTimeout": text(visibility),
        });
        Ok((create(format!("{}-{queue}{suffix}", self.prefix), attributes)?, dead))
    }

    fn make_table(&self, port: u16) -> Result<String, Error> {
        let name = format!("{}-items", self.prefix);
        let ask = |operation: &str, input| {
            call(port, &self.region, "dynamodb", &format!("DynamoDB_20120810.{operation}"), &input)
        };
        ask(
            "CreateTable",
            json!({
                "TableName": name,
                "AttributeDefinitions": [{ "AttributeName": PARTITION_KEY, "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": PARTITION_KEY, "KeyType": "HASH" }],
                "BillingMode": "PAY_PER_REQUEST",
            }),
        )?;
        let time_to_live = json!({ "Enabled": true, "AttributeName": TIME_TO_LIVE });
        ask("UpdateTimeToLive", json!({ "TableName": name, "TimeToLiveSpecification": time_to_live }))?;
        Ok(name)
    }

    /// Each secret is an object, and variables refer to its members.
    fn make_secrets(&self, port: u16) -> Result<Variables, Error> {
        let mut variables = Variables::new();
        for (secret, members) in SECRETS {
            let name = format!("{}/{secret}", self.prefix);
            let object: Value =
                members.iter().map(|(member, value)| ((*member).to_owned(), Value::from(*value))).collect();
            let input = json!({ "Name": name, "SecretString": object.to_string() });
            call(port, &self.region, "secretsmanager", "secretsmanager.CreateSecret", &input)?;
            variables
                .extend(members.iter().map(|(member, _)| (String::from(*member), format!("secret:{name}#{member}"))));
        }
        Ok(variables)
    }
}

/// The variables by which the functions find Redis and Firestore.
pub fn stores(redis: &Redis, firestore: &Firestore) -> Variables {
    vec![
        ("REDIS_URL".to_owned(), redis.url()),
        ("FIRESTORE_EMULATOR_HOST".to_owned(), firestore.host()),
        ("PORFIN_FIRESTORE_PROJECT".to_owned(), "porfin-dev".to_owned()),
    ]
}

/// SQS takes numbers as texts.
fn text(number: u32) -> Value {
    number.to_string().into()
}

fn member(answer: &Value, path: &[&str]) -> Result<String, Error> {
    let found = path.iter().try_fold(answer, |value, name| value.get(name)).and_then(Value::as_str);
    let missing = || Error::Refused { doing: format!("read {}", path.join(".")), answer: answer.to_string() };
    found.map(str::to_owned).ok_or_else(missing)
}
