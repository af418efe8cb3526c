//! `X-Hub-Signature-256`: proof that a body comes from Meta.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// The app secrets whose signatures count: the current one, and during a rotation the previous one.
#[derive(Clone)]
pub struct AppSecrets(Vec<SecretString>);

/// The body is not signed by any of our secrets. Why is not said: whoever forges learns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is missing or wrong")]
pub struct InvalidSignature;

/// A setting that should name at least one secret names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one or more app secrets, none of them empty")]
pub struct NoSecret;

impl AppSecrets {
    /// Reads secrets separated by commas, the current one first.
    ///
    /// # Errors
    /// When there is none, or one is empty: an empty key would make forging easy.
    pub fn parse(text: &str) -> Result<Self, NoSecret> {
        Self::new(text.split(',').map(|secret| SecretString::from(secret.trim())).collect())
    }

    /// These secrets, the current one first.
    ///
    /// # Errors
    /// When there is none, or one is empty.
    pub fn new(secrets: Vec<SecretString>) -> Result<Self, NoSecret> {
        let is_empty = |secret: &SecretString| secret.expose_secret().is_empty();
        if secrets.is_empty() || secrets.iter().any(is_empty) { Err(NoSecret) } else { Ok(Self(secrets)) }
    }

    /// Verifies the header against the body as it came, byte for byte. Meta documents the form `sha256=` and 64
    /// lower-case hexadecimal digits; nothing else is taken. A failure costs the same work as a success.
    ///
    /// # Errors
    /// When the header is absent, malformed, or made with another secret or over other bytes.
    pub fn verify(&self, body: &[u8], header: Option<&[u8]>) -> Result<(), InvalidSignature> {
        let claimed = header.and_then(digest);
        let expected = claimed.unwrap_or([0; 32]);
        let mut valid = Choice::from(0);
        for secret in &self.0 {
            valid |= mac(secret, body).ct_eq(&expected);
        }
        valid &= Choice::from(u8::from(claimed.is_some()));
        if bool::from(valid) { Ok(()) } else { Err(InvalidSignature) }
    }

    /// The header that Meta would send with this body, made with the current secret: what a simulator signs with.
    pub fn sign(&self, body: &[u8]) -> String {
        let digest = self.0.first().map(|secret| mac(secret, body)).unwrap_or_default();
        format!("{PREFIX}{}", HEXLOWER.encode(&digest))
    }
}

impl fmt::Debug for AppSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppSecrets({} secrets)", self.0.len())
    }
}

const PREFIX: &str = "sha256=";

/// The digest in a header of exactly the documented form.
fn digest(header: &[u8]) -> Option<[u8; 32]> {
    let hex = header.strip_prefix(PREFIX.as_bytes())?;
    HEXLOWER.decode(hex).ok()?.try_into().ok()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(secret: &SecretString, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any key length");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const BODY: &[u8] = b"{\"object\":\"whatsapp_business_account\"}";

    fn verify(secrets: &str, body: &[u8], header: &str) -> bool {
        AppSecrets::parse(secrets).unwrap().verify(body, Some(header.as_bytes())).is_ok()
    }

    fn signed(secret: &str) -> String {
        AppSecrets::parse(secret).unwrap().sign(BODY)
    }

    #[test]
    fn hmac_sha256_is_the_algorithm() {
        // RFC 4231, test case 2.
        let secrets = AppSecrets::parse("Jefe").unwrap();
        let digest = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(secrets.sign(b"what do ya want for nothing?"), digest);
        assert_eq!(secrets.verify(b"what do ya want for nothing?", Some(digest.as_bytes())), Ok(()));
    }

    #[test]
    fn the_current_and_the_previous_secret_count_and_no_other() {
        for secret in ["new", "old"] {
            assert!(verify("new, old", BODY, &signed(secret)), "{secret}");
        }
        assert!(!verify("new,old", BODY, &signed("older")));
    }

    #[test]
    fn every_single_bit_of_the_signature_matters() {
        let header = signed("s");
        let digest = HEXLOWER.decode(header.strip_prefix(PREFIX).unwrap().as_bytes()).unwrap();
        for bit in 0..256 {
            let mut flipped = digest.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!verify("s", BODY, &format!("{PREFIX}{}", HEXLOWER.encode(&flipped))), "bit {bit}");
        }
    }

    #[test]
    fn every_byte_of_the_body_matters() {
        let header = signed("s");
        for i in 0..BODY.len() {
            let mut body = BODY.to_vec();
            body[i] ^= 1;
            assert!(!verify("s", &body, &header), "byte {i}");
        }
        assert!(!verify("s", &[BODY, b"\n"].concat(), &header), "a trailing newline");
    }

    #[test]
    fn only_the_documented_form_is_taken() {
        let header = signed("s");
        let hex = header.strip_prefix(PREFIX).unwrap();
        let bad = [
            String::new(),
            hex.to_owned(),
            format!("sha1={hex}"),
            format!("SHA256={hex}"),
            format!("sha256={}", hex.to_ascii_uppercase()),
            format!("sha256= {hex}"),
            format!(" {header}"),
            format!("{header} "),
            format!("{header}00"),
            header[..header.len() - 2].to_owned(),
            format!("{header},{header}"),
            "sha256=".to_owned(),
            format!("sha256={}", "0".repeat(64)),
        ];
        for header in bad {
            assert!(!verify("s", BODY, &header), "{header:?}");
        }
    }

    #[test]
    fn a_missing_header_is_refused() {
        assert_eq!(AppSecrets::parse("s").unwrap().verify(BODY, None), Err(InvalidSignature));
    }

    #[test]
    fn an_empty_secret_is_refused() {
        for text in ["", " ", ",", "a,", ",a", "a,,b"] {
            assert_eq!(AppSecrets::parse(text).err(), Some(NoSecret), "{text:?}");
        }
    }

    #[test]
    fn secrets_never_print() {
        assert_eq!(format!("{:?}", AppSecrets::parse("hush,hush2").unwrap()), "AppSecrets(2 secrets)");
    }
}
