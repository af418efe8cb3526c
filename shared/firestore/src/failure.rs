use std::error::Error;
use std::iter::successors;

use flow::ports::StoreError;
use tonic::{Code, ConnectError, Status};

use crate::AccountError;

/// Why a call was not answered as it should be. It holds nothing that Firestore said but its code: a message of Firestore's
/// may quote what was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing was sent.
    #[error("no connection to Firestore could be made: {0}")]
    NotConnected(String),
    /// Something may have been sent, and no answer came.
    #[error("the connection to Firestore broke: {0}")]
    Broken(String),
    /// Something may have been sent, and no answer came in time.
    #[error("Firestore did not answer in time")]
    Late,
    /// Firestore, or what stands before it, answered with this code.
    #[error("Firestore answered {0:?}")]
    Refused(Code),
    /// Firestore answered what it should not.
    #[error("the answer of Firestore cannot be used: {0}")]
    Garbled(&'static str),
    /// The call cannot be authorized.
    #[error("the call of Firestore cannot be authorized")]
    Account(#[source] AccountError),
}

impl Failure {
    /// Whether the same call may be answered in a moment, over another connection with another token.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::NotConnected(_) | Self::Broken(_) | Self::Late => true,
            Self::Refused(code) => is_unclear(*code) || matches!(code, Code::Aborted | Code::Unauthenticated),
            Self::Garbled(_) | Self::Account(_) => false,
        }
    }

    /// Whether the connection that the call was made over, or its token, is better not used again.
    pub fn spoils_connection(&self) -> bool {
        self.is_passing() && !matches!(self, Self::Refused(Code::Aborted))
    }

    /// Whether what the call asked for may have been done all the same.
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Broken(_) | Self::Late | Self::Garbled(_) => true,
            Self::Refused(code) => is_unclear(*code),
            Self::NotConnected(_) | Self::Account(_) => false,
        }
    }
}

/// Codes that say nothing of what was done. Firestore's clients call a commit that ends in one of them not idempotent.
fn is_unclear(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable | Code::DeadlineExceeded | Code::Internal | Code::Unknown | Code::Cancelled | Code::DataLoss
    )
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        // A status with a source was made on this side.
        let Some(source) = status.source() else { return Self::Refused(status.code()) };
        let causes: Vec<&dyn Error> = successors(Some(source), |&cause| cause.source()).collect();
        let first = causes.last().map(ToString::to_string).unwrap_or_default();
        if causes.iter().any(|cause| cause.is::<ConnectError>()) {
            Self::NotConnected(first)
        } else {
            Self::Broken(first)
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(code @ (Code::InvalidArgument | Code::OutOfRange)) => {
                Self::Invalid(format!("Firestore answered {code:?}"))
            }
            // What is missing can be put right while the call waits in its queue: rights, a database, an index that is
            // declared but not built yet.
            failure => Self::Unavailable(Box::new(failure)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_whether_to_try_again_and_whether_the_call_may_have_been_carried_out() {
        let told = |code| {
            let failure = Failure::from(Status::new(code, "said"));
            (failure.is_passing(), failure.is_unclear(), failure.spoils_connection())
        };
        for code in [Code::Unavailable, Code::DeadlineExceeded, Code::Internal, Code::Unknown, Code::Cancelled] {
            assert_eq!(told(code), (true, true, true), "{code:?}");
        }
        assert_eq!(told(Code::Aborted), (true, false, false));
        assert_eq!(told(Code::Unauthenticated), (true, false, true));
        for code in [Code::PermissionDenied, Code::ResourceExhausted, Code::InvalidArgument, Code::FailedPrecondition] {
            assert_eq!(told(code), (false, false, false), "{code:?}");
        }
    }

    #[test]
    fn only_what_is_wrong_with_the_call_itself_is_invalid() {
        let error = |code| StoreError::from(Failure::from(Status::new(code, "a text of a customer's")));
        assert!(matches!(error(Code::InvalidArgument), StoreError::Invalid(reason) if !reason.contains("customer")));
        for code in [Code::ResourceExhausted, Code::PermissionDenied, Code::NotFound, Code::FailedPrecondition] {
            let StoreError::Unavailable(source) = error(code) else { panic!("{code:?}") };
            assert!(!source.to_string().contains("customer"));
        }
    }
}
