#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use domain::Span;
use flow::ports::{Delivery, Outgoing, Queue, QueueConsumer, Queues, StoreError};

use super::planted;
use crate::contract::embedded::in_memory;
use crate::contract::{World, queues, queues_fifo, queues_letters};

/// What the wrapper does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    BreaksGroupOrder,
    HandsOutAGroupInFlight,
    LocksTheWholeQueue,
    LosesTheDelay,
    ReceivesTwice,
    IgnoresDuplicates,
    ForgetsDuplicatesWhenDeleted,
    DropsCopiesEverywhere,
    AcceptsOldReceipts,
    DefersWithOldReceipts,
    IgnoresDeferrals,
    KeepsDeadLettersAlive,
    LosesDeadLetters,
    CountsVisibleOnly,
    TakesBigBatches,
    HidesPartialFailure,
    LosesTheReceiveCount,
    ForgetsDeletions,
    RedrivesWithoutRemoving,
    RedrivesIntoNothing,
    RedrivesWithoutTheGroup,
    RedrivesEverything,
    RedrivesInAnyOrder,
    ForgetsDiscards,
    CountsNoLetters,
    LooksBySwallowing,
}

struct Faulty {
    inner: Arc<dyn QueueConsumer>,
    fault: Fault,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    counter: u64,
    /// The message of each receipt, and the newest receipt of each message.
    messages: BTreeMap<String, String>,
    newest: BTreeMap<String, String>,
    /// Messages that were received and not deleted.
    received: BTreeSet<String>,
    /// Deduplication ids that were seen.
    seen: BTreeSet<String>,
}

fn faulty(fault: Fault) -> World<dyn QueueConsumer> {
    in_memory(|stores| {
        Arc::new(Faulty { inner: stores.queues, fault, state: Mutex::default() }) as Arc<dyn QueueConsumer>
    })
}

planted! { faulty;
    a_broken_group_order_is_found: Fault::BreaksGroupOrder, queues_fifo, messages_of_a_group_come_in_order;
    a_group_handed_out_in_flight_is_found: Fault::HandsOutAGroupInFlight, queues_fifo,
        a_group_with_a_message_in_flight_yields_none;
    a_queue_that_waits_as_a_whole_is_found: Fault::LocksTheWholeQueue, queues_fifo, groups_do_not_wait_for_each_other;
    a_lost_delay_is_found: Fault::LosesTheDelay, queues, only_the_queues_that_gather_have_a_delay;
    a_double_receive_is_found: Fault::ReceivesTwice, queues, concurrent_consumers_never_get_the_same_message;
    ignored_duplicates_are_found: Fault::IgnoresDuplicates, queues_fifo, a_copy_is_dropped_and_answered_with_ok;
    duplicates_forgotten_with_the_message_are_found: Fault::ForgetsDuplicatesWhenDeleted, queues_fifo,
        a_copy_is_dropped_after_the_first_was_handled;
    copies_dropped_where_they_count_are_found: Fault::DropsCopiesEverywhere, queues_fifo, the_status_queue_keeps_copies;
    an_old_receipt_that_deletes_is_found: Fault::AcceptsOldReceipts, queues_fifo,
        a_receipt_that_is_no_longer_valid_deletes_nothing;
    an_old_receipt_that_defers_is_found: Fault::DefersWithOldReceipts, queues,
        a_receipt_that_is_no_longer_valid_cannot_defer;
    an_ignored_deferral_is_found: Fault::IgnoresDeferrals, queues, a_deferred_message_waits_for_its_span;
    a_poison_message_that_lives_on_is_found: Fault::KeepsDeadLettersAlive, queues,
        a_message_received_too_often_goes_to_the_dead_letters;
    lost_dead_letters_are_found: Fault::LosesDeadLetters, queues, dead_letters_come_oldest_first;
    a_depth_of_visible_messages_only_is_found: Fault::CountsVisibleOnly, queues,
        the_depth_counts_visible_delayed_and_in_flight;
    a_batch_without_a_limit_is_found: Fault::TakesBigBatches, queues, a_batch_has_10_messages_at_most;
    a_hidden_partial_failure_is_found: Fault::HidesPartialFailure, queues, a_malformed_message_is_refused_by_itself;
    a_lost_receive_count_is_found: Fault::LosesTheReceiveCount, queues,
        a_received_message_is_hidden_and_then_comes_again;
    a_deletion_that_is_forgotten_is_found: Fault::ForgetsDeletions, queues, a_deleted_message_never_comes_again;
    a_letter_that_stays_when_it_is_redriven_is_found: Fault::RedrivesWithoutRemoving, queues_letters,
        a_redriven_letter_comes_again_in_its_group_and_its_receives_begin_anew;
    a_letter_that_is_lost_on_its_way_back_is_found: Fault::RedrivesIntoNothing, queues_letters,
        a_redriven_letter_comes_again_in_its_group_and_its_receives_begin_anew;
    a_letter_that_loses_its_group_is_found: Fault::RedrivesWithoutTheGroup, queues_letters,
        a_redriven_letter_comes_again_in_its_group_and_its_receives_begin_anew;
    a_redrive_of_everything_is_found: Fault::RedrivesEverything, queues_letters,
        only_the_letters_that_are_named_are_redriven;
    a_redrive_out_of_order_is_found: Fault::RedrivesInAnyOrder, queues_letters,
        letters_of_a_group_keep_their_order_when_they_are_redriven;
    a_discard_that_is_forgotten_is_found: Fault::ForgetsDiscards, queues_letters, a_discarded_letter_is_gone_for_good;
    letters_that_are_not_counted_are_found: Fault::CountsNoLetters, queues_letters, dead_letters_are_counted;
    a_look_that_swallows_is_found: Fault::LooksBySwallowing, queues_letters,
        looking_at_letters_leaves_them_where_they_are;
}

