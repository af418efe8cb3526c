use std::fmt;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Span;
use secrecy::SecretString;
use url::Url;

/// What a variable must look like, and what it then is.
pub struct Kind<T> {
    pub(super) expected: &'static str,
    pub(super) may_show: fn(&str) -> bool,
    pub(super) parse: fn(&str) -> Option<T>,
}

impl<T> Clone for Kind<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Kind<T> {}

impl<T> Kind<T> {
    /// A kind whose wrong values may be shown. `expected` completes the sentence "expected …"; the text that is parsed
    /// is trimmed and not empty.
    pub const fn shown(expected: &'static str, parse: fn(&str) -> Option<T>) -> Self {
        Self { expected, may_show: |_| true, parse }
    }

    /// A kind whose values are never shown.
    pub const fn secret(expected: &'static str, parse: fn(&str) -> Option<T>) -> Self {
        Self { expected, may_show: |_| false, parse }
    }
}

impl Kind<String> {
    /// Any text.
    pub const TEXT: Self = Self::shown("a text", |text| Some(text.to_owned()));

    /// A path prefix of HTTP routes: `/` and a name, any number of times.
    pub const ROUTE: Self = Self::shown("a path such as /api/v1, without a slash at its end", |text| {
        let named = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        text.strip_prefix('/')?.split('/').all(named).then(|| text.to_owned())
    });
}

impl Kind<PathBuf> {
    /// A file or folder.
    pub const PATH: Self = Self::shown("a path", |text| Some(PathBuf::from(text)));
}

impl Kind<SecretString> {
    /// A secret text.
    pub const SECRET: Self = Self::secret("a secret text without spaces", secret);
}

impl Kind<Rotating<SecretString>> {
    /// Secret texts: the current one, then previous ones that still count.
    pub const SECRETS: Self = Self::secret("secret texts without spaces, comma-separated: current, previous", |text| {
        Rotating::parse(text, secret)
    });
}

impl Kind<[u8; 32]> {
    /// A key.
    pub const KEY: Self = Self::secret("32 bytes in base64 (44 characters)", key);
}

impl Kind<Rotating<[u8; 32]>> {
    /// Keys: the current one, then previous ones that still open what they sealed.
    pub const KEYS: Self =
        Self::secret("32 bytes in base64 (44 characters), comma-separated: current, previous", |text| {
            Rotating::parse(text, key)
        });
}

impl Kind<Url> {
    /// The address of a service.
    pub const URL: Self = Self {
        expected: "an http or https address without user, query or fragment",
        may_show: |text| !text.contains(['@', '?']),
        parse: |text| {
            let url = Url::parse(text).ok()?;
            let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
            let usable = matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none();
            (plain && usable).then_some(url)
        },
    };
}

impl Kind<u16> {
    /// A TCP port; 0 lets the operating system choose one.
    pub const PORT: Self = Self::shown("a port from 0 to 65535", |text| text.parse().ok());
}

impl Kind<Span> {
    /// A delay as a queue takes it.
    pub const DELAY_SECONDS: Self = Self::shown("whole seconds from 0 to 900", |text| {
        text.parse().ok().filter(|seconds| (0..=900).contains(seconds)).map(Span::from_seconds)
    });
}

impl Kind<bool> {
    /// Yes or no.
    pub const FLAG: Self = Self::shown("true or false", |text| match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    });
}

/// Something that is replaced from time to time: the one in use, and older ones that still count.
#[derive(Clone, PartialEq, Eq)]
pub struct Rotating<T> {
    /// The one in use.
    pub current: T,
    /// Older ones, newest first.
    pub previous: Vec<T>,
}

impl<T> Rotating<T> {
    fn parse(text: &str, one: fn(&str) -> Option<T>) -> Option<Self> {
        let mut all = text.split(',').map(|part| one(part.trim())).collect::<Option<Vec<T>>>()?.into_iter();
        Some(Self { current: all.next()?, previous: all.collect() })
    }

    /// All of them, the current one first.
    pub fn into_all(self) -> Vec<T> {
        std::iter::once(self.current).chain(self.previous).collect()
    }
}

/// Shows how many there are, and none of them.
impl<T> fmt::Debug for Rotating<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rotating(current and {} previous)", self.previous.len())
    }
}

fn secret(text: &str) -> Option<SecretString> {
    let printable = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    printable.then(|| text.to_owned().into())
}

fn key(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
