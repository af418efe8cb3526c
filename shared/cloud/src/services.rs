//! The services, each made from its variables.

pub(crate) mod aws;
#[cfg(feature = "blobs")]
mod blobs;
#[cfg(feature = "callback")]
mod callback;
#[cfg(feature = "documents")]
mod documents;
#[cfg(feature = "items")]
mod items;
#[cfg(feature = "limiter")]
mod limiter;
#[cfg(feature = "model")]
mod model;
#[cfg(feature = "queues")]
mod queues;
#[cfg(feature = "whatsapp")]
mod whatsapp;
