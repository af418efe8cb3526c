//! Signatures as the Standard Webhooks specification has them (version 1, symmetric).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::ports::Entropy;

/// What a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// What an endpoint knows a delivery by: `whsec_` and 32 bytes in base64.
#[derive(Clone)]
pub struct SigningSecret(SecretString);

/// The text is no signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signing secret")]
pub struct InvalidSecret;

impl SigningSecret {
    /// A new one.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)).into())
    }

    /// Reads a secret: 24 to 64 bytes, as the specification allows.
    ///
    /// # Errors
    /// [`InvalidSecret`].
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let key = text.strip_prefix(SECRET_PREFIX).and_then(|key| STANDARD.decode(key).ok()).ok_or(InvalidSecret)?;
        if !(24..=64).contains(&key.len()) {
            return Err(InvalidSecret);
        }
        Ok(Self(text.into()))
    }

    /// The whole text: for whoever sets the endpoint up, and for its sealed record.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// One signature: `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64.
    fn signature(&self, id: &str, timestamp: i64, body: &str) -> String {
        let key = self.reveal().trim_start_matches(SECRET_PREFIX);
        // It was decoded before, or made here.
        let key = STANDARD.decode(key).unwrap_or_default();
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any key length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(***)")
    }
}

/// The value of `webhook-signature`: one signature for each secret, of which the receiver needs to know one. `timestamp` is
/// in seconds since 1970.
pub fn sign(secrets: &[&SigningSecret], id: &str, timestamp: i64, body: &str) -> String {
    secrets.iter().map(|secret| secret.signature(id, timestamp, body)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    /// Worked out with another implementation: `openssl dgst -sha256 -mac HMAC` over `evt_1.1795000000.{"a":1}`.
    const KNOWN: &str = "bkqyCPfHtMR0UR7AqNHIR8A3G+8MgwOXXPfrwD+IP/k=";

    #[test]
    fn a_signature_is_what_others_work_out() {
        let secret = SigningSecret::random(&Sevens);
        assert_eq!(secret.reveal(), "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        assert_eq!(sign(&[&secret], "evt_1", 1_795_000_000, r#"{"a":1}"#), format!("v1,{KNOWN}"));
    }

    #[test]
    fn two_secrets_make_two_signatures() {
        let old = SigningSecret::parse("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let new = SigningSecret::random(&Sevens);
        let both = sign(&[&new, &old], "evt_1", 1, "{}");
        let each = [sign(&[&new], "evt_1", 1, "{}"), sign(&[&old], "evt_1", 1, "{}")];
        assert_eq!(both, each.join(" "));
        assert_ne!(each[0], each[1]);
    }

    #[test]
    fn what_is_no_secret_is_refused_and_none_is_printed() {
        for text in ["", "whsec_", "whsec_AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "whsec_*"] {
            assert!(SigningSecret::parse(text).is_err(), "{text}");
        }
        assert_eq!(format!("{:?}", SigningSecret::random(&Sevens)), "SigningSecret(***)");
    }
}
