//! Moves delivery states forward and resolves unknown outcomes.
fn main() {}
