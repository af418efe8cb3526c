//! The services of one deployment, with its queues, table, bucket and secrets.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use aws_client::{Credentials, Deadlines, SdkConfig, Settings};
use aws_sdk_secretsmanager::Client;
use serde_json::json;
use services::resources::{QUEUES, Resources};
use services::{Firestore, Moto, Redis};

pub struct Place {
    /// Where the limiter is: its own in any case.
    pub redis: Redis,
    /// Where the documents are, unless they are shared.
    pub firestore: Option<Firestore>,
    _moto: Option<Moto>,
    /// What all names begin with.
    pub prefix: String,
    /// What the functions are told, secrets as references.
    variables: BTreeMap<String, String>,
}

/// Where the variables that are secret are kept, besides those of every deployment.
const SECRETS: [(&str, &[&str]); 3] = [
    ("webhook", &["WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"]),
    ("model", &["OPENAI_API_KEY"]),
    ("firestore", &["FIREBASE_CREDENTIALS"]),
];

impl Place {
    /// Takes the services that `cargo xtask test` shares among tests, or starts its own, and makes everything in them. That
    /// takes up to some seconds, and holds up the thread.
    pub fn start(debounce: Duration) -> Self {
        match shared() {
            Some((moto, firestore)) => Self::made(debounce, moto, firestore, Redis::start(None).unwrap()),
            None => Self::start_alone(debounce),
        }
    }

    /// Starts its own, to stop them.
    pub fn start_alone(debounce: Duration) -> Self {
        let (moto, redis, firestore) = thread::scope(|scope| {
            let moto = scope.spawn(|| Moto::start(None).unwrap());
            let firestore = scope.spawn(|| Firestore::start().unwrap());
            let redis = Redis::start(None).unwrap();
            (moto.join().unwrap(), redis, firestore.join().unwrap())
        });
        let place = Self::made(debounce, moto.port(), firestore.port(), redis);
        Self { firestore: Some(firestore), _moto: Some(moto), ..place }
    }

    fn made(debounce: Duration, moto: u16, firestore: u16, redis: Redis) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("porfin-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let resources = Resources { reply_debounce: debounce, prefix: prefix.clone(), ..Resources::default() };
        let mut variables: BTreeMap<String, String> = resources.make_at(moto).unwrap().into_iter().collect();
        let stores = [
            ("REDIS_URL", redis.url()),
            ("FIRESTORE_EMULATOR_HOST", format!("127.0.0.1:{firestore}")),
            ("PORFIN_FIRESTORE_PROJECT", prefix.clone()),
        ];
        variables.extend(stores.map(|(name, value)| (name.to_owned(), value)));
        Self { redis, firestore: None, _moto: None, prefix, variables }
    }

    /// The value of a variable.
    pub fn variable(&self, name: &str) -> &str {
        &self.variables[name]
    }

    /// Where the queues are.
    pub fn queues(&self) -> Vec<String> {
        self.urls("QUEUE")
    }

    /// Where their dead letters are.
    pub fn queues_of_dead_letters(&self) -> Vec<String> {
        self.urls("DEAD_LETTERS")
    }

    fn urls(&self, kind: &str) -> Vec<String> {
        let names = QUEUES.map(|queue| format!("PORFIN_{kind}_{}_URL", queue.name.to_uppercase()));
        names.map(|name| self.variable(&name).to_owned()).to_vec()
    }

    /// The bodies among the dead letters of all queues.
    pub async fn dead_letters(&self) -> Vec<String> {
        let client = aws_sdk_sqs::Client::new(&self.aws());
        let mut found = Vec::new();
        for dead in self.queues_of_dead_letters() {
            let received = client.receive_message().queue_url(&dead).max_number_of_messages(10).send().await.unwrap();
            found.extend(received.messages().iter().map(|message| format!("{dead}: {:?}", message.body())));
        }
        found
    }

    /// AWS, to look at it.
    pub fn aws(&self) -> SdkConfig {
        let endpoint = Some(self.variable("AWS_ENDPOINT_URL").parse().unwrap());
        let credentials =
            Credentials { access_key: "test".into(), secret_key: "test".to_owned().into(), session_token: None };
        Settings { region: "sa-east-1".into(), endpoint, credentials, deadlines: Deadlines::SMALL }.config()
    }

    /// What the functions are told, where a world sets some variables itself: those that are secret go to the secrets.
    pub async fn told(&self, own: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut told = self.variables.clone();
        told.extend(own.clone());
        let client = Client::new(&self.aws());
        for (secret, members) in SECRETS {
            let members = members.iter().filter_map(|member| Some((*member, own.get(*member)?)));
            let members: BTreeMap<&str, &String> = members.collect();
            if members.is_empty() {
                continue;
            }
            let (name, value) = (format!("{}/{secret}", self.prefix), json!(members).to_string());
            let put = client.put_secret_value().secret_id(&name).secret_string(&value).send().await;
            if put.is_err() {
                client.create_secret().name(&name).secret_string(&value).send().await.unwrap();
            }
            told.extend(members.keys().map(|member| ((*member).to_owned(), format!("secret:{name}#{member}"))));
        }
        told
    }
}

/// The ports of moto and of the Firestore emulator that `cargo xtask test` started.
fn shared() -> Option<(u16, u16)> {
    #[expect(clippy::disallowed_methods, reason = "a knob of these tests, not a setting of a program")]
    let ports = std::env::var("PORFIN_TEST_SERVICES").ok()?;
    let (moto, firestore) = ports.split_once(',')?;
    Some((moto.parse().ok()?, firestore.parse().ok()?))
}

/// Where the functions' binaries are: beside this test's own folder. They are built apart from the tests, so one that is older
/// than its sources is refused.
pub fn binaries() -> PathBuf {
    let folder = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
    for name in ["webhook", "inbox", "reply", "send", "status", "feed", "deliver", "task", "upkeep", "api"] {
        let is_current = is_current(&folder.join(name)).unwrap_or(false);
        assert!(is_current, "the function {name} is not built as it is now: `cargo xtask test -p harness` builds it");
    }
    folder
}

/// Whether none of its sources, which Cargo lists beside it, was changed since the binary was built.
fn is_current(binary: &Path) -> std::io::Result<bool> {
    let built = fs::metadata(binary)?.modified()?;
    let sources = fs::read_to_string(binary.with_extension("d"))?;
    let sources = sources.split_once(": ").map_or("", |(_, sources)| sources);
    let changed = sources.split_whitespace().map(|source| fs::metadata(source)?.modified());
    changed.collect::<std::io::Result<Vec<_>>>().map(|changed| changed.into_iter().all(|changed| changed <= built))
}
