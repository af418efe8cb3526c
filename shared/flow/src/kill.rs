//! The kill switch: stops every send of the deployment, an organization or a number, within the next claim.
//!
//! It is a row of the items, and its entry in the audit log a document: two commits. The entry comes first, so that no turn
//! is without one; a crash in between leaves an entry of a turn that was asked for and not made. Only a stop does not wait
//! for the log: where the entry cannot be written it is made all the same, and whoever asked for it is told to ask again.
//! The row itself says who turned it and when ([`state`]).

use domain::{NumberId, OrganizationId, Timestamp};

use crate::audit::{Actor, Log, Who, entry_of};
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Condition, ItemWrite, ItemsError, StoreError};
use crate::receive::organization_of;
use crate::records::{KillRow, KillScope, kill_key, kill_keys, queries, read_kill, read_number, write_kill};

/// How many items are read at once.
const READS: usize = 100;

/// Turns a kill switch on or off. Once it returns, nothing that it forbids is claimed any more; what was claimed before
/// finishes. Messages that it holds go on waiting and are sent when it is off again. Where somebody else turns it at the
/// same time, on wins: off gives way, and whoever wanted that looks again.
///
/// # Errors
/// [`JobError`]; the caller may call again at any time, and does so after an error where it wants a stop to be logged.
pub async fn switch(platform: &Platform, scope: &KillScope, on: bool, actor: &Actor) -> Result<(), JobError> {
    let logged = log(platform, scope, on, actor).await;
    if !on {
        logged?;
        return turn(platform, scope, on, &actor.who).await;
    }
    turn(platform, scope, on, &actor.who).await?;
    logged
}

/// What a kill switch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillState {
    /// What it stops.
    pub scope: KillScope,
    /// It is on: nothing of that is sent.
    pub on: bool,
    /// Since when it is on, or off again; `None`: it was never turned.
    pub since: Option<Timestamp>,
    /// Who turned it so.
    pub by: Option<Who>,
}

/// How each of these kill switches stands, with one read each.
///
/// # Errors
/// [`JobError`].
pub async fn state(platform: &Platform, scopes: &[KillScope]) -> Result<Vec<KillState>, JobError> {
    let mut states = Vec::with_capacity(scopes.len());
    for scopes in scopes.chunks(READS) {
        // All rows of a switch are written in one transaction: one of them says what each says.
        let keys: Vec<_> = scopes.iter().map(|scope| kill_key(scope, 0)).collect();
        for (scope, item) in scopes.iter().zip(platform.items.get(&keys).await?) {
            let row = read_kill(platform, item.as_ref())?;
            states.push(KillState {
                scope: scope.clone(),
                on: row.as_ref().is_some_and(|row| row.on),
                since: row.as_ref().map(|row| row.since),
                by: row.and_then(|row| row.by),
            });
        }
    }
    Ok(states)
}

/// How an organization's own kill switch stands, and then those of its numbers.
///
/// # Errors
/// [`JobError`].
pub async fn state_of(platform: &Platform, organization: &OrganizationId) -> Result<Vec<KillState>, JobError> {
    let mut scopes = vec![KillScope::Organization(organization.clone())];
    for document in platform.documents.query(&queries::numbers_of(organization)).await? {
        scopes.push(KillScope::Number(read_number(platform, &document)?.0.id));
    }
    state(platform, &scopes).await
}

/// The kill switch of a number, for its organization; `None`: the organization has no such number.
///
/// # Errors
/// [`JobError`].
pub async fn of_number(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
) -> Result<Option<KillScope>, JobError> {
    let owner = organization_of(platform, number).await?;
    Ok((owner.as_ref() == Some(organization)).then(|| KillScope::Number(number.clone())))
}

/// Whether a kill switch is on.
///
/// # Errors
/// [`JobError`].
pub async fn is_on(platform: &Platform, scope: &KillScope) -> Result<bool, JobError> {
    Ok(state(platform, std::slice::from_ref(scope)).await?.iter().any(|state| state.on))
}

/// As [`switch`], without an entry: for a restore, whose log the backup would take.
pub(crate) async fn turn(platform: &Platform, scope: &KillScope, on: bool, who: &Who) -> Result<(), JobError> {
    let keys = kill_keys(scope);
    for _ in 0..TRIES {
        let items = platform.items.get(&keys).await?;
        let now = platform.clock.now();
        let known = read_kill(platform, items.first().and_then(Option::as_ref))?;
        // Who turns it to where it stands leaves who turned it there. The rows are written all the same: their versions
        // tell whoever turns it the other way at this moment.
        let row = known.filter(|known| known.on == on).unwrap_or(KillRow { on, since: now, by: Some(who.clone()) });
        let writes = keys
            .iter()
            .zip(&items)
            .map(|(key, item)| ItemWrite::Put {
                key: key.clone(),
                fields: write_kill(platform, key, &row),
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

/// Writes the entry: in the log of the organization, or in the deployment's own.
async fn log(platform: &Platform, scope: &KillScope, on: bool, actor: &Actor) -> Result<(), JobError> {
    let (log, kind, target) = match scope {
        KillScope::Deployment => (Log::Deployment, "deployment", None),
        KillScope::Organization(id) => (Log::Organization(id.clone()), "organization", Some(id.as_str())),
        KillScope::Number(id) => {
            let owner = organization_of(platform, id).await?;
            (owner.map_or(Log::Deployment, Log::Organization), "number", Some(id.as_str()))
        }
    };
    let action = if on { "kill_switch.turned_on" } else { "kill_switch.turned_off" };
    let entry = entry_of(platform, &log, actor, action, target, &[("scope", kind)]);
    platform.documents.commit(vec![entry]).await?;
    Ok(())
}
