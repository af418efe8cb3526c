//! A whole deployment on this machine, in the place of the local program.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use boot::settings::Environment;
use cloud::{Ports, Setup};
use demo::DemoNumber;
use domain::OrganizationId;
use flow::platform::Platform;
use harness::stack::{Runs, Stack, StackSettings};
use harness::{organization, template};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use services::resources::OPERATOR_KEY;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::actions::not_listed;
use crate::place::{Place, binaries};
use crate::wait::{PATIENCE, eventually, within};

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// So many crashes a run survives.
pub const KILLS: u64 = 50;

/// How soon after the last crash all that was left over must be done: the claim of a call that was cut off ends, then upkeep
/// looks.
pub const RESUMED: Duration = Duration::from_secs(120);

/// So many updates come in one body. Emulators are slow: Meta may send a thousand.
pub const UPDATES: usize = 300;

/// How soon all of them must be queued: the webhook's own timeout.
pub const QUEUED: Duration = Duration::from_secs(15);

/// Every minute in the cloud.
const UPKEEP: Duration = Duration::from_secs(2);

/// What a killed process held comes back after minutes in the cloud.
const COMES_BACK: Duration = Duration::from_secs(3);

/// No more processes of one function than this.
const MOST: usize = 8;

/// Where a deployment keeps its data, across restarts: its services.
#[derive(Default)]
pub struct Home {
    /// Its services are its own, so that they may be stopped.
    is_alone: bool,
    place: OnceLock<Place>,
    told: OnceLock<BTreeMap<String, String>>,
    organization: OnceLock<OrganizationId>,
    api_key: OnceLock<SecretString>,
    stack: OnceLock<(Arc<Stack>, String)>,
}

impl Home {
    pub fn new() -> Self {
        Self::default()
    }

    /// Shares no service with other tests.
    pub fn alone() -> Self {
        let mut home = Self::default();
        home.is_alone = true;
        home
    }

    /// The stores that the functions use, to look at them and to change what takes too long by itself.
    pub async fn platform(&self) -> Platform {
        let told = self.told.get().expect("it was started").clone();
        let who = [("AWS_REGION", "sa-east-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let who = who.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let wire = |setup: &Setup<'_>| {
            let (documents, items) = (setup.documents(), setup.items());
            setup.platform(Ports { documents: documents?, items: items?, ..Ports::default() })
        };
        cloud::read(Environment::from_pairs(told.into_iter().chain(who)), wire).await.unwrap()
    }

    /// The services, once the first program was started.
    pub fn place(&self) -> &Place {
        self.place.get().expect("it was started")
    }

    /// The services, to stop and start them.
    pub fn place_mut(&mut self) -> &mut Place {
        self.place.get_mut().expect("it was started")
    }

    /// Whose everything is.
    pub fn organization(&self) -> &OrganizationId {
        self.organization.get().expect("it was started")
    }

    /// The functions.
    pub fn stack(&self) -> &Stack {
        &self.stack.get().expect("it was started").0
    }

    /// All that the services keep.
    pub async fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        self.place().kept().await
    }

    /// The messages among the dead letters.
    pub async fn given_up(&self) -> Vec<String> {
        self.place().dead_letters().await
    }

    /// Nothing is kept in files.
    pub fn data_dir(&self) -> PathBuf {
        PathBuf::from("nowhere")
    }

    /// What the local program would write to `local.json`.
    pub fn local_json(&self) -> Value {
        let api_key = self.api_key.get().expect("it was started").expose_secret();
        json!({"api_key": api_key, "operator_key": OPERATOR_KEY})
    }
}

/// Whatever a journey does, its functions ask AWS for nothing that their policies do not allow.
impl Drop for Home {
    fn drop(&mut self) {
        if self.stack.get().is_some() && !std::thread::panicking() {
            assert_eq!(not_listed(self), Vec::<String>::new(), "tests/actions.toml does not list this");
        }
    }
}

/// Everything that the functions wrote.
#[derive(Clone, Default)]
pub struct Log(watch::Sender<String>);

impl Log {
    pub fn text(&self) -> String {
        self.0.borrow().clone()
    }

