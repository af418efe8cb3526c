//! `porfin`: the whole platform on one machine, and a chat with it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use boot::settings::Environment;
use clap::{Parser, Subcommand};
use porfin::backup::{self, Restored};
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
    /// Copy all conversations into a new file, whether the program runs or not
    Backup {
        /// The file to make
        file: PathBuf,
    },
    /// Go back to a backup of this data, while the program is stopped; nothing is sent again
    Restore {
        /// A file that `backup` made
        file: PathBuf,
    },
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
        Command::Backup { file } => {
            backup::save(&settings, &file)?;
            println!("{} holds all conversations as they are now. Keep it with a copy of the keys.", file.display());
            Ok(())
        }
        Command::Restore { file } => {
            let restored = backup::restore(&settings, &file).await?;
            print_restored(&file, restored);
            Ok(())
        }
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

fn print_restored(file: &Path, restored: Restored) {
    println!(
        "The data is again what {} holds: {} documents.\n\n\
         What came before this moment and is not answered goes on a person's list; nothing is sent again.\n\
         The next start compares everything that was sent with its record, and brings back what is known of it.",
        file.display(),
        restored.documents
    );
    if restored.is_switched_off {
        println!("The kill switch was on before and still is: nothing is sent until it is turned off.");
    }
}

fn print(program: &Program) {
    let file = &program.file;
    let brain = if program.has_model { "the model" } else { "its own texts (set OPENAI_API_KEY for a model)" };
    println!(
        "Porfin runs at {base}\n\n  \
         organization   {organization} ({id})\n  \
         its number     {number}, answered by an assistant from {brain}\n  \
         API key        {key}\n  \
         sign in        {link}\n  \
         join           {join}<the token of an invitation>\n  \
         the API        {base}/docs/\n\n\
         Try it, in another terminal:\n\n  \
         cargo run -- chat\n  \
         curl -H 'X-API-Key: {key}' {base}/api/v1/conversations\n\n\
         Ctrl-C ends it; nothing is lost.",
        base = file.base_url,
        organization = program.organization,
        id = file.organization_id,
        number = program.number,
        key = file.api_key,
        link = program.links.link(),
        join = program.links.join(),
    );
}
