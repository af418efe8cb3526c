//! The whole deployment on this machine.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_client::{Credentials, Deadlines, SdkConfig};
use flow::causes::Causes;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Invoke;
use crate::http_api::{self, Route};
use crate::lambda::{Function, FunctionSettings, Listener, REGION};
use crate::mapping::{Mapping, Sqs};
use crate::recording::Recording;
use crate::schedule::Schedule;
use crate::template::{Declared, Trigger};
use crate::watch::Watched;

/// What runs the functions.
#[derive(Debug, Clone)]
pub enum Runs {
    /// Processes of the binaries in this folder.
    Binaries(PathBuf),
    /// `cargo lambda watch` at this address, which was started with the functions' variables.
    Watch(String),
}

/// What a stack is made of.
pub struct StackSettings {
    /// The functions.
    pub functions: Vec<Declared>,
    /// What runs them.
    pub runs: Runs,
    /// The values of variables, those of emulators included. Each function gets those that the template declares for it.
    pub variables: BTreeMap<String, String>,
    /// The schedule's interval.
    pub every: Duration,
    /// No more processes of one function than this, whatever the template says.
    pub most: usize,
    /// See [`Mapping::comes_back`].
    pub comes_back: Option<Duration>,
    /// Takes what the functions write.
    pub listener: Listener,
}

/// Variables that no template declares: functions reach emulators by them.
const OF_EMULATORS: [&str; 1] = ["FIRESTORE_EMULATOR_HOST"];

/// The longest poll and more.
const PATIENT: Deadlines = Deadlines {
    connect: Duration::from_secs(2),
    attempt: Duration::from_secs(20),
    operation: Duration::from_secs(30),
    attempts: 2,
};

/// A running deployment. Everything ends when it is dropped.
pub struct Stack {
    /// The functions, where this stack runs them itself.
    pub functions: BTreeMap<String, Arc<Function>>,
    /// What they asked of AWS.
    pub recording: Recording,
    on: watch::Sender<bool>,
    _tasks: JoinSet<()>,
}

/// Why a stack cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A variable is missing or wrong.
    #[error("{0} is not set, or not as it should be")]
    Variable(String),
    /// A port cannot be opened.
    #[error("a port cannot be opened")]
    Port(#[from] std::io::Error),
}

impl Stack {
    /// Starts everything. Requests are taken from the listener.
    ///
    /// # Errors
    /// [`StackError`].
    pub async fn start(settings: StackSettings, requests: TcpListener) -> Result<Self, StackError> {
        let recording = Recording::default();
        let sqs = Sqs::new(&aws(&settings.variables)?);
        let on = watch::Sender::new(true);
        let (mut functions, mut routes, mut tasks) = (BTreeMap::new(), Vec::new(), JoinSet::new());
        for declared in &settings.functions {
            let function: Arc<dyn Invoke> = match &settings.runs {
                Runs::Binaries(folder) => {
                    let binary = folder.join(&declared.name);
                    let own = own_settings(&settings, declared, binary, &recording).await?;
                    let function = Arc::new(Function::new(own, Arc::clone(&settings.listener)));
                    functions.insert(declared.name.clone(), Arc::clone(&function));
                    function
                }
                Runs::Watch(url) => Arc::new(Watched::new(url, &declared.name)),
            };
            for trigger in &declared.triggers {
                match trigger {
                    Trigger::Http { path } => {
                        routes.push(Route { path: path.clone(), function: Arc::clone(&function) })
                    }
                    Trigger::Queue { queue, batch, concurrency } => {
                        let mapping = Mapping {
                            queue: variable(&settings, &format!("PORFIN_QUEUE_{}_URL", queue.to_uppercase()))?,
                            function: Arc::clone(&function),
                            batch: *batch,
                            concurrency: (*concurrency).min(settings.most),
                            comes_back: settings.comes_back,
                        };
                        tasks.spawn(mapping.run(sqs.clone(), on.subscribe()));
                    }
                    Trigger::Schedule => {
                        let (name, function) = (declared.name.clone(), Arc::clone(&function));
                        tasks.spawn(Schedule { name, every: settings.every, function }.run(on.subscribe()));
                    }
                }
            }
        }
        // A path of its own goes before the one for all.
        routes.sort_by_key(|route| route.path.is_none());
        tasks.spawn(async move {
            if let Err(error) = http_api::serve(requests, routes).await {
                tracing::error!(error = %Causes(&error), "requests are not taken any more");
            }
        });
        Ok(Self { functions, recording, on, _tasks: tasks })
    }

    /// Whether queues are read and the schedule fires. It does not stop what has begun, nor requests.
    pub fn work(&self, on: bool) {
        self.on.send_replace(on);
    }

    /// The ids of all processes: those in the middle of an invocation, and those that wait.
    pub fn processes(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut busy, mut idle) = (Vec::new(), Vec::new());
        for function in self.functions.values() {
            let (more_busy, more_idle) = function.processes();
            busy.extend(more_busy);
            idle.extend(more_idle);
        }
        (busy, idle)
    }

    /// `kill -9` of one of them. `false`: there is no such process any more.
    pub fn kill(&self, process: u32) -> bool {
        self.functions.values().any(|function| function.kill(process))
    }

    /// `kill -9` of all.
    pub fn kill_all(&self) {
        self.functions.values().for_each(|function| function.kill_all());
    }
}

async fn own_settings(
    settings: &StackSettings,
    declared: &Declared,
    binary: PathBuf,
    recording: &Recording,
) -> Result<FunctionSettings, StackError> {
    let given = |name: &str, own: Option<&String>| {
        let value = settings.variables.get(name).or(own)?;
        Some((name.to_owned(), value.clone()))
    };
    let mut variables: Vec<(String, String)> =
        declared.variables.iter().filter_map(|(name, own)| given(name, own.as_ref())).collect();
    variables.extend(OF_EMULATORS.iter().filter_map(|name| given(name, None)));
    let endpoint = recording.endpoint(&declared.name, &variable(settings, "AWS_ENDPOINT_URL")?).await?;
    variables.push(("AWS_ENDPOINT_URL".to_owned(), endpoint));
    let concurrency = declared.triggers.iter().map(|trigger| match trigger {
        Trigger::Queue { concurrency, .. } => *concurrency,
        Trigger::Http { .. } => usize::MAX,
        Trigger::Schedule => 1,
    });
    Ok(FunctionSettings {
        name: declared.name.clone(),
        binary,
        variables,
        timeout: declared.timeout,
        memory: declared.memory,
        concurrency: concurrency.max().unwrap_or(1).min(settings.most),
    })
}

fn variable(settings: &StackSettings, name: &str) -> Result<String, StackError> {
    settings.variables.get(name).cloned().ok_or_else(|| StackError::Variable(name.to_owned()))
}

/// AWS as the event source mappings reach it.
fn aws(variables: &BTreeMap<String, String>) -> Result<SdkConfig, StackError> {
    let endpoint = variables.get("AWS_ENDPOINT_URL").and_then(|url| url.parse().ok());
    let missing = || StackError::Variable("AWS_ENDPOINT_URL".to_owned());
    let credentials = Credentials {
        access_key: "ASIAHARNESS".to_owned(),
        secret_key: "harness".to_owned().into(),
        session_token: None,
    };
    let endpoint = Some(endpoint.ok_or_else(missing)?);
    Ok(aws_client::Settings { region: REGION.to_owned(), endpoint, credentials, deadlines: PATIENT }.config())
}
