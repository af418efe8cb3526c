//! Requests that may come again: the first one with a key does the work, and every later one is given its answer.
//!
//! What a request did is known when its answer is kept. One that died before that holds its key for as long as it may have
//! been at work; then the next one with the key does the work, and so does one after a failure. Whatever such a request
//! draws, its ids and secrets, comes out as it did the first time ([`Claim::platform`]): it meets what the first one made,
//! should that be there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{IdKey, OrganizationId, Span, Timestamp};

use crate::audit::Who;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Condition, Entropy, Item, ItemKey, ItemWrite, ItemsError};
use crate::records::{FieldReader, FieldWriter, RecordError};

/// How long the answer to a key is kept.
const KEPT: Span = Span::from_hours(120 * 24);

/// Longer than any request is at work.
const AT_WORK: Span = Span::from_seconds(60);

/// What is known of a request with a key.
#[derive(Debug, PartialEq)]
pub enum Begun {
    /// It is the first one: do the work, and then [`keep`] the answer or [`release`] the key.
    First(Claim),
    /// It was answered before, like this.
    Answered(Answer),
    /// The first one is at work.
    AtWork,
    /// The key was used for something else.
    Reused,
}

/// The right to do the work of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    key: ItemKey,
    version: u64,
    fingerprint: String,
}

impl Claim {
    /// The platform for the work: what is drawn from it is the same each time that the work is done.
    pub fn platform(&self, platform: &Platform) -> Platform {
        let source = [self.key.as_str(), &self.fingerprint].map(ToOwned::to_owned);
        let draws = Draws { id_key: platform.id_key.clone(), source, drawn: AtomicU64::new(0) };
        Platform { entropy: Arc::new(draws), ..platform.clone() }
    }
}

/// Draws that repeat: nobody can tell them from random ones who has not the deployment's key.
struct Draws {
    id_key: IdKey,
    source: [String; 2],
    drawn: AtomicU64,
}

impl Entropy for Draws {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(16) {
            let drawn = self.drawn.fetch_add(1, Ordering::Relaxed).to_string();
            let bits = self.id_key.derive("repeated draw", &[&self.source[0], &self.source[1], &drawn]);
            chunk.copy_from_slice(&bits[..chunk.len()]);
        }
    }
}

/// An answer as it is given again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    /// Its HTTP status.
    pub status: u16,
    /// Its JSON.
    pub body: String,
}

/// A request of somebody's with this key begins. The fingerprint stands for all that it asks for. The keys of others in the
/// organization are others: an answer may hold what its caller alone may see.
///
/// # Errors
/// [`JobError`]; nothing was begun, or it counts as at work for a minute.
pub async fn begin(
    platform: &Platform,
    organization: &OrganizationId,
    who: &Who,
    key: &str,
    fingerprint: &str,
) -> Result<Begun, JobError> {
    let (kind, id) = (who.kind().as_str(), who.id().unwrap_or_default());
    let blind = platform.id_key.blind("idempotency key", &[organization.as_str(), kind, id, key]);
    let key = ItemKey::new("request", &[organization.as_str(), &blind]);
    let items = platform.items.get(std::slice::from_ref(&key)).await?;
    let item = items.first().and_then(Option::as_ref);
    let now = platform.clock.now();
    let known = item.map(|item| read(platform, item)).transpose()?.filter(|known| known.until > now);
    match known {
        Some(known) if known.fingerprint != fingerprint => return Ok(Begun::Reused),
        Some(Known { answer: Some(answer), .. }) => return Ok(Begun::Answered(answer)),
        Some(_) => return Ok(Begun::AtWork),
        None => {}
    }
    let (condition, version) = match item {
        None => (Condition::Absent, 1),
        Some(item) => (Condition::Version(item.version), item.version + 1),
    };
    let claim = Claim { key, version, fingerprint: fingerprint.to_owned() };
    let write = write(platform, &claim, None, now + AT_WORK, condition);
    match platform.items.transact(vec![write]).await {
        Ok(()) => Ok(Begun::First(claim)),
        Err(ItemsError::Condition { .. }) => Ok(Begun::AtWork),
        Err(error) => Err(error.into()),
    }
}

/// The work was done, and this is its answer.
///
/// # Errors
/// [`JobError`]; the work stays done, and the key may do it again in a minute.
pub async fn keep(platform: &Platform, claim: &Claim, answer: &Answer) -> Result<(), JobError> {
    finish(platform, claim, Some(answer), platform.clock.now() + KEPT).await
}

/// Nothing was done: the next request with the key is the first one again.
///
/// # Errors
/// [`JobError`]; the key counts as at work for a minute.
pub async fn release(platform: &Platform, claim: &Claim) -> Result<(), JobError> {
    finish(platform, claim, None, platform.clock.now()).await
}

async fn finish(platform: &Platform, claim: &Claim, answer: Option<&Answer>, until: Timestamp) -> Result<(), JobError> {
    let write = write(platform, claim, answer, until, Condition::Version(claim.version));
    match platform.items.transact(vec![write]).await {
        // Another one took over, or this very write had taken effect.
        Ok(()) | Err(ItemsError::Condition { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What is written down of a key.
struct Known {
    fingerprint: String,
    answer: Option<Answer>,
    /// Until when it holds.
    until: Timestamp,
}

/// Answers may hold personal data and secrets, so they are sealed.
fn write(
    platform: &Platform,
    claim: &Claim,
    answer: Option<&Answer>,
    until: Timestamp,
    condition: Condition,
) -> ItemWrite {
    let fields = FieldWriter::new(platform, claim.key.as_str())
        .put("fingerprint", claim.fingerprint.as_str())
        .put("until", until)
        .sealed_json("answer_sealed", answer)
        .done();
    let expires_at = Some(until.max(platform.clock.now() + AT_WORK));
    ItemWrite::Put { key: claim.key.clone(), fields, expires_at, condition }
}

fn read(platform: &Platform, item: &Item) -> Result<Known, RecordError> {
    let fields = FieldReader::new(platform, item.key.as_str(), &item.fields);
    Ok(Known {
        fingerprint: fields.text("fingerprint")?.to_owned(),
        answer: fields.sealed_json("answer_sealed")?,
        until: fields.time("until")?,
    })
}
