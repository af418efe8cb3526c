//! `porfin chat`: a customer of the running program, at a terminal.
//!
//! It knows the program only by what `local.json` says and talks through the simulator's HTTP paths, like any test.

mod connection;
mod piped;
mod screen;
mod terminal;

#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};
use std::path::Path;

use domain::Phone;
use tokio::sync::mpsc;

pub use connection::ChatError;

use connection::Connection;

/// The number of the customer unless another is given. It is nobody's: subscriber numbers do not begin with zeros.
const USUAL_NUMBER: &str = "+5511900000001";

/// What `porfin chat` can be told.
#[derive(Clone, clap::Args)]
pub struct ChatOptions {
    /// The name that the business sees
    #[arg(long, value_name = "NAME", default_value = "Cliente")]
    pub name: String,

    /// The phone number to write from, with its country code
    #[arg(long = "as", value_name = "NUMBER", default_value = USUAL_NUMBER, value_parser = number)]
    pub number: String,

    /// Write without colours
    #[arg(long)]
    pub no_color: bool,
}

impl Default for ChatOptions {
    fn default() -> Self {
        Self { name: "Cliente".to_owned(), number: USUAL_NUMBER.to_owned(), no_color: false }
    }
}

/// Reads a number as WhatsApp writes it: digits only.
fn number(text: &str) -> Result<String, String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match Phone::parse(text) {
        Ok(_) => Ok(digits),
        Err(error) => Err(format!("{error}; write it like +5511987654321")),
    }
}

/// Talks with the program that runs on this data directory, until the input ends, `/quit`, or Ctrl-C.
///
/// # Errors
/// [`ChatError`], in words that say what to do.
pub async fn run(options: &ChatOptions, data_dir: &Path) -> Result<(), ChatError> {
    let wa_id: String = options.number.chars().filter(char::is_ascii_digit).collect();
    let connection = Connection::open(data_dir, &wa_id, &options.name)?;
    let lines = lines_of(io::stdin());
    let out = io::stdout();
    let talk = async {
        if io::stdin().is_terminal() && out.is_terminal() {
            terminal::talk(&connection, lines, &mut out.lock(), !options.no_color).await
        } else {
            piped::talk(&connection, lines, piped::PATIENCE, &mut out.lock()).await
        }
    };
    tokio::select! {
        done = talk => done,
        _ = tokio::signal::ctrl_c() => {
            println!();
            Ok(())
        }
    }
}

/// The lines of the input. A thread of their own reads them, since nothing can interrupt a read from a terminal: it
/// ends with the program.
fn lines_of(input: io::Stdin) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(64);
    std::thread::spawn(move || {
        for line in input.lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}
