use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What an operator's key begins with.
pub const PREFIX: &str = "po_";

/// The keys of whoever runs the deployment: outside of all organizations and roles. Only their SHA-256 is held.
#[derive(Clone, Default)]
pub struct OperatorKeys(Arc<[[u8; 32]]>);

impl OperatorKeys {
    /// These keys.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a SecretString>) -> Self {
        Self(keys.into_iter().map(|key| digest(key.expose_secret().as_bytes())).collect())
    }

    /// Whether it is one of them. The time this takes says nothing about them: all are compared, and only by their digests.
    pub(crate) fn contain(&self, presented: &str) -> bool {
        let presented = digest(presented.as_bytes());
        self.0.iter().fold(false, |found, key| found | bool::from(key.ct_eq(&presented)))
    }
}

fn digest(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_whole_or_not_at_all() {
        let (first, second) = (SecretString::from("po_first"), SecretString::from("po_second"));
        let keys = OperatorKeys::new([&first, &second]);
        assert!(keys.contain("po_first") && keys.contain("po_second"));
        for wrong in ["", "po_", "po_firs", "po_first ", "PO_FIRST", "po_third"] {
            assert!(!keys.contain(wrong), "{wrong}");
        }
        assert!(!OperatorKeys::default().contain(""));
    }
}
