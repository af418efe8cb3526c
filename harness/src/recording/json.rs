use serde_json::Value;

use super::Call;

/// The actions of a call of a service that speaks JSON, by the two halves of `X-Amz-Target`.
pub(super) fn actions(service: &str, call: &str, body: &Value) -> Vec<Call> {
    let text = |member: &str| body[member].as_str().unwrap_or_default();
    match service {
        "AmazonSQS" => {
            // A policy has no actions for batches: it allows what they are made of.
            let action = call.strip_suffix("Batch").unwrap_or(call);
            let queue = text("QueueUrl").rsplit('/').next().filter(|name| !name.is_empty());
            vec![Call::new(format!("sqs:{action}"), queue.unwrap_or(text("QueueName")))]
        }
        "DynamoDB_20120810" => dynamodb(call, body),
        "secretsmanager" => vec![Call::new(format!("secretsmanager:{call}"), secret(text("SecretId")))],
        "AmazonSSM" => vec![Call::new(format!("ssm:{call}"), text("Name"))],
        "TrentService" => vec![Call::new(format!("kms:{call}"), text("KeyId"))],
        other => vec![Call::new(format!("{other}:{call}"), "")],
    }
}

fn dynamodb(call: &str, body: &Value) -> Vec<Call> {
    let of = |action: &str, table: &Value| Call::new(format!("dynamodb:{action}"), table.as_str().unwrap_or_default());
    match call {
        // Allowed by the actions of its parts.
        "TransactWriteItems" | "TransactGetItems" => {
            let items = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
            let parts = items.flatten().map(|(part, item)| {
                let action = match part.as_str() {
                    "ConditionCheck" => "ConditionCheckItem".to_owned(),
                    part => format!("{part}Item"),
                };
                of(&action, &item["TableName"])
            });
            parts.collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| Call::new(format!("dynamodb:{call}"), table)).collect()
        }
        _ => vec![of(call, &body["TableName"])],
    }
}

/// The name of a secret: its ARN ends in the name and six characters of its own.
fn secret(id: &str) -> &str {
    let Some((_, name)) = id.split_once(":secret:") else { return id };
    name.rsplit_once('-').map_or(name, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(service: &str, call: &str, body: &Value, expected: &[(&str, &str)]) {
        let found = actions(service, call, body);
        let found: Vec<_> = found.iter().map(|call| (call.action.as_str(), call.resource.as_str())).collect();
        assert_eq!(found, expected, "{call}");
    }

    #[test]
    fn batches_of_sqs_need_what_they_are_made_of() {
        let body = json!({"QueueUrl": "http://127.0.0.1:5000/123456789012/porfin-send.fifo"});
        check("AmazonSQS", "SendMessageBatch", &body, &[("sqs:SendMessage", "porfin-send.fifo")]);
        check("AmazonSQS", "ChangeMessageVisibility", &body, &[("sqs:ChangeMessageVisibility", "porfin-send.fifo")]);
        check("AmazonSQS", "GetQueueUrl", &json!({"QueueName": "q"}), &[("sqs:GetQueueUrl", "q")]);
    }

    #[test]
    fn a_transaction_needs_the_actions_of_its_parts() {
        let body = json!({"TransactItems": [
            {"Put": {"TableName": "t"}}, {"ConditionCheck": {"TableName": "t"}}, {"Update": {"TableName": "u"}}
        ]});
        let expected = [("dynamodb:PutItem", "t"), ("dynamodb:ConditionCheckItem", "t"), ("dynamodb:UpdateItem", "u")];
        check("DynamoDB_20120810", "TransactWriteItems", &body, &expected);
        check("DynamoDB_20120810", "Query", &json!({"TableName": "t"}), &[("dynamodb:Query", "t")]);
        let body = json!({"RequestItems": {"t": {"Keys": []}}});
        check("DynamoDB_20120810", "BatchGetItem", &body, &[("dynamodb:BatchGetItem", "t")]);
    }

    #[test]
    fn a_secret_is_known_by_its_name() {
        let arn = "arn:aws:secretsmanager:sa-east-1:123456789012:secret:porfin/keys-AbCdEf";
        for id in ["porfin/keys", arn] {
            let expected = [("secretsmanager:GetSecretValue", "porfin/keys")];
            check("secretsmanager", "GetSecretValue", &json!({"SecretId": id}), &expected);
        }
    }
}
