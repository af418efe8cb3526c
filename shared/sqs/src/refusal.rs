use std::error::Error;

use aws_client::Fault;
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::BatchResultErrorEntry;
use flow::ports::StoreError;

/// What SQS answers to a call that is wrong in itself. Everything else passes, or is put right by a person while the
/// messages wait: throttling, faults of the service, a role or an address that is not right.
const OURS: [&str; 9] = [
    "BatchEntryIdsNotDistinct",
    "BatchRequestTooLong",
    "EmptyBatchRequest",
    "InvalidAttributeValue",
    "InvalidBatchEntryId",
    "InvalidMessageContents",
    "InvalidParameterValue",
    "MissingParameter",
    "TooManyEntriesInBatchRequest",
];

/// Why a call did not work, as the port says it.
pub(crate) fn refused<E>(error: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let fault = Fault::of(error);
    match fault.code() {
        Some(code) if OURS.contains(&name(code)) => StoreError::Invalid(fault.to_string()),
        _ => StoreError::Unavailable(Box::new(fault)),
    }
}

/// Why one message of a batch was not taken. SQS says whose fault it was; it counts throttling as the sender's.
pub(crate) fn message_refused(entry: &BatchResultErrorEntry) -> StoreError {
    let why = format!("SQS refused the message with {}", entry.code());
    if entry.sender_fault() && !entry.code().contains("Throttl") {
        StoreError::Invalid(why)
    } else {
        StoreError::Unavailable(why.into())
    }
}

/// Whether the receipt is no longer valid: its time is over, the message was received again, or it is gone. SQS says so
/// in three ways, one of which only its text tells from other wrong parameters.
pub(crate) fn is_stale<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let Some(refusal) = error.as_service_error() else { return false };
    match refusal.code().map(name) {
        Some("MessageNotInflight" | "ReceiptHandleIsInvalid") => true,
        Some("InvalidParameterValue") => {
            refusal.message().is_some_and(|text| text.contains("ReceiptHandle is invalid"))
        }
        _ => false,
    }
}

/// The code without the prefix that SQS puts before some of them.
fn name(code: &str) -> &str {
    code.strip_prefix("AWS.SimpleQueueService.").unwrap_or(code)
}
