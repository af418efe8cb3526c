//! The limits of [`Queues`](crate::ports::Queues).

use domain::Span;

use crate::ports::{Outgoing, Queue};

/// How long a message stays invisible after its receive at most. SQS documents 12 hours.
pub const LONGEST_VISIBILITY: Span = Span::from_hours(12);

/// SQS documents 10 messages a call, sent or received.
const MESSAGES: usize = 10;
/// SQS documents 1 MiB for a message and for a batch.
const BYTES: usize = 1 << 20;
/// Ours: each is looked for.
const LETTERS: usize = 100;
/// SQS documents 128 characters for a group and a deduplication id.
const ID: usize = 128;

/// Checks a batch as a whole.
///
/// # Errors
/// Why it is refused.
pub fn check_batch(messages: &[Outgoing]) -> Result<(), String> {
    if messages.len() > MESSAGES {
        return Err(format!("{} messages in one call, at most {MESSAGES} are allowed", messages.len()));
    }
    let total: usize = messages.iter().map(|message| message.body.len()).sum();
    if total > BYTES {
        return Err(format!("{total} bytes in one call, at most {BYTES} are allowed"));
    }
    Ok(())
}

/// Checks one message of a batch.
///
/// # Errors
/// Why it is refused.
pub fn check_message(queue: Queue, message: &Outgoing) -> Result<(), String> {
    if message.body.is_empty() {
        return Err("an empty body".into());
    }
    if !message.body.chars().all(is_xml_character) {
        return Err("a body with a character that XML 1.0 does not allow".into());
    }
    check_id("group", &message.group)?;
    if queue.fifo() { check_id("deduplication", &message.deduplication) } else { Ok(()) }
}

/// Checks how many messages are to be received.
///
/// # Errors
/// Why it is refused.
pub fn check_receive(max: u32) -> Result<(), String> {
    if max == 0 || max as usize > MESSAGES {
        return Err(format!("a receive of {max} messages, 1 to {MESSAGES} are allowed"));
    }
    Ok(())
}

/// Checks how many dead letters are named in one call.
///
/// # Errors
/// Why it is refused.
pub fn check_letters(ids: &[String]) -> Result<(), String> {
    if ids.len() > LETTERS {
        return Err(format!("{} dead letters in one call, at most {LETTERS} are allowed", ids.len()));
    }
    Ok(())
}

/// Checks how long a message is to stay invisible.
///
/// # Errors
/// Why it is refused.
pub fn check_visibility(span: Span) -> Result<(), String> {
    if span > LONGEST_VISIBILITY {
        return Err(format!("a visibility of {span:?}, at most {LONGEST_VISIBILITY:?} is allowed"));
    }
    Ok(())
}

fn check_id(what: &str, id: &str) -> Result<(), String> {
    if id.is_empty() || id.len() > ID || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("a {what} id that is not 1 to {ID} ASCII letters, digits and punctuation"));
    }
    Ok(())
}

/// SQS documents `#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF`.
fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}