    /// Waits until a function has written something.
    pub async fn says(&self, what: &str) {
        let mut log = self.0.subscribe();
        let said = within(PATIENCE, log.wait_for(|log| log.contains(what))).await;
        assert!(said.is_some(), "no function said {what:?} but:\n{}", self.text());
    }

    fn add(&self, name: &str, line: &str) {
        self.0.send_modify(|log| {
            log.push_str(name);
            log.push_str(": ");
            log.push_str(line);
            log.push('\n');
        });
    }
}

/// The deployment, while it works. Between two starts its queues are not read and it has no processes; the services and
/// what they hold stay.
pub struct Program {
    stack: Arc<Stack>,
    /// Where requests are taken.
    pub url: String,
}

impl Program {
    /// Starts it, or lets it work again. Only the token and the model may differ from an earlier start.
    pub async fn start_into<'v>(
        home: &Home,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
        log: Log,
    ) -> Self {
        let variables: BTreeMap<String, String> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let place = home.place.get_or_init(|| {
            let debounce = Duration::from_secs(variables["REPLY_DEBOUNCE_SECONDS"].parse().unwrap());
            if home.is_alone { Place::start_alone(debounce) } else { Place::start(debounce) }
        });
        let told = place.told(&variables).await;
        let number = DemoNumber {
            id: variables["WHATSAPP_PHONE_NUMBER_ID"].parse().unwrap(),
            waba_id: variables["WHATSAPP_BUSINESS_ACCOUNT_ID"].clone(),
            display: "+5511000000100".to_owned(),
        };
        let token = variables["WHATSAPP_ACCESS_TOKEN"].clone().into();
        let model = variables.get("OPENAI_MODEL").map(String::as_str);
        let organization = organization::set_up(&told, &number, &token, model).await.unwrap();
        let _ = home.organization.set(organization.id);
        let _ = home.api_key.set(organization.api_key);
        let _ = home.told.set(told.clone());
        if home.stack.get().is_none() {
            let started = start(told, log).await;
            assert!(home.stack.set(started).is_ok());
        }
        let (stack, url) = home.stack.get().unwrap();
        stack.work(true);
        Self { stack: Arc::clone(stack), url: url.clone() }
    }

    /// It has many processes, and no id of its own.
    pub fn id(&self) -> u32 {
        0
    }

    /// Kills all processes without a word, at once.
    pub async fn kill(self) {
        self.stack.work(false);
        self.stack.kill_all();
    }

    /// Kills one of its processes, rather one in the middle of its work; sometimes all of them at once.
    pub async fn crash<'v>(
        self,
        _: &Home,
        _: impl IntoIterator<Item = (&'v str, &'v str)>,
        random: &mut StdRng,
    ) -> Self {
        if random.random_bool(0.1) {
            self.stack.kill_all();
            return self;
        }
        let (busy, idle) = self.stack.processes();
        if let Some(process) = busy.choose(random).or_else(|| idle.choose(random)) {
            self.stack.kill(*process);
        }
        self
    }

    /// Takes no more work, and waits until nothing is in the middle of it.
    pub async fn ended(self) -> ExitStatus {
        self.stack.work(false);
        eventually("nothing is at work", || async { self.stack.processes().0.is_empty().then_some(()) }).await;
        ExitStatus::from_raw(0)
    }

    /// The most memory that any of its processes ever had, in bytes; `None` where the system does not tell.
    pub fn peak_memory(&self) -> Option<u64> {
        let (busy, idle) = self.stack.processes();
        busy.into_iter().chain(idle).filter_map(peak_memory).max()
    }
}

async fn start(variables: BTreeMap<String, String>, log: Log) -> (Arc<Stack>, String) {
    // What the harness itself says is shown when a test fails.
    let _ = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_test_writer().try_init();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = StackSettings {
        functions: template::functions(TEMPLATE).unwrap(),
        runs: Runs::Binaries(binaries()),
        variables,
        every: UPKEEP,
        most: MOST,
        comes_back: Some(COMES_BACK),
        listener: Arc::new(move |name, line| log.add(name, line)),
    };
    (Arc::new(Stack::start(settings, listener).await.unwrap()), url)
}

fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// Asks a program to end: [`Program::ended`] does that itself.
pub async fn interrupt(_: u32) {}
