use super::StoreError;

/// Large values by key, in clear keys and sealed contents: S3 in the cloud, a folder on the laptop.
///
/// Keys are 1 to 512 characters of `a-z 0-9 / _ . -`, without `..` or a leading `/`. Objects are at most 16 MiB.
#[async_trait::async_trait]
pub trait Blobs: Send + Sync {
    /// Stores the bytes under the key, replacing what was there. Once it returns, they survive a crash.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a malformed key or too large an object; [`StoreError::Unavailable`] otherwise.
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError>;

    /// The bytes under the key, if there are any.
    ///
    /// # Errors
    /// As [`Self::put`].
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Removes the key; that it is not there is no error.
    ///
    /// # Errors
    /// As [`Self::put`].
    async fn delete(&self, key: &str) -> Result<(), StoreError>;
}
