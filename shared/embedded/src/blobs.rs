//! Large values: files below a folder, or a map in memory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use flow::limits::blobs::{check_key, check_object};
use flow::ports::{Blobs, Entropy, StoreError};

use crate::embedded::OpenError;
use crate::fault::Fault;
use crate::lock::Lock;

/// File systems take names of 255 bytes; a key may be longer and is spread over several.
const NAME: usize = 200;

/// The embedded blob store.
pub struct BlobStore(Place);

enum Place {
    Folder { folder: Folder, entropy: Arc<dyn Entropy>, _lock: Arc<Lock> },
    Memory(Mutex<BTreeMap<String, Vec<u8>>>),
}

impl BlobStore {
    pub(crate) fn open(dir: &Path, lock: Arc<Lock>, entropy: Arc<dyn Entropy>) -> Result<Self, OpenError> {
        let folder = Folder { root: dir.join("blobs") };
        folder.prepare().map_err(|source| OpenError::Directory { dir: folder.root.clone(), source })?;
        Ok(Self(Place::Folder { folder, entropy, _lock: lock }))
    }

    pub(crate) fn in_memory() -> Self {
        Self(Place::Memory(Mutex::default()))
    }
}

#[async_trait::async_trait]
impl Blobs for BlobStore {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        check_key(key).map_err(StoreError::Invalid)?;
        check_object(bytes.len()).map_err(StoreError::Invalid)?;
        match &self.0 {
            Place::Folder { folder, entropy, .. } => {
                let (file, temporary) = (folder.file(key), folder.temporary(entropy.bits()));
                blocking(move || put_file(&file, &temporary, &bytes)).await
            }
            Place::Memory(map) => {
                map.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), bytes);
                Ok(())
            }
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        check_key(key).map_err(StoreError::Invalid)?;
        match &self.0 {
            Place::Folder { folder, .. } => {
                let file = folder.file(key);
                blocking(move || if_found(fs::read(file))).await
            }
            Place::Memory(map) => Ok(map.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        check_key(key).map_err(StoreError::Invalid)?;
        match &self.0 {
            Place::Folder { folder, .. } => {
                let file = folder.file(key);
                blocking(move || if_found(fs::remove_file(file)).map(|_| ())).await
            }
            Place::Memory(map) => {
                map.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
                Ok(())
            }
        }
    }
}

/// Where the files lie: `objects` in 256 folders by a hash of their key, and `new` for those that are being written.
struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Makes the folders and removes what was being written when the last process ended.
    fn prepare(&self) -> io::Result<()> {
        let new = self.root.join("new");
        if_found(fs::remove_dir_all(&new))?;
        fs::create_dir_all(new)?;
        fs::create_dir_all(self.root.join("objects"))?;
        sync(&self.root)
    }

    /// The file of a key. A slash is written as a comma, which no key holds. Every name but the last begins with `+`, so
    /// that no file stands where another key needs a folder.
    fn file(&self, key: &str) -> PathBuf {
        let mut path = self.root.join("objects").join(HEXLOWER.encode(&[shard(key)]));
        let name = key.replace('/', ",");
        let mut rest = name.as_str();
        while rest.len() > NAME {
            let (part, behind) = rest.split_at(NAME);
            path.push(format!("+{part}"));
            rest = behind;
        }
        path.join(format!("={rest}"))
    }

    fn temporary(&self, bits: [u8; 16]) -> PathBuf {
        self.root.join("new").join(HEXLOWER.encode(&bits))
    }
}

/// Spreads keys over the folders.
fn shard(key: &str) -> u8 {
    key.bytes().fold(0, |hash: u8, byte| hash.rotate_left(3).wrapping_mul(31) ^ byte)
}

/// Writes beside and renames, so that a crash leaves the old object or the new one, never a part.
fn put_file(file: &Path, temporary: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = File::create(temporary)?;
    new.write_all(bytes)?;
    new.sync_all()?;
    drop(new);
    let folder = file.parent().ok_or_else(|| io::Error::other("a file without a folder"))?;
    make_durable(folder)?;
    fs::rename(temporary, file)?;
    sync(folder)
}

/// Makes the folder and those above it that are missing, so that they survive a crash.
fn make_durable(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().ok_or_else(|| io::Error::other("a folder without a place"))?;
    make_durable(above)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync(above)
}

/// Brings the names in a folder to the disk. Windows has no such call and needs none.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn if_found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Runs the work where it may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result.map_err(Fault::from)?),
        Err(error) => Err(StoreError::Unavailable(Box::new(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_takes_the_place_of_another_on_the_disk() {
        let folder = Folder { root: PathBuf::from("blobs") };
        let long = "a".repeat(512);
        let keys = ["a", "a/b", "a_b", "a.b", "a-b", &long, &long[..NAME], &long[..=NAME], &long[..NAME * 2]];
        let files: std::collections::BTreeSet<PathBuf> = keys.iter().map(|key| folder.file(key)).collect();
        assert_eq!(files.len(), keys.len());
        assert!(files.iter().all(|file| files.iter().all(|other| other == file || !other.starts_with(file))));
        assert!(files.iter().flat_map(|file| file.iter()).all(|name| name.len() < 255));
    }
}
