//! One file per endpoint.

pub(crate) mod create_message;
pub(crate) mod get_conversation;
pub(crate) mod hand_back;
pub(crate) mod health;
pub(crate) mod list_conversations;
pub(crate) mod list_messages;
mod path;
pub(crate) mod take_over;
