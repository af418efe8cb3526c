use std::error::Error;

use aws_client::Fault;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use flow::ports::ItemsError;

/// Why a try did not do what it should.
pub(crate) enum Failure {
    /// The condition at this place did not hold.
    Condition(usize),
    /// Nothing was done, and in a moment it may be: too much at once, or somebody else's transaction in the way.
    Busy(BoxError),
    /// It may have been done.
    Unknown(BoxError),
    /// Nothing was done, and soon would not be: no right to, no table.
    Refused(BoxError),
    /// The call itself is wrong.
    Invalid(String),
}

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

impl Failure {
    /// What follows from the answer to any call but a transaction.
    pub(crate) fn of<E>(error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        match &error {
            SdkError::ConstructionFailure(_) => Self::Refused(fault(error)),
            SdkError::ServiceError(answer) if answer.raw().status().is_client_error() => {
                match error.code().unwrap_or_default() {
                    "ConditionalCheckFailedException" => Self::Condition(0),
                    code @ ("ValidationException" | "SerializationException") => {
                        Self::Invalid(format!("DynamoDB says {code}"))
                    }
                    code if is_busy(code) => Self::Busy(fault(error)),
                    _ => Self::Refused(fault(error)),
                }
            }
            _ => Self::Unknown(fault(error)),
        }
    }

    /// What follows from the answer to a transaction.
    pub(crate) fn of_transaction(error: SdkError<TransactWriteItemsError, HttpResponse>) -> Self {
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
            return Self::of(error);
        };
        let code = |reason: &CancellationReason| reason.code().filter(|code| *code != "None").map(str::to_owned);
        let mut codes = cancelled.cancellation_reasons().iter().map(code).enumerate();
        // What lies behind the first reason need not have been looked at.
        match codes.find_map(|(place, code)| Some((place, code?))) {
            Some((place, code)) => match code.as_str() {
                "ConditionalCheckFailed" => Self::Condition(place),
                "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded" => Self::Busy(fault(error)),
                "ValidationError" => Self::Invalid(format!("DynamoDB says {code} of write {place}")),
                _ => Self::Refused(fault(error)),
            },
            None => Self::Busy(fault(error)),
        }
    }

    /// As the port says it.
    pub(crate) fn into_error(self) -> ItemsError {
        match self {
            Self::Condition(index) => ItemsError::Condition { index },
            Self::Busy(error) | Self::Unknown(error) | Self::Refused(error) => ItemsError::Unavailable(error),
            Self::Invalid(reason) => ItemsError::Invalid(reason),
        }
    }
}

/// Without what DynamoDB wrote about it, which may quote the call.
fn fault<E: ProvideErrorMetadata + Error + Send + Sync + 'static>(error: SdkError<E, HttpResponse>) -> BoxError {
    Fault::of(error).into()
}

fn is_busy(code: &str) -> bool {
    matches!(
        code,
        "ProvisionedThroughputExceededException"
            | "ReplicatedWriteConflictException"
            | "RequestLimitExceeded"
            | "ThrottlingException"
            | "TransactionConflictException"
            | "TransactionInProgressException"
    )
}
