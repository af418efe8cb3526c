//! The embedded stores keep the contracts, and what holds of them alone.

mod declared;
mod durability;
mod embedded;
mod planted;
mod properties;

pub use tests::contract::{
    Case, Time, World, blobs, documents, documents_query, items, keeps, limiter, queues, queues_fifo, queues_letters,
    run,
};
