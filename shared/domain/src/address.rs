//! Ranges of IP addresses, from which an API key may be used.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

/// A range of IPv4 or IPv6 addresses in CIDR notation: `203.0.113.0/24`, `2001:db8::/32`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange(IpNet);

/// The text is no range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// It is not in CIDR notation.
    #[error("not a range of addresses such as 203.0.113.0/24")]
    Form,
    /// Its address has bits behind the prefix: what was meant is not clear.
    #[error("the address has bits that are not in its prefix")]
    HostBits,
}

impl AddressRange {
    /// Reads a range. A single address is written `/32`, or `/128`.
    ///
    /// # Errors
    /// [`InvalidRange`].
    pub fn parse(text: &str) -> Result<Self, InvalidRange> {
        // The standard library reads addresses in their one unambiguous form; the prefix is taken likewise.
        let (address, prefix) = text.split_once('/').ok_or(InvalidRange::Form)?;
        let address: IpAddr = address.parse().map_err(|_| InvalidRange::Form)?;
        let length: u8 = prefix.parse().map_err(|_| InvalidRange::Form)?;
        if length.to_string() != prefix {
            return Err(InvalidRange::Form);
        }
        let range = IpNet::new(address, length).map_err(|_| InvalidRange::Form)?;
        if range.trunc() == range { Ok(Self(range)) } else { Err(InvalidRange::HostBits) }
    }

    /// Whether an address is in the range. An IPv4 address that is written as one of IPv6 is one of IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for AddressRange {
    type Error = InvalidRange;
    fn try_from(text: String) -> Result<Self, InvalidRange> {
        Self::parse(&text)
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_addresses_and_no_other() {
        let holds = |range: &str, address: &str| AddressRange::parse(range).unwrap().contains(address.parse().unwrap());
        assert!(holds("203.0.113.0/24", "203.0.113.255") && !holds("203.0.113.0/24", "203.0.114.0"));
        assert!(holds("203.0.113.7/32", "203.0.113.7") && !holds("203.0.113.7/32", "203.0.113.6"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1") && !holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("203.0.113.0/24", "::ffff:203.0.113.9"), "an IPv4 address in IPv6's clothes");
        assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "2001:db8::1") && !holds("::/0", "8.8.8.8"));
    }

    #[test]
    fn what_is_not_plainly_a_range_is_refused() {
        for text in [
            "",
            "/",
            "203.0.113.7",
            "203.0.113.0/33",
            "203.0.113.0/-1",
            "203.0.113.0/+24",
            "203.0.113.0/024",
            "203.0.113/24",
            "203.0.113.0 /24",
            " 203.0.113.0/24",
            "203.0.113.0/24,",
            "0xcb.0.113.0/24",
            "203.000.113.0/24",
            "2001:db8::/129",
            "2001:db8::%1/64",
            "example.com/24",
            "203.0.113.0/24/24",
        ] {
            assert_eq!(AddressRange::parse(text), Err(InvalidRange::Form), "{text:?}");
        }
        for text in ["203.0.113.7/24", "2001:db8::1/64", "1.0.0.0/0"] {
            assert_eq!(AddressRange::parse(text), Err(InvalidRange::HostBits), "{text:?}");
        }
    }
}
