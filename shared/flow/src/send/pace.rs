//! Quota and rate: taken before the claim, each once per try of an intent.

use domain::intent::Intent;
use domain::{NumberId, OrganizationId, Span, Timestamp};

use super::Work;
use super::claim::Gates;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Condition, ItemKey, ItemWrite, ItemsError, Pace};
use crate::records::{
    ChannelState, channel_key, grant_key, line_path, organization_path, read_line, read_organization, write_channel,
    write_grant,
};

/// What Meta lets a number send: 80 a second, in and out together. Replies come first and take what they need.
const NUMBER: Pace = Pace { period: Span::from_micros(12_500), burst: 10 };

/// What Meta lets a number send to one person: one in 6 seconds, with up to 45 borrowed at once.
const PAIR: Pace = Pace { period: Span::from_seconds(6), burst: 45 };

/// The longest pause between two probes of a parked number.
const LONGEST_BLOCK: Span = Span::from_minutes(5);

/// The key of a number's rate.
pub(super) fn number_rate(number: &NumberId) -> String {
    format!("number:{}", number.as_str())
}

/// Takes quota and slots; `Some`: not before then.
pub(super) async fn slot(
    platform: &Platform,
    organization: &OrganizationId,
    work: &Work,
    claimed: &Intent,
    now: Timestamp,
) -> Result<Option<Timestamp>, JobError> {
    if work.row.template
        && !work.conversation.window_is_open(now)
        && let Some(tomorrow) = quota(platform, organization, work, now).await?
    {
        return Ok(Some(tomorrow));
    }
    let reservation = format!("{}#{}.{}", work.row.intent, claimed.tries, claimed.waits);
    let number = platform.limiter.reserve(&number_rate(&work.row.number), NUMBER, &reservation).await?;
    let pair_key = format!("pair:{}:{}", work.row.number.as_str(), work.row.contact);
    let pair = platform.limiter.reserve(&pair_key, PAIR, &reservation).await?;
    let slot = number.max(pair);
    Ok((slot > platform.clock.now()).then_some(slot))
}

/// Takes one unit of the number's quota for today, once a day for each intent: the grant is written in the same
/// transaction. What is sent on another day than it was granted for pays again.
async fn quota(
    platform: &Platform,
    organization: &OrganizationId,
    work: &Work,
    now: Timestamp,
) -> Result<Option<Timestamp>, JobError> {
    let paths = [organization_path(organization), line_path(organization, &work.row.number)];
    let mut documents = platform.documents.get_many(&paths).await?.into_iter();
    let (owner, line) = (documents.next().flatten(), documents.next().flatten());
    let zone = owner.map(|document| read_organization(platform, &document)).transpose()?.map(|o| o.time_zone);
    let line = line.map(|document| read_line(platform, &document)).transpose()?.unwrap_or_default();
    let day = now.day_in(&zone.unwrap_or_default());
    let grant = grant_key(&work.row.intent, &day.date);
    if platform.items.get(std::slice::from_ref(&grant)).await?.first().is_some_and(Option::is_some) {
        return Ok(None);
    }
    let expires_at = Some(now + Span::from_days(7));
    let writes = vec![
        ItemWrite::Add {
            key: ItemKey::new("quota", &[work.row.number.as_str(), &day.date]),
            field: "used".into(),
            by: 1,
            at_most: line.quota(platform.settings.daily_templates),
            expires_at,
        },
        ItemWrite::Put {
            fields: write_grant(platform, &grant, &work.row.number),
            key: grant,
            expires_at,
            condition: Condition::Absent,
        },
    ];
    match platform.items.transact(writes).await {
        Ok(()) => Ok(None),
        Err(ItemsError::Condition { index: 0 }) => Ok(Some(day.next)),
        // Granted by another worker meanwhile.
        Err(ItemsError::Condition { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Lets one send through as the probe of a parked number whose pause is over; all others wait for what it finds.
pub(super) async fn may_probe(platform: &Platform, number: &NumberId, gates: &Gates) -> Result<bool, JobError> {
    let Some(state) = gates.channel else { return Ok(true) };
    park(platform, number, gates.channel_version, state).await
}

/// Parks a number, or prolongs its pause: the next probe comes after twice the time. `false`: somebody else just did.
pub(super) async fn park(
    platform: &Platform,
    number: &NumberId,
    version: Option<u64>,
    state: ChannelState,
) -> Result<bool, JobError> {
    let next = ChannelState {
        blocked_until: platform.clock.now() + state.back_off,
        back_off: Span::from_micros(state.back_off.micros().saturating_mul(2)).min(LONGEST_BLOCK),
        code: state.code,
    };
    set_channel(platform, number, version, Some(next)).await
}

/// Writes a number's channel state, on condition that it is as it was read.
pub(super) async fn set_channel(
    platform: &Platform,
    number: &NumberId,
    version: Option<u64>,
    state: Option<ChannelState>,
) -> Result<bool, JobError> {
    let write = ItemWrite::Put {
        key: channel_key(number),
        fields: write_channel(platform, number, state),
        expires_at: None,
        condition: version.map_or(Condition::Absent, Condition::Version),
    };
    match platform.items.transact(vec![write]).await {
        Ok(()) => Ok(true),
        Err(ItemsError::Condition { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
