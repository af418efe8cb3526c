//! The system of record: documents, their index entries, and queries that read the entries in order.

mod backup;
mod commit;
mod entries;
mod plan;
mod read;

use std::path::Path;
use std::sync::Arc;

use flow::indexes::IndexSet;
use flow::limits::{check_limit, check_path};
use flow::ports::{DocPath, Document, Documents, Query, StoreError, Write};

pub use self::backup::{Backup, BackupError, back_up};
use self::commit::{commit, prepare, rebuild_if_changed};
use self::plan::{Plan, is_reversed, plan};
use crate::database::{Database, Layout};
use crate::embedded::OpenError;
use crate::fault::Fault;
use crate::lock::Lock;

/// `counter` counts commits: its value is the version of every document that the commit wrote, so that a version never
/// comes back, not even when a document is removed and made again.
const LAYOUT: Layout = Layout {
    name: "documents",
    schema: "CREATE TABLE documents (
            document INTEGER PRIMARY KEY,
            collection TEXT NOT NULL,
            id TEXT NOT NULL,
            version INTEGER NOT NULL,
            fields BLOB NOT NULL,
            UNIQUE (collection, id)
        );
        CREATE TABLE entries (key BLOB PRIMARY KEY, document INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE counter (last INTEGER NOT NULL);
        INSERT INTO counter (last) VALUES (0);
        CREATE TABLE built (fingerprint TEXT NOT NULL)",
    readers: 2,
    durable: true,
};

/// The embedded system of record.
pub struct DocumentStore {
    database: Database,
    indexes: Arc<IndexSet>,
    _lock: Option<Arc<Lock>>,
}

impl DocumentStore {
    pub(crate) fn open(dir: &Path, lock: Arc<Lock>, indexes: Arc<IndexSet>) -> Result<Self, OpenError> {
        Self::over(Database::open(dir, LAYOUT)?, Some(lock), indexes)
    }

    pub(crate) fn in_memory(indexes: Arc<IndexSet>) -> Result<Self, OpenError> {
        Self::over(Database::in_memory(LAYOUT)?, None, indexes)
    }

    fn over(database: Database, lock: Option<Arc<Lock>>, indexes: Arc<IndexSet>) -> Result<Self, OpenError> {
        let declared = Arc::clone(&indexes);
        database
            .write_at_open(move |connection| rebuild_if_changed(connection, &declared))
            .map_err(OpenError::preparing("the indexes of the documents"))?;
        Ok(Self { database, indexes, _lock: lock })
    }
}

#[async_trait::async_trait]
impl Documents for DocumentStore {
    async fn get(&self, path: &DocPath) -> Result<Option<Document>, StoreError> {
        let (collection, id) = check_path(path).map_err(StoreError::Invalid)?;
        Ok(self.database.read(move |connection| read::get(connection, &collection, &id)).await?)
    }

    async fn get_many(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError> {
        let paths = paths.iter().map(check_path).collect::<Result<Vec<_>, _>>().map_err(StoreError::Invalid)?;
        let work = move |connection: &_| paths.iter().map(|(parent, id)| read::get(connection, parent, id)).collect();
        Ok(self.database.read(work).await?)
    }

    async fn query(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        let (limit, reversed) = (query.limit, is_reversed(query));
        check_limit(query).map_err(StoreError::Invalid)?;
        let plan = plan(&self.indexes, query, None).map_err(StoreError::Invalid)?;
        Ok(self.database.read(move |connection| read::query(connection, &plan, reversed, limit)).await?)
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let plan = plan(&self.indexes, query, None).map_err(StoreError::Invalid)?;
        Ok(self.database.read(move |connection| read::count(connection, &plan)).await?)
    }

    async fn sum(&self, query: &Query, field: &str) -> Result<i64, StoreError> {
        let plan = plan(&self.indexes, query, Some(field)).map_err(StoreError::Invalid)?;
        let skip = usize::from(query.order.as_ref().is_some_and(|order| order.field != field));
        let work = move |connection: &_| match &plan {
            Plan::Entries(ranges) => read::sum(connection, ranges, skip),
            Plan::EveryDocument(_) => Err(Fault::Invalid("a sum reads an index".into())),
        };
        Ok(self.database.read(work).await?)
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let writes = prepare(&self.indexes, writes).map_err(StoreError::Invalid)?;
        let indexes = Arc::clone(&self.indexes);
        Ok(self.database.write(move |connection| commit(connection, &indexes, &writes), |()| ()).await?)
    }
}
