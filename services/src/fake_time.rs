use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::{Error, install};

/// The wall clock of services that are started with it: the real time and as much as it was moved forward. It goes on by
/// itself. A monotonic clock, by which programs wait, stays real.
pub struct FakeTime {
    folder: Arc<TempDir>,
    library: PathBuf,
    ahead: Mutex<Duration>,
}

impl FakeTime {
    /// A clock that shows the real time.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Install`] without libfaketime.
    pub fn new() -> Result<Self, Error> {
        let library = install::libfaketime()?;
        let folder = TempDir::new().map_err(Error::machine("make a folder for a clock"))?;
        let time = Self { folder: Arc::new(folder), library, ahead: Mutex::new(Duration::ZERO) };
        time.advance(Duration::ZERO)?;
        Ok(time)
    }

    /// Moves the clock forward, at once, for all services that were started with it.
    ///
    /// # Errors
    /// [`Error::Machine`] when its file cannot be written.
    pub fn advance(&self, by: Duration) -> Result<(), Error> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let moved = *ahead + by;
        // The services read it whenever they look at the time: they must never find half of it.
        let new = self.folder.path().join("new");
        let text = format!("+{}.{:09}\n", moved.as_secs(), moved.subsec_nanos());
        std::fs::write(&new, text)
            .and_then(|()| std::fs::rename(&new, self.file()))
            .map_err(Error::machine("move a clock"))?;
        *ahead = moved;
        Ok(())
    }

    /// What the clock shows.
    #[expect(clippy::disallowed_methods, reason = "the services' clock is the machine's, moved")]
    pub fn now(&self) -> SystemTime {
        SystemTime::now() + *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("time")
    }

    /// What a service runs under; `before` are libraries that it loads before libfaketime.
    pub(crate) fn clock(&self, before: &[&str]) -> Clock {
        let libraries: Vec<String> =
            before.iter().map(|library| (*library).to_owned()).chain([path(&self.library)]).collect();
        let prefix = vec![
            "env".into(),
            format!("LD_PRELOAD={}", libraries.join(" ")),
            format!("FAKETIME_TIMESTAMP_FILE={}", path(&self.file())),
            "FAKETIME_NO_CACHE=1".into(),
            // The variable was renamed.
            "FAKETIME_DONT_FAKE_MONOTONIC=1".into(),
            "DONT_FAKE_MONOTONIC=1".into(),
            "NO_FAKE_STAT=1".into(),
        ];
        Clock { prefix, _folder: Some(Arc::clone(&self.folder)) }
    }

    /// What a service runs under that looks itself by how many seconds its clock is ahead: in the file that the variable
    /// names.
    pub(crate) fn ahead(&self, variable: &str) -> Clock {
        let prefix = vec!["env".into(), format!("{variable}={}", path(&self.file()))];
        Clock { prefix, _folder: Some(Arc::clone(&self.folder)) }
    }
}

/// The clock of a service.
#[derive(Default)]
pub(crate) struct Clock {
    /// What its command begins with.
    pub prefix: Vec<String>,
    /// Where it reads the time for as long as it runs: without that file it would fall back to the real time.
    _folder: Option<Arc<TempDir>>,
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
