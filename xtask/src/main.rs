//! The project's commands: test, lint, bench, soak.
fn main() {}
