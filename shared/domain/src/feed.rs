//! The change feed: what happened in an organization, as programs are told of it. An entry names what changed and its new
//! state; whoever wants to know more reads the object by its id. Nothing personal is in it: no phone, no name, no text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::conversation::{Attention, ConversationState};
use crate::delivery::DeliveryStatus;
use crate::template::{Category, Quality, TemplateStatus};
use crate::{
    AssistantId, ContactId, ConversationId, EndpointId, FeedId, MediaId, MemberId, MessageId, NumberId, TaskId, TeamId,
    TemplateId, Timestamp,
};

/// One entry of an organization's feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// Its id: the same for the same change, so that who is told twice can notice.
    pub id: FeedId,
    /// Its number: 1 for the organization's first entry. A larger one is never given before all smaller ones can be read.
    pub sequence: u64,
    /// When it happened, by our clock.
    pub at: Timestamp,
    /// What happened.
    pub change: Change,
}

macro_rules! changes {
    ($($(#[$doc:meta])* $name:ident = $text:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        /// What happened, with the ids of what it happened to and the new state.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "data")]
        pub enum Change {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $name { $($(#[$field_doc])* $field: $type,)* },
        )*}

        /// What kind of thing happened: `what.how`. In the order in which one commit tells of several things.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum FeedType {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $name,
        )*}

        impl FeedType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its place among them.
            pub fn rank(self) -> usize {
                self as usize
            }

            /// Its name, as in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        impl Change {
            /// Its type.
            pub fn kind(&self) -> FeedType {
                match self { $(Self::$name { .. } => FeedType::$name,)* }
            }
        }
    };
}

changes! {
    /// Somebody new.
    ContactCreated = "contact.created" {
        /// Who.
        contact_id: ContactId,
    }
    /// A contact goes by another name or number, or something else is known of them.
    ContactUpdated = "contact.updated" {
        /// Who.
        contact_id: ContactId,
    }
    /// Two contacts turned out to be one person.
    ContactMerged = "contact.merged" {
        /// Who is no contact of their own any more.
        contact_id: ContactId,
        /// Who they are.
        merged_into: ContactId,
    }
    /// Somebody stopped marketing, or allowed it again.
    ConsentChanged = "consent.changed" {
        /// Who.
        contact_id: ContactId,
        /// Whether marketing is stopped now.
        marketing_stopped: bool,
    }
    /// A number and a customer speak with each other for the first time.
    ConversationCreated = "conversation.created" {
        /// Which one.
        conversation_id: ConversationId,
        /// With whom.
        contact_id: ContactId,
        /// Who answers.
        state: ConversationState,
        /// Why a person should look at it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attention: Option<Attention>,
        /// Which team looks after it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        team_id: Option<TeamId>,
        /// Who looks after it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee_id: Option<MemberId>,
    }
    /// A customer's message was recorded.
    MessageReceived = "message.received" {
        /// Where.
        conversation_id: ConversationId,
        /// Which one.
        message_id: MessageId,
    }
    /// A message was written on the business's own phone.
    MessageEchoed = "message.echoed" {
        /// Where.
        conversation_id: ConversationId,
        /// Which one.
        message_id: MessageId,
    }
    /// A message was decided and is on its way to the customer.
    MessageQueued = "message.queued" {
        /// Where.
        conversation_id: ConversationId,
        /// Which one.
        message_id: MessageId,
        /// Who wrote it: `assistant`, `person` or `program`.
        origin: String,
    }
    /// A message to the customer got further, or has an end. It never goes back.
    MessageStatusChanged = "message.status_changed" {
        /// Where.
        conversation_id: ConversationId,
        /// Which one.
        message_id: MessageId,
        /// How far it got.
        status: DeliveryStatus,
        /// Meta's code, where it failed; 0 when Meta was never reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error_code: Option<i64>,
    }
    /// A message's file is here, or cannot be had any more.
    MessageMediaChanged = "message.media_changed" {
        /// Where.
        conversation_id: ConversationId,
        /// Which message.
        message_id: MessageId,
        /// Which file.
        media_id: MediaId,
        /// What became of it: `stored` or `unavailable`.
        state: String,
    }
    /// An import, an export, a count or a recount has ended.
    TaskFinished = "task.finished" {
        /// Which one.
        task_id: TaskId,
        /// What it did: `contact_import`, `contact_export`, `segment_count` or `recount`.
        kind: String,
        /// How it ended: `completed`, `failed` or `cancelled`.
        state: String,
    }
    /// A conversation was taken over, handed back, closed or opened again, somebody else looks after it, or a person should
    /// or need no more look at it.
    ConversationUpdated = "conversation.updated" {
        /// Which one.
        conversation_id: ConversationId,
        /// With whom.
        contact_id: ContactId,
        /// Who answers.
        state: ConversationState,
        /// Why a person should look at it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attention: Option<Attention>,
        /// Which team looks after it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        team_id: Option<TeamId>,
        /// Who looks after it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee_id: Option<MemberId>,
    }
    /// A version of an assistant answers from now on.
    AssistantPublished = "assistant.published" {
        /// Which one.
        assistant_id: AssistantId,
        /// The number of the version.
        version: u32,
    }
    /// A template is there that was not known before.
    TemplateCreated = "template.created" {
        /// Which one.
        template_id: TemplateId,
        /// How it stands.
        status: TemplateStatus,
        /// What it is for, once that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<Category>,
        /// What people think of it.
        quality: Quality,
    }
    /// A template stands otherwise at Meta, has another category or quality, or other words.
    TemplateUpdated = "template.updated" {
        /// Which one.
        template_id: TemplateId,
        /// How it stands.
        status: TemplateStatus,
        /// What it is for, once that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<Category>,
        /// What people think of it.
        quality: Quality,
    }
    /// A number was connected.
    NumberConnected = "number.connected" {
        /// Meta's id of it.
        phone_number_id: NumberId,
    }
    /// A number stands otherwise, or is called otherwise.
    NumberUpdated = "number.updated" {
        /// Meta's id of it.
        phone_number_id: NumberId,
        /// How it stands.
        state: String,
        /// What people think of its messages.
        quality: Quality,
    }
    /// A number was disconnected.
    NumberDisconnected = "number.disconnected" {
        /// Meta's id of it.
        phone_number_id: NumberId,
    }
    /// A webhook endpoint failed for too long, or said that it is gone: nothing is delivered to it any more.
    EndpointDisabled = "endpoint.disabled" {
        /// Which one.
        endpoint_id: EndpointId,
    }
    /// Somebody tries a webhook endpoint out. Delivered to that one alone.
    WebhookTest = "webhook.test" {
        /// Which one.
        endpoint_id: EndpointId,
    }
}

/// The text is no type of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a type of the change feed")]
pub struct UnknownFeedType;

impl FromStr for FeedType {
    type Err = UnknownFeedType;

    fn from_str(text: &str) -> Result<Self, UnknownFeedType> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(UnknownFeedType)
    }
}

impl TryFrom<String> for FeedType {
    type Error = UnknownFeedType;

    fn try_from(text: String) -> Result<Self, UnknownFeedType> {
        text.parse()
    }
}

impl fmt::Display for FeedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_written_with_its_type_and_the_new_state() {
        let change = Change::MessageStatusChanged {
            conversation_id: ConversationId::from_bits([1; 16]),
            message_id: MessageId::from_bits([2; 16]),
            status: DeliveryStatus::Delivered,
            error_code: None,
        };
        let text = serde_json::to_string(&change).unwrap();
        let expected = r#"{"type":"message.status_changed","data":{"conversation_id":"cv_aeaqcaibaeaqcaibaeaqcaibae","message_id":"msg_aibaeaqcaibaeaqcaibaeaqcai","status":"delivered"}}"#;
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
        assert_eq!(change.kind().as_str(), "message.status_changed");
    }

    #[test]
    fn every_type_is_known_by_its_name() {
        for kind in FeedType::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert!(kind.as_str().split('.').count() == 2, "{kind} is what.how");
        }
        // The documents' `in` takes no more.
        assert!(FeedType::ALL.len() <= 30);
        assert_eq!("message.sent".parse::<FeedType>(), Err(UnknownFeedType));
    }
}
