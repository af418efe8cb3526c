//! What Meta tells of numbers through the webhook.

use domain::OrganizationId;
use domain::line::LineEvent;

use super::manage::{NumberError, update};
use crate::job::JobError;
use crate::platform::Platform;
use crate::records::{queries, read_number};

/// Takes in an event about one number of this account, or about all of them. The latest by Meta's time counts, so that
/// doing it again changes nothing.
pub(crate) async fn hear(
    platform: &Platform,
    organization: &OrganizationId,
    waba_id: &str,
    event: &LineEvent,
) -> Result<(), JobError> {
    for document in platform.documents.query(&queries::numbers_of(organization)).await? {
        let (number, _) = read_number(platform, &document)?;
        let digits: String = number.display.chars().filter(char::is_ascii_digit).collect();
        let is_meant = event.display.as_ref().is_none_or(|display| *display == digits);
        if number.waba_id != waba_id || !is_meant {
            continue;
        }
        match update(platform, organization, &number.id, None, |line| line.hear(event)).await {
            // It was disconnected meanwhile.
            Ok(()) | Err(NumberError::NotFound) => {}
            Err(NumberError::Job(error)) => return Err(error),
            Err(other) => return Err(JobError::Fail(other.into())),
        }
    }
    Ok(())
}
