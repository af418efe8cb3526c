//! What the stores take and what they refuse. Every adapter checks a call with these before it makes it, so that what one
//! of them refuses is refused by all.
//!
//! Each check answers with what is wrong, fit for [`StoreError::Invalid`](crate::ports::StoreError::Invalid): names and
//! sizes, never values.

pub mod blobs;
mod documents;
pub mod items;
pub mod queues;

pub use documents::{
    OPERATION, check_collection, check_commit, check_indexed, check_limit, check_path, check_query, fields_size,
    is_scalar,
};
