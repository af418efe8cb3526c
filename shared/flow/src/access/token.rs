use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Reads the `N` bytes of a token that begins with this.
pub(super) fn decode<const N: usize>(prefix: &str, text: &str) -> Option<[u8; N]> {
    let body = text.strip_prefix(prefix)?;
    // The length first: nothing is decoded that is far too long.
    if body.len() != (N * 4).div_ceil(3) {
        return None;
    }
    URL_SAFE_NO_PAD.decode(body).ok()?.try_into().ok()
}

/// Writes the bytes of a token.
pub(super) fn encode(prefix: &str, bytes: &[u8]) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The 16 bytes of a token at this place.
pub(super) fn bits(bytes: &[u8], at: usize) -> [u8; 16] {
    let mut bits = [0; 16];
    bits.copy_from_slice(&bytes[at..at + 16]);
    bits
}

/// What is stored of a secret.
pub(super) fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// Whether two hashes are the same, in a time that does not tell how much of them is.
pub(super) fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.ct_eq(b).into()
}
