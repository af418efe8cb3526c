//! The simulated WhatsApp: Meta's side and the customers' phones, in this process.
//!
//! The platform must not be able to tell it from the real one: its webhooks and answers have the shapes that Meta
//! documents, its webhooks travel over HTTP with Meta's signature, and it refuses what Meta refuses. It holds no state
//! of the platform and the platform none of its own.
//!
//! - `phones/{wa_id}/messages`: `POST` and `GET` are what a customer does and sees;
//! - `graph/{version}/…` is Meta's Graph API, as far as the platform calls it;
//! - `faults` makes it misbehave, `acceptances` counts what it took: the judge of "at most once".
//!
//! **What survives.** With a state folder, every message taken is written to a journal before it is answered, and all
//! else to a snapshot every minute and when the program ends. So a webhook that was not yet delivered is delivered after
//! a restart, even after a crash (one that was delivered in the minute before a crash may come twice, as Meta's may).
//! Both files are sealed and belong to their owner only. Media files, the fault plan and typing indicators are
//! forgotten.
//!
//! **What is left out.** Groups, calls and flows; pair rate and throughput, unless the fault plan asks for them; links
//! to media are not fetched; a number written without `+` is not taken for a local one.

mod acceptances;
mod access;
mod customer;
mod decisions;
mod delivery;
mod entries;
mod faults;
mod graph;
mod identity;
mod journal;
mod outbox;
mod phone;
mod phones;
mod problem;
mod webhook;
mod world;

#[cfg(test)]
pub(crate) mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use domain::{NumberId, Phone, Span};
use flow::ports::{Clock, Entropy};
use flow::seal::Sealer;
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use journal::StateError;

use entries::Entry;
use journal::Journal;
use world::World;

/// What the simulator plays: one app with one business account and one business number.
#[derive(Clone)]
pub struct SimulatorSettings {
    /// The Meta app's secret: signs the webhooks.
    pub app_secret: SecretString,
    /// The token that Graph calls must carry.
    pub access_token: SecretString,
    /// What the webhook's handshake must know.
    pub verify_token: SecretString,
    /// The key (`X-API-Key`) that phones, faults and acceptances ask for.
    pub api_key: SecretString,
    /// Meta's id of the business number.
    pub phone_number_id: NumberId,
    /// Meta's id of the business account.
    pub waba_id: String,
    /// The business number itself.
    pub display_phone_number: Phone,
    /// The name that customers see.
    pub verified_name: String,
    /// Where webhooks go: plain HTTP, since it is the same machine.
    pub webhook_url: Url,
    /// Where the state survives a restart; nowhere without one.
    pub state: Option<StateFolder>,
    /// How fast messages get on.
    pub pace: Pace,
    /// How much is kept.
    pub limits: Limits,
}

/// Where and how the simulator's state is written down.
#[derive(Clone)]
pub struct StateFolder {
    /// The folder; made if need be.
    pub path: PathBuf,
    /// Seals the files, which hold what customers wrote.
    pub sealer: Sealer,
}

/// How long after its acceptance a message gets how far.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Until `sent`.
    pub sent: Span,
    /// Until `delivered`.
    pub delivered: Span,
    /// Until the customer has read it; `None`: never.
    pub read: Option<Span>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { sent: Span::from_millis(50), delivered: Span::from_millis(200), read: Some(Span::from_millis(1_200)) }
    }
}

/// How much is kept, so that memory is bounded.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Messages a phone shows; older ones are forgotten.
    pub messages_per_phone: usize,
    /// Messages of all phones; beyond it the phone that was idle longest is forgotten.
    pub messages: usize,
    /// Phones; the one that was idle longest is forgotten.
    pub phones: usize,
    /// Webhook events that wait for the platform; above it nothing new is taken.
    pub waiting_events: usize,
    /// Bytes of media files in all; the oldest file is forgotten.
    pub media_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages_per_phone: 1_000,
            messages: 50_000,
            phones: 10_000,
            waiting_events: 20_000,
            media_bytes: 64 * 1024 * 1024,
        }
    }
}

/// The simulated WhatsApp. Clones share one world.
#[derive(Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
}

/// What the routes and the deliverer share.
struct Shared {
    settings: SimulatorSettings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    world: Mutex<World>,
    journal: Option<Journal>,
    http: reqwest::Client,
    /// Something is due earlier than the deliverer thinks.
    work: Notify,
    /// The program is about to end: whoever waits answers now.
    closing: CancellationToken,
}

impl Simulator {
    /// A simulator with the world that its state folder holds, or a new one.
    ///
    /// # Errors
    /// [`StateError`] when the folder cannot be used. A state sealed under another key is set aside, not an error.
    pub fn new(
        settings: SimulatorSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StateError> {
        let (journal, world) = match &settings.state {
            None => (None, World::new()),
            Some(folder) => {
                let (journal, world) = Journal::open(folder, &settings, &*entropy)?;
                (Some(journal), world)
            }
        };
        let shared = Shared {
            settings,
            clock,
            entropy,
            world: Mutex::new(world),
            journal,
            http: delivery::client()?,
            work: Notify::new(),
            closing: CancellationToken::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Its routes, to be nested at `/simulator`. They answer loopback peers only, so the server must be made with
    /// `into_make_service_with_connect_info::<SocketAddr>()`.
    pub fn router(&self) -> Router {
        let own = Router::new()
            .merge(phones::routes())
            .merge(faults::routes())
            .merge(decisions::routes())
            .merge(acceptances::routes())
            .fallback(problem::no_such_path)
            .method_not_allowed_fallback(problem::no_such_method)
            .layer(axum::middleware::from_fn_with_state(self.shared.clone(), access::api_key))
            .with_state(self.shared.clone());
        let graph = graph::routes(&self.shared);
        Router::new()
            .nest("/graph", graph)
            .merge(own)
            .layer(axum::middleware::from_fn(access::loopback_only))
            .layer(axum::middleware::from_fn_with_state(self.shared.clone(), problem::render))
    }

    /// Moves messages on and delivers webhooks until shutdown, then writes the state down. The platform must answer the
    /// handshake first, as for Meta.
    pub async fn run(&self, shutdown: CancellationToken) {
        delivery::run(self.shared.clone(), shutdown).await;
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a fact happen, once it is written down.
    fn happen(&self, world: &mut World, entry: &Entry) -> std::io::Result<()> {
        if let Some(journal) = &self.journal {
            journal.append(&*self.entropy, entry)?;
        }
        world.apply(&self.settings, &*self.entropy, entry);
        Ok(())
    }

    /// The world changed in a way that only a snapshot keeps.
    fn touch(&self) {
        if let Some(journal) = &self.journal {
            journal.touch();
        }
    }
}
