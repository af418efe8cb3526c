//! Backups of the documents: one SQLite file with all of them, taken while the store is in use or not, and put back as a
//! whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use flow::indexes::IndexSet;
use flow::limits::check_path;
use flow::ports::{DocPath, Document, StoreError};
use rusqlite::{Connection, OpenFlags};

use super::commit::rebuild_if_changed;
use super::entries::entries;
use super::{DocumentStore, LAYOUT, read};
use crate::database::{Unusable, check_version};
use crate::encoding::decode_fields;
use crate::fault::Fault;

/// Why a backup cannot be taken or used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file already, which is not replaced.
    #[error("{} is there already, and a backup replaces nothing", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file or its directory cannot be read or written.
    #[error("{} cannot be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The store cannot be read, or the backup cannot be written.
    #[error("{} cannot be copied", path.display())]
    Copy {
        /// The store.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// The file is no backup of documents, or a damaged one.
    #[error("{} is no backup that this program can read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Writes all documents of a data directory, as they are at this moment, into a new file that only its owner can read.
/// It makes no difference whether a process works on the directory meanwhile.
///
/// # Errors
/// [`BackupError`]; then the file is not there.
pub fn back_up(dir: &Path, to: &Path) -> Result<(), BackupError> {
    let from = dir.join(LAYOUT.name).with_extension("sqlite");
    let copy = |source| BackupError::Copy { path: from.clone(), source };
    let file = |source| BackupError::File { path: to.to_owned(), source };
    if to.exists() {
        return Err(BackupError::Exists { path: to.to_owned() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&from, flags).map_err(copy)?;
    check_version(&connection).map_err(|wrong| unreadable(&from, &wrong))?;
    let part = to.with_extension(format!("{}.part", std::process::id()));
    let written = (|| {
        private(&part).map_err(file)?;
        connection.execute("VACUUM INTO ?", [part.to_string_lossy()]).map_err(copy)?;
        File::open(&part).and_then(|part| part.sync_all()).map_err(file)?;
        // Where somebody else made the file meanwhile, theirs stays.
        fs::hard_link(&part, to).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => BackupError::Exists { path: to.to_owned() },
            _ => file(error),
        })
    })();
    // One that was never made cannot be removed.
    let _ = fs::remove_file(&part);
    written
}

/// An empty file for its owner only: what it will hold is sealed, but not all of it.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unreadable(path: &Path, wrong: &Unusable) -> BackupError {
    BackupError::Unreadable { path: path.to_owned(), reason: wrong.to_string() }
}

/// A backup that was read from its beginning to its end: every document in it can be stored.
pub struct Backup {
    connection: Connection,
    documents: u64,
}

impl Backup {
    /// Opens a file that [`back_up`] made, and reads all of it.
    ///
    /// # Errors
    /// [`BackupError::Unreadable`] when it is something else, of another version, or damaged.
    pub fn open(path: &Path, indexes: &IndexSet) -> Result<Self, BackupError> {
        let unreadable = |reason: String| BackupError::Unreadable { path: path.to_owned(), reason };
        File::open(path).map_err(|source| BackupError::File { path: path.to_owned(), source })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| unreadable(error.to_string()))?;
        check_version(&connection).map_err(|wrong| unreadable(wrong.to_string()))?;
        let documents = examine(&connection, indexes).map_err(|fault| match fault {
            Fault::Invalid(reason) => unreadable(reason),
            Fault::Store(source) => unreadable(source.to_string()),
            Fault::Condition(_) => unreadable("a document is there twice".into()),
        })?;
        Ok(Self { connection, documents })
    }

    /// How many documents it holds.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// One of its documents.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read any more.
    pub fn document(&self, path: &DocPath) -> Result<Option<Document>, StoreError> {
        let (collection, id) = check_path(path).map_err(StoreError::Invalid)?;
        Ok(read::get(&self.connection, &collection, &id)?)
    }
}

impl DocumentStore {
    /// Puts the documents of a backup in the place of all that there are. They get a version that nobody has read.
    ///
    /// # Errors
    /// [`StoreError`]; then everything is as it was.
    pub async fn replace_with(&self, backup: Backup) -> Result<(), StoreError> {
        let indexes = std::sync::Arc::clone(&self.indexes);
        let work = move |connection: &Connection| replace(connection, &indexes, &backup.connection);
        Ok(self.database.write(work, |()| ()).await?)
    }
}

/// Reads every document, as it will be stored.
fn examine(connection: &Connection, indexes: &IndexSet) -> Result<u64, Fault> {
    let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        return Err(Fault::Invalid(sound));
    }
    let mut statement = connection.prepare("SELECT collection, id, fields FROM documents ORDER BY collection, id")?;
    let mut rows = statement.query([])?;
    let (mut documents, mut last) = (0, String::new());
    while let Some(row) = rows.next()? {
        let (collection, id): (String, String) = (row.get(0)?, row.get(1)?);
        let path = format!("{collection}/{id}");
        check_path(&DocPath::from(path.as_str())).map_err(Fault::Invalid)?;
        if path == last {
            return Err(Fault::Condition(0));
        }
        let fields = decode_fields(&row.get::<_, Vec<u8>>(2)?)?;
        entries(indexes, &collection, &id, &fields).map_err(|reason| Fault::Invalid(format!("{path}: {reason}")))?;
        (documents, last) = (documents + 1, path);
    }
    Ok(documents)
}

