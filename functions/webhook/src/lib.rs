//! Verifies Meta's webhook, splits it into events, seals and enqueues them.
