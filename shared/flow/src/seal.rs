//! Sealing: how personal data is written down. One codec for queue payloads and for fields of documents, so that key
//! management can change behind it.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::ports::Entropy;

const NONCE: usize = 12;

/// Seals and opens texts with AES-256-GCM-SIV under the first of its keys; opens with any of them.
///
/// A sealed text is ASCII: `v1.<key id>.<base64url of nonce and ciphertext>`. It is bound to its context (a queue and its
/// version, or a document's path and field) and cannot be opened anywhere else.
#[derive(Clone)]
pub struct Sealer {
    keys: Vec<(String, Aes256GcmSiv)>,
}

/// The text cannot be opened: another key, another context, or somebody changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed text cannot be opened: {0}")]
pub struct SealError(&'static str);

impl Sealer {
    /// A sealer with the current key, and older ones that may still be needed to open.
    pub fn new(current: [u8; 32], previous: &[[u8; 32]]) -> Self {
        let keys = std::iter::once(&current)
            .chain(previous)
            .map(|key| {
                let digest = Sha256::new().chain_update(b"porfin key id").chain_update(key).finalize();
                let id: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
                (id, Aes256GcmSiv::new(key.into()))
            })
            .collect();
        Self { keys }
    }

    /// Seals the bytes for this context.
    pub fn seal(&self, entropy: &dyn Entropy, context: &str, plain: &[u8]) -> String {
        let mut sealed = vec![0; NONCE];
        entropy.fill(&mut sealed);
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&sealed);
        let (id, key) = &self.keys[0];
        #[expect(clippy::expect_used, reason = "encryption fails only above 64 GiB")]
        let cipher = key
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() })
            .expect("a text of ordinary size");
        sealed.extend_from_slice(&cipher);
        format!("v1.{id}.{}", URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens what was sealed for this context.
    ///
    /// # Errors
    /// [`SealError`] when it was sealed under a key or for a context that is not this one, or was changed since.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Vec<u8>, SealError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some("v1"), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SealError("not of a known form"));
        };
        let key = self.keys.iter().find(|(known, _)| known == id).ok_or(SealError("its key is not known"))?;
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealError("not base64"))?;
        let (nonce, cipher) = bytes.split_at_checked(NONCE).ok_or(SealError("too short"))?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SealError("too short"))?;
        key.1
            .decrypt(&Nonce::from(nonce), Payload { msg: cipher, aad: context.as_bytes() })
            .map_err(|_| SealError("it was changed or belongs elsewhere"))
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(***)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn entropy() -> Counting {
        Counting(1.into())
    }

    #[test]
    fn what_was_sealed_is_opened_in_its_context_only() {
        let sealer = Sealer::new([1; 32], &[]);
        let sealed = sealer.seal(&entropy(), "a", "olá 👋".as_bytes());
        assert!(sealed.is_ascii() && !sealed.contains("ol"));
        assert_eq!(sealer.open("a", &sealed).unwrap(), "olá 👋".as_bytes());
        assert!(sealer.open("b", &sealed).is_err());
    }

    #[test]
    fn an_older_key_still_opens_and_a_foreign_one_does_not() {
        let sealed = Sealer::new([1; 32], &[]).seal(&entropy(), "a", b"x");
        assert!(Sealer::new([2; 32], &[[1; 32]]).open("a", &sealed).is_ok());
        assert!(Sealer::new([2; 32], &[]).open("a", &sealed).is_err());
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let sealer = Sealer::new([1; 32], &[]);
        let sealed = sealer.seal(&entropy(), "a", b"a text");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert!(sealer.open("a", &String::from_utf8(changed).unwrap()).is_err(), "at {at}");
        }
    }
}
