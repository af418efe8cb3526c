//! The chat without a terminal: each line is sent, its answer awaited and printed, and the end of the input ends it.

use std::io::Write;

use tokio::sync::mpsc;

use super::connection::{ChatError, Connection, Screen};
use super::screen::{harmless, text, written};

/// Seconds without any change after which an answer is complete.
const QUIET_AFTER_ANSWER: u32 = 1;
/// Seconds without any change after which no answer is expected any more.
pub(super) const PATIENCE: u32 = 8;

/// Talks until the input ends.
pub(super) async fn talk(
    connection: &Connection,
    mut lines: mpsc::Receiver<String>,
    patience: u32,
    out: &mut impl Write,
) -> Result<(), ChatError> {
    let Screen { mut revision, messages, .. } = connection.look(0, 0).await?;
    let mut shown = messages.last().map_or(0, |message| message.sequence);
    while let Some(line) = lines.recv().await {
        let line = line.trim();
        match line {
            "" => continue,
            "/quit" => break,
            _ => {}
        }
        connection.write(written(line)).await?;
        writeln!(out, "{}: {}", harmless(connection.name()), harmless(line))?;
        let mut answered = false;
        let mut quiet = 0;
        while quiet < if answered { QUIET_AFTER_ANSWER } else { patience } {
            let screen = connection.look(revision, 1).await?;
            quiet = if screen.revision == revision && !screen.typing { quiet + 1 } else { 0 };
            revision = screen.revision;
            let seen = shown;
            for message in screen.messages.iter().filter(|message| message.sequence > seen) {
                shown = message.sequence;
                if message.by_business() {
                    answered = true;
                    writeln!(out, "{}: {}", harmless(&screen.business.name), text(message))?;
                }
            }
        }
        out.flush()?;
    }
    Ok(())
}
