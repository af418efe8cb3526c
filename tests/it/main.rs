//! The one integration binary.

mod api;
mod conformance;
mod contract;
mod journeys;
mod knowledge;
mod regressions;
mod reordering;
mod structure;
