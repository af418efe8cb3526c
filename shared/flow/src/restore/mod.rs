//! Restoring the system of record from a backup, without sending anything again.
//!
//! Intents and gates are not part of a backup: what was sent, and what must not be, is known there. Whoever restores
//! calls [`begin`], stops every worker and waits until none runs, puts the backup in the documents' place, calls
//! [`finish`], and lets the workers go on. Each step may be repeated after a crash at any point.
//!
//! What arrived before the restore may have been answered by what is lost now, so a turn leaves it to a person. Upkeep
//! then brings the records back in line with the intents: see `walk`.

mod walk;

pub(crate) use self::walk::walk;

use domain::Timestamp;

use crate::audit::Who;
use crate::job::JobError;
use crate::kill;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Condition, ItemWrite, ItemsError, StoreError};
use crate::records::{KillScope, Restore, read_restore, restore_key, write_restore};

/// A restore begins: sends are stopped, and then the time is written down, up to which what arrived is a person's to
/// answer. In this order: were it the other way round, what arrives in between could be answered and then be lost.
///
/// # Errors
/// [`JobError`]; the caller must call again before it restores anything.
pub async fn begin(platform: &Platform) -> Result<Timestamp, JobError> {
    let was_on = kill::is_on(platform, &KillScope::Deployment).await?;
    // Noted before the switch is turned: a second call would not know any more who turned it.
    change(platform, |known| {
        let now = platform.clock.now();
        let known = known.unwrap_or(Restore { restored_at: now, holds_switch: false, is_walking: false, walked: None });
        Some(Restore { holds_switch: known.holds_switch || !was_on, ..known })
    })
    .await?;
    kill::turn(platform, &KillScope::Deployment, true, &Who::Operator).await?;
    let restore = change(platform, |known| {
        let known = known?;
        Some(Restore { restored_at: known.restored_at.max(platform.clock.now()), ..known })
    })
    .await?;
    restore.map(|restore| restore.restored_at).ok_or_else(|| StoreError::Conflict.into())
}

/// The documents are the backup's now: upkeep shall compare them with the intents, and sends go on, unless the kill
/// switch was on before. Without a restore that has begun, nothing happens.
///
/// # Errors
/// [`JobError`]; the caller may call again.
pub async fn finish(platform: &Platform) -> Result<(), JobError> {
    let restore = change(platform, |known| Some(Restore { is_walking: true, walked: None, ..known? })).await?;
    if restore.is_some_and(|restore| restore.holds_switch) {
        kill::turn(platform, &KillScope::Deployment, false, &Who::Operator).await?;
        change(platform, |known| Some(Restore { holds_switch: false, ..known? })).await?;
    }
    Ok(())
}

/// Whether upkeep has yet to compare intents with their records after a restore.
///
/// # Errors
/// [`JobError`].
pub async fn is_walking(platform: &Platform) -> Result<bool, JobError> {
    let items = platform.items.get(&[restore_key()]).await?;
    Ok(read_restore(platform, items.first().and_then(Option::as_ref))?.is_some_and(|restore| restore.is_walking))
}

/// Changes what is known of the last restore; `None` leaves it. Returns what is known then.
async fn change(
    platform: &Platform,
    next: impl Fn(Option<Restore>) -> Option<Restore>,
) -> Result<Option<Restore>, JobError> {
    for _ in 0..TRIES {
        let items = platform.items.get(&[restore_key()]).await?;
        let item = items.first().and_then(Option::as_ref);
        let known = read_restore(platform, item)?;
        let Some(restore) = next(known.clone()).filter(|next| known.as_ref() != Some(next)) else { return Ok(known) };
        let write = ItemWrite::Put {
            key: restore_key(),
            fields: write_restore(platform, &restore),
            expires_at: None,
            condition: item.map_or(Condition::Absent, |item| Condition::Version(item.version)),
        };
        match platform.items.transact(vec![write]).await {
            Ok(()) => return Ok(Some(restore)),
            Err(ItemsError::Condition { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
