use domain::media::{MediaState, pause};
use domain::{OrganizationId, Timestamp};

use crate::causes::Causes;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Document, Precondition, StoreError, Write};
use crate::records::{StoredMedia, queries, read_media, write_media};
use crate::wake::wake_media;

/// Wakes the files that are due to be fetched; how many.
///
/// # Errors
/// [`JobError`]; one file that fails does not hold back the others.
pub(crate) async fn wake_due(platform: &Platform, now: Timestamp, limit: u32) -> Result<usize, JobError> {
    let mut woken = 0;
    for document in platform.documents.query(&queries::media_due(now, limit)).await? {
        match wake(platform, &document).await {
            Ok(()) => woken += 1,
            Err(error) => {
                tracing::error!(path = document.path.as_str(), error = %Causes(&error), "a file was not woken");
            }
        }
    }
    Ok(woken)
}

/// Wakes who fetches it, and leaves it alone for a while if it was never tried. One that was tried is due until the next
/// try is written down, so that a wake-up may be lost again.
async fn wake(platform: &Platform, document: &Document) -> Result<(), JobError> {
    let media = read_media(platform, document)?;
    let organization = owner_of(document)?;
    wake_media(platform, &organization, &media.id).await?;
    let MediaState::Pending { tries: 0, .. } = media.state else { return Ok(()) };
    let state = MediaState::Pending { tries: 0, due_at: platform.clock.now() + pause(0) };
    let fields = write_media(platform, &document.path, &StoredMedia { state, ..media });
    let precondition = Precondition::Unchanged(document.version.clone());
    match platform.documents.commit(vec![Write::Set { path: document.path.clone(), fields, precondition }]).await {
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn owner_of(document: &Document) -> Result<OrganizationId, JobError> {
    let id = document.path.segment(1).unwrap_or_default();
    id.parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))
}
