use domain::outbound::OutboundContent;
use domain::outcome::SendOutcome;
use domain::{NumberId, UserId, Wamid};
use secrecy::SecretString;

/// Meta's WhatsApp Cloud API, as far as the flow calls it.
#[async_trait::async_trait]
pub trait WhatsApp: Send + Sync {
    /// Sends one message, with one call. Never repeats it by itself; no connection is reused across a freeze, and no
    /// redirect is followed, since either could send twice.
    async fn send(&self, channel: &Channel, request: &SendRequest) -> SendOutcome;

    /// Marks the customer's message as read, and shows that an answer is being written (for at most 25 seconds, by
    /// Meta's documentation). Best effort: the flow goes on without it.
    ///
    /// # Errors
    /// [`WhatsAppError`].
    async fn mark_read(&self, channel: &Channel, message: &Wamid, typing: bool) -> Result<(), WhatsAppError>;

    /// Asks Meta about the number itself: whether the token works for it.
    ///
    /// # Errors
    /// [`WhatsAppError::Refused`] with Meta's code when it does not; [`WhatsAppError::Unavailable`].
    async fn check_number(&self, channel: &Channel) -> Result<(), WhatsAppError>;

    /// Opens a file at Meta by its id. The address that Meta names is asked for anew each time, since it is good for five
    /// minutes, and the token goes to Meta's own hosts alone.
    ///
    /// # Errors
    /// [`WhatsAppError`]; refused with a class of [`RefusalClass::Invalid`](domain::outcome::RefusalClass) where Meta has
    /// no such file, or has it no more.
    async fn open_media(&self, channel: &Channel, id: &str) -> Result<OpenMedia, WhatsAppError>;

    /// Uploads a file for messages from this number; Meta's id of it. An upload that is made twice sends nothing.
    ///
    /// # Errors
    /// [`WhatsAppError`].
    async fn upload_media(&self, channel: &Channel, file: MediaFile) -> Result<String, WhatsAppError>;
}

/// A file at Meta that is being read.
pub struct OpenMedia {
    /// Its MIME type, as Meta gives it.
    pub mime_type: Option<String>,
    /// Its SHA-256, as Meta gives it.
    pub sha256: Option<String>,
    /// Its length in bytes, as Meta gives it.
    pub size: Option<u64>,
    /// Its bytes.
    pub bytes: Box<dyn MediaBytes>,
}

/// The bytes of a file, a piece at a time: nobody needs to hold all of them.
#[async_trait::async_trait]
pub trait MediaBytes: Send {
    /// The next piece; `None`: that was all.
    ///
    /// # Errors
    /// [`WhatsAppError`].
    async fn next(&mut self) -> Result<Option<Vec<u8>>, WhatsAppError>;
}

/// A file to upload.
pub struct MediaFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its MIME type.
    pub mime_type: String,
    /// What it is called.
    pub name: String,
}

/// The business number that speaks, and the right to.
#[derive(Clone)]
pub struct Channel {
    /// Meta's id of the number.
    pub number: NumberId,
    /// Its access token.
    pub token: SecretString,
}

/// To whom. Meta takes the number when both are given.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// The number as Meta gave it last (digits), or canonical where Meta never gave one.
    pub wa_id: Option<String>,
    /// The business-scoped user id.
    pub user_id: Option<UserId>,
}

/// One message to send.
#[derive(Clone, PartialEq)]
pub struct SendRequest {
    /// To whom.
    pub to: Address,
    /// What it says.
    pub content: OutboundContent,
    /// The message that it answers, quoted above it.
    pub reply_to: Option<Wamid>,
    /// Ours, echoed in every status (`biz_opaque_callback_data`, at most 512 characters): the intent's id.
    pub callback_data: String,
}

/// Why a call other than a send did not work.
#[derive(Debug, thiserror::Error)]
pub enum WhatsAppError {
    /// Meta refused it.
    #[error("Meta refused with code {code}")]
    Refused {
        /// Meta's error code.
        code: i64,
        /// What follows from it.
        class: domain::outcome::RefusalClass,
    },
    /// Meta did not answer, or not in a form that can be read.
    #[error("Meta did not answer: {0}")]
    Unavailable(&'static str),
}
