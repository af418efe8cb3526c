use std::fmt;

use domain::Timestamp;

use super::Fields;

/// The records that decide whether a send may happen: intents, gates, quotas. DynamoDB in the cloud; outside the system
/// of record and its backups, so that no restore can bring sent work back.
///
/// Limits: an item at most 400 KiB, a transaction at most 100 writes, one per key, and 4 MiB. Reads are strongly
/// consistent. Versions count up by one with each write of an item and an item is never deleted, only marked with
/// `expires_at`, after which it may vanish at any later time; readers compare the time themselves.
#[async_trait::async_trait]
pub trait Items: Send + Sync {
    /// The items in the order asked for (at most 100), each as the last finished write left it.
    ///
    /// # Errors
    /// [`ItemsError::Unavailable`].
    async fn get(&self, keys: &[ItemKey]) -> Result<Vec<Option<Item>>, ItemsError>;

    /// Carries out all writes or none. Once it returns `Ok`, they survive a crash.
    ///
    /// # Errors
    /// [`ItemsError::Condition`] with the place of the first condition that does not hold;
    /// [`ItemsError::Unavailable`] when the outcome is not known: read back, every write carries who wrote it.
    async fn transact(&self, writes: Vec<ItemWrite>) -> Result<(), ItemsError>;

    /// Items whose key starts with the prefix, at most `limit` of them, in an order of the store's own: for repair after a
    /// restore only. A walk goes on after the key of an item that it was given; it meets every item that is there all the
    /// while once, and a page of less than `limit` is its last.
    ///
    /// # Errors
    /// [`ItemsError::Unavailable`].
    async fn scan(&self, prefix: &str, after: Option<&ItemKey>, limit: u32) -> Result<Vec<Item>, ItemsError>;
}

/// The key of an item, `kind#…`; no personal data in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey(String);

impl ItemKey {
    /// The key of this kind with these parts.
    pub fn new(kind: &str, parts: &[&str]) -> Self {
        let mut key = kind.to_owned();
        for part in parts {
            key.push('#');
            key.push_str(part);
        }
        Self(key)
    }

    /// The whole key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ItemKey {
    fn from(key: String) -> Self {
        Self(key)
    }
}

impl fmt::Debug for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An item as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its key.
    pub key: ItemKey,
    /// What it holds.
    pub fields: Fields,
    /// 1 after the first write, one more with each.
    pub version: u64,
    /// When it may vanish.
    pub expires_at: Option<Timestamp>,
}

/// What must hold of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It was never written.
    Absent,
    /// It is as it was read.
    Version(u64),
}

/// One write of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemWrite {
    /// Replaces the item.
    Put {
        /// Which one.
        key: ItemKey,
        /// All of its fields.
        fields: Fields,
        /// When it may vanish.
        expires_at: Option<Timestamp>,
        /// What must hold before.
        condition: Condition,
    },
    /// Writes nothing, but the transaction fails unless the condition holds.
    Check {
        /// Which one.
        key: ItemKey,
        /// What must hold.
        condition: Condition,
    },
    /// Adds to an integer field (0 where absent) if the sum does not pass the limit; makes the item if need be.
    Add {
        /// Which one.
        key: ItemKey,
        /// The field.
        field: String,
        /// How much.
        by: i64,
        /// The largest sum allowed.
        at_most: i64,
        /// When it may vanish.
        expires_at: Option<Timestamp>,
    },
}

impl ItemWrite {
    /// The item that it writes or checks.
    pub fn key(&self) -> &ItemKey {
        match self {
            Self::Put { key, .. } | Self::Check { key, .. } | Self::Add { key, .. } => key,
        }
    }
}

/// Why a transaction was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ItemsError {
    /// The condition of the write at this place did not hold.
    #[error("the condition of write {index} did not hold")]
    Condition {
        /// Its place in the transaction.
        index: usize,
    },
    /// The store did not answer, or not in time, or it is throttling. The call may have taken effect.
    #[error("the store did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The call itself is wrong: over a limit, two writes of one key. Trying again cannot help.
    #[error("the call was refused: {0}")]
    Invalid(String),
}
