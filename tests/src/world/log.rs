//! What the programs log while a world exists, to be searched for what must not be there.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// The lines so far. Logging goes here as long as it lives, on this thread.
pub(super) struct Log {
    lines: Lines,
    _guard: tracing::subscriber::DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn begin() -> Self {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(lines.clone())
            .finish();
        Self { lines, _guard: subscriber.set_default() }
    }

    /// The lines that hold one of these.
    pub fn search(&self, secrets: &[String]) -> Vec<String> {
        let text = self.text();
        let secrets: Vec<&String> = secrets.iter().filter(|secret| text.contains(secret.as_str())).collect();
        let holds_one = |line: &&str| secrets.iter().any(|secret| line.contains(secret.as_str()));
        text.lines().filter(holds_one).map(str::to_owned).collect()
    }

    /// Everything.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.lines.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
