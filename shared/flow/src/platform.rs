//! What every use case stands on: the ports, the keys, and the few settings that shape the flow.

use std::sync::Arc;

use domain::{AttemptId, IdKey, OrganizationId, Span};
use secrecy::SecretString;

use crate::ports::{Blobs, Clock, Documents, Entropy, Items, Limiter, Queues};
use crate::seal::Sealer;
use crate::wake::FeedWakes;

/// The ports and keys that the use cases share. Made once, when a program starts.
#[derive(Clone)]
pub struct Platform {
    /// The system of record.
    pub documents: Arc<dyn Documents>,
    /// Intents, gates and quotas.
    pub items: Arc<dyn Items>,
    /// The queues between the functions.
    pub queues: Arc<dyn Queues>,
    /// Large values.
    pub blobs: Arc<dyn Blobs>,
    /// Rates.
    pub limiter: Arc<dyn Limiter>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Seals personal data.
    pub sealer: Sealer,
    /// Derives ids and lookup keys.
    pub id_key: IdKey,
    /// What shapes the flow.
    pub settings: FlowSettings,
    /// The wake-ups for the feed that need not be sent again.
    pub feed_wakes: FeedWakes,
}

/// The settings that shape the flow.
#[derive(Clone)]
pub struct FlowSettings {
    /// A take-over ends by itself so long after the person's last message.
    pub take_over: Span,
    /// How many business-initiated templates a number may send in a calendar day of its organization's zone.
    pub daily_templates: i64,
    /// The access token for numbers of this one organization that have none of their own.
    pub default_token: Option<(OrganizationId, SecretString)>,
}

impl Default for FlowSettings {
    fn default() -> Self {
        Self { take_over: Span::from_hours(8), daily_templates: 1_000, default_token: None }
    }
}

impl Platform {
    /// A new fencing token.
    pub fn new_attempt(&self) -> AttemptId {
        AttemptId::from_bits(self.entropy.bits())
    }

    /// The deployment's own access token, for the organization that it is for.
    pub fn default_token(&self, organization: &OrganizationId) -> Option<SecretString> {
        let (owner, token) = self.settings.default_token.as_ref()?;
        (owner == organization).then(|| token.clone())
    }

    /// Random text for a deduplication id that shall never match another.
    pub fn nonce(&self) -> String {
        AttemptId::from_bits(self.entropy.bits()).to_string()
    }
}
