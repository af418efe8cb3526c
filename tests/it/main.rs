//! The one integration binary.

mod api;
mod conformance;
mod structure;
