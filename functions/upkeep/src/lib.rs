//! Everything that must happen without a request.
