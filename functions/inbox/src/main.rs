//! Records one inbound event at a time and asks for a reply.
fn main() {}
