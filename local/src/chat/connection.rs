//! The way to the running program.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::files::LocalFile;

/// Why the chat cannot go on. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// No program has ever run on this data directory, or not to the point of being ready.
    #[error(
        "the program is not running: {} is not there. Start it with `cargo run` in another terminal, \
         or set PORFIN_DATA_DIR to the directory that it uses",
        path.display()
    )]
    NotStarted {
        /// The file that is missing.
        path: PathBuf,
    },
    /// The file is there, but not in order.
    #[error("{} cannot be read ({reason}); restart the program, which writes it anew", path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing answers.
    #[error("the program is not running: nothing answers at {base_url}. Start it with `cargo run` in another terminal")]
    NotRunning {
        /// Where it should be.
        base_url: String,
    },
    /// The program has no simulated WhatsApp: it is bound to the real one.
    #[error(
        "the program at {base_url} has no simulated WhatsApp. Start it without WHATSAPP_API_BASE_URL, \
         WHATSAPP_ACCESS_TOKEN and WHATSAPP_PHONE_NUMBER_ID to chat with it here"
    )]
    NoSimulator {
        /// Where it is.
        base_url: String,
    },
    /// It answered with an error.
    #[error("the program refused: {status} {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// The terminal is gone.
    #[error("the output cannot be written")]
    Output(#[from] io::Error),
}

/// A customer's line to the program.
pub(super) struct Connection {
    http: reqwest::Client,
    base_url: String,
    messages: String,
    api_key: SecretString,
    name: String,
}

/// What the phone shows.
#[derive(Deserialize)]
pub(super) struct Screen {
    /// The number of the last change.
    pub revision: u64,
    /// The business is typing.
    pub typing: bool,
    /// The business's name.
    pub business: Business,
    /// Messages that changed.
    pub messages: Vec<Shown>,
}

/// Whom the customer talks with.
#[derive(Deserialize)]
pub(super) struct Business {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
}

/// One message.
#[derive(Clone, Deserialize)]
pub(super) struct Shown {
    /// Its place on the screen.
    pub sequence: u64,
    /// Its id.
    pub id: String,
    /// `customer` or `business`.
    pub from: String,
    /// How far it got.
    pub status: String,
    /// `type` and its object.
    #[serde(flatten)]
    pub content: Map<String, Value>,
}

impl Shown {
    /// Whether the business wrote it.
    pub(super) fn by_business(&self) -> bool {
        self.from == "business"
    }
}

impl Connection {
    /// Finds the program that runs on this data directory.
    pub(super) fn open(data_dir: &Path, wa_id: &str, name: &str) -> Result<Self, ChatError> {
        let path = LocalFile::path(data_dir);
        let bad = |reason: String| ChatError::BadFile { path: path.clone(), reason };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ChatError::NotStarted { path }),
            Err(error) => return Err(bad(error.to_string())),
        };
        let LocalFile { base_url, api_key, .. } =
            serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        let messages = format!("{base_url}/simulator/phones/{wa_id}/messages");
        let http = client().map_err(|error| bad(error.to_string()))?;
        Ok(Self { http, base_url, messages, api_key: api_key.into(), name: name.to_owned() })
    }

    /// The name that the business sees.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Writes a message.
    pub(super) async fn write(&self, mut message: Map<String, Value>) -> Result<(), ChatError> {
        message.insert("profile_name".into(), self.name.as_str().into());
        let call = self.http.post(&self.messages).json(&message);
        self.answer(call).await.map(|_: Value| ())
    }

    /// What changed on the screen after this revision; waits so many seconds for a change.
    pub(super) async fn look(&self, after: u64, wait: u64) -> Result<Screen, ChatError> {
        self.answer(self.http.get(format!("{}?after={after}&wait={wait}", self.messages))).await
    }

    async fn answer<T: serde::de::DeserializeOwned>(&self, call: reqwest::RequestBuilder) -> Result<T, ChatError> {
        let base_url = || self.base_url.clone();
        let sent = call.header("X-API-Key", self.api_key.expose_secret()).send().await;
        let response = sent.map_err(|_| ChatError::NotRunning { base_url: base_url() })?;
        let status = response.status();
        let body = response.bytes().await.map_err(|_| ChatError::NotRunning { base_url: base_url() })?;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|_| ChatError::Refused { status: status.as_u16(), detail: "with an unknown answer".into() });
        }
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status == reqwest::StatusCode::NOT_FOUND && problem.get("code").is_none_or(|code| code == "not_found") {
            return Err(ChatError::NoSimulator { base_url: base_url() });
        }
        let detail = problem.get("detail").and_then(Value::as_str).unwrap_or_default();
        Err(ChatError::Refused { status: status.as_u16(), detail: detail.to_owned() })
    }
}

/// A client for this machine: no proxy, no certificates.
fn client() -> Result<reqwest::Client, Box<dyn std::error::Error + Send + Sync>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build()?)
}
