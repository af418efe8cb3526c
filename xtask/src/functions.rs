//! The functions of the deployment.

/// Their crates, in the order of the flow.
pub(crate) const FUNCTIONS: [&str; 10] =
    ["webhook", "inbox", "reply", "send", "status", "feed", "deliver", "task", "upkeep", "api"];

/// The features that build their binaries, which the harness starts, for a command over the whole workspace.
pub(crate) fn features() -> String {
    FUNCTIONS.map(|function| format!("{function}/lambda")).join(",")
}
