//! The only place that calls Meta's send endpoint.
fn main() {}
