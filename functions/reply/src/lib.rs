//! Answers a burst of messages with the assistant.
