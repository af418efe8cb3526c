//! The chat at a terminal. The last line is the prompt: the ticks of the last message, whether the business is typing,
//! and what is being written. Everything else scrolls above it.

use std::io::Write;

use tokio::sync::mpsc;

use super::connection::{ChatError, Connection, Screen, Shown};
use super::screen::{Choice, choices, harmless, text, ticks, written};

const LONGEST_LOOK: u64 = 25;
/// Messages of an earlier talk that are shown again.
const REMEMBERED: usize = 10;
const HELP: &str = "Write a line and press Enter. /1, /2 … tap a button or row; /quit or Ctrl-D leaves.";

/// Talks until the input ends or `/quit`.
pub(super) async fn talk(
    connection: &Connection,
    mut lines: mpsc::Receiver<String>,
    out: &mut impl Write,
    colour: bool,
) -> Result<(), ChatError> {
    let first = connection.look(0, 0).await?;
    let mut view = View { revision: 0, shown: 0, typing: false, ticks: "", choices: Vec::new(), prompt: None, colour };
    let Screen { business, .. } = &first;
    writeln!(
        out,
        "You are {} and talk with {} ({}).",
        harmless(connection.name()),
        harmless(&business.name),
        business.number
    )?;
    writeln!(out, "{HELP}")?;
    view.recall(connection.name(), &first, out)?;
    loop {
        tokio::select! {
            line = lines.recv() => {
                let Some(line) = line else { break };
                view.prompt = None;
                match line.trim() {
                    "" => {}
                    "/quit" => return Ok(()),
                    "/help" => writeln!(out, "{HELP}")?,
                    line => match view.message(line) {
                        Some(message) => connection.write(message).await?,
                        None => writeln!(out, "There is no such choice.")?,
                    },
                }
                view.draw(out)?;
            }
            screen = connection.look(view.revision, LONGEST_LOOK) => view.take(&screen?, out)?,
        }
    }
    writeln!(out)?;
    Ok(())
}

/// What is on the terminal.
struct View {
    revision: u64,
    shown: u64,
    typing: bool,
    ticks: &'static str,
    choices: Vec<Choice>,
    /// The prompt as it stands, or nothing where the line is free.
    prompt: Option<String>,
    colour: bool,
}

impl View {
    /// What a line means: a tap, or words. `None`: a tap on nothing.
    fn message(&self, line: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
        match line.strip_prefix('/').map(str::parse::<usize>) {
            Some(Ok(place)) => self.choices.get(place.checked_sub(1)?).map(Choice::tap),
            _ => Some(written(line)),
        }
    }

    /// Shows the last messages of an earlier talk.
    fn recall(&mut self, name: &str, screen: &Screen, out: &mut impl Write) -> Result<(), ChatError> {
        let earlier = screen.messages.len().saturating_sub(REMEMBERED);
        for message in &screen.messages[earlier..] {
            let writer = if message.by_business() { &screen.business.name } else { name };
            self.print(writer, message, out)?;
            self.shown = message.sequence;
        }
        self.take(screen, out)
    }

    /// Shows what changed.
    fn take(&mut self, screen: &Screen, out: &mut impl Write) -> Result<(), ChatError> {
        self.revision = screen.revision;
        self.typing = screen.typing;
        for message in &screen.messages {
            if message.by_business() && message.sequence > self.shown {
                self.print(&screen.business.name, message, out)?;
            }
            if !message.by_business() && message.sequence >= self.shown {
                self.ticks = ticks(&message.status, self.colour);
            }
            self.shown = self.shown.max(message.sequence);
        }
        self.draw(out)
    }

    fn print(&mut self, name: &str, message: &Shown, out: &mut impl Write) -> Result<(), ChatError> {
        let (bold, plain) = if self.colour { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        write!(out, "\r\x1b[2K{bold}{}:{plain} {}\n", harmless(name), text(message))?;
        self.prompt = None;
        self.ticks = "";
        let choices = choices(message);
        if !choices.is_empty() {
            self.choices = choices;
        }
        Ok(())
    }

    /// Draws the prompt, if it is not the one that stands there.
    fn draw(&mut self, out: &mut impl Write) -> Result<(), ChatError> {
        let typing = if self.typing { "typing … " } else { "" };
        let space = if self.ticks.is_empty() { "" } else { " " };
        let prompt = format!("{}{space}{typing}› ", self.ticks);
        if self.prompt.as_ref() != Some(&prompt) {
            write!(out, "\r\x1b[2K{prompt}")?;
            self.prompt = Some(prompt);
        }
        out.flush()?;
        Ok(())
    }
}