#[tokio::test]
async fn the_wrapper_without_a_fault_keeps_the_contract() {
    crate::contract::keeps(&queues::cases(), async || faulty(Fault::None)).await;
    crate::contract::keeps(&queues_fifo::cases(), async || faulty(Fault::None)).await;
    crate::contract::keeps(&queues_letters::cases(), async || faulty(Fault::None)).await;
}

impl Faulty {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Where the wrapper really keeps the queue's messages.
    fn route(&self, queue: Queue) -> Queue {
        if self.fault == Fault::LosesTheDelay && queue == Queue::Reply { Queue::Send } else { queue }
    }

    fn spoil_outgoing(&self, queue: Queue, message: &mut Outgoing) {
        let mut state = self.state();
        state.counter += 1;
        match self.fault {
            Fault::HandsOutAGroupInFlight if queue.fifo() => {
                message.group = format!("{}|{}", state.counter, message.group);
            }
            Fault::LocksTheWholeQueue => {
                message.body = format!("{}|{}", message.group, message.body);
                message.group = "all".into();
            }
            Fault::IgnoresDuplicates => message.deduplication = state.counter.to_string(),
            Fault::ForgetsDuplicatesWhenDeleted => {
                message.deduplication = format!("{}|{}", state.seen.len(), message.deduplication);
            }
            _ => {}
        }
    }

    fn spoil_delivery(&self, delivery: &mut Delivery) {
        match self.fault {
            Fault::HandsOutAGroupInFlight => {
                if let Some((_, group)) = delivery.group.split_once('|') {
                    delivery.group = group.to_owned();
                }
            }
            Fault::LocksTheWholeQueue => {
                if let Some((group, body)) = delivery.body.clone().split_once('|') {
                    (delivery.group, delivery.body) = (group.to_owned(), body.to_owned());
                }
            }
            Fault::LosesTheReceiveCount => delivery.receive_count = 1,
            _ => {}
        }
        let mut state = self.state();
        state.messages.insert(delivery.receipt.clone(), delivery.message_id.clone());
        state.newest.insert(delivery.message_id.clone(), delivery.receipt.clone());
        state.received.insert(delivery.message_id.clone());
    }

    /// The newest receipt of the message that this one belongs to.
    fn newest(&self, receipt: &str) -> String {
        let state = self.state();
        state.messages.get(receipt).and_then(|message| state.newest.get(message)).map_or(receipt, |r| r).to_owned()
    }
}

#[async_trait::async_trait]
impl Queues for Faulty {
    async fn send(&self, queue: Queue, mut messages: Vec<Outgoing>) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        messages.iter_mut().for_each(|message| self.spoil_outgoing(queue, message));
        match self.fault {
            Fault::DropsCopiesEverywhere => {
                let all = messages.len();
                messages.retain(|message| self.state().seen.insert(format!("{queue:?} {}", message.deduplication)));
                let mut answers = self.inner.send(queue, messages).await?;
                answers.extend((answers.len()..all).map(|_| Ok(())));
                Ok(answers)
            }
            Fault::TakesBigBatches => {
                let mut answers = Vec::new();
                for part in messages.chunks(10) {
                    answers.extend(self.inner.send(queue, part.to_vec()).await?);
                }
                Ok(answers)
            }
            Fault::HidesPartialFailure => {
                Ok(self.inner.send(queue, messages).await?.into_iter().map(|_| Ok(())).collect())
            }
            _ => self.inner.send(self.route(queue), messages).await,
        }
    }

    async fn defer(&self, queue: Queue, receipt: &str, span: Span) -> Result<(), StoreError> {
        match self.fault {
            Fault::IgnoresDeferrals => Ok(()),
            Fault::DefersWithOldReceipts => self.inner.defer(queue, &self.newest(receipt), span).await,
            Fault::KeepsDeadLettersAlive if self.state().seen.contains(receipt) => Ok(()),
            _ => self.inner.defer(self.route(queue), receipt, span).await,
        }
    }
}

