//! Rates in Redis or Valkey.
