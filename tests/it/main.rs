//! The one integration binary.

mod structure;