#[async_trait::async_trait]
impl QueueConsumer for Faulty {
    async fn receive(&self, queue: Queue, max: u32, visibility: Span) -> Result<Vec<Delivery>, StoreError> {
        let mut taken = self.inner.receive(self.route(queue), max, visibility).await?;
        taken.iter_mut().for_each(|delivery| self.spoil_delivery(delivery));
        match self.fault {
            Fault::BreaksGroupOrder if queue.fifo() => taken.reverse(),
            Fault::ReceivesTwice => {
                for delivery in &taken {
                    self.inner.defer(queue, &delivery.receipt, Span::ZERO).await?;
                }
            }
            Fault::KeepsDeadLettersAlive => {
                for delivery in taken.iter().filter(|delivery| delivery.receive_count == queue.max_receives()) {
                    let (body, group) = (delivery.body.clone(), delivery.group.clone());
                    let anew = Outgoing { body, group, deduplication: delivery.receipt.clone() };
                    self.inner.delete(queue, &delivery.receipt).await?;
                    self.inner.send(queue, vec![anew]).await?;
                    self.state().seen.insert(delivery.receipt.clone());
                }
            }
            _ => {}
        }
        Ok(taken)
    }

    async fn delete(&self, queue: Queue, receipt: &str) -> Result<(), StoreError> {
        {
            let mut state = self.state();
            if let Some(message) = state.messages.get(receipt).cloned() {
                state.received.remove(&message);
            }
            if self.fault == Fault::ForgetsDuplicatesWhenDeleted {
                state.seen.insert(receipt.to_owned());
            }
        }
        match self.fault {
            Fault::ForgetsDeletions => Ok(()),
            Fault::AcceptsOldReceipts => self.inner.delete(queue, &self.newest(receipt)).await,
            _ => self.inner.delete(self.route(queue), receipt).await,
        }
    }

    async fn depth(&self, queue: Queue) -> Result<u64, StoreError> {
        let depth = self.inner.depth(self.route(queue)).await?;
        let hidden = if self.fault == Fault::CountsVisibleOnly { self.state().received.len() as u64 } else { 0 };
        Ok(depth.saturating_sub(hidden))
    }

    async fn dead_letters(&self, queue: Queue, max: u32) -> Result<Vec<Delivery>, StoreError> {
        if self.fault == Fault::LosesDeadLetters {
            return Ok(vec![]);
        }
        let letters = self.inner.dead_letters(queue, max).await?;
        if self.fault == Fault::LooksBySwallowing && letters.len() > 1 {
            self.inner.discard(queue, &[letters[0].message_id.clone()]).await?;
        }
        Ok(letters)
    }

    async fn count_dead_letters(&self, queue: Queue) -> Result<u64, StoreError> {
        if self.fault == Fault::CountsNoLetters { Ok(0) } else { self.inner.count_dead_letters(queue).await }
    }

    async fn redrive(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let mut letters = self.inner.dead_letters(queue, 100).await?;
        letters.retain(|letter| ids.contains(&letter.message_id));
        let copies = |group: Option<&str>| {
            let copy = |letter: &Delivery| Outgoing {
                body: letter.body.clone(),
                group: group.unwrap_or(&letter.group).to_owned(),
                deduplication: letter.message_id.clone(),
            };
            letters.iter().map(copy).collect::<Vec<_>>()
        };
        match self.fault {
            Fault::RedrivesWithoutRemoving => {
                self.inner.send(queue, copies(None)).await?;
                Ok(letters.into_iter().map(|letter| letter.message_id).collect())
            }
            Fault::RedrivesIntoNothing => self.inner.discard(queue, ids).await,
            Fault::RedrivesWithoutTheGroup => {
                self.inner.send(queue, copies(Some("0"))).await?;
                self.inner.discard(queue, ids).await
            }
            Fault::RedrivesEverything => {
                let all = self.inner.dead_letters(queue, 100).await?;
                let all: Vec<String> = all.into_iter().map(|letter| letter.message_id).collect();
                self.inner.redrive(queue, &all).await
            }
            Fault::RedrivesInAnyOrder => {
                let mut done = Vec::new();
                for id in ids {
                    done.extend(self.inner.redrive(queue, std::slice::from_ref(id)).await?);
                }
                Ok(done)
            }
            _ => self.inner.redrive(queue, ids).await,
        }
    }

    async fn discard(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError> {
        if self.fault == Fault::ForgetsDiscards { Ok(ids.to_vec()) } else { self.inner.discard(queue, ids).await }
    }
}
