//! The whole platform in one process, with a simulated WhatsApp.
fn main() {}
