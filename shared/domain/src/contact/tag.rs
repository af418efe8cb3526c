use crate::stop::normalised;

/// How many characters a tag has at most.
const LONGEST: usize = 50;
/// How many tags a contact has at most.
const MOST: usize = 50;

/// A mark that an organization puts on its contacts, such as `VIP`. Case, accents and punctuation aside, two tags that read
/// the same are the same.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

/// The text is no tag, or there are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTag {
    /// Empty, too long, or with characters that a tag cannot have.
    #[error("not a tag of 1 to 50 visible characters, with a letter or digit and without ; , or line breaks")]
    Text,
    /// A contact cannot have so many.
    #[error("a contact has at most 50 tags")]
    TooMany,
}

impl Tag {
    /// Reads a tag; spaces around it are left out.
    ///
    /// # Errors
    /// [`InvalidTag::Text`].
    pub fn parse(text: &str) -> Result<Self, InvalidTag> {
        let text = text.trim();
        // Commas and semicolons separate tags where they stand in one field of a file.
        let is_plain = !text.chars().any(|c| c.is_control() || matches!(c, ';' | ','));
        let fits = text.chars().count() <= LONGEST && is_plain && !normalised(text).is_empty();
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidTag::Text) }
    }

    /// The tag as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes it the same as another.
    pub fn key(&self) -> String {
        normalised(&self.0)
    }
}

impl TryFrom<String> for Tag {
    type Error = InvalidTag;
    fn try_from(text: String) -> Result<Self, InvalidTag> {
        Self::parse(&text)
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

/// The tags of a contact: each once, at most 50, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// These tags, each once.
    ///
    /// # Errors
    /// [`InvalidTag::TooMany`].
    pub fn new(tags: impl IntoIterator<Item = Tag>) -> Result<Self, InvalidTag> {
        let mut all = Self::default();
        tags.into_iter().try_for_each(|tag| all.add(tag))?;
        Ok(all)
    }

    /// Adds a tag; one that is there stays as it is.
    ///
    /// # Errors
    /// [`InvalidTag::TooMany`].
    pub fn add(&mut self, tag: Tag) -> Result<(), InvalidTag> {
        let key = tag.key();
        match self.0.binary_search_by(|known| known.key().cmp(&key)) {
            Ok(_) => Ok(()),
            Err(_) if self.0.len() >= MOST => Err(InvalidTag::TooMany),
            Err(at) => {
                self.0.insert(at, tag);
                Ok(())
            }
        }
    }

    /// Removes a tag, if it is there.
    pub fn remove(&mut self, tag: &Tag) {
        let key = tag.key();
        self.0.retain(|known| known.key() != key);
    }

    /// Whether the tag is there.
    pub fn contains(&self, tag: &Tag) -> bool {
        let key = tag.key();
        self.0.iter().any(|known| known.key() == key)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    /// Takes in those of a contact that is the same person, as far as there is room.
    pub(super) fn unite(&mut self, other: &Self) {
        for tag in &other.0 {
            // A person who is found to be one must not be lost for a tag.
            let _ = self.add(tag.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Tag {
        Tag::parse(text).unwrap()
    }

    #[test]
    fn tags_that_read_the_same_are_one() {
        let tags = Tags::new([tag("Café da Manhã"), tag("vip"), tag("cafe da manha"), tag(" VIP ")]).unwrap();
        assert_eq!(tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["Café da Manhã", "vip"]);
        assert!(tags.contains(&tag("Vip")) && !tags.contains(&tag("v.i.p")));
    }

    #[test]
    fn what_separates_tags_or_cannot_be_seen_is_in_none() {
        let long = "a".repeat(51);
        for text in ["", "  ", "a;b", "a,b", "a\nb", "🥖", "--", &long] {
            assert_eq!(Tag::parse(text), Err(InvalidTag::Text), "{text:?}");
        }
        assert!(Tag::parse(&"a".repeat(50)).is_ok());
    }

    #[test]
    fn a_contact_has_fifty_at_most() {
        let fifty: Vec<Tag> = (0..50).map(|n| tag(&format!("t{n}"))).collect();
        let mut tags = Tags::new(fifty).unwrap();
        assert_eq!(tags.add(tag("T7")), Ok(()));
        assert_eq!(tags.add(tag("another")), Err(InvalidTag::TooMany));
        tags.remove(&tag("t7"));
        assert_eq!(tags.add(tag("another")), Ok(()));
    }
}
