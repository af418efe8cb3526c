//! The one integration binary.

mod api;
mod complaints;
mod conformance;
mod contract;
mod journeys;
mod knowledge;
mod operate;
mod regressions;
mod reordering;
mod resources;
mod samples;
mod structure;
mod template;
mod usage;
