use domain::Span;

/// Posts to the endpoints that organizations name. Whoever names an endpoint chooses where this process connects to; so an
/// adapter connects to no address that [`domain::webhook::Reach`] forbids, whatever a name leads to and whenever it does,
/// follows no redirect and asks no proxy.
#[async_trait::async_trait]
pub trait WebhookSender: Send + Sync {
    /// Posts once. Never repeats it by itself.
    ///
    /// # Errors
    /// [`WebhookError`] when there was no answer.
    async fn post(&self, post: &WebhookPost) -> Result<WebhookAnswer, WebhookError>;
}

/// What is posted.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookPost {
    /// Where to. It may hold secrets.
    pub url: String,
    /// Headers beside those of the connection; values are printable ASCII.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
    /// How long it may take in all: name, connection, and the answer.
    pub deadline: Span,
}

/// What the endpoint answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// Its HTTP status.
    pub status: u16,
    /// Its `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// The beginning of its body, in whatever it is written; at most [`Self::PREFIX`] bytes.
    pub body: Vec<u8>,
}

impl WebhookAnswer {
    /// So many bytes of a body are handed on.
    pub const PREFIX: usize = 512;
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The address may not be called, or its name leads to one that may not.
    #[error("the address may not be called")]
    Forbidden,
    /// Its name leads nowhere.
    #[error("the name was not found")]
    UnknownHost,
    /// No connection was made.
    #[error("no connection could be made")]
    NotConnected,
    /// The time was up.
    #[error("there was no answer in time")]
    TimedOut,
    /// The connection broke before the answer.
    #[error("the connection broke")]
    Broken,
}

impl WebhookError {
    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden_address",
            Self::UnknownHost => "unknown_host",
            Self::NotConnected => "not_connected",
            Self::TimedOut => "timed_out",
            Self::Broken => "connection_broken",
        }
    }
}
