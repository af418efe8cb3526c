//! The envelope in which the webhook hands a single event to the queues: sealed, in ASCII, versioned, bound to its queue.
//! A large one lies in the blob store and the queue carries a pointer.

use domain::{EventId, Timestamp};

use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Blobs, Entropy, Queue, StoreError};
use crate::seal::Sealer;

/// A sealed envelope above this many bytes goes to the blob store: queues take 1 MiB a call.
const INLINE: usize = 200_000;

/// One event on its way from the webhook.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The event's id: the same for every copy of it.
    pub id: EventId,
    /// When the webhook took it.
    pub received_at: Timestamp,
    /// The event's JSON text. Personal data.
    pub event: String,
}

/// What a queue message holds.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Carried {
    /// The sealed envelope.
    SealedV1 { sealed: String },
    /// The key of the blob that holds the sealed envelope.
    BlobV1 { key: String },
}

impl Envelope {
    /// Seals the envelope for a queue; a large one is stored first.
    ///
    /// # Errors
    /// [`StoreError`] of the blob store.
    pub async fn seal(
        &self,
        sealer: &Sealer,
        entropy: &dyn Entropy,
        blobs: &dyn Blobs,
        queue: Queue,
    ) -> Result<String, StoreError> {
        let plain = serde_json::to_vec(self).map_err(|error| StoreError::Invalid(error.to_string()))?;
        let sealed = sealer.seal(entropy, &context(queue), &plain);
        let carried = if sealed.len() <= INLINE {
            Carried::SealedV1 { sealed }
        } else {
            let key = format!("{}/{}", queue.name(), self.id);
            blobs.put(&key, sealed.into_bytes()).await?;
            Carried::BlobV1 { key }
        };
        serde_json::to_string(&carried).map_err(|error| StoreError::Invalid(error.to_string()))
    }

    /// Opens what [`Self::seal`] made. `None`: it was handled before, and its blob is gone.
    ///
    /// # Errors
    /// [`JobError::Fail`] when it is of an unknown version, changed or sealed under a foreign key;
    /// [`JobError::Retry`] when the blob store does not answer.
    pub async fn open(platform: &Platform, queue: Queue, body: &str) -> Result<Option<Self>, JobError> {
        let fail = |error: Box<dyn std::error::Error + Send + Sync>| JobError::Fail(error);
        let sealed = match serde_json::from_str(body).map_err(|error| fail(error.into()))? {
            Carried::SealedV1 { sealed } => sealed,
            Carried::BlobV1 { key } => {
                let Some(bytes) = platform.blobs.get(&key).await? else { return Ok(None) };
                String::from_utf8(bytes).map_err(|error| fail(error.into()))?
            }
        };
        let plain = platform.sealer.open(&context(queue), &sealed).map_err(|error| fail(error.into()))?;
        serde_json::from_slice(&plain).map(Some).map_err(|_| fail("the envelope is malformed".into()))
    }

    /// The event has its effect: a blob that carried it is removed. A copy of the message finds it gone.
    ///
    /// # Errors
    /// [`JobError::Retry`] when the blob store does not answer.
    pub async fn discard(platform: &Platform, body: &str) -> Result<(), JobError> {
        if let Ok(Carried::BlobV1 { key }) = serde_json::from_str(body) {
            platform.blobs.delete(&key).await?;
        }
        Ok(())
    }
}

fn context(queue: Queue) -> String {
    format!("{}#v1", queue.name())
}
