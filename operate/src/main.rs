//! What an operator does to a deployment from a terminal, with credentials of their own: connects organizations, makes
//! API keys, invites people, turns kill switches, begins and ends a restore, and sees whether everything answers.
//!
//! It takes the variables that the functions take, so a deployment's own secrets and table are named in its environment.
//! Invariant: it goes through the same use cases as everything else. Imports `cloud`
//! and `flow`; nothing imports it.

mod access;
mod connect;
mod smoke;

use std::path::PathBuf;
use std::process::ExitCode;

use boot::settings::{Environment, Kind};
use clap::{Parser, Subcommand};
use cloud::{Ports, Setup};
use domain::access::{Permission, Role};
use domain::{DisplayName, Email, NumberId, OrganizationId};
use flow::audit::Actor;
use flow::platform::Platform;
use flow::records::KillScope;
use flow::{kill, restore};
use secrecy::SecretString;
use url::Url;

/// Operates a deployment of Porfin.
///
/// Settings are environment variables: PORFIN_SEALING_KEY, PORFIN_ID_KEY, PORFIN_ITEMS_TABLE, FIREBASE_CREDENTIALS and
/// AWS' own; a secret may be a reference, as in the deployment. docs/DEPLOY.md says how to get them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make an organization from a folder and connect a number to it; its access token is WHATSAPP_ACCESS_TOKEN
    Connect {
        /// A folder with assistant.json and knowledge/*.md
        folder: PathBuf,
        /// Meta's id of the phone number
        #[arg(long)]
        number: NumberId,
        /// Meta's id of the WhatsApp business account
        #[arg(long)]
        account: String,
        /// The number as people read it
        #[arg(long)]
        display: String,
    },
    /// Make an API key, which is good for a year, and print its secret, which is shown this once
    Key {
        /// The organization that it opens
        #[arg(long)]
        organization: OrganizationId,
        /// What it is called
        #[arg(long, value_parser = DisplayName::parse)]
        name: DisplayName,
        /// What it may do, such as conversations:read; everything where nothing is named
        #[arg(long = "scope", num_args = 1.., value_parser = access::permission)]
        scopes: Vec<Permission>,
    },
    /// Invite a person and print the token that accepts it within a week, which is shown this once
    Invite {
        /// The organization that they join
        #[arg(long)]
        organization: OrganizationId,
        /// The address that they sign in with
        #[arg(long, value_parser = Email::parse)]
        email: Email,
        /// What they become: viewer, agent, supervisor, admin or owner
        #[arg(long, value_parser = access::role)]
        role: Role,
    },
    /// Stop all sends, of the deployment or of one organization or number, or let them go on
    Kill {
        /// on or off
        #[arg(value_parser = ["on", "off"])]
        turn: String,
        /// Of this organization alone
        #[arg(long, conflicts_with = "number")]
        organization: Option<OrganizationId>,
        /// Of this number alone, by Meta's id
        #[arg(long)]
        number: Option<NumberId>,
    },
    /// Before the documents are restored: stop all sends and note the time
    BeginRestore,
    /// After the documents were restored: let upkeep compare, and sends go on
    FinishRestore,
    /// See whether a deployment answers; needs WHATSAPP_APP_SECRET and WHATSAPP_VERIFY_TOKEN
    Smoke {
        /// The address of its HTTP API
        url: Url,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    boot::crypto::install();
    boot::panic::install();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("operate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Connect { folder, number, account, display } => {
            let wire = |setup: &Setup<'_>| {
                let token = setup.read.required("WHATSAPP_ACCESS_TOKEN", Kind::SECRET);
                Some((platform(setup)?, token?))
            };
            let (platform, token): (Platform, SecretString) = cloud::read(Environment::of_process(), wire).await?;
            let number = connect::NewNumber { id: number, account, display, token };
            let organization = connect::connect(&platform, &folder, number).await?;
            println!("{organization}");
        }
        Command::Key { organization, name, scopes } => {
            let scopes = if scopes.is_empty() { Permission::ALL.to_vec() } else { scopes };
            println!("{}", access::key(&deployment().await?, &organization, name, scopes).await?);
        }
        Command::Invite { organization, email, role } => {
            println!("{}", access::invite(&deployment().await?, &organization, &email, role).await?);
        }
        Command::Kill { turn, organization, number } => {
            let scope = match (organization, number) {
                (Some(organization), _) => KillScope::Organization(organization),
                (None, Some(number)) => KillScope::Number(number),
                (None, None) => KillScope::Deployment,
            };
            let platform = deployment().await?;
            kill::switch(&platform, &scope, turn == "on", &Actor::operator()).await?;
            let is_on = kill::is_on(&platform, &scope).await?;
            println!("the kill switch is {}", if is_on { "on" } else { "off" });
        }
        Command::BeginRestore => {
            let at = restore::begin(&deployment().await?).await?;
            println!("sends are stopped; what arrived before {at} and is open goes to a person");
        }
        Command::FinishRestore => {
            let platform = deployment().await?;
            restore::finish(&platform).await?;
            let is_on = kill::is_on(&platform, &KillScope::Deployment).await?;
            println!("upkeep compares now; the deployment's kill switch is {}", if is_on { "on" } else { "off" });
        }
        Command::Smoke { url } => smoke::check(&url).await?,
    }
    Ok(())
}

async fn deployment() -> anyhow::Result<Platform> {
    Ok(cloud::read(Environment::of_process(), platform).await?)
}

/// The records and the items: all that these commands touch.
fn platform(setup: &Setup<'_>) -> Option<Platform> {
    let (documents, items) = (setup.documents(), setup.items());
    setup.platform(Ports { documents: documents?, items: items?, ..Ports::default() })
}