fn replace(connection: &Connection, indexes: &IndexSet, backup: &Connection) -> Result<(), Fault> {
    let version: i64 =
        connection.query_row("UPDATE counter SET last = last + 1 RETURNING last", [], |row| row.get(0))?;
    connection.execute("DELETE FROM documents", [])?;
    let mut insert =
        connection.prepare("INSERT INTO documents (collection, id, version, fields) VALUES (?, ?, ?, ?)")?;
    let mut read = backup.prepare("SELECT collection, id, fields FROM documents")?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let (collection, id, fields): (String, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        insert.execute((collection, id, version, fields))?;
    }
    connection.execute("DELETE FROM built", [])?;
    rebuild_if_changed(connection, indexes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    use flow::ports::{CollectionPath, Documents, Fields, Order, Precondition, Query, Value, Version, Write};

    use super::*;
    use crate::lock::Lock;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn file(&self) -> PathBuf {
            self.0.path().join("backup")
        }

        fn store(&self) -> DocumentStore {
            let lock = Arc::new(Lock::take(self.0.path()).unwrap());
            DocumentStore::open(self.0.path(), lock, Arc::new(IndexSet::default())).unwrap()
        }
    }

    fn path(id: &str) -> DocPath {
        CollectionPath::root("things").doc(id)
    }

    fn set(id: &str, n: i64) -> Write {
        let fields = Fields::from([("n".to_owned(), Value::Int(n))]);
        Write::Set { path: path(id), fields, precondition: Precondition::None }
    }

    async fn all(store: &DocumentStore) -> Vec<(String, Option<Value>)> {
        let query = Query::collection(CollectionPath::root("things"), 100).ordered(Order::ascending("n"));
        let found = store.query(&query).await.unwrap();
        found.into_iter().map(|mut found| (found.path.id().to_owned(), found.fields.remove("n"))).collect()
    }

    fn number(n: i64) -> Option<Value> {
        Some(Value::Int(n))
    }

    #[tokio::test]
    async fn a_backup_of_a_store_in_use_is_put_back_as_a_whole() {
        let place = Place::new();
        let store = place.store();
        store.commit(vec![set("a", 1), set("b", 2)]).await.unwrap();
        back_up(place.0.path(), &place.file()).unwrap();
        store.commit(vec![set("a", 9), set("c", 3)]).await.unwrap();
        let stale = store.get(&path("a")).await.unwrap().unwrap().version;
        let backup = Backup::open(&place.file(), &IndexSet::default()).unwrap();
        assert_eq!((backup.documents(), backup.document(&path("c")).unwrap()), (2, None));
        store.replace_with(backup).await.unwrap();
        assert_eq!(all(&store).await, [("a".to_owned(), number(1)), ("b".to_owned(), number(2))]);
        let fields = Fields::new();
        for version in [stale, Version("1".into())] {
            let precondition = Precondition::Unchanged(version);
            let write = Write::Set { path: path("a"), fields: fields.clone(), precondition };
            assert!(matches!(store.commit(vec![write]).await, Err(StoreError::Conflict)), "nobody has read it");
        }
        drop(store);
        assert_eq!(all(&place.store()).await.len(), 2);
    }

    #[tokio::test]
    async fn a_backup_is_its_owners_alone_and_replaces_nothing() {
        let place = Place::new();
        place.store().commit(vec![set("a", 1)]).await.unwrap();
        back_up(place.0.path(), &place.file()).unwrap();
        assert_eq!(fs::metadata(place.file()).unwrap().permissions().mode() & 0o777, 0o600);
        let before = fs::read(place.file()).unwrap();
        assert!(matches!(back_up(place.0.path(), &place.file()), Err(BackupError::Exists { .. })));
        assert_eq!(fs::read(place.file()).unwrap(), before);
        let names = fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names.into_iter().all(|name| !name.to_string_lossy().contains("part")));
    }

    #[tokio::test]
    async fn what_is_no_backup_is_refused() {
        let place = Place::new();
        place.store().commit((0..500).map(|n| set(&format!("d{n}"), n)).take(400).collect()).await.unwrap();
        back_up(place.0.path(), &place.file()).unwrap();
        let good = fs::read(place.file()).unwrap();
        let refused = |bytes: &[u8]| {
            let file = place.0.path().join("other");
            fs::write(&file, bytes).unwrap();
            matches!(Backup::open(&file, &IndexSet::default()), Err(BackupError::Unreadable { .. }))
        };
        assert!(!refused(&good));
        assert!(refused(b"") && refused(b"no database at all, but some text that is long enough to look at"));
        assert!(refused(&good[..good.len() / 2]), "cut off");
        let mut damaged = good.clone();
        let middle = good.len() / 2;
        damaged[middle..middle + 2_000].fill(0x5a);
        assert!(refused(&damaged), "overwritten");
        let change = |sql: &str| {
            let file = place.0.path().join("changed");
            fs::write(&file, &good).unwrap();
            Connection::open(&file).unwrap().execute_batch(sql).unwrap();
            refused(&fs::read(&file).unwrap())
        };
        assert!(change("PRAGMA user_version = 2") && change("DROP TABLE documents"));
        assert!(change("UPDATE documents SET fields = x'ff' WHERE id = 'd7'"));
        assert!(change("UPDATE documents SET collection = 'a/b' WHERE id = 'd7'"));
        let missing = Backup::open(&place.0.path().join("nowhere"), &IndexSet::default());
        assert!(matches!(missing, Err(BackupError::File { .. })));
    }
}
