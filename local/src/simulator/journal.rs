//! How the world survives a restart: a snapshot, and a journal of what happened since.
//!
//! A line of the journal is written before its fact is answered. That is enough against a crash of the program; nothing
//! is forced to the disk, so a crash of the machine may lose the last lines.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use flow::ports::Entropy;
use flow::seal::Sealer;
use serde::{Deserialize, Serialize};

use super::entries::Entry;
use super::world::World;
use super::{Shared, SimulatorSettings, StateFolder};

const CONTEXT: &str = "simulator/v1";
const SNAPSHOT: &str = "snapshot.sealed";

/// Why the simulator's state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The folder or a file in it cannot be read or written.
    #[error("the simulator's state in {path} cannot be used")]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The client that delivers webhooks cannot be made.
    #[error("the client for webhooks cannot be made")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The files.
pub(super) struct Journal {
    folder: PathBuf,
    sealer: Sealer,
    current: Mutex<Current>,
    dirty: AtomicBool,
}

struct Current {
    number: u64,
    file: File,
}

#[derive(Serialize, Deserialize)]
struct Snapshot<W> {
    /// The first journal that is not in it.
    journal: u64,
    world: W,
}

impl Journal {
    /// Opens the folder and brings its world back.
    pub(super) fn open(
        folder: &StateFolder,
        settings: &SimulatorSettings,
        entropy: &dyn Entropy,
    ) -> Result<(Self, World), StateError> {
        let path = folder.path.clone();
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| StateError::Io { path, source }
        };
        make_folder(&path).map_err(at(&path))?;
        let file = path.join(SNAPSHOT);
        let (first, mut world) = match read_if_there(&file).map_err(at(&file))? {
            None => (0, World::new()),
            Some(sealed) => match open_sealed::<Snapshot<World>>(&folder.sealer, &sealed) {
                Some(snapshot) => (snapshot.journal, snapshot.world.restored()),
                None => {
                    tracing::warn!("the simulator's state was sealed under another key and is set aside");
                    fs::rename(&file, path.join("snapshot.unreadable")).map_err(at(&file))?;
                    (0, World::new())
                }
            },
        };
        let numbers = journals(&path).map_err(at(&path))?;
        for number in numbers.iter().filter(|number| **number >= first) {
            let file = journal_path(&path, *number);
            for line in BufReader::new(File::open(&file).map_err(at(&file))?).split(b'\n') {
                let line = line.map_err(at(&file))?;
                // The last line may be torn; its fact was never answered.
                let entry = std::str::from_utf8(&line).ok().and_then(|line| open_sealed(&folder.sealer, line));
                if let Some(entry) = entry {
                    world.apply(settings, entropy, &entry);
                }
            }
        }
        let number = numbers.last().map_or(first, |last| (last + 1).max(first));
        let file = journal_path(&path, number);
        let current = Mutex::new(Current { number, file: append_to(&file).map_err(at(&file))? });
        let dirty = AtomicBool::new(!numbers.is_empty());
        Ok((Self { folder: path, sealer: folder.sealer.clone(), current, dirty }, world))
    }

    /// Writes a fact down. Call it while the world is locked, and let the fact happen only if it worked.
    pub(super) fn append(&self, entropy: &dyn Entropy, entry: &Entry) -> io::Result<()> {
        let mut line = self.sealer.seal(entropy, CONTEXT, &serde_json::to_vec(entry)?);
        line.push('\n');
        self.touch();
        self.current.lock().unwrap_or_else(PoisonError::into_inner).file.write_all(line.as_bytes())
    }

    /// The world changed in a way that only a snapshot keeps.
    pub(super) fn touch(&self) {
        self.dirty.store(true, Ordering::Relaxed);
    }

    /// Whether a snapshot would hold anything new.
    pub(super) fn dirty(&self) -> bool {
        self.dirty.load(Ordering::Relaxed)
    }

    /// Writes a snapshot, and begins a new journal.
    pub(super) fn snapshot(&self, shared: &Shared) -> io::Result<()> {
        let (plain, number) = {
            let world = shared.world();
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            let number = current.number + 1;
            let plain = serde_json::to_vec(&Snapshot { journal: number, world: &*world })?;
            *current = Current { number, file: append_to(&journal_path(&self.folder, number))? };
            self.dirty.store(false, Ordering::Relaxed);
            (plain, number)
        };
        let sealed = self.sealer.seal(&*shared.entropy, CONTEXT, &plain);
        let fresh = self.folder.join("snapshot.new");
        let mut file = private().write(true).create(true).truncate(true).open(&fresh)?;
        file.write_all(sealed.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, self.folder.join(SNAPSHOT))?;
        for old in journals(&self.folder)?.into_iter().filter(|old| *old < number) {
            fs::remove_file(journal_path(&self.folder, old))?;
        }
        Ok(())
    }
}

fn open_sealed<T: serde::de::DeserializeOwned>(sealer: &Sealer, sealed: &str) -> Option<T> {
    sealer.open(CONTEXT, sealed.trim_end()).ok().and_then(|plain| serde_json::from_slice(&plain).ok())
}

fn journal_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("journal-{number:010}.sealed"))
}

/// The numbers of the journals in the folder, in order.
fn journals(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("journal-")?.strip_suffix(".sealed"));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn read_if_there(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    private().append(true).create(true).open(path)
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(unix)]
fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}
