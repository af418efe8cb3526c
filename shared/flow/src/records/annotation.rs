use std::collections::BTreeMap;

use domain::inbound::InboundContent;
use domain::{ConversationId, MessageId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, conversation_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// What was done to a message after it was written: edited, deleted, reacted to. Kept beside it, under the blind key of
/// Meta's id, since any of it may arrive before the message itself. Each part is the latest by Meta's time, then by the id
/// of the message that did it: Meta's times are whole seconds, and people are quick.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Annotation {
    /// What it says now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// When it was deleted for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// The reaction of each side: `customer`, `business`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reactions: BTreeMap<String, Reaction>,
}

/// What an edited message says now.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Edit {
    /// When it was edited.
    pub at: Timestamp,
    /// By which message.
    pub by: MessageId,
    /// Its new content, where Meta gave it.
    pub content: Option<InboundContent>,
}

/// A reaction on a message.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reaction {
    /// When.
    pub at: Timestamp,
    /// By which message.
    pub by: MessageId,
    /// `None`: it was taken back.
    pub emoji: Option<String>,
}

impl Annotation {
    /// Takes in what the message `by` of `side` did at `at`: an edit, deletion or reaction; anything else changes nothing.
    pub fn note(&mut self, content: &InboundContent, side: &str, at: Timestamp, by: &MessageId) {
        let is_newer = |known: Option<(Timestamp, &MessageId)>| known.is_none_or(|known| known < (at, by));
        match content {
            InboundContent::Edit { content, .. } if is_newer(self.edit.as_ref().map(|edit| (edit.at, &edit.by))) => {
                self.edit = Some(Edit { at, by: by.clone(), content: content.as_deref().cloned() });
            }
            InboundContent::Revoke { .. } => {
                self.revoked_at = Some(self.revoked_at.map_or(at, |known| known.min(at)));
            }
            InboundContent::Reaction { emoji, .. }
                if is_newer(self.reactions.get(side).map(|reaction| (reaction.at, &reaction.by))) =>
            {
                let reaction = Reaction { at, by: by.clone(), emoji: emoji.clone() };
                self.reactions.insert(side.to_owned(), reaction);
            }
            _ => {}
        }
    }
}

/// Where a conversation's annotations are.
pub fn annotations(organization: &OrganizationId, conversation: &ConversationId) -> CollectionPath {
    conversation_path(organization, conversation).collection("annotations")
}

/// Where the annotation of a message is, by the blind key of Meta's id of it.
pub fn annotation_path(organization: &OrganizationId, conversation: &ConversationId, wamid_key: &str) -> DocPath {
    annotations(organization, conversation).doc(wamid_key)
}

/// Writes an annotation.
pub fn write_annotation(platform: &Platform, path: &DocPath, annotation: &Annotation) -> Fields {
    FieldWriter::new(platform, path.as_str()).sealed_json("content_sealed", Some(annotation)).done()
}

/// Reads an annotation.
///
/// # Errors
/// [`RecordError`].
pub fn read_annotation(platform: &Platform, document: &Document) -> Result<Annotation, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    fields.sealed_json("content_sealed")?.ok_or_else(|| fields.missing("content_sealed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_edits_in_one_second_the_same_one_stays_in_either_order() {
        let edit = |text: &str| InboundContent::Edit {
            target: None,
            content: Some(Box::new(InboundContent::Text { body: text.to_owned() })),
        };
        let at = Timestamp::from_seconds(1_700_000_000);
        let (first, second) = (MessageId::from_bits([1; 16]), MessageId::from_bits([2; 16]));
        let (mut forwards, mut backwards) = (Annotation::default(), Annotation::default());
        forwards.note(&edit("um"), "customer", at, &first);
        forwards.note(&edit("dois"), "customer", at, &second);
        backwards.note(&edit("dois"), "customer", at, &second);
        backwards.note(&edit("um"), "customer", at, &first);
        assert_eq!(forwards, backwards);
    }
}
