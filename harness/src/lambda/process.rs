use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Takes the lines that functions write: the function's name, and the line.
pub type Listener = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// A process. It is killed when this is dropped.
pub(super) struct Process {
    handle: Handle,
    _kills: DropGuard,
}

/// A way to signal a process that somebody else owns.
#[derive(Clone)]
pub(super) struct Handle {
    id: u32,
    signals: mpsc::UnboundedSender<Signal>,
    exited: watch::Receiver<Option<ExitStatus>>,
}

impl Process {
    /// Starts the command. What it writes goes to the listener, line by line.
    pub fn start(name: &str, mut command: Command, listener: &Listener) -> std::io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        follow(name, child.stdout.take(), listener);
        follow(name, child.stderr.take(), listener);
        let (signals, asked) = mpsc::unbounded_channel();
        let (exits, exited) = watch::channel(None);
        let handle = Handle { id: child.id().unwrap_or_default(), signals, exited };
        let dropped = CancellationToken::new();
        tokio::spawn(keep(child, asked, dropped.clone(), exits));
        Ok(Self { handle, _kills: dropped.drop_guard() })
    }

    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Handle {
    /// Its id at the operating system.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Sends it a signal, if it still lives.
    pub fn signal(&self, signal: Signal) {
        // Nobody receives once it has ended: then there is nothing to signal.
        let _ = self.signals.send(signal);
    }

    pub fn has_exited(&self) -> bool {
        self.exited.borrow().is_some()
    }

    /// Waits for its end, and says how it ended.
    pub async fn exited(&self) -> String {
        let mut exited = self.exited.clone();
        let status = exited.wait_for(Option::is_some).await.ok().and_then(|status| *status);
        status.map_or_else(|| "killed".to_owned(), |status| status.to_string())
    }
}

/// Owns the child. Only who waits for a process may signal it: after its end its id may be another's.
async fn keep(
    mut child: Child,
    mut asked: mpsc::UnboundedReceiver<Signal>,
    dropped: CancellationToken,
    exits: watch::Sender<Option<ExitStatus>>,
) {
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.ok(),
            Some(signal) = asked.recv() => {
                let id = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
                if let Some(Err(error)) = id.map(|id| kill_process(id, signal)) {
                    tracing::warn!(%error, "a process could not be signalled");
                }
            }
            () = dropped.cancelled() => {
                // An error means that it has just ended by itself.
                let _ = child.start_kill();
                break child.wait().await.ok();
            }
        }
    };
    exits.send_replace(status.or(Some(ExitStatus::default())));
}

fn follow(name: &str, output: Option<impl AsyncRead + Unpin + Send + 'static>, listener: &Listener) {
    let Some(output) = output else { return };
    let (name, listener) = (name.to_owned(), Arc::clone(listener));
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            listener(&name, &String::from_utf8_lossy(&line));
        }
    });
}
