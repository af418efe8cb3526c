//! What a try says about its endpoint.

use domain::feed::Change;
use domain::webhook::{EndpointState, gives_up};
use domain::{EndpointId, OrganizationId, Timestamp};

use super::{AttemptOutcome, get};
use crate::audit::{self, Actor};
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::records::{endpoint_path, write_endpoint};

/// Notes since when an endpoint fails, forgets it when it takes something, and switches it off after five days of failures
/// only, or at once when it says that it is gone; audit log and feed say so. An endpoint that goes on as before is not
/// written.
pub(super) async fn note_health(
    platform: &Platform,
    organization: &OrganizationId,
    id: &EndpointId,
    outcome: &AttemptOutcome,
    began: Timestamp,
) -> Result<(), JobError> {
    for _ in 0..TRIES {
        let Some((mut endpoint, version)) = get(platform, organization, id).await? else { return Ok(()) };
        if endpoint.state != EndpointState::Active {
            return Ok(());
        }
        let reason = match outcome {
            _ if outcome.is_gone() => Some("gone"),
            _ if outcome.is_success() => None,
            _ => gives_up(endpoint.failing_since, began).then_some("failing"),
        };
        let failing_since = if outcome.is_success() { None } else { endpoint.failing_since.or(Some(began)) };
        if reason.is_none() && failing_since == endpoint.failing_since {
            return Ok(());
        }
        endpoint.failing_since = failing_since;
        let mut entries = Entries::after(platform, organization, []);
        let mut writes = Vec::new();
        if let Some(reason) = reason {
            endpoint.state = EndpointState::DisabledByFailures;
            entries.add(&[id.as_str(), &version.0], Change::EndpointDisabled { endpoint_id: id.clone() });
            let details = [("reason", reason)];
            let actor = Actor::system();
            writes.push(audit::entry(platform, organization, &actor, "endpoint.disabled", Some(id.as_str()), &details));
            tracing::warn!(endpoint.id = %id, reason, "a webhook endpoint was switched off");
        }
        let path = endpoint_path(organization, id);
        let fields = write_endpoint(platform, &path, &endpoint);
        writes.push(Write::Set { path, fields, precondition: Precondition::Unchanged(version) });
        match entries.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
