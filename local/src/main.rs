//! `porfin`: the whole platform on one machine, and a chat with it.

use std::path::PathBuf;
use std::process::ExitCode;

use boot::settings::Environment;
use clap::{Parser, Subcommand};
use porfin::chat::{self, ChatOptions};
use porfin::program::Program;
use porfin::settings::LocalSettings;
use tokio_util::sync::CancellationToken;

/// Porfin: WhatsApp automation in one process, with a simulated WhatsApp. Without a command it starts everything.
///
/// Settings are environment variables, or lines of a file `.env` in the working directory; README.md and .env.example
/// list them. Data stays in PORFIN_DATA_DIR (.porfin).
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything (the default)
    Serve,
    /// Talk with the running program as a customer of the demo organization
    Chat(ChatOptions),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    boot::crypto::install();
    boot::panic::install();
    match run(arguments.command.unwrap_or(Command::Serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("porfin: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(command: Command) -> anyhow::Result<()> {
    let environment = Environment::of_process().and_file(&PathBuf::from(".env"))?;
    let settings = LocalSettings::read(&environment)?;
    match command {
        Command::Chat(options) => Ok(chat::run(&options, &settings.data_dir).await?),
        Command::Serve => {
            boot::telemetry::install(&settings.telemetry);
            serve(&settings).await
        }
    }
}

async fn serve(settings: &LocalSettings) -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    let program = Program::start(settings, shutdown.clone()).await?;
    print(&program);
    tokio::spawn(async move {
        stop_signal().await;
        eprintln!("Finishing what has begun …");
        shutdown.cancel();
    });
    program.serve().await
}

/// Ctrl-C, or the signal by which a service manager ends a program.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

fn print(program: &Program) {
    let file = &program.file;
    let brain = if program.has_model { "the model" } else { "its own texts (set OPENAI_API_KEY for a model)" };
    println!(
        "Porfin runs at {base}\n\n  \
         organization   {organization} ({id})\n  \
         its number     {number}, answered by an assistant from {brain}\n  \
         API key        {key}\n\n\
         Try it, in another terminal:\n\n  \
         cargo run -- chat\n  \
         curl -H 'X-API-Key: {key}' {base}/api/v1/conversations\n\n\
         Ctrl-C ends it; nothing is lost.",
        base = file.base_url,
        organization = program.organization,
        id = file.organization_id,
        number = program.number,
        key = file.api_key,
    );
}
