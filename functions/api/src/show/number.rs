use domain::Timestamp;
use domain::line::LineState;
use domain::template::Quality;
use flow::numbers::KnownNumber;
use serde::Serialize;
use utoipa::ToSchema;

use super::hours::{ShownAwayMessage, ShownException, ShownOpening, away_message, hours, hours_exceptions};
use crate::schema;

/// A number that the organization has connected. Its access token is never shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Number)]
pub(crate) struct ShownNumberDetails<'a> {
    /// Meta's id of it.
    #[schema(example = "106540352242922")]
    phone_number_id: &'a str,
    /// As people read it.
    display_phone_number: &'a str,
    /// What you call it.
    label: Option<&'a str>,
    /// Meta's id of the WhatsApp business account that it belongs to.
    business_account_id: &'a str,
    #[schema(schema_with = schema::line_state)]
    state: LineState,
    /// What the state means, and what helps.
    state_explanation: &'static str,
    /// Since when, where that is known.
    #[schema(schema_with = schema::maybe_time)]
    state_since: Option<Timestamp>,
    /// Meta's code, where it refuses the access token.
    error_code: Option<i64>,
    /// What Meta forbids to the account.
    restriction: Option<&'a str>,
    /// Meta's latest warning.
    alert: Option<&'a str>,
    /// The name that Meta verified.
    verified_name: Option<&'a str>,
    /// How the review of that name stands, by Meta's name.
    name_status: Option<&'a str>,
    /// What people think of its messages: `green`, `yellow`, `red` or `unknown`.
    quality: &'a str,
    /// How many people a day Meta lets you write to first; null: as many as you like, or not known.
    messaging_limit: Option<i64>,
    /// How fast it may send, by Meta's name: `STANDARD` or `HIGH`.
    throughput: Option<&'a str>,
    /// How many templates it sends a day to people who did not write; null: the usual number. Never more than Meta allows.
    daily_quota: Option<i64>,
    /// When it is open, from Monday to Sunday; null: as the organization.
    hours: Option<Vec<Vec<ShownOpening>>>,
    /// The days that are otherwise, besides those of the organization.
    hours_exceptions: Vec<ShownException>,
    /// What it says to who writes while it is closed; null: what the organization says.
    away_message: Option<ShownAwayMessage<'a>>,
    /// Whether customers are told when somebody of yours has read what they wrote.
    read_receipts: bool,
    /// Who answers its messages; null: people alone.
    #[schema(schema_with = schema::maybe_assistant_id)]
    assistant_id: Option<&'a str>,
    /// Whether it has an access token of its own.
    has_access_token: bool,
    /// When it was connected, where that is known.
    #[schema(schema_with = schema::maybe_time)]
    connected_at: Option<Timestamp>,
}

/// Shows a number.
pub(crate) fn number(known: &KnownNumber) -> ShownNumberDetails<'_> {
    let (line, number) = (&known.line, &known.number);
    let (state, since) = line.state(known.refused.is_some());
    let refused = line.credential.as_ref().and_then(|dated| match dated.value {
        domain::line::Credential::Refused(code) => Some(code),
        _ => None,
    });
    let restriction = line.restriction.as_ref().and_then(|dated| dated.value.as_deref());
    ShownNumberDetails {
        phone_number_id: number.id.as_str(),
        display_phone_number: &number.display,
        label: line.label.as_deref(),
        business_account_id: &number.waba_id,
        state,
        state_explanation: state.explanation(),
        state_since: is_known(since),
        error_code: refused.or(known.refused.map(|refused| refused.code)),
        restriction,
        alert: line.alert.as_ref().map(|dated| dated.value.as_str()),
        verified_name: line.verified_name.as_ref().map(|dated| dated.value.as_str()),
        name_status: line.name_status.as_ref().map(|dated| dated.value.as_str()),
        quality: line.quality.as_ref().map_or(Quality::Unknown.as_str(), |dated| dated.value.as_str()),
        messaging_limit: line.limit(),
        throughput: line.throughput.as_ref().map(|dated| dated.value.as_str()),
        daily_quota: line.daily_quota,
        hours: line.hours.week.as_ref().map(hours),
        hours_exceptions: hours_exceptions(&line.hours.exceptions),
        away_message: line.away.as_ref().map(away_message),
        read_receipts: !line.hides_reads,
        assistant_id: number.assistant.as_ref().map(domain::AssistantId::as_str),
        has_access_token: known.has_token(),
        connected_at: is_known(line.connected_at),
    }
}

/// A number that was connected before this was written down has no such time.
fn is_known(at: Timestamp) -> Option<Timestamp> {
    (at != Timestamp::default()).then_some(at)
}

/// What of a number its organization changes.
#[derive(Serialize)]
pub(crate) struct ChangeableNumber<'a> {
    label: Option<&'a str>,
    daily_quota: Option<i64>,
    hours: Option<Vec<Vec<ShownOpening>>>,
    hours_exceptions: Vec<ShownException>,
    away_message: Option<ShownAwayMessage<'a>>,
    read_receipts: bool,
    assistant_id: Option<&'a str>,
}

/// What of a number its organization changes: how it stands changes by itself.
pub(crate) fn changeable_number(known: &KnownNumber) -> ChangeableNumber<'_> {
    ChangeableNumber {
        label: known.line.label.as_deref(),
        daily_quota: known.line.daily_quota,
        hours: known.line.hours.week.as_ref().map(hours),
        hours_exceptions: hours_exceptions(&known.line.hours.exceptions),
        away_message: known.line.away.as_ref().map(away_message),
        read_receipts: !known.line.hides_reads,
        assistant_id: known.number.assistant.as_ref().map(domain::AssistantId::as_str),
    }
}
