//! What a handler's work came to, and the messages between handlers.

use domain::{ConversationId, DeliveryId, MediaId, MessageId, OrganizationId, Span, TaskId};

use crate::ports::{ItemsError, StoreError};
use crate::records::RecordError;

/// Work that was done, or that must wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Acknowledge the message.
    Acknowledge,
    /// Make it visible again after the span.
    Defer(Span),
}

/// Why work was not done. Decided where the cause is known.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// A fault that passes: the message returns and the work starts again from its beginning.
    #[error("the work could not be finished and will be tried again")]
    Retry(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Trying again cannot help: the message goes to the dead letters.
    #[error("the work cannot be done")]
    Fail(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict | StoreError::Unavailable(_) => Self::Retry(error.into()),
            StoreError::Invalid(_) => Self::Fail(error.into()),
        }
    }
}

impl From<ItemsError> for JobError {
    fn from(error: ItemsError) -> Self {
        match error {
            ItemsError::Condition { .. } | ItemsError::Unavailable(_) => Self::Retry(error.into()),
            ItemsError::Invalid(_) => Self::Fail(error.into()),
        }
    }
}

impl From<RecordError> for JobError {
    fn from(error: RecordError) -> Self {
        Self::Fail(error.into())
    }
}

/// "This conversation has work": what the reply and send queues carry. Ids only; it may be lost, since upkeep finds all
/// work in the stores.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum WakeUp {
    /// Version 1.
    ConversationV1 {
        /// Whose.
        organization: OrganizationId,
        /// Which one.
        conversation: ConversationId,
        /// The message that asks for a reply; `None` from upkeep, and on the send queue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
    },
}

/// "This organization's feed has entries without a number": what the feed queue carries.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FeedWakeUp {
    /// Version 1.
    OrganizationV1 {
        /// Whose.
        organization: OrganizationId,
    },
}

/// "This delivery is due": what the deliver queue carries.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeliverWakeUp {
    /// Version 1.
    DeliveryV1 {
        /// Whose.
        organization: OrganizationId,
        /// Which one.
        delivery: DeliveryId,
    },
}

/// "This task has work", or "this file waits to be fetched": what the task queue carries.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TaskWakeUp {
    /// Version 1.
    TaskV1 {
        /// Whose.
        organization: OrganizationId,
        /// Which one.
        task: TaskId,
    },
    /// A file of a customer's waits to be fetched.
    MediaV1 {
        /// Whose.
        organization: OrganizationId,
        /// Which one.
        media: MediaId,
    },
}

impl TaskWakeUp {
    /// Reads a wake-up from its queue.
    ///
    /// # Errors
    /// [`JobError::Fail`] when it is of no known version.
    pub fn parse(body: &str) -> Result<Self, JobError> {
        serde_json::from_str(body).map_err(|error| JobError::Fail(error.into()))
    }
}

impl FeedWakeUp {
    /// Reads a wake-up from its queue.
    ///
    /// # Errors
    /// [`JobError::Fail`] when it is of no known version.
    pub fn parse(body: &str) -> Result<Self, JobError> {
        serde_json::from_str(body).map_err(|error| JobError::Fail(error.into()))
    }
}

impl DeliverWakeUp {
    /// Reads a wake-up from its queue.
    ///
    /// # Errors
    /// [`JobError::Fail`] when it is of no known version.
    pub fn parse(body: &str) -> Result<Self, JobError> {
        serde_json::from_str(body).map_err(|error| JobError::Fail(error.into()))
    }
}

impl WakeUp {
    /// Reads a wake-up from its queue.
    ///
    /// # Errors
    /// [`JobError::Fail`] when it is of no known version.
    pub fn parse(body: &str) -> Result<Self, JobError> {
        serde_json::from_str(body).map_err(|error| JobError::Fail(error.into()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_wake_up_keeps_its_form_on_the_queue() {
        let wake_up = WakeUp::ConversationV1 {
            organization: OrganizationId::from_bits([1; 16]),
            conversation: ConversationId::from_bits([2; 16]),
            message: None,
        };
        let text = r#"{"type":"conversation_v1","organization":"org_aeaqcaibaeaqcaibaeaqcaibae","conversation":"cv_aibaeaqcaibaeaqcaibaeaqcai"}"#;
        assert_eq!(serde_json::to_string(&wake_up).unwrap(), text);
        assert_eq!(serde_json::from_str::<WakeUp>(text).unwrap(), wake_up);
    }

    #[test]
    fn the_other_wake_ups_keep_their_form_on_the_queue() {
        let organization = OrganizationId::from_bits([1; 16]);
        let feed = FeedWakeUp::OrganizationV1 { organization: organization.clone() };
        let text = r#"{"type":"organization_v1","organization":"org_aeaqcaibaeaqcaibaeaqcaibae"}"#;
        assert_eq!(serde_json::to_string(&feed).unwrap(), text);
        assert_eq!(FeedWakeUp::parse(text).unwrap(), feed);
        let deliver = DeliverWakeUp::DeliveryV1 { organization, delivery: DeliveryId::from_bits([2; 16]) };
        let text = r#"{"type":"delivery_v1","organization":"org_aeaqcaibaeaqcaibaeaqcaibae","delivery":"dlv_aibaeaqcaibaeaqcaibaeaqcai"}"#;
        assert_eq!(serde_json::to_string(&deliver).unwrap(), text);
        assert_eq!(DeliverWakeUp::parse(text).unwrap(), deliver);
        let task =
            TaskWakeUp::TaskV1 { organization: OrganizationId::from_bits([1; 16]), task: TaskId::from_bits([2; 16]) };
        let text = r#"{"type":"task_v1","organization":"org_aeaqcaibaeaqcaibaeaqcaibae","task":"task_aibaeaqcaibaeaqcaibaeaqcai"}"#;
        assert_eq!(serde_json::to_string(&task).unwrap(), text);
        assert_eq!(TaskWakeUp::parse(text).unwrap(), task);
        let media = TaskWakeUp::MediaV1 {
            organization: OrganizationId::from_bits([1; 16]),
            media: MediaId::from_bits([2; 16]),
        };
        let text = r#"{"type":"media_v1","organization":"org_aeaqcaibaeaqcaibaeaqcaibae","media":"media_aibaeaqcaibaeaqcaibaeaqcai"}"#;
        assert_eq!(serde_json::to_string(&media).unwrap(), text);
        assert_eq!(TaskWakeUp::parse(text).unwrap(), media);
        assert!(DeliverWakeUp::parse("{}").is_err() && FeedWakeUp::parse("{}").is_err());
    }
}
