use std::collections::HashSet;

use serde_json::Value;

use super::sqs::Received;

/// What an answer says of a batch.
#[derive(Debug, PartialEq)]
pub(super) enum Report<'m> {
    /// These messages were handled; the others stay in the queue.
    Done(Vec<&'m Received>),
    /// None was.
    Failed,
}

/// Reads an answer as `ReportBatchItemFailures` asks for: no failures, or no answer at all, mean that the whole batch is
/// done; an identifier that is missing, empty or of no message of the batch means that none of it is.
pub(super) fn read<'m>(answer: &[u8], messages: &'m [Received]) -> Report<'m> {
    let Ok(answer) = serde_json::from_slice::<Value>(answer) else { return Report::Failed };
    let failures = match &answer {
        Value::Null => &Value::Null,
        Value::Object(fields) => fields.get("batchItemFailures").unwrap_or(&Value::Null),
        _ => return Report::Failed,
    };
    let failures = match failures {
        Value::Null => &[],
        Value::Array(failures) => failures.as_slice(),
        _ => return Report::Failed,
    };
    let known: HashSet<&str> = messages.iter().map(|message| message.id.as_str()).collect();
    let failed = failures.iter().map(|failure| failure["itemIdentifier"].as_str().filter(|id| known.contains(id)));
    match failed.collect::<Option<HashSet<&str>>>() {
        Some(failed) => Report::Done(messages.iter().filter(|message| !failed.contains(message.id.as_str())).collect()),
        None => Report::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handled(answer: &str) -> Option<Vec<String>> {
        let messages = ["a", "b", "c"].map(Received::with_id);
        match read(answer.as_bytes(), &messages) {
            Report::Done(handled) => Some(handled.into_iter().map(|message| message.id.clone()).collect()),
            Report::Failed => None,
        }
    }

    #[test]
    fn what_is_not_named_is_done() {
        for all in ["null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#] {
            assert_eq!(handled(all), Some(vec!["a".into(), "b".into(), "c".into()]), "{all}");
        }
        assert_eq!(handled(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#), Some(vec!["a".into(), "c".into()]));
    }

    #[test]
    fn what_names_no_message_leaves_all_of_them() {
        for none in [
            "",
            "not json",
            "\"done\"",
            r#"{"batchItemFailures":5}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"id":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}"#,
        ] {
            assert_eq!(handled(none), None, "{none}");
        }
    }
}
