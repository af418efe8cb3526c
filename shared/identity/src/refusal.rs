/// A part of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What says how it is signed.
    Header,
    /// What it says.
    Claims,
    /// What proves it.
    Signature,
}

/// Why a token does not count: for the log. It holds nothing of the token, and whoever presented it is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is longer than any token that we take.
    #[error("longer than a token may be")]
    TooLong,
    /// It is not three parts with dots between them.
    #[error("not of three parts")]
    Structure,
    /// It is encrypted, and we take none that are.
    #[error("encrypted")]
    Encrypted,
    /// A part is not base64url without padding, in the one form that its bytes have.
    #[error("{0:?} is not base64url")]
    Encoding(Part),
    /// A part is no JSON object.
    #[error("{0:?} is no JSON object")]
    Json(Part),
    /// A part names something twice: two readers could see two tokens.
    #[error("{0:?} names something twice")]
    Duplicate(Part),
    /// Something is not there that must be.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Something is of another type than it must be.
    #[error("{0} is of another type")]
    WrongType(&'static str),
    /// It is signed with another algorithm than the one that we take, or not at all.
    #[error("another algorithm")]
    Algorithm,
    /// It is a token of another kind.
    #[error("a token of another kind")]
    Type,
    /// It demands that something is understood that we do not know.
    #[error("critical extensions")]
    Critical,
    /// No key that we know has this name.
    #[error("a key that nobody knows")]
    UnknownKey,
    /// The key did not make the signature.
    #[error("not signed by the key")]
    Signature,
    /// Somebody else issued it.
    #[error("another issuer")]
    Issuer,
    /// It is a session cookie: the same project's, and good for two weeks.
    #[error("a session cookie")]
    SessionCookie,
    /// It is for somebody else.
    #[error("another audience")]
    Audience,
    /// It does not name a person.
    #[error("no subject of 1 to 128 characters")]
    Subject,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// It says that it was issued in the future.
    #[error("issued in the future")]
    IssuedInFuture,
    /// It says that the person signed in in the future.
    #[error("signed in in the future")]
    SignedInInFuture,
    /// It is good for longer than we make any.
    #[error("good for too long")]
    Lifetime,
    /// Nobody has proved who they are.
    #[error("an anonymous sign-in")]
    Anonymous,
    /// The person belongs to a tenant of the project's, where subjects are other people.
    #[error("a tenant's person")]
    Tenant,
    /// An id in it is none of ours.
    #[error("{0} is no id")]
    Id(&'static str),
}
