//! `harness`: the functions on one machine, over the services that `cargo xtask services` started.

mod meta;
mod say;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use boot::telemetry::Telemetry;
use clap::{Args, Parser, Subcommand};
use demo::DemoNumber;
use flow::causes::Causes;
use harness::stack::{Runs, Stack, StackSettings};
use harness::{organization, template};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;

/// The deployment.
const TEMPLATE: &str = include_str!("../../template.yaml");

/// The demo organization's number: Meta's id of it, of its account, and the number itself. The events of `events/` are its.
const NUMBER: (&str, &str, &str) = ("1001", "9009", "+551130000000");

/// Where Graph is: nothing of Meta's, unless somebody says so.
const GRAPH: &str = "WHATSAPP_API_BASE_URL";

/// The deployed functions on this machine, with what AWS does around them. Reads the variables that `cargo xtask services`
/// prints.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Take requests, read the queues and let the schedule fire
    Serve(Choice),
    /// Write to the business as a customer
    Say(say::Message),
}

#[derive(Args)]
struct Choice {
    /// The port on which requests are taken
    #[arg(long, default_value_t = 8_100)]
    port: u16,
    /// The port of what stands in for Meta: it takes every message and shows it
    #[arg(long, default_value_t = 8_101)]
    meta_port: u16,
    /// Hand everything to `cargo lambda watch` at this address, such as http://127.0.0.1:9000, and start no functions here
    #[arg(long)]
    watch: Option<String>,
    /// How often upkeep ticks, in seconds
    #[arg(long, default_value_t = 60)]
    upkeep: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    boot::crypto::install();
    boot::panic::install();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("harness: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(choice) => serve(choice).await,
        Command::Say(message) => say::post(&message).await,
    }
}

async fn serve(choice: Choice) -> anyhow::Result<()> {
    let environment = boot::settings::Environment::of_process();
    let telemetry = environment.read(|read| Telemetry::read(read, boot::settings::AppEnv::Development))?;
    boot::telemetry::install(&telemetry);
    #[expect(clippy::disallowed_methods, reason = "they are handed on to the functions, which read them")]
    let mut variables: BTreeMap<String, String> = std::env::vars().collect();
    if !variables.contains_key("AWS_ENDPOINT_URL") {
        bail!("no services: run `cargo xtask services`, then `source target/services/env` here");
    }
    let requests = listen(choice.port).await?;
    let graph = format!("http://127.0.0.1:{}", choice.meta_port);
    if *variables.entry(GRAPH.to_owned()).or_insert_with(|| graph.clone()) == graph {
        let listener = listen(choice.meta_port).await?;
        tokio::spawn(async move {
            if let Err(error) = meta::serve(listener).await {
                tracing::error!(error = %Causes(&error), "what stands in for Meta has ended");
            }
        });
    }
    let (id, account, display) = NUMBER;
    let number = DemoNumber { id: id.parse()?, waba_id: account.to_owned(), display: display.to_owned() };
    let token = SecretString::from(variables.get("WHATSAPP_ACCESS_TOKEN").cloned().unwrap_or_else(|| "any".to_owned()));
    let model = variables.get("OPENAI_MODEL").map(String::as_str);
    let organization = organization::set_up(&variables, &number, &token, model).await?;
    let settings = StackSettings {
        functions: template::functions(TEMPLATE)?,
        runs: match &choice.watch {
            Some(url) => Runs::Watch(url.clone()),
            None => Runs::Binaries(built()?),
        },
        variables,
        every: Duration::from_secs(choice.upkeep.max(1)),
        most: 4,
        comes_back: None,
        listener: Arc::new(|name, line| println!("{name}: {line}")),
    };
    let stack = Stack::start(settings, requests).await?;
    println!(
        "The functions run at http://127.0.0.1:{port} for the organization {id}.\n\n  \
         cargo run -p harness -- say 'Vocês abrem no domingo?'\n  \
         curl -H 'X-API-Key: {key}' http://127.0.0.1:{port}/api/v1/conversations\n\n\
         Ctrl-C ends them.",
        port = choice.port,
        id = organization.id,
        key = organization.api_key.expose_secret(),
    );
    tokio::signal::ctrl_c().await.context("Ctrl-C cannot be waited for")?;
    drop(stack);
    Ok(())
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("port {port} is taken"))
}

/// Builds the functions, and says where they are: beside this program.
fn built() -> anyhow::Result<PathBuf> {
    let functions = template::functions(TEMPLATE)?;
    let mut cargo = std::process::Command::new("cargo");
    cargo.arg("build");
    for function in &functions {
        cargo.args(["-p", &function.name, "--features", &format!("{}/lambda", function.name)]);
    }
    if !cargo.status().context("cargo cannot be run")?.success() {
        bail!("the functions do not build");
    }
    let program = std::env::current_exe().context("this program's own folder")?;
    Ok(program.parent().context("this program's own folder")?.to_owned())
}
