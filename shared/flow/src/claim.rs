//! Names that only one thing of an organization may have. A document says who has a name; it is made on condition that there
//! is none, in the commit that gives the name.

use domain::OrganizationId;

use crate::job::JobError;
use crate::manage::ManageError;
use crate::platform::Platform;
use crate::ports::{Precondition, Write};
use crate::records::{Claimed, claim_path, read_claim, write_claim};

/// The write that gives the name to what has this id. None, where it has the name already.
///
/// # Errors
/// [`ManageError::Taken`], where something else has it.
pub(crate) async fn claim(
    platform: &Platform,
    organization: &OrganizationId,
    (what, pointer): (Claimed, &'static str),
    folded: &str,
    holder: &str,
) -> Result<Option<Write>, ManageError> {
    let path = claim_path(platform, organization, what, folded);
    match platform.documents.get(&path).await? {
        Some(document) if read_claim(platform, &document)? == holder => Ok(None),
        Some(_) => Err(ManageError::Taken { pointer }),
        None => {
            let fields = write_claim(platform, &path, holder);
            Ok(Some(Write::Set { path, fields, precondition: Precondition::MustNotExist }))
        }
    }
}

/// The write that lets the name go. None, where something else has it.
pub(crate) async fn release(
    platform: &Platform,
    organization: &OrganizationId,
    what: Claimed,
    folded: &str,
    holder: &str,
) -> Result<Option<Write>, JobError> {
    let path = claim_path(platform, organization, what, folded);
    let Some(document) = platform.documents.get(&path).await? else { return Ok(None) };
    if read_claim(platform, &document)? != holder {
        return Ok(None);
    }
    Ok(Some(Write::Delete { path, precondition: Precondition::Unchanged(document.version) }))
}
