//! The HTTP API that people and programs use.
fn main() {}
