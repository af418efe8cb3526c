//! Settings, telemetry and panic hook for the binaries.
