use domain::OrganizationId;
use domain::plan::Limits;

use super::{AccessError, Authority, authority};
use crate::audit::Actor;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::records::{Roster, organization_path, read_organization, read_roster, roster_path, write_roster};

/// What a change of an organization's access is decided on: its roster, read before everything else, and what the actor
/// may. [`Self::carry_out`] writes the roster on condition that it is as it was read; whoever changes a role writes it as
/// well, so that none of this was out of date.
pub(super) struct Decision {
    pub roster: Roster,
    pub authority: Authority,
    precondition: Precondition,
}

impl Decision {
    pub async fn begin(platform: &Platform, organization: &OrganizationId, actor: &Actor) -> Result<Self, AccessError> {
        let document = platform.documents.get(&roster_path(organization)).await?;
        let roster = read_roster(platform, document.as_ref())?;
        let precondition = document.map_or(Precondition::MustNotExist, |found| Precondition::Unchanged(found.version));
        let authority = authority(platform, organization, actor).await?;
        Ok(Self { roster, authority, precondition })
    }

    /// Carries the writes out together with the roster. `false`: something changed meanwhile, decide anew.
    pub async fn carry_out(
        self,
        platform: &Platform,
        organization: &OrganizationId,
        mut writes: Vec<Write>,
    ) -> Result<bool, AccessError> {
        let path = roster_path(organization);
        let fields = write_roster(platform, &path, &self.roster);
        writes.push(Write::Set { path, fields, precondition: self.precondition });
        commit(platform, writes).await
    }
}

/// Carries the writes out. `false`: something changed meanwhile, decide anew.
pub(super) async fn commit(platform: &Platform, writes: Vec<Write>) -> Result<bool, AccessError> {
    match platform.documents.commit(writes).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The error of a change that met another one every time.
pub(super) fn contended() -> AccessError {
    AccessError::Job(JobError::from(StoreError::Conflict))
}

/// What the plan of the organization allows.
pub(super) async fn limits(platform: &Platform, organization: &OrganizationId) -> Result<Limits, AccessError> {
    let document = platform.documents.get(&organization_path(organization)).await?.ok_or(AccessError::NotFound)?;
    Ok(read_organization(platform, &document)?.plan.limits())
}
