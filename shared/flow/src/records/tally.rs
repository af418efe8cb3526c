use domain::OrganizationId;

use super::{FieldReader, FieldWriter, RecordError, assistants, canned_replies, knowledge, organization_path, teams};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// What an organization may have so many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tallied {
    /// Assistants.
    Assistants,
    /// Texts that they answer from.
    Knowledge,
    /// Teams.
    Teams,
    /// Canned replies.
    CannedReplies,
}

impl Tallied {
    /// Where they are.
    pub fn collection(self, organization: &OrganizationId) -> CollectionPath {
        match self {
            Self::Assistants => assistants(organization),
            Self::Knowledge => knowledge(organization),
            Self::Teams => teams(organization),
            Self::CannedReplies => canned_replies(organization),
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Assistants => "assistants",
            Self::Knowledge => "knowledge",
            Self::Teams => "teams",
            Self::CannedReplies => "canned_replies",
        }
    }
}

/// How many there are, and how long they are in all, in characters, where that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// How many.
    pub things: u32,
    /// How long.
    pub length: u32,
}

/// Where it is counted how many of these an organization has.
pub fn tally_path(organization: &OrganizationId, what: Tallied) -> DocPath {
    organization_path(organization).collection("tallies").doc(what.id())
}

/// Writes a count.
pub fn write_tally(platform: &Platform, path: &DocPath, count: Count) -> Fields {
    FieldWriter::new(platform, path.as_str()).put("things", count.things).put("length", count.length).done()
}

/// Reads a count.
///
/// # Errors
/// [`RecordError`].
pub fn read_tally(platform: &Platform, document: &Document) -> Result<Count, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let number = |name: &str| -> Result<u32, RecordError> {
        u32::try_from(fields.int(name)?).map_err(|_| fields.malformed(name))
    };
    Ok(Count { things: number("things")?, length: number("length")? })
}
