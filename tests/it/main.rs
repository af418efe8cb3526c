//! The one integration binary.

mod access;
mod api;
mod complaints;
mod conformance;
mod contract;
mod feed;
mod journeys;
mod knowledge;
mod message_templates;
mod numbers;
mod operate;
mod outgoing;
mod regressions;
mod reordering;
mod resources;
mod samples;
mod structure;
mod template;
mod usage;
