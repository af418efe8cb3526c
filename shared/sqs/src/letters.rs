//! Dead letters: SQS has no way to look at a message but to receive it, so each look hides them for a moment.

use std::collections::HashSet;

use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry};
use domain::Span;
use flow::ports::{Delivery, Outgoing, Queue, Queues, StoreError};

use crate::SqsQueues;
use crate::refusal::refused;

/// How long dead letters stay hidden while they are looked at, should the look be broken off.
const LOOK: Span = Span::from_seconds(30);
/// Messages of one call.
const CALL: usize = 10;
/// Bytes of one call: SQS takes 1 MiB.
const CALL_BYTES: usize = 1 << 20;
/// So many are looked through for those that are asked for.
const MOST: u32 = 1_000;

impl SqsQueues {
    /// Where the dead letters of the queue are.
    pub(crate) fn letters_url(&self, queue: Queue) -> Result<&str, StoreError> {
        let missing = || StoreError::Invalid(format!("the address of the dead letters of {} is not set", queue.name()));
        self.settings.dead_letters.get(&queue).map(String::as_str).ok_or_else(missing)
    }

    /// Of a FIFO queue's group the first ten at most: the service shows no more of it while those are being looked at.
    pub(crate) async fn look_at_letters(&self, queue: Queue, max: u32) -> Result<Vec<Delivery>, StoreError> {
        let url = self.letters_url(queue)?;
        let mut found = self.receive_letters(url, max, |_| false).await?;
        self.show_again(url, &found).await?;
        found.sort_by_key(|letter| letter.sent_at);
        Ok(found)
    }

    /// Enqueued first and removed then. A FIFO queue drops the copy, should it be enqueued twice within 5 minutes.
    pub(crate) async fn redrive_letters(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let url = self.letters_url(queue)?;
        let (asked, others) = self.find_letters(url, ids).await?;
        let mut sent = Vec::new();
        let mut kept = others;
        let mut failed = None;
        for call in calls(asked) {
            let answers = match failed {
                None => self.send(queue, call.iter().map(again).collect()).await,
                // What is of the same group must not go past what could not be enqueued.
                Some(_) => Ok(Vec::new()),
            };
            let answers = answers.unwrap_or_else(|error| {
                failed = Some(error);
                Vec::new()
            });
            let mut answers = answers.into_iter();
            for letter in call {
                match answers.next() {
                    Some(Ok(())) => sent.push(letter),
                    Some(Err(error)) => {
                        failed.get_or_insert(error);
                        kept.push(letter);
                    }
                    None => kept.push(letter),
                }
            }
        }
        self.remove(url, &sent).await?;
        self.show_again(url, &kept).await?;
        match failed {
            Some(error) => Err(error),
            None => Ok(sent.into_iter().map(|letter| letter.message_id).collect()),
        }
    }

    pub(crate) async fn discard_letters(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let url = self.letters_url(queue)?;
        let (asked, others) = self.find_letters(url, ids).await?;
        self.remove(url, &asked).await?;
        self.show_again(url, &others).await?;
        Ok(asked.into_iter().map(|letter| letter.message_id).collect())
    }

    /// Those that are asked for, in their order, and what else was received while they were looked for.
    async fn find_letters(&self, url: &str, ids: &[String]) -> Result<(Vec<Delivery>, Vec<Delivery>), StoreError> {
        let wanted: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let is_wanted = |letter: &Delivery| wanted.contains(letter.message_id.as_str());
        let have_all = |found: &[Delivery]| found.iter().filter(|letter| is_wanted(letter)).count() == wanted.len();
        let found = self.receive_letters(url, MOST, have_all).await?;
        Ok(found.into_iter().partition(is_wanted))
    }

    /// Receives letters until there is none that was not seen, `max` are found or `enough` says so.
    async fn receive_letters(
        &self,
        url: &str,
        max: u32,
        enough: impl Fn(&[Delivery]) -> bool,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut found: Vec<Delivery> = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let room = max.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            if room == 0 || enough(&found) {
                return Ok(found);
            }
            let mut more = self.receive_from(url, room.min(10), LOOK).await?;
            // One that comes again was hidden for its time, and so all of them were looked at.
            more.retain(|letter| seen.insert(letter.message_id.clone()));
            if more.is_empty() {
                return Ok(found);
            }
            found.extend(more);
        }
    }

    async fn remove(&self, url: &str, letters: &[Delivery]) -> Result<(), StoreError> {
        for letters in letters.chunks(CALL) {
            let entries = letters.iter().enumerate().map(|(place, letter)| {
                DeleteMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .receipt_handle(&letter.receipt)
                    .build()
                    .map_err(|error| StoreError::Invalid(error.to_string()))
            });
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            let call = self.client.delete_message_batch().queue_url(url).set_entries(Some(entries));
            let answer = call.send().await.map_err(refused)?;
            if let Some(failed) = answer.failed().first() {
                let why = format!("SQS did not remove a message: {}", failed.code());
                return Err(StoreError::Unavailable(why.into()));
            }
        }
        Ok(())
    }

    /// Makes messages visible that were only looked at. One whose receipt ran out is visible already.
    async fn show_again(&self, url: &str, letters: &[Delivery]) -> Result<(), StoreError> {
        for letters in letters.chunks(CALL) {
            let entries = letters.iter().enumerate().map(|(place, letter)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(place.to_string())
                    .receipt_handle(&letter.receipt)
                    .visibility_timeout(0)
                    .build()
                    .map_err(|error| StoreError::Invalid(error.to_string()))
            });
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            let call = self.client.change_message_visibility_batch().queue_url(url).set_entries(Some(entries));
            call.send().await.map_err(refused)?;
        }
        Ok(())
    }
}

/// The letter as it is enqueued again: it is known by its own id, so that a copy is one.
fn again(letter: &Delivery) -> Outgoing {
    let group = if letter.group.is_empty() { letter.message_id.clone() } else { letter.group.clone() };
    Outgoing { body: letter.body.clone(), group, deduplication: letter.message_id.clone() }
}

/// Cuts letters into what one call takes.
fn calls(letters: Vec<Delivery>) -> Vec<Vec<Delivery>> {
    let mut calls: Vec<Vec<Delivery>> = Vec::new();
    let mut bytes = 0;
    for letter in letters {
        match calls.last_mut() {
            Some(call) if call.len() < CALL && bytes + letter.body.len() <= CALL_BYTES => {
                bytes += letter.body.len();
                call.push(letter);
            }
            _ => {
                bytes = letter.body.len();
                calls.push(vec![letter]);
            }
        }
    }
    calls
}
