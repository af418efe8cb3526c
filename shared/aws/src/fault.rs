use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

/// Why a call to AWS did not work, fit for a log: AWS' code, the status and the id of the request. What AWS wrote about
/// it is left out, since that may quote the call.
#[derive(Debug)]
pub struct Fault {
    what: What,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Debug)]
enum What {
    NotMade,
    NotInTime,
    NotReached,
    NotUnderstood { status: u16 },
    Refused { code: Option<String>, status: u16, request: Option<String> },
}

impl Fault {
    /// What the SDK says of a call.
    pub fn of<E: ProvideErrorMetadata + Error + Send + Sync + 'static>(error: SdkError<E, HttpResponse>) -> Self {
        let request = error.request_id().map(str::to_owned);
        match error {
            SdkError::ServiceError(refusal) => {
                let code = refusal.err().code().map(str::to_owned);
                let status = refusal.raw().status().as_u16();
                let what = match code {
                    // The SDK says so of an answer that it cannot read as well.
                    None if status < 300 => What::NotUnderstood { status },
                    code => What::Refused { code, status, request },
                };
                Self { what, source: None }
            }
            SdkError::ResponseError(answer) => {
                let status = answer.raw().status().as_u16();
                Self { what: What::NotUnderstood { status }, source: None }
            }
            SdkError::TimeoutError(_) => Self { what: What::NotInTime, source: None },
            SdkError::DispatchFailure(way) if way.is_timeout() => Self { what: What::NotInTime, source: None },
            SdkError::DispatchFailure(ref way) if !way.is_user() => {
                Self { what: What::NotReached, source: error.into_source().ok() }
            }
            error => Self { what: What::NotMade, source: error.into_source().ok() },
        }
    }

    /// AWS' code, such as `ThrottlingException`, if it refused the call.
    pub fn code(&self) -> Option<&str> {
        match &self.what {
            What::Refused { code, .. } => code.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::NotMade => f.write_str("the call to AWS could not be made"),
            What::NotInTime => f.write_str("AWS did not answer in time"),
            What::NotReached => f.write_str("AWS could not be reached, or the connection broke"),
            What::NotUnderstood { status } => write!(f, "AWS' answer of status {status} cannot be read"),
            What::Refused { code, status, request } => {
                let code = code.as_deref().unwrap_or("no code");
                let request = request.as_deref().unwrap_or("unknown");
                write!(f, "AWS answered {status} with {code}, request {request}")
            }
        }
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}
