//! How many of a thing an organization has, where there is a most. One document counts each kind; whoever makes or removes
//! one writes it in the same commit, on condition that it is as it was read, so that two at once cannot go past the most.

use domain::OrganizationId;

use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Document, Precondition, Value, Write};
use crate::records::{Count, Tallied, queries, read_tally, tally_path, write_tally};

/// A count, as it was read.
pub(crate) struct Tally {
    what: Tallied,
    /// What was counted.
    pub count: Count,
    precondition: Precondition,
}

impl Tally {
    /// Reads it. Where nothing was counted yet, what is there is.
    pub async fn read(platform: &Platform, organization: &OrganizationId, what: Tallied) -> Result<Self, JobError> {
        if let Some(document) = platform.documents.get(&tally_path(organization, what)).await? {
            let count = read_tally(platform, &document)?;
            return Ok(Self { what, count, precondition: Precondition::Unchanged(document.version) });
        }
        let found = platform.documents.query(&queries::whole(what.collection(organization))).await?;
        let length = found.iter().map(length).fold(0, u32::saturating_add);
        let count = Count { things: u32::try_from(found.len()).unwrap_or(u32::MAX), length };
        Ok(Self { what, count, precondition: Precondition::MustNotExist })
    }

    /// One more, of this length.
    #[must_use]
    pub fn with(mut self, length: usize) -> Self {
        self.count.things = self.count.things.saturating_add(1);
        self.count.length = self.count.length.saturating_add(characters(length));
        self
    }

    /// One fewer, of this length.
    #[must_use]
    pub fn without(mut self, length: usize) -> Self {
        self.count.things = self.count.things.saturating_sub(1);
        self.count.length = self.count.length.saturating_sub(characters(length));
        self
    }

    /// As many, of which one has another length.
    #[must_use]
    pub fn changed(self, from: usize, to: usize) -> Self {
        let things = self.count.things;
        let mut changed = self.without(from).with(to);
        changed.count.things = things;
        changed
    }

    /// The write of it.
    pub fn write(self, platform: &Platform, organization: &OrganizationId) -> Write {
        let path = tally_path(organization, self.what);
        Write::Set { fields: write_tally(platform, &path, self.count), path, precondition: self.precondition }
    }
}

/// How long a text is that stands as it is, for those that are counted by length.
fn length(document: &Document) -> u32 {
    match document.fields.get("text") {
        Some(Value::Text(text)) => characters(text.chars().count()),
        _ => 0,
    }
}

fn characters(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
