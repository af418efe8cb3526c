use domain::conversation::Epoch;
use domain::gate::StopGate;
use domain::{ConversationId, IntentId, NumberId, OrganizationId, Span, Timestamp};

use super::audit::{put_who, read_who};
use super::{Alias, FieldReader, FieldWriter, RecordError};
use crate::audit::Who;
use crate::platform::Platform;
use crate::ports::{Fields, Item, ItemKey};

/// In how many rows each kill switch is kept: transactions that check the same row get in each other's way, so each
/// intent checks one of them, and the switch writes all.
pub const KILL_SHARDS: u8 = 16;

/// What a kill switch stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KillScope {
    /// Every send of the deployment.
    Deployment,
    /// Those of an organization.
    Organization(OrganizationId),
    /// Those of a number.
    Number(NumberId),
}

/// The shard of the kill switches that an intent checks.
pub fn kill_shard(platform: &Platform, intent: &IntentId) -> u8 {
    platform.id_key.derive("kill shard", &[intent.as_str()])[0] % KILL_SHARDS
}

/// One row of a kill switch.
pub fn kill_key(scope: &KillScope, shard: u8) -> ItemKey {
    let shard = format!("{shard:02}");
    match scope {
        KillScope::Deployment => ItemKey::new("kill", &["deployment", &shard]),
        KillScope::Organization(id) => ItemKey::new("kill", &["organization", id.as_str(), &shard]),
        KillScope::Number(id) => ItemKey::new("kill", &["number", id.as_str(), &shard]),
    }
}

/// All rows of a kill switch.
pub fn kill_keys(scope: &KillScope) -> Vec<ItemKey> {
    (0..KILL_SHARDS).map(|shard| kill_key(scope, shard)).collect()
}

/// What a row of a kill switch says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillRow {
    /// Nothing is sent.
    pub on: bool,
    /// Since when.
    pub since: Timestamp,
    /// Who turned it; rows of earlier times do not say.
    pub by: Option<Who>,
}

/// Writes a row of a kill switch.
pub fn write_kill(platform: &Platform, key: &ItemKey, row: &KillRow) -> Fields {
    let writer = FieldWriter::new(platform, key.as_str()).put("on", row.on).put("at", row.since);
    match &row.by {
        Some(who) => put_who(writer, who),
        None => writer,
    }
    .done()
}

/// Reads a row of a kill switch; one that was never written does not stop anything.
///
/// # Errors
/// [`RecordError`].
pub fn read_kill(platform: &Platform, item: Option<&Item>) -> Result<Option<KillRow>, RecordError> {
    let Some(item) = item else { return Ok(None) };
    let fields = FieldReader::new(platform, item.key.as_str(), &item.fields);
    Ok(Some(KillRow { on: fields.flag("on")?, since: fields.time("at")?, by: read_who(&fields)? }))
}

/// The owner gate of a conversation.
pub fn owner_key(conversation: &ConversationId) -> ItemKey {
    ItemKey::new("owner", &[conversation.as_str()])
}

/// Writes the owner gate.
pub fn write_owner(platform: &Platform, conversation: &ConversationId, epoch: Epoch) -> Fields {
    FieldWriter::new(platform, owner_key(conversation).as_str()).put("epoch", epoch.0).done()
}

/// The owner's epoch; 0, the assistant's, where nobody ever took over.
///
/// # Errors
/// [`RecordError`].
pub fn read_owner(platform: &Platform, item: Option<&Item>) -> Result<Epoch, RecordError> {
    item.map_or(Ok(Epoch::default()), |item| {
        FieldReader::new(platform, item.key.as_str(), &item.fields).int("epoch").map(Epoch)
    })
}

/// The stop gate of one alias of a person.
pub fn stop_key(organization: &OrganizationId, alias: &Alias) -> ItemKey {
    ItemKey::new("stop", &[organization.as_str(), &alias.key])
}

/// Writes a stop gate.
pub fn write_stop(platform: &Platform, key: &ItemKey, gate: StopGate) -> Fields {
    FieldWriter::new(platform, key.as_str()).put("stopped", gate.stopped).put("at", gate.at).done()
}

/// Reads a stop gate; one that was never written says nothing.
///
/// # Errors
/// [`RecordError`].
pub fn read_stop(platform: &Platform, item: Option<&Item>) -> Result<Option<StopGate>, RecordError> {
    let Some(item) = item else { return Ok(None) };
    let fields = FieldReader::new(platform, item.key.as_str(), &item.fields);
    Ok(Some(StopGate { stopped: fields.flag("stopped")?, at: fields.time("at")? }))
}

/// The key of the note that a unit of a number's quota was taken for a send on a calendar day (`2026-11-28`).
pub fn grant_key(intent: &IntentId, day: &str) -> ItemKey {
    ItemKey::new("quota-grant", &[intent.as_str(), day])
}

/// Writes the note that a unit of a number's quota was taken for a send.
pub fn write_grant(platform: &Platform, key: &ItemKey, number: &NumberId) -> Fields {
    FieldWriter::new(platform, key.as_str()).put("number", number.as_str()).done()
}

/// The state of a number's channel to Meta: parked while its token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelState {
    /// Nothing is sent before this, but one probe is then let through.
    pub blocked_until: Timestamp,
    /// How long the next block lasts.
    pub back_off: Span,
    /// Meta's code.
    pub code: i64,
}

/// The key of a number's channel state.
pub fn channel_key(number: &NumberId) -> ItemKey {
    ItemKey::new("channel", &[number.as_str()])
}

/// Writes a number's channel state; `None`: it works.
pub fn write_channel(platform: &Platform, number: &NumberId, state: Option<ChannelState>) -> Fields {
    let key = channel_key(number);
    FieldWriter::new(platform, key.as_str())
        .put("blocked_until", state.map(|state| state.blocked_until))
        .put("back_off_us", state.map(|state| state.back_off.micros()))
        .put("code", state.map(|state| state.code))
        .done()
}

/// Reads a number's channel state; `None`: it works.
///
/// # Errors
/// [`RecordError`].
pub fn read_channel(platform: &Platform, item: Option<&Item>) -> Result<Option<ChannelState>, RecordError> {
    let Some(item) = item else { return Ok(None) };
    let fields = FieldReader::new(platform, item.key.as_str(), &item.fields);
    let Some(blocked_until) = fields.optional_time("blocked_until")? else { return Ok(None) };
    let back_off = Span::from_micros(fields.int("back_off_us")?);
    Ok(Some(ChannelState { blocked_until, back_off, code: fields.int("code")? }))
}
