//! What a function says that cannot start in the cloud yet.

use std::process::ExitCode;

/// Says why a function of this build cannot start in Lambda, and ends it: there are no adapters for the cloud's stores
/// yet, and a function never starts on less than it needs.
pub fn refuse(function: &str) -> ExitCode {
    eprintln!(
        "{function}: this build has no adapters for SQS, Firestore, DynamoDB, Redis and S3, so it cannot run in \
         Lambda. The same handler runs in the local program: cargo run"
    );
    ExitCode::FAILURE
}
