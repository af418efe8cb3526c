//! The services of one deployment, with its queues, table, bucket and secrets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use aws_client::{Credentials, Deadlines, Settings};
use aws_sdk_secretsmanager::Client;
use serde_json::json;
use services::resources::{Resources, stores};
use services::{Firestore, Moto, Redis};

pub struct Place {
    pub moto: Moto,
    pub redis: Redis,
    pub firestore: Firestore,
    /// What the functions are told, secrets as references.
    pub variables: BTreeMap<String, String>,
}

/// Where the variables that are secret are kept, besides those of every deployment.
const SECRETS: [(&str, &[&str]); 2] =
    [("webhook", &["WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"]), ("model", &["OPENAI_API_KEY"])];

impl Place {
    /// Starts the services and makes everything in them. It takes some seconds, and holds up the thread.
    pub fn start(debounce: Duration) -> Self {
        let (moto, redis, firestore) = thread::scope(|scope| {
            let moto = scope.spawn(|| Moto::start(None).unwrap());
            let firestore = scope.spawn(|| Firestore::start().unwrap());
            let redis = Redis::start(None).unwrap();
            (moto.join().unwrap(), redis, firestore.join().unwrap())
        });
        let resources = Resources { reply_debounce: debounce, ..Resources::default() };
        let mut variables: BTreeMap<String, String> = resources.make(&moto).unwrap().into_iter().collect();
        variables.extend(stores(&redis, &firestore));
        Self { moto, redis, firestore, variables }
    }

    /// What the functions are told, where a world sets some variables itself: those that are secret go to the secrets.
    pub async fn told(&self, own: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut told = self.variables.clone();
        told.extend(own.clone());
        let endpoint = Some(self.moto.endpoint().parse().unwrap());
        let credentials =
            Credentials { access_key: "test".into(), secret_key: "test".to_owned().into(), session_token: None };
        let settings = Settings { region: "sa-east-1".into(), endpoint, credentials, deadlines: Deadlines::SMALL };
        let client = Client::new(&settings.config());
        for (secret, members) in SECRETS {
            let members = members.iter().filter_map(|member| Some((*member, own.get(*member)?)));
            let members: BTreeMap<&str, &String> = members.collect();
            if members.is_empty() {
                continue;
            }
            let (name, value) = (format!("porfin-dev/{secret}"), json!(members).to_string());
            let put = client.put_secret_value().secret_id(&name).secret_string(&value).send().await;
            if put.is_err() {
                client.create_secret().name(&name).secret_string(&value).send().await.unwrap();
            }
            told.extend(members.keys().map(|member| ((*member).to_owned(), format!("secret:{name}#{member}"))));
        }
        told
    }
}

/// Where the functions' binaries are: beside this test's own folder.
pub fn binaries() -> PathBuf {
    let folder = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
    let all = ["webhook", "inbox", "reply", "send", "status", "upkeep", "api"];
    let missing: Vec<&str> = all.into_iter().filter(|name| !folder.join(name).exists()).collect();
    assert!(missing.is_empty(), "{missing:?} are not built; `cargo xtask test -p harness` builds them");
    folder
}
