use std::fmt;

use async_openai::config::{Config, OPENAI_API_BASE};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::SetupError;

/// Where the model is and how it is addressed. Unlike the library's own configuration it reads no environment variable.
pub(crate) struct Endpoint {
    base: Url,
    key: SecretString,
    authorization: HeaderValue,
}

impl Endpoint {
    pub(crate) fn new(base_url: Option<Url>, key: SecretString) -> Result<Self, SetupError> {
        let base = match base_url {
            Some(url) => url,
            None => Url::parse(OPENAI_API_BASE).map_err(|_| SetupError::Address)?,
        };
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(SetupError::Address);
        }
        if key.expose_secret().trim().is_empty() {
            return Err(SetupError::Key);
        }
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {}", key.expose_secret().trim())).map_err(|_| SetupError::Key)?;
        authorization.set_sensitive(true);
        Ok(Self { base, key, authorization })
    }

    /// Whether this is OpenAI itself.
    pub(crate) fn is_openai(&self) -> bool {
        matches!(self.base.host(), Some(Host::Domain(host)) if host == "openai.com" || host.ends_with(".openai.com"))
    }
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, self.authorization.clone())])
    }

    fn url(&self, path: &str) -> String {
        let mut url = self.base.clone();
        let joined = format!("{}{path}", url.path().trim_end_matches('/'));
        url.set_path(&joined);
        url.into()
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        self.base.as_str()
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

/// Shows the host only: a path, a query or a user may be secret.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("host", &self.base.host_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn at(base: &str) -> Endpoint {
        Endpoint::new(Some(Url::parse(base).unwrap()), "k".into()).unwrap()
    }

    #[test]
    fn an_address_keeps_its_path_and_query_with_or_without_a_closing_slash() {
        for base in ["http://h:1/v1", "http://h:1/v1/"] {
            assert_eq!(at(base).url("/chat/completions"), "http://h:1/v1/chat/completions");
        }
        assert_eq!(at("http://h").url("/chat/completions"), "http://h/chat/completions");
        assert_eq!(at("http://h/x?api=2").url("/chat/completions"), "http://h/x/chat/completions?api=2");
    }

    #[test]
    fn openai_itself_is_known_by_its_host() {
        let own = Endpoint::new(None, "k".into()).unwrap();
        assert_eq!(own.url("/chat/completions"), "https://api.openai.com/v1/chat/completions");
        assert!(own.is_openai() && at("https://eu.api.openai.com/v1").is_openai());
        assert!(!at("https://notopenai.com/v1").is_openai() && !at("http://127.0.0.1:11434/v1").is_openai());
    }

    #[test]
    fn an_address_or_key_that_can_never_work_is_refused_at_once() {
        let refused = |url: &str| Endpoint::new(Some(Url::parse(url).unwrap()), "k".into());
        assert!(matches!(refused("ftp://h/v1"), Err(SetupError::Address)));
        assert!(matches!(refused("data:text,x"), Err(SetupError::Address)));
        assert!(matches!(Endpoint::new(None, " ".into()), Err(SetupError::Key)));
        assert!(matches!(Endpoint::new(None, "a\nb".into()), Err(SetupError::Key)));
    }
}
