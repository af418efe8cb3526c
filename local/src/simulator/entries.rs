//! The two facts that change the world for good: a customer wrote, and Meta took a message of the business.
//!
//! Each is complete, with its id and time, so that the journal can play it again.

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One line of the journal.
#[derive(Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub(super) enum Entry {
    /// A customer wrote.
    Customer(FromCustomer),
    /// Meta took a message of the business.
    Business(FromBusiness),
}

/// A message that a customer wrote.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct FromCustomer {
    /// Their number, as the path gave it.
    pub wa_id: String,
    /// What they changed about themselves with it.
    pub profile: ProfileChange,
    /// Its id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// `type`, its object, and whatever else stands beside them (context, referral, errors …).
    pub message: Map<String, Value>,
}

/// What a customer may change about themselves.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct ProfileChange {
    /// The name that businesses see.
    pub name: Option<String>,
    /// The WhatsApp username.
    pub username: Option<String>,
    /// The business-scoped user id.
    pub user_id: Option<String>,
    /// Whether businesses see the number.
    pub hide_phone: Option<bool>,
}

/// A message of the business that Meta took.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct FromBusiness {
    /// To whom.
    pub to: Recipient,
    /// Its id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// `type`, its object, and the context.
    pub message: Map<String, Value>,
    /// What the business wants to hear again in every status.
    pub callback_data: Option<String>,
    /// Meta's pricing category: `service`, or the template's.
    pub category: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// To whom a message goes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Recipient {
    /// The canonical digits of a number.
    Number(String),
    /// A user id that belongs to no phone here.
    Stranger(String),
}

/// What becomes of a message that Meta took.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// It arrives, and its statuses come so many milliseconds later than usual.
    Arrives {
        /// How much later.
        late_ms: i64,
    },
    /// It arrives, and no status ever tells.
    ArrivesSilently,
    /// It fails with this code.
    Fails {
        /// Meta's error code.
        code: i64,
    },
}
