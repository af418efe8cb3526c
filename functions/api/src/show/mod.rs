//! How records look in the API's JSON.

mod access;
mod analytics;
mod assistant;
mod audit;
mod contact;
mod conversation;
mod dead_letter;
mod feed;
mod hours;
mod media;
mod message;
mod number;
mod routing;
mod task;
mod team;
mod template;
mod trace;
mod unknown;
mod webhook;
mod words;

use flow::browse::Page;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use access::{
    ShownApiKey, ShownInvitation, ShownMember, ShownMembership, ShownOrganization, ShownSession, api_key,
    changeable_api_key, invitation, member, membership, organization, session,
};
pub(crate) use analytics::{
    ShownBreakdown, ShownLedger, ShownReport, ShownUsage, breakdown, figures_table, ledger, ledger_table, report, usage,
};
pub(crate) use assistant::{
    ShownAsked, ShownAssistant, ShownKnowledge, ShownVersion, asked, assistant, knowledge, version,
};
pub(crate) use audit::{ShownAuditEntry, ShownKillSwitch, audit_entry, kill_switch, operators_audit_entry};
pub(crate) use contact::{
    ShownAttribute, ShownConsent, ShownContactRecord, ShownSegment, ShownSegmentPreview, attribute, consent, contact,
    segment, segment_preview,
};
pub(crate) use conversation::{ShownConversation, ShownNote, conversation, note};
pub(crate) use dead_letter::{ShownDeadLetter, ShownKeptEvent, ShownQuarantined, dead_letter, kept_event, quarantined};
pub(crate) use feed::{ShownEvents, events};
pub(crate) use hours::{ShownAwayMessage, ShownBusinessHours, ShownException, ShownOpening, business_hours};
pub(crate) use media::{ShownMedia, media};
pub(crate) use message::{ShownMessage, ShownPlacedMessage, message, placed_message};
pub(crate) use number::{ShownNumberDetails, changeable_number, number};
pub(crate) use routing::{ShownRule, ShownTried, rule, tried};
pub(crate) use task::{ShownRowError, ShownTask, row_error, task};
pub(crate) use team::{ShownCannedReply, ShownDistribution, ShownRendered, ShownTeam, canned_reply, rendered, team};
pub(crate) use template::{
    ShownPreview, ShownSync, ShownTemplate, ShownTemplateChange, preview, sync, template, template_change,
};
pub(crate) use trace::{ShownTrace, trace};
pub(crate) use unknown::{ShownUnknownSend, unknown_send};
pub(crate) use webhook::{ShownDelivery, ShownEndpoint, delivery, endpoint};

/// A page of a list.
#[derive(Serialize, ToSchema)]
#[schema(as = Page)]
pub(crate) struct ShownPage<T> {
    data: Vec<T>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

impl<T> ShownPage<T> {
    /// A page of these, which leads to no other.
    pub fn whole(data: Vec<T>) -> Self {
        Self { data, next_cursor: None }
    }
}

/// Shows a page, each entry by `show`.
pub(crate) fn page<'a, T, S>(page: &'a Page<T>, show: impl Fn(&'a T) -> S) -> ShownPage<S> {
    let next_cursor = page.next.as_ref().map(ToString::to_string);
    ShownPage { data: page.items.iter().map(show).collect(), next_cursor }
}
