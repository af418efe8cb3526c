//! Outgoing webhooks: an organization names endpoints, and what happens in its feed is posted to them, signed as the
//! Standard Webhooks specification says, until the endpoint takes it or three days and a half have passed.
//!
//! Deliveries are planned in the commit that numbers their entries, so that none is forgotten. Each is made at least once;
//! the entry's id goes with it, so that whoever gets a copy can tell. An endpoint that only failed for five days is
//! switched off, and so is one that answers 410.

mod deliver;
mod delivery;
mod endpoint;
mod manage;
mod outcome;
mod replay;
mod retry_after;
mod secret;
mod url;

pub use self::deliver::{Try, deliver};
pub use self::delivery::{Attempt, AttemptOutcome, WebhookDelivery};
pub(crate) use self::delivery::{plan, remove_expired, wake_due};
pub(crate) use self::endpoint::active;
pub use self::endpoint::{Endpoint, MAX_ENDPOINTS, PreviousSecret, get, list};
pub use self::manage::{
    EndpointChange, EndpointError, Invalid, NewEndpoint, change, create, delete, enable, rotate_secret, send_test,
};
pub use self::replay::{ReplayError, Replayed, deliveries, delivery, replay, replay_failed};
pub use self::secret::{InvalidSecret, SECRET_PREFIX, SigningSecret, sign};
pub use self::url::{InvalidUrl, WebhookUrl};
