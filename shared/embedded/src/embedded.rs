//! All stores together, in a directory or in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Span;
use flow::ports::{Clock, Entropy, Queue};

use crate::blobs::BlobStore;
use crate::documents::DocumentStore;
use crate::fault::Fault;
use crate::items::ItemStore;
use crate::limiter::LimiterStore;
use crate::lock::Lock;
use crate::queues::QueueStore;
use flow::indexes::IndexSet;

/// The embedded stores. Cloning shares them; a directory stays locked until the last of them is dropped, which waits
/// until everything that was accepted is on the disk.
#[derive(Clone)]
pub struct Embedded {
    /// The system of record.
    pub documents: Arc<DocumentStore>,
    /// The queues between the functions.
    pub queues: Arc<QueueStore>,
    /// Intents, gates and quotas.
    pub items: Arc<ItemStore>,
    /// Rates.
    pub limiter: Arc<LimiterStore>,
    /// Large values.
    pub blobs: Arc<BlobStore>,
}

/// What shapes the stores.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The declared indexes.
    pub indexes: IndexSet,
    /// How long a message of [`Queue::Reply`] stays invisible after it was enqueued: the debounce.
    pub reply_delay: Span,
}

impl Settings {
    /// These indexes and a debounce of 2 s.
    pub fn new(indexes: IndexSet) -> Self {
        Self { indexes, reply_delay: Span::from_seconds(2) }
    }

    /// The queue-level delay.
    pub(crate) fn delay(&self, queue: Queue) -> Span {
        queue.delay(self.reply_delay)
    }
}

/// Why the stores cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process works on the directory.
    #[error("another process uses the data directory {}; end it, or choose another directory", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory cannot be made or written.
    #[error("the data directory {} cannot be used", dir.display())]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is damaged, or cannot be read or written.
    #[error("the store {} cannot be opened", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// A file was written by another version of the program.
    #[error("the store {} has format {found}, this program reads format {expected}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// Ours.
        expected: i64,
    },
    /// What is stored does not fit, such as a value that is too long for a newly declared index.
    #[error("{what} cannot be prepared: {reason}")]
    Content {
        /// What was being prepared.
        what: &'static str,
        /// Why it cannot be.
        reason: String,
    },
}

impl OpenError {
    /// The error of work that is done while a store is being opened.
    pub(crate) fn preparing(what: &'static str) -> impl FnOnce(Fault) -> Self {
        move |fault| {
            let reason = match fault {
                Fault::Invalid(reason) => reason,
                Fault::Store(source) => source.to_string(),
                Fault::Condition(_) => "a condition did not hold".into(),
            };
            Self::Content { what, reason }
        }
    }
}

impl Embedded {
    /// Opens the stores in a directory, which is made if need be and locked. Messages that were in flight when the last
    /// process ended become visible at once.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        dir: &Path,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
    ) -> Result<Self, OpenError> {
        make_private(dir).map_err(|source| OpenError::Directory { dir: dir.to_owned(), source })?;
        let lock = Arc::new(Lock::take(dir)?);
        let indexes = Arc::new(settings.indexes.clone());
        Ok(Self {
            documents: Arc::new(DocumentStore::open(dir, Arc::clone(&lock), indexes)?),
            queues: Arc::new(QueueStore::open(
                dir,
                Arc::clone(&lock),
                Arc::clone(&clock),
                Arc::clone(&entropy),
                &settings,
            )?),
            items: Arc::new(ItemStore::open(dir, Arc::clone(&lock), Arc::clone(&clock))?),
            limiter: Arc::new(LimiterStore::open(dir, Arc::clone(&lock), clock)?),
            blobs: Arc::new(BlobStore::open(dir, lock, entropy)?),
        })
    }

    /// Empty stores in memory, without threads or files: the simulation's world.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn in_memory(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, settings: Settings) -> Result<Self, OpenError> {
        Ok(Self {
            documents: Arc::new(DocumentStore::in_memory(Arc::new(settings.indexes.clone()))?),
            queues: Arc::new(QueueStore::in_memory(Arc::clone(&clock), entropy, &settings)?),
            items: Arc::new(ItemStore::in_memory(Arc::clone(&clock))?),
            limiter: Arc::new(LimiterStore::in_memory(clock)?),
            blobs: Arc::new(BlobStore::in_memory()),
        })
    }
}

/// Makes the directory, for its owner only: what lies in it is sealed, but not all of it.
fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
