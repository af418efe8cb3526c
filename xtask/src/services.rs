//! Redis, the Firestore emulator and moto for who develops, with everything in them that a deployment has.

use std::fmt::Write;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::Args;
use services::resources::{self, Resources};
use services::{Firestore, Moto, Redis};
use xshell::Shell;

/// Where the services listen, and what about them can be chosen.
#[derive(Args)]
pub(crate) struct Choice {
    /// The port of moto: SQS, DynamoDB, S3 and Secrets Manager
    #[arg(long, default_value_t = 14_566)]
    aws_port: u16,
    /// The port of the Firestore emulator
    #[arg(long, default_value_t = 18_080)]
    firestore_port: u16,
    /// The port of Redis
    #[arg(long, default_value_t = 16_379)]
    redis_port: u16,
    /// How many seconds a burst of messages is gathered before it gets one answer
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=900))]
    reply_debounce: u64,
}

/// Starts everything, prints the variables that the functions need, writes them to a file, and goes on until it is killed,
/// such as with Ctrl-C. The services end with this process, whatever ends it.
pub(crate) fn run(sh: &Shell, choice: &Choice) -> anyhow::Result<()> {
    let redis = Redis::start_on(choice.redis_port)?;
    let firestore = Firestore::start_on(choice.firestore_port)?;
    let moto = Moto::start_on(choice.aws_port)?;
    let resources = Resources { reply_debounce: Duration::from_secs(choice.reply_debounce), ..Resources::default() };
    let mut variables = resources.make(&moto)?;
    variables.extend(resources::stores(&redis, &firestore));
    let lines = exports(&variables)?;
    let file = file(sh);
    sh.write_file(&file, &lines)?;
    print!("{lines}");
    eprintln!("# In another shell: `source {}`. Ctrl-C ends the services, and what they hold is lost.", file.display());
    loop {
        thread::park();
    }
}

fn file(sh: &Shell) -> PathBuf {
    let target = sh.var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    sh.current_dir().join(target).join("services/env")
}

/// Lines for a shell, each value as a literal.
fn exports(variables: &[(String, String)]) -> anyhow::Result<String> {
    let mut lines = String::new();
    for (name, value) in variables {
        writeln!(lines, "export {name}='{}'", value.replace('\'', r"'\''"))?;
    }
    Ok(lines)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use xshell::cmd;

    use super::*;

    #[test]
    fn a_shell_reads_every_value_as_it_is() {
        let value = "it's $HOME #1 \"two\" `three` \\";
        let lines = exports(&[("ONE".into(), value.into()), ("TWO".into(), "2".into())]).unwrap();
        let sh = Shell::new().unwrap();
        let script = format!("{lines}printf '%s %s' \"$ONE\" \"$TWO\"");
        assert_eq!(cmd!(sh, "sh -c {script}").read().unwrap(), format!("{value} 2"));
    }
}
