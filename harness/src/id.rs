use boot::SystemEntropy;
use data_encoding::HEXLOWER;
use flow::ports::Entropy;

/// Random hexadecimal digits, 32 of them.
pub(crate) fn hex() -> String {
    HEXLOWER.encode(&SystemEntropy.bits())
}

/// An id of the form that AWS gives to requests and events.
pub(crate) fn of_request() -> String {
    let hex = hex();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
