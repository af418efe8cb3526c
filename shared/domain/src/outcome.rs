//! What a call to Meta's send endpoint came to.
//!
//! Meta's call has no idempotency key, so everything hangs on telling "certainly not taken" from "perhaps taken".

use crate::{Span, Wamid};

/// What a send came to.
#[derive(Debug, Clone, PartialEq)]
pub enum SendOutcome {
    /// Meta took the message and named it.
    Accepted {
        /// Meta's id of the message.
        wamid: Wamid,
        /// The address that Meta made of ours, when it differs.
        wa_id: Option<String>,
    },
    /// Meta certainly did not take it: the connection was never made, or Meta's own error JSON says so.
    Refused(Refusal),
    /// Perhaps it was taken: the answer was lost, late or garbled. Never a reason to send again.
    Ambiguous {
        /// What was seen, for the log: no personal data.
        reason: &'static str,
    },
}

/// A message that Meta certainly did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Meta's error code; 0 stands for "no connection" together with [`RefusalClass::Unreachable`].
    pub code: i64,
    /// What follows from it.
    pub class: RefusalClass,
    /// How long Meta asks to wait (`Retry-After`), if it says so.
    pub retry_after: Option<Span>,
}

/// What follows from a refusal. The catalogue of the WhatsApp crate gives every code its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalClass {
    /// Meta was not reached at all. Tried again without end until the message is too old.
    Unreachable,
    /// A passing fault of Meta's. A few tries with growing pauses, then failed.
    Transient,
    /// The number sends too fast. Its pace is halved for a minute; the message waits.
    Throughput,
    /// Too many messages to one person. This conversation waits, others do not.
    PairRate,
    /// The token, a permission or the account is not in order. The number is parked; nothing is burned.
    Auth,
    /// The account, number or template may not send for now or for good: campaigns stop, this message failed.
    Restricted,
    /// The 24-hour window is shut: failed, and a person should see it.
    WindowClosed,
    /// This person cannot or does not want to get it: failed, never again as it is.
    Recipient,
    /// The person stopped marketing at Meta: failed, and the stop is recorded.
    OptedOut,
    /// The message itself is wrong: failed.
    Invalid,
}
