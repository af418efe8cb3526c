//! An organization: the tenant.

use crate::away::AwayMessage;
use crate::hours::BusinessHours;
use crate::locale::Language;
use crate::team::Distribution;
use crate::{AssistantId, NumberId, OrganizationId, Plan, TimeZone};

/// A business that uses Porfin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// What it calls itself.
    pub name: String,
    /// Its language, for texts of our own.
    pub language: Language,
    /// Its time zone.
    pub time_zone: TimeZone,
    /// When it is open.
    pub hours: BusinessHours,
    /// What it says to who writes while it is closed.
    pub away: Option<AwayMessage>,
    /// Who is given the conversations that no team looks after.
    pub distribution: Distribution,
    /// What it has agreed on.
    pub plan: Plan,
    /// Within how many seconds it wants to answer a customer for the first time, where it has set itself that.
    pub first_response_seconds: Option<u32>,
}

/// A WhatsApp number that an organization has connected.
#[derive(Debug, Clone)]
pub struct Number {
    /// Meta's id of it.
    pub id: NumberId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// The WhatsApp business account that it belongs to.
    pub waba_id: String,
    /// The number as people read it.
    pub display: String,
    /// Who answers its messages, if an assistant does.
    pub assistant: Option<AssistantId>,
}
