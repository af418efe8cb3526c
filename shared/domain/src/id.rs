//! Identifiers: one type per entity, never a bare string.
//!
//! Ours are `<prefix>_` followed by 128 bits in lower-case base32: random, or derived by HMAC under a key that never
//! rotates, so that the same fact always gives the same id and nobody without the key can go back from id to fact.
//! Meta's own identifiers (`NumberId`, `Wamid`, `UserId`) are kept as they came; a `Wamid` or `UserId` gives a phone
//! number or a person away and is personal data.

use std::fmt;
use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// RFC 4648 base32 in lower case without padding: 26 characters for 128 bits.
#[expect(clippy::expect_used, reason = "a constant specification")]
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    spec.check_trailing_bits = true;
    spec.encoding().expect("32 distinct symbols")
});

/// The text is not an identifier of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(
    /// What was expected, in words.
    pub &'static str,
);

/// The key under which deterministic ids and blind lookup keys are derived. It never rotates: a new key would give
/// every known fact a new id.
#[derive(Clone)]
pub struct IdKey([u8; 32]);

impl IdKey {
    /// A key from its 32 bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// 128 bits that stand for these parts under this purpose. Parts are length-prefixed, so that no two different
    /// lists of parts can run together.
    pub fn derive(&self, purpose: &str, parts: &[&str]) -> [u8; 16] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any key length");
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let mut out = [0; 16];
        out.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        out
    }

    /// [`Self::derive`] as text: a lookup key that does not give its facts away.
    pub fn blind(&self, purpose: &str, parts: &[&str]) -> String {
        BASE32.encode(&self.derive(purpose, parts))
    }
}

impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey(***)")
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The prefix before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// An id from 128 bits: random ones, or derived by [`IdKey::derive`].
            pub fn from_bits(bits: [u8; 16]) -> Self {
                Self(format!("{}_{}", $prefix, BASE32.encode(&bits)))
            }

            /// The id that stands for these facts.
            pub fn derived(key: &IdKey, parts: &[&str]) -> Self {
                Self::from_bits(key.derive($prefix, parts))
            }

            /// Its 128 bits.
            pub fn bits(&self) -> [u8; 16] {
                let mut bits = [0; 16];
                let text = &self.0.as_bytes()[Self::PREFIX.len() + 1..];
                // Every way to an id checks the text, so that it always can be decoded.
                bits.copy_from_slice(&BASE32.decode(text).unwrap_or_else(|_| vec![0; 16]));
                bits
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                let valid = text
                    .strip_prefix(concat!($prefix, "_"))
                    .is_some_and(|rest| BASE32.decode(rest.as_bytes()).is_ok_and(|bits| bits.len() == 16));
                if valid { Ok(Self(text)) } else { Err(InvalidId(concat!("id that starts with \"", $prefix, "_\""))) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A tenant: a business that uses Porfin.
    OrganizationId = "org";
    /// A person who talks with an organization.
    ContactId = "ct";
    /// What one number of an organization and one contact say to each other, for ever.
    ConversationId = "cv";
    /// One message in a conversation, inbound or outbound.
    MessageId = "msg";
    /// The decision that one message shall be sent; the unit of "at most once".
    IntentId = "in";
    /// One try to carry an intent out: the fencing token of a claim.
    AttemptId = "at";
    /// One event of a webhook body.
    EventId = "ev";
    /// A virtual assistant of an organization.
    AssistantId = "as";
    /// A text that an assistant answers from.
    KnowledgeId = "kn";
    /// A person who works with organizations: one identity that signs in, the same in all of them.
    MemberId = "mem";
    /// One sign-in of a member: a family of refresh tokens.
    SessionId = "ses";
    /// An invitation into an organization.
    InvitationId = "inv";
    /// A key of the API.
    ApiKeyId = "key";
    /// An entry of the audit log.
    AuditId = "aud";
    /// An entry of the change feed.
    FeedId = "evt";
    /// Where an organization wants to be told of its changes.
    EndpointId = "we";
    /// One entry of the feed on its way to one endpoint.
    DeliveryId = "dlv";
    /// What somebody said about being written to, with its evidence.
    ConsentId = "cns";
    /// A selection of contacts by what is known of them.
    SegmentId = "seg";
    /// What somebody of the organization noted in a conversation.
    NoteId = "note";
    /// Long work that is done in steps: an import, an export, a count.
    TaskId = "task";
    /// People of an organization who look after the same conversations.
    TeamId = "team";
    /// A text that people send again and again.
    CannedReplyId = "can";
    /// A rule by which messages that come in are routed.
    RuleId = "rule";
    /// A message template of one of an organization's WhatsApp business accounts.
    TemplateId = "tpl";
    /// A file: one that a customer sent, or one that was stored to be sent.
    MediaId = "media";
    /// Something that happened to a template.
    TemplateChangeId = "tch";
    /// An answer of a language model.
    ModelCallId = "call";
}

macro_rules! foreign_ids {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $valid:expr, $personal:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as Meta wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err(InvalidId($what)) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(if $personal { "***" } else { &self.0 })
            }
        }
    )*};
}

/// Printable ASCII without spaces, at most 512 characters: what every identifier of Meta's has been seen to be.
fn opaque(text: &str) -> bool {
    !text.is_empty() && text.len() <= 512 && text.bytes().all(|b| b.is_ascii_graphic())
}

foreign_ids! {
    /// Meta's `phone_number_id`: one business number, by which webhooks are routed. Not a phone number.
    NumberId, "phone number id", |t| !t.is_empty() && t.len() <= 64 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'), false;
    /// Meta's id of a message (`wamid.…`). It holds the customer's phone number in base64: personal data.
    Wamid, "WhatsApp message id", opaque, true;
    /// Meta's business-scoped user id: a person as one business portfolio sees them, with or without a phone number.
    /// Kept whole, never taken apart.
    UserId, "business-scoped user id", opaque, true;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_id_is_the_same_for_the_same_facts_and_differs_for_others() {
        let key = IdKey::new([7; 32]);
        assert_eq!(ContactId::derived(&key, &["a", "b"]), ContactId::derived(&key, &["a", "b"]));
        assert_ne!(ContactId::derived(&key, &["a", "b"]), ContactId::derived(&key, &["ab", ""]));
        assert_ne!(key.derive("ct", &["a"]), key.derive("cv", &["a"]));
    }

    #[test]
    fn an_id_survives_its_text_and_another_prefix_is_refused() {
        let id = MessageId::from_bits([0xff; 16]);
        assert_eq!(id.as_str().parse::<MessageId>(), Ok(id.clone()));
        assert_eq!(id.bits(), [0xff; 16]);
        assert!(id.as_str().parse::<ContactId>().is_err());
        assert!("msg_short".parse::<MessageId>().is_err());
    }
}
