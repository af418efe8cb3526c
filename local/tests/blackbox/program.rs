//! The real program as a process of its own, in a folder of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rand::rngs::StdRng;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::wait::{PATIENCE, within};

/// What the program says when it is ready.
const READY: &str = "Porfin runs at ";

/// So many crashes a run survives.
pub const KILLS: u64 = 10;

/// How soon after a start all that was left over must be done: the claim of a call that was cut off lasts 25 seconds.
pub const RESUMED: Duration = Duration::from_secs(30);

/// So many updates come in one body.
pub const UPDATES: usize = 1_000;

/// How soon all of them must be queued.
pub const QUEUED: Duration = Duration::from_secs(10);

/// Where a program keeps its data, across restarts.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The folder in which the program is started.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn data_dir(&self) -> std::path::PathBuf {
        self.path().join("data")
    }

    /// All that it keeps about the world: its files.
    pub async fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => files(&path, found),
                    false => drop(found.insert(path.display().to_string(), std::fs::read(&path).unwrap())),
                }
            }
        }
        let mut found = BTreeMap::new();
        files(&self.data_dir(), &mut found);
        found
    }

    /// The messages that were given up. Nobody can see them from outside while the program runs.
    pub async fn given_up(&self) -> Vec<String> {
        Vec::new()
    }

    /// What `local.json` says.
    pub fn local_json(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.data_dir().join("local.json")).unwrap()).unwrap()
    }
}

/// Everything that a program wrote, on both of its outputs.
#[derive(Clone, Default)]
pub struct Log(watch::Sender<String>);

impl Log {
    pub fn text(&self) -> String {
        self.0.borrow().clone()
    }

    /// Waits until the program has written something.
    pub async fn says(&self, what: &str) {
        let mut log = self.0.subscribe();
        let said = within(PATIENCE, log.wait_for(|log| log.contains(what))).await;
        assert!(said.is_some(), "the program did not say {what:?} but:\n{}", self.text());
    }

    fn follow(&self, output: impl AsyncRead + Unpin + Send + 'static) -> tokio::task::JoinHandle<()> {
        let log = self.0.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                log.send_modify(|log| {
                    log.push_str(&String::from_utf8_lossy(&line));
                    log.push('\n');
                });
            }
        })
    }
}

/// A running program. It is killed when it is dropped.
pub struct Program {
    child: Child,
    pub log: Log,
    followers: Vec<tokio::task::JoinHandle<()>>,
    /// Where it listens.
    pub url: String,
}

/// The program with these variables and no others, in the home's folder.
fn command<'v>(home: &Home, variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_porfin"));
    command.env_clear().envs(variables).current_dir(home.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl Program {
    /// Starts it and waits until it is ready.
    pub async fn start<'v>(home: &Home, variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        Self::start_into(home, variables, Log::default()).await
    }

    /// The same, writing on in a log.
    pub async fn start_into<'v>(
        home: &Home,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
        log: Log,
    ) -> Self {
        let mut child = command(home, variables).spawn().unwrap();
        let before = log.0.borrow().len();
        let followers = vec![log.follow(child.stdout.take().unwrap()), log.follow(child.stderr.take().unwrap())];
        let mut said = log.0.subscribe();
        let ready = async {
            tokio::select! {
                said = said.wait_for(|said| said[before..].contains(READY)) => said.is_ok(),
                _ = child.wait() => false,
            }
        };
        let ready = within(PATIENCE, ready).await == Some(true);
        let text = log.text()[before..].to_owned();
        assert!(ready, "the program did not start:\n{text}");
        let (_, url) = text.split_once(READY).unwrap();
        let url = url.lines().next().unwrap().to_owned();
        Self { child, log, followers, url }
    }

    /// Starts it where it cannot run, and returns how it ended and what it said.
    pub async fn refused<'v>(
        home: &Home,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> (Option<i32>, String) {
        Self::run(home, variables, &[]).await
    }

    /// Runs a command that ends by itself, and returns how it ended and what it said.
    pub async fn run<'v>(
        home: &Home,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
        arguments: &[&str],
    ) -> (Option<i32>, String) {
        let output = command(home, variables).args(arguments).output();
        let output = within(PATIENCE, output).await.expect("it ends").unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Kills it without a word: `kill -9`.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
        self.drain().await;
    }

    /// Kills it and starts it again.
    pub async fn crash<'v>(
        self,
        home: &Home,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
        _: &mut StdRng,
    ) -> Self {
        let log = self.log.clone();
        self.kill().await;
        Self::start_into(home, variables, log).await
    }

    /// Waits until it has ended.
    pub async fn ended(mut self) -> ExitStatus {
        let status = within(PATIENCE, self.child.wait()).await;
        let status = status.unwrap_or_else(|| panic!("it does not end:\n{}", self.log.text())).unwrap();
        self.drain().await;
        status
    }

    async fn drain(&mut self) {
        for follower in self.followers.drain(..) {
            let _ = follower.await;
        }
    }

    /// The most memory that it ever had, in bytes; `None` where the system does not tell.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }
}

/// Asks a program to end, as Ctrl-C does.
pub async fn interrupt(id: u32) {
    let kill = ["-c", "kill -s INT \"$0\"", &id.to_string()].map(str::to_owned);
    assert!(Command::new("sh").args(kill).status().await.unwrap().success());
}
