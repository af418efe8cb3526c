//! Where Graph is.

use url::Url;

/// Graph's address and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: Url,
    version: String,
}

/// The address or version is not usable; says which and what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// The address.
    #[error("expected an http or https address without credentials, query or fragment")]
    BaseUrl,
    /// The version.
    #[error("expected a Graph API version such as v25.0")]
    Version,
}

impl Endpoint {
    /// Graph itself.
    pub const GRAPH: &str = "https://graph.facebook.com";
    /// The version that this crate was written for.
    pub const VERSION: &str = "v25.0";

    /// Reads address and version. The address may carry a path, below which the calls then lie.
    ///
    /// # Errors
    /// [`InvalidEndpoint`].
    pub fn parse(base: &str, version: &str) -> Result<Self, InvalidEndpoint> {
        let base = Url::parse(base).map_err(|_| InvalidEndpoint::BaseUrl)?;
        let plain = base.username().is_empty() && base.password().is_none();
        let bare = base.query().is_none() && base.fragment().is_none() && base.has_host();
        if !matches!(base.scheme(), "http" | "https") || !plain || !bare {
            return Err(InvalidEndpoint::BaseUrl);
        }
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let numbers = version.strip_prefix('v').and_then(|numbers| numbers.split_once('.'));
        if !numbers.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
            return Err(InvalidEndpoint::Version);
        }
        Ok(Self { base, version: version.to_owned() })
    }

    /// The address of a call.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        // An address with a host can always take segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(&self.version).extend(path);
        }
        url
    }

    /// Whether a token may go to this address: Graph's own origin, or Meta's hosts for media over HTTPS.
    pub(super) fn trusts(&self, url: &Url) -> bool {
        const MEDIA_HOSTS: [&str; 4] = ["fbsbx.com", "facebook.com", "fbcdn.net", "whatsapp.net"];
        let meta = url.scheme() == "https"
            && url.host_str().is_some_and(|host| {
                MEDIA_HOSTS
                    .iter()
                    .any(|known| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
            });
        meta || url.origin() == self.base.origin()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn url(base: &str) -> String {
        Endpoint::parse(base, "v25.0").unwrap().url(&["777", "messages"]).to_string()
    }

    #[test]
    fn the_address_may_carry_a_path() {
        assert_eq!(url(Endpoint::GRAPH), "https://graph.facebook.com/v25.0/777/messages");
        assert_eq!(
            url("http://127.0.0.1:8000/simulator/graph"),
            "http://127.0.0.1:8000/simulator/graph/v25.0/777/messages"
        );
        assert_eq!(
            url("http://127.0.0.1:8000/simulator/graph/"),
            "http://127.0.0.1:8000/simulator/graph/v25.0/777/messages"
        );
    }

    #[test]
    fn an_id_cannot_leave_its_segment() {
        let endpoint = Endpoint::parse(Endpoint::GRAPH, Endpoint::VERSION).unwrap();
        assert_eq!(endpoint.url(&["../me?x"]).as_str(), "https://graph.facebook.com/v25.0/..%2Fme%3Fx");
    }

    #[test]
    fn what_is_no_address_or_version_is_refused() {
        for base in ["", "graph.facebook.com", "ftp://a/", "https://u:p@a/", "https://a/?q=1", "https://a/#f", "data:x"]
        {
            assert_eq!(Endpoint::parse(base, "v25.0"), Err(InvalidEndpoint::BaseUrl), "{base}");
        }
        for version in ["", "25.0", "v25", "v.0", "v25.0/..", "v25.x"] {
            assert_eq!(Endpoint::parse(Endpoint::GRAPH, version), Err(InvalidEndpoint::Version), "{version}");
        }
    }

    #[test]
    fn tokens_go_to_metas_hosts_and_to_the_configured_one_only() {
        let trusts = |base: &str, url: &str| Endpoint::parse(base, "v25.0").unwrap().trusts(&Url::parse(url).unwrap());
        assert!(trusts(Endpoint::GRAPH, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"));
        assert!(trusts("http://127.0.0.1:9/g", "http://127.0.0.1:9/media/1"));
        assert!(!trusts("http://127.0.0.1:9/g", "http://127.0.0.1:10/media/1"));
        assert!(!trusts(Endpoint::GRAPH, "http://lookaside.fbsbx.com/"));
        assert!(!trusts(Endpoint::GRAPH, "https://evilfbsbx.com/"));
        assert!(!trusts(Endpoint::GRAPH, "https://fbsbx.com.evil.example/"));
    }
}
