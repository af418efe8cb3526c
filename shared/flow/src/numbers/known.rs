//! What is known of numbers.

use domain::line::Line;
use domain::organization::Number;
use domain::{NumberId, OrganizationId};
use secrecy::SecretString;

use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Document, Version};
use crate::records::{
    ChannelState, channel_key, line_path, number_path, queries, read_channel, read_line, read_number,
};

/// A number and how it stands.
#[derive(Clone)]
pub struct KnownNumber {
    /// The number.
    pub number: Number,
    /// How it stands.
    pub line: Line,
    /// Its sends are being refused for its token.
    pub refused: Option<ChannelState>,
    /// Its own token, if it has one; never shown.
    pub(crate) token: Option<SecretString>,
    /// The state of both documents that it was read in; that of the second is missing where nothing was known yet.
    pub(crate) versions: (Version, Option<Version>),
}

impl KnownNumber {
    /// Whether it has a token of its own, rather than the deployment's.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// The token that it sends with.
    pub(crate) fn token(&self, platform: &Platform) -> Option<SecretString> {
        self.token.clone().or_else(|| platform.default_token(&self.number.organization))
    }
}

/// An organization's numbers, in the order of their ids.
///
/// # Errors
/// [`JobError`].
pub async fn list(platform: &Platform, organization: &OrganizationId) -> Result<Vec<KnownNumber>, JobError> {
    let documents = platform.documents.query(&queries::numbers_of(organization)).await?;
    let mut all = Vec::new();
    for page in documents.chunks(100) {
        all.extend(join(platform, organization, page).await?);
    }
    all.sort_by(|a, b| a.number.id.cmp(&b.number.id));
    Ok(all)
}

/// One number; `None`: the organization has no such number.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &NumberId,
) -> Result<Option<KnownNumber>, JobError> {
    let Some(document) = platform.documents.get(&number_path(id)).await? else { return Ok(None) };
    if read_number(platform, &document)?.0.organization != *organization {
        return Ok(None);
    }
    Ok(join(platform, organization, std::slice::from_ref(&document)).await?.pop())
}

async fn join(
    platform: &Platform,
    organization: &OrganizationId,
    documents: &[Document],
) -> Result<Vec<KnownNumber>, JobError> {
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = documents.iter().map(|document| read_number(platform, document)).collect::<Result<Vec<_>, _>>()?;
    let lines: Vec<_> = numbers.iter().map(|(number, _)| line_path(organization, &number.id)).collect();
    let channels: Vec<_> = numbers.iter().map(|(number, _)| channel_key(&number.id)).collect();
    let lines = platform.documents.get_many(&lines).await?;
    let channels = platform.items.get(&channels).await?;
    let known = numbers.into_iter().zip(documents).zip(lines.into_iter().zip(channels));
    known
        .map(|(((number, token), document), (line, channel))| {
            let versions = (document.version.clone(), line.as_ref().map(|line| line.version.clone()));
            let line = line.as_ref().map(|line| read_line(platform, line)).transpose()?.unwrap_or_default();
            let refused = read_channel(platform, channel.as_ref())?;
            Ok(KnownNumber { number, line, refused, token, versions })
        })
        .collect()
}
