use serde_json::{Value, json};

use super::sqs::Received;
use crate::lambda::{ACCOUNT, REGION};

/// The event of a batch, as AWS documents it.
pub(super) fn of_messages(queue: &str, messages: &[Received]) -> Value {
    let name = queue.rsplit('/').next().unwrap_or_default();
    let arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
    let record = |message: &Received| {
        json!({
            "messageId": message.id,
            "receiptHandle": message.receipt,
            "body": message.body,
            "attributes": message.attributes,
            "messageAttributes": {},
            "md5OfBody": message.md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": arn,
            "awsRegion": REGION,
        })
    };
    json!({"Records": messages.iter().map(record).collect::<Vec<_>>()})
}
