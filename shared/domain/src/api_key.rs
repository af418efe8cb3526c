//! The secret of an API key, as programs present it: `pk_live_<id>_<43 base62>_<6 base62>`.
//!
//! The first part leads to the key's record, the second holds 256 random bits, and the third is the CRC-32 of all before
//! it: a mistyped or cut key is told from a wrong one without a look at any store, and scanners of leaked secrets know one
//! when they see it. What is stored of it is its SHA-256 alone.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::ApiKeyId;

const PREFIX: &str = "pk_live_";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^43 is the first power of 62 above 2^256.
const RANDOM: usize = 43;
/// 62^6 is the first power of 62 above 2^32.
const CHECKSUM: usize = 6;

/// The secret of an API key. `Debug` prints `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeySecret {
    id: ApiKeyId,
    text: String,
}

/// The text cannot be an API key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// It does not look like one.
    #[error("not of an API key's form")]
    Form,
    /// It looks like one and was mistyped or cut.
    #[error("an API key that was mistyped")]
    Checksum,
}

impl ApiKeySecret {
    /// The secret of this key with these random bytes.
    pub fn new(id: &ApiKeyId, random: [u8; 32]) -> Self {
        let short = id.as_str().strip_prefix("key_").unwrap_or_default();
        let body = format!("{PREFIX}{short}_{}", digits(&random, RANDOM));
        let text = format!("{body}_{}", checksum(&body));
        Self { id: id.clone(), text }
    }

    /// Reads a secret as it is presented.
    ///
    /// # Errors
    /// [`InvalidSecret`]. That it is none means it was never one.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let parts = || {
            let (body, sum) = text.rsplit_once('_')?;
            let (short, random) = body.strip_prefix(PREFIX)?.split_once('_')?;
            let id = format!("key_{short}").parse().ok()?;
            (is_base62(random, RANDOM) && is_base62(sum, CHECKSUM)).then_some((body, sum, id))
        };
        let (body, sum, id) = parts().ok_or(InvalidSecret::Form)?;
        if checksum(body) != sum {
            return Err(InvalidSecret::Checksum);
        }
        Ok(Self { id, text: text.to_owned() })
    }

    /// Whose secret it says it is.
    pub fn id(&self) -> &ApiKeyId {
        &self.id
    }

    /// The secret itself: shown once, to whoever made the key.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What is stored of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeySecret({}, ***)", self.id)
    }
}

fn checksum(body: &str) -> String {
    digits(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECKSUM)
}

fn is_base62(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A number of so many digits, from its bytes, the greatest first.
fn digits(bytes: &[u8], length: usize) -> String {
    let mut number = bytes.to_vec();
    let mut out = vec![BASE62[0]; length];
    for digit in out.iter_mut().rev() {
        let mut rest = 0;
        for byte in &mut number {
            let dividend = rest * 256 + u32::from(*byte);
            *byte = (dividend / 62).to_le_bytes()[0];
            rest = dividend % 62;
        }
        *digit = BASE62[rest as usize];
    }
    out.into_iter().map(char::from).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_secret_has_one_known_form() {
        let id = ApiKeyId::from_bits([1; 16]);
        let secret = ApiKeySecret::new(&id, [0xff; 32]);
        assert_eq!(secret.expose().len(), 8 + 26 + 1 + 43 + 1 + 6);
        assert!(secret.expose().starts_with("pk_live_aeaqcaibaeaqcaibaeaqcaibae_"), "{}", secret.expose());
        assert_eq!(format!("{secret:?}"), format!("ApiKeySecret({id}, ***)"));
        assert_eq!(digits(&[0; 32], 43), "0".repeat(43));
        assert_eq!(digits(&u32::MAX.to_be_bytes(), 6), "4gfFC3");
        // The checksum of the standard's own sample.
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn what_is_no_secret_is_told_from_what_was_mistyped() {
        let text = ApiKeySecret::new(&ApiKeyId::from_bits([1; 16]), [7; 32]).expose().to_owned();
        let cut = &text[..text.len() - 1];
        for wrong in [
            "",
            "pk_live_",
            "pk_live___",
            "a key",
            cut,
            &text.replace("pk_", "sk_"),
            &format!(" {text}"),
            &format!("{text}0"),
            &text.to_uppercase(),
            &text.replace('_', "-"),
            &"_".repeat(90),
        ] {
            assert_eq!(ApiKeySecret::parse(wrong), Err(InvalidSecret::Form), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_secret_is_read_as_it_was_written(bits: [u8; 16], random: [u8; 32]) {
            let id = ApiKeyId::from_bits(bits);
            let secret = ApiKeySecret::new(&id, random);
            let read = ApiKeySecret::parse(secret.expose()).unwrap();
            prop_assert_eq!(read.id(), &id);
            prop_assert_eq!(read.hash(), secret.hash());
        }

        #[test]
        fn every_single_mistake_is_noticed(random: [u8; 32], at in 0_usize..85, other in 0_usize..62) {
            let text = ApiKeySecret::new(&ApiKeyId::from_bits([9; 16]), random).expose().to_owned();
            let mut changed = text.clone().into_bytes();
            changed[at] = BASE62[other];
            let changed = String::from_utf8(changed).unwrap();
            prop_assert_eq!(ApiKeySecret::parse(&changed).is_ok(), changed == text, "{}", changed);
        }

        #[test]
        fn different_random_bytes_make_different_secrets(a: [u8; 32], b: [u8; 32]) {
            let id = ApiKeyId::from_bits([9; 16]);
            prop_assert_eq!(ApiKeySecret::new(&id, a) == ApiKeySecret::new(&id, b), a == b);
        }
    }
}
