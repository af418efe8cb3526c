use std::sync::Arc;
use std::time::Duration;

use boot::SystemClock;
use bytes::Bytes;
use flow::ports::Clock;
use rustix::process::Signal;
use tokio::process::Command;
use tokio::time::timeout;

use super::process::{Handle, Listener, Process};
use super::runtime_api::{Invocation, RuntimeApi, Told};
use super::{FunctionSettings, variables};
use crate::{Failure, id};

/// How long a process may take until it asks for work. Lambda gives 10 s; a machine that compiles meanwhile needs more.
const BEGIN: Duration = Duration::from_secs(60);

/// An execution environment: one process, and the Runtime API that it talks with. It handles one invocation at a time.
pub(super) struct Environment {
    settings: Arc<FunctionSettings>,
    process: Process,
    api: RuntimeApi,
}

impl Environment {
    /// Starts the process and waits until it asks for work.
    pub async fn start(settings: &Arc<FunctionSettings>, listener: &Listener) -> Result<Self, Failure> {
        let not_started = |error: std::io::Error| Failure::NotStarted(error.to_string());
        let api = RuntimeApi::serve().await.map_err(not_started)?;
        let mut command = Command::new(&settings.binary);
        command.env_clear().envs(variables::of_lambda(settings, api.address)).envs(settings.variables.clone());
        if let Some(folder) = settings.binary.parent() {
            command.current_dir(folder);
        }
        let process = Process::start(&settings.name, command, listener).map_err(not_started)?;
        let mut environment = Self { settings: Arc::clone(settings), process, api };
        timeout(BEGIN, environment.begun())
            .await
            .unwrap_or_else(|_| Err(Failure::NotStarted(format!("it asked for nothing in {} s", BEGIN.as_secs()))))?;
        Ok(environment)
    }

    pub fn handle(&self) -> &Handle {
        self.process.handle()
    }

    async fn begun(&mut self) -> Result<(), Failure> {
        tokio::select! {
            biased;
            told = self.api.told.recv() => match told {
                Some(Told::Waits) => Ok(()),
                Some(Told::CannotBegin { kind }) => Err(Failure::NotStarted(kind)),
                told => Err(Failure::NotStarted(format!("it began with {told:?}"))),
            },
            status = self.process.handle().exited() => Err(Failure::NotStarted(status)),
        }
    }

    /// Hands the event over and waits for the answer, at most for the function's timeout. After a failure that ends the
    /// process the environment must not be used again.
    pub async fn invoke(&mut self, event: Bytes) -> Result<Bytes, Failure> {
        let id = id::of_request();
        let limit = self.settings.timeout;
        let now = SystemClock.now().micros() / 1_000;
        let work = Invocation {
            id: id.clone(),
            event,
            deadline: now.saturating_add(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX)),
            function_arn: self.settings.arn(),
            trace: trace(now),
        };
        // It is frozen between invocations, if at all, and a process that runs does not mind.
        self.handle().signal(Signal::CONT);
        if self.api.work.send(work).is_err() {
            return Err(Failure::Exited("it takes no more work".to_owned()));
        }
        timeout(limit, self.answered(&id)).await.unwrap_or(Err(Failure::TimedOut))
    }

    async fn answered(&mut self, invocation: &str) -> Result<Bytes, Failure> {
        loop {
            tokio::select! {
                biased;
                told = self.api.told.recv() => match told {
                    Some(Told::Answered { id, answer }) if id == invocation => return Ok(answer),
                    Some(Told::Failed { id, kind }) if id == invocation => return Err(Failure::Reported(kind)),
                    Some(Told::TooLarge { id }) if id == invocation => return Err(Failure::TooLarge),
                    Some(told) => tracing::warn!(function = self.settings.name, ?told, "a runtime said something odd"),
                    None => return Err(Failure::Exited("its Runtime API ended".to_owned())),
                },
                status = self.process.handle().exited() => return Err(Failure::Exited(status)),
            }
        }
    }

    /// Waits until the process asks for more work: what it still does after an answer is part of the invocation. `false`:
    /// it does not, and is of no more use.
    pub async fn rests(&mut self) -> bool {
        matches!(timeout(self.settings.timeout, self.begun()).await, Ok(Ok(())))
    }

    /// Stops the process where it is, as Lambda does between invocations.
    pub fn freeze(&self) {
        self.handle().signal(Signal::STOP);
    }
}

/// A trace that X-Ray does not sample.
fn trace(now: i64) -> String {
    let (hex, parent) = (id::hex(), id::hex());
    format!("Root=1-{:08x}-{};Parent={};Sampled=0", now / 1_000, &hex[..24], &parent[..16])
}
