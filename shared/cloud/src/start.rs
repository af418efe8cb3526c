use std::future::Future;
use std::process::ExitCode;

use boot::SystemClock;
use boot::settings::{Environment, WrongSettings};
use domain::Timestamp;
use flow::causes::Causes;
use flow::ports::Clock;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::secrets::{self, SecretError};
use crate::services::aws;
use crate::setup::Setup;

/// Runs a function: reads its settings, then serves invocations until Lambda ends the process.
///
/// `wire` asks for every variable before it uses the first answer, so that all wrong ones are reported at once. With the
/// argument `--variables` nothing is served: the names of those variables are printed, one a line.
pub fn start<W, Serving>(
    function: &str,
    wire: impl FnOnce(&Setup<'_>) -> Option<W>,
    serve: impl FnOnce(W) -> Serving,
) -> ExitCode
where
    Serving: Future<Output = Result<(), lambda_runtime::Error>>,
{
    if std::env::args().nth(1).as_deref() == Some("--variables") {
        let names = Environment::names(|read| wire(&Setup::new(read)));
        names.iter().for_each(|name| println!("{name}"));
        return ExitCode::SUCCESS;
    }
    boot::crypto::install();
    boot::panic::install();
    match run(wire, serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{function}: {}", Causes(&error));
            ExitCode::FAILURE
        }
    }
}

/// Serves invocations with the handler: it answers each event, whatever becomes of the work in it.
///
/// # Errors
/// Where Lambda itself cannot be reached.
pub async fn consume<Event, Answer, Work>(
    handle: impl Fn(LambdaEvent<Event>) -> Work,
) -> Result<(), lambda_runtime::Error>
where
    Event: DeserializeOwned,
    Answer: Serialize,
    Work: Future<Output = Answer>,
{
    lambda_runtime::run(service_fn(|mut event: LambdaEvent<Event>| {
        event.context.deadline = since_1970(event.context.deadline, SystemClock.now());
        let answer = handle(event);
        async move { Ok::<_, std::convert::Infallible>(answer.await) }
    }))
    .await
}

/// When a function must be done, in milliseconds since 1970, which is what Lambda says. `cargo lambda watch` says how many
/// are left: what lies in the first day of 1970 is counted from now.
fn since_1970(deadline: u64, now: Timestamp) -> u64 {
    const DAY: u64 = 86_400_000;
    let now = u64::try_from(now.micros() / 1_000).unwrap_or_default();
    if deadline < DAY { now + deadline } else { deadline }
}

/// Why a function could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Variables are wrong.
    #[error(transparent)]
    Settings(#[from] WrongSettings),
    /// A secret that a variable refers to could not be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The operating system refused.
    #[error("the runtime could not be made")]
    Runtime(#[from] std::io::Error),
    /// The Runtime API is gone.
    #[error("Lambda does not answer")]
    Lambda(#[source] lambda_runtime::Error),
}

/// Reads settings as a function does when it starts: secrets are fetched first, then `wire` asks for every variable.
///
/// # Errors
/// [`StartError::Settings`] and [`StartError::Secret`].
pub async fn read<W>(
    mut environment: Environment,
    wire: impl FnOnce(&Setup<'_>) -> Option<W>,
) -> Result<W, StartError> {
    if secrets::any(&environment) {
        let aws = environment.read(aws::config)?;
        secrets::resolve(&mut environment, &aws).await?;
    }
    Ok(environment.read(|read| wire(&Setup::new(read)))?)
}

/// One thread: an environment of a function handles one invocation at a time.
fn run<W, Serving>(
    wire: impl FnOnce(&Setup<'_>) -> Option<W>,
    serve: impl FnOnce(W) -> Serving,
) -> Result<(), StartError>
where
    Serving: Future<Output = Result<(), lambda_runtime::Error>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let wire = |setup: &Setup<'_>| {
            let wired = wire(setup);
            setup.install_telemetry();
            wired
        };
        let wired = read(Environment::of_process(), wire).await?;
        serve(wired).await.map_err(StartError::Lambda)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_is_no_moment_is_the_time_that_is_left() {
        let now = Timestamp::from_seconds(1_795_000_000);
        assert_eq!(since_1970(600_000, now), 1_795_000_600_000);
        assert_eq!(since_1970(1_795_000_060_000, now), 1_795_000_060_000);
    }
}
