use domain::delivery::DeliveryStatus;
use domain::{ConversationId, MessageId, Timestamp};
use flow::unknown::Placed;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// A message of which nobody knew whether it was sent.
#[derive(Serialize, ToSchema)]
#[schema(as = UnknownSend)]
pub(crate) struct ShownUnknownSend<'a> {
    #[schema(schema_with = schema::message_id)]
    id: &'a MessageId,
    #[schema(schema_with = schema::conversation_id)]
    conversation_id: &'a ConversationId,
    /// The type of its content.
    r#type: &'a str,
    text: Option<&'a str>,
    #[schema(schema_with = schema::delivery_status)]
    status: DeliveryStatus,
    /// When it was written.
    #[schema(schema_with = schema::time)]
    at: Timestamp,
}

/// Shows such a message.
pub(crate) fn unknown_send(placed: &Placed) -> ShownUnknownSend<'_> {
    let message = &placed.message;
    ShownUnknownSend {
        id: &message.id,
        conversation_id: &placed.conversation,
        r#type: message.body.kind(),
        text: message.body.text(),
        status: message.status,
        at: message.at,
    }
}
