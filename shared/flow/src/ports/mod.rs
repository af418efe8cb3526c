//! The ports: what the use cases need from the world. Each has one contract suite that every adapter passes.
//!
//! Ports are object-safe, so that adapters, fault wrappers and the simulation's models are chosen at start without a
//! type parameter on every function. Their errors say whether trying again can help; an adapter resolves what it can
//! (a commit whose answer was lost is read back) and reports the rest as [`StoreError::Unavailable`]: every use case is
//! safe to run again from its start.

mod blobs;
mod business;
mod clock;
mod documents;
mod items;
mod limiter;
mod model;
mod queues;
mod webhooks;
mod whatsapp;

pub use blobs::Blobs;
pub use business::{Account, Business, BusinessError, MetaRefusal, NoBusiness, Submitted, TemplatePage};
pub use clock::{Clock, Entropy};
pub use documents::{
    CollectionPath, Direction, DocPath, Document, Documents, Fields, Order, Precondition, Query, Scope, Value, Version,
    Write,
};
pub use items::{Condition, Item, ItemKey, ItemWrite, Items, ItemsError};
pub use limiter::{Decision, Limiter, Pace};
pub use model::{Completion, Model, ModelError, Prompt, Turn, TurnRole, Usage};
pub use queues::{Delivery, Outgoing, Queue, QueueConsumer, Queues};
pub use webhooks::{WebhookAnswer, WebhookError, WebhookPost, WebhookSender};
pub use whatsapp::{Address, Channel, MediaBytes, MediaFile, OpenMedia, SendRequest, WhatsApp, WhatsAppError};

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A precondition did not hold: read again and decide anew.
    #[error("a precondition did not hold")]
    Conflict,
    /// The store did not answer, or not in time, or it is throttling. The call may have taken effect.
    #[error("the store did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The call itself is wrong: over a limit, an undeclared index, a malformed path. Trying again cannot help.
    #[error("the call was refused: {0}")]
    Invalid(String),
}
