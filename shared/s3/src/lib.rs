//! Large values in Amazon S3: sealed events that are too large for a queue.
//!
//! Objects are encrypted as the bucket says, sent and read with the checksums that the SDK adds. Invariants: the limits of
//! the port are checked before a call, and no more is read than they allow; every call has a deadline, the body included.
//! Imported by functions and tests; imports `flow` and `aws-client`.
//!
//! The role needs `s3:PutObject`, `s3:GetObject` and `s3:DeleteObject` on the objects, and `s3:ListBucket` on the bucket:
//! without that, S3 answers a read of what is not there with 403 instead of 404.

mod blobs;
mod settings;

pub use blobs::S3Blobs;
pub use settings::{Settings, WrongPrefix};
