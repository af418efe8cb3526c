use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{AssistantId, MemberId, NumberId, TeamId};

/// Whom figures are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Slice {
    /// The whole organization.
    All,
    /// One of its numbers.
    Number(NumberId),
    /// One of its assistants.
    Assistant(AssistantId),
    /// One of its teams.
    Team(TeamId),
    /// One of its people.
    Member(MemberId),
}

/// What figures are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Nothing: the organization as a whole.
    All,
    /// Its numbers.
    Number,
    /// Its assistants.
    Assistant,
    /// Its teams.
    Team,
    /// Its people.
    Member,
}

impl Dimension {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::All, Self::Number, Self::Assistant, Self::Team, Self::Member];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Number => "number",
            Self::Assistant => "assistant",
            Self::Team => "team",
            Self::Member => "member",
        }
    }

    /// The dimension of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == name)
    }
}

impl TryFrom<String> for Dimension {
    type Error = InvalidSlice;
    fn try_from(name: String) -> Result<Self, InvalidSlice> {
        Self::parse(&name).ok_or(InvalidSlice)
    }
}

impl Slice {
    /// What it is one of.
    pub fn dimension(&self) -> Dimension {
        match self {
            Self::All => Dimension::All,
            Self::Number(_) => Dimension::Number,
            Self::Assistant(_) => Dimension::Assistant,
            Self::Team(_) => Dimension::Team,
            Self::Member(_) => Dimension::Member,
        }
    }

    /// The id of whom it is about; none for the whole.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Number(id) => Some(id.as_str()),
            Self::Assistant(id) => Some(id.as_str()),
            Self::Team(id) => Some(id.as_str()),
            Self::Member(id) => Some(id.as_str()),
        }
    }
}

/// The text is no slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a slice of the figures")]
pub struct InvalidSlice;

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.dimension().as_str())?;
        self.id().map_or(Ok(()), |id| write!(f, ":{id}"))
    }
}

impl FromStr for Slice {
    type Err = InvalidSlice;

    fn from_str(text: &str) -> Result<Self, InvalidSlice> {
        let (dimension, id) = text.split_once(':').unwrap_or((text, ""));
        let slice = match Dimension::parse(dimension).ok_or(InvalidSlice)? {
            Dimension::All => id.is_empty().then_some(Self::All),
            Dimension::Number => NumberId::try_from(id.to_owned()).ok().map(Self::Number),
            Dimension::Assistant => id.parse().ok().map(Self::Assistant),
            Dimension::Team => id.parse().ok().map(Self::Team),
            Dimension::Member => id.parse().ok().map(Self::Member),
        };
        slice.ok_or(InvalidSlice)
    }
}

impl TryFrom<String> for Slice {
    type Error = InvalidSlice;
    fn try_from(text: String) -> Result<Self, InvalidSlice> {
        text.parse()
    }
}

impl From<Slice> for String {
    fn from(slice: Slice) -> Self {
        slice.to_string()
    }
}
