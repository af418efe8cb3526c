//! An endpoint's address.

use std::fmt;
use std::net::IpAddr;

use domain::webhook::Reach;
use url::{Host, Url};

/// The longest address that is taken.
const LONGEST: usize = 2_000;

/// Names under these never lead anywhere outside.
const INSIDE: [&str; 6] = ["localhost", "local", "internal", "intranet", "lan", "home.arpa"];

/// An address that webhooks may be posted to, as far as the text says it; where its name leads is looked at with each
/// connection. It may hold secrets, and prints as its host.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

/// Why the text is no address for webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// It is no address with a host, or too long.
    #[error("must be an address such as https://example.com/webhooks, of at most 2,000 characters")]
    Malformed,
    /// It is not over TLS.
    #[error("must begin with https://")]
    NotHttps,
    /// It holds a user or a password, which would go to whoever is there.
    #[error("must not hold a user or password")]
    Credentials,
    /// It holds a fragment, which no server sees.
    #[error("must not hold a fragment")]
    Fragment,
    /// Its port is one of those at which other services than web servers are.
    #[error("must have no port, 443, or one from 1024 on")]
    Port,
    /// Its host is not of the public internet.
    #[error("must lead to a host on the public internet")]
    Inside,
}

impl WebhookUrl {
    /// Reads an address. Without TLS, and on any port, only this machine itself may be called, where that is allowed.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub fn parse(text: &str, reach: Reach) -> Result<Self, InvalidUrl> {
        if text.len() > LONGEST {
            return Err(InvalidUrl::Malformed);
        }
        let url = Url::parse(text).map_err(|_| InvalidUrl::Malformed)?;
        let (is_inside, is_loopback) = match url.host().ok_or(InvalidUrl::Malformed)? {
            Host::Ipv4(address) => inside(address.into(), reach),
            Host::Ipv6(address) => inside(address.into(), reach),
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                let is_below = |end: &&str| name == *end || name.strip_suffix(*end).is_some_and(|n| n.ends_with('.'));
                let is_loopback = reach.allows_loopback() && name == "localhost";
                (!is_loopback && (!name.contains('.') || INSIDE.iter().any(is_below)), is_loopback)
            }
        };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            _ => return Err(InvalidUrl::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidUrl::Credentials);
        }
        if url.fragment().is_some() {
            return Err(InvalidUrl::Fragment);
        }
        if is_inside {
            return Err(InvalidUrl::Inside);
        }
        if url.port().is_some_and(|port| port < 1_024) && !is_loopback {
            return Err(InvalidUrl::Port);
        }
        Ok(Self(url))
    }

    /// The address.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({})", self.0.host_str().unwrap_or_default())
    }
}

/// Whether an address may not be called, and whether it is this machine and may.
fn inside(address: IpAddr, reach: Reach) -> (bool, bool) {
    let is_allowed = reach.allows(address);
    (!is_allowed, is_allowed && address.is_loopback())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, InvalidUrl> {
        WebhookUrl::parse(text, Reach::Public).map(|url| url.as_str().to_owned())
    }

    #[test]
    fn an_address_of_the_public_internet_over_tls_is_taken() {
        for text in [
            "https://example.com/webhooks?key=1",
            "https://example.com:443/",
            "https://example.com:8443/x",
            "https://1.1.1.1/",
            "https://[2606:4700:4700::1111]/",
            "https://münchen.example/",
        ] {
            assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn what_leads_inside_is_refused_however_it_is_written() {
        for text in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fd00:ec2::254]/",
            "https://[64:ff9b::7f00:1]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://metadata.google.internal/",
            "https://printer.local/",
            "https://intranet/",
            "https://１２７.０.０.１/",
        ] {
            assert_eq!(parse(text), Err(InvalidUrl::Inside), "{text}");
        }
    }

    #[test]
    fn each_other_fault_is_named() {
        assert_eq!(parse("example.com"), Err(InvalidUrl::Malformed));
        assert_eq!(parse("https://"), Err(InvalidUrl::Malformed));
        assert_eq!(parse("data:text/plain,x"), Err(InvalidUrl::Malformed));
        assert_eq!(parse(&format!("https://example.com/{}", "a".repeat(2_000))), Err(InvalidUrl::Malformed));
        assert_eq!(parse("http://example.com/"), Err(InvalidUrl::NotHttps));
        assert_eq!(parse("ftp://example.com/"), Err(InvalidUrl::NotHttps));
        assert_eq!(parse("https://user:word@example.com/"), Err(InvalidUrl::Credentials));
        assert_eq!(parse("https://example.com/#x"), Err(InvalidUrl::Fragment));
        for port in [22, 25, 80, 465, 1_023] {
            assert_eq!(parse(&format!("https://example.com:{port}/")), Err(InvalidUrl::Port), "{port}");
        }
    }

    #[test]
    fn in_development_this_machine_may_be_called_without_tls() {
        let parse = |text| WebhookUrl::parse(text, Reach::PublicAndLoopback).map(|_| ());
        for text in ["http://127.0.0.1:8080/x", "http://localhost:80/", "http://[::1]:9/", "https://127.0.0.1/"] {
            assert_eq!(parse(text), Ok(()), "{text}");
        }
        assert_eq!(parse("http://10.0.0.1/"), Err(InvalidUrl::NotHttps));
        assert_eq!(parse("https://10.0.0.1/"), Err(InvalidUrl::Inside));
        assert_eq!(parse("http://example.com/"), Err(InvalidUrl::NotHttps));
    }

    #[test]
    fn an_address_prints_as_its_host_alone() {
        let url = WebhookUrl::parse("https://example.com/hook?token=secret", Reach::Public).unwrap();
        assert_eq!(format!("{url:?}"), "WebhookUrl(example.com)");
    }
}
