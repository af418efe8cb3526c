//! The kill switch: stops every send of the deployment, an organization or a number, within the next claim.

use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Condition, ItemWrite, ItemsError, StoreError};
use crate::records::{KillScope, kill_keys, read_kill, write_kill};

/// Turns a kill switch on or off. Once it returns, nothing that it forbids is claimed any more; what was claimed before
/// finishes. Messages that it holds go on waiting and are sent when it is off again. Where somebody else turns it at the
/// same time, on wins: off gives way, and whoever wanted that looks again.
///
/// # Errors
/// [`JobError`]; the caller may call again at any time.
pub async fn switch(platform: &Platform, scope: &KillScope, on: bool) -> Result<(), JobError> {
    let keys = kill_keys(scope);
    for _ in 0..TRIES {
        let items = platform.items.get(&keys).await?;
        let now = platform.clock.now();
        let writes = keys
            .iter()
            .zip(&items)
            .map(|(key, item)| ItemWrite::Put {
                key: key.clone(),
                fields: write_kill(platform, key, on, now),
                expires_at: None,
                condition: item.as_ref().map_or(Condition::Absent, |item| Condition::Version(item.version)),
            })
            .collect();
        match platform.items.transact(writes).await {
            Ok(()) => {
                tracing::warn!(?scope, on, "the kill switch was turned");
                return Ok(());
            }
            Err(ItemsError::Condition { .. }) if on => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Whether a kill switch is on.
///
/// # Errors
/// [`JobError`].
pub async fn is_on(platform: &Platform, scope: &KillScope) -> Result<bool, JobError> {
    let items = platform.items.get(&kill_keys(scope)).await?;
    let rows = items.iter().map(|item| read_kill(platform, item.as_ref())).collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().any(|on| on))
}
