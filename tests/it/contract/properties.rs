//! The embedded engine against models that are too simple to be wrong, over random input.

mod documents;
mod queues;
