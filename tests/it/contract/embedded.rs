//! The embedded stores keep every contract, in memory and on the disk.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use embedded::{Embedded, Settings};
use flow::indexes::IndexSet;
use flow::ports::{Blobs, Documents, Items, Limiter, QueueConsumer};
use tests::clock::TestClock;
use tests::entropy::SeededEntropy;

use super::{World, blobs, documents, documents_query, items, keeps, limiter, queues, queues_fifo, queues_letters};

/// The settings that the suites expect.
pub fn settings() -> Settings {
    Settings { reply_delay: queues::REPLY_DELAY, ..Settings::new(IndexSet::parse(documents::INDEXES).unwrap()) }
}

/// Fresh stores in memory; `port` picks the one that is wanted.
pub fn in_memory<P: ?Sized>(port: impl FnOnce(Embedded) -> Arc<P>) -> World<P> {
    let clock = Arc::new(TestClock::default());
    let stores = Embedded::in_memory(clock.clone(), Arc::new(SeededEntropy::new(7)), settings()).unwrap();
    World { port: port(stores), time: clock, keep: Box::new(()) }
}

/// Fresh stores in a directory of their own.
pub fn on_disk<P: ?Sized>(port: impl FnOnce(Embedded) -> Arc<P>) -> World<P> {
    let clock = Arc::new(TestClock::default());
    let dir = tempfile::tempdir().unwrap();
    let stores = Embedded::open(dir.path(), clock.clone(), Arc::new(SeededEntropy::new(7)), settings()).unwrap();
    World { port: port(stores), time: clock, keep: Box::new(dir) }
}

macro_rules! contract {
    ($($name:ident: $suite:ident, $place:ident, $port:ident as $trait:ident;)*) => {$(
        #[tokio::test]
        async fn $name() {
            keeps(&$suite::cases(), async || $place::<dyn $trait>(|stores| stores.$port)).await;
        }
    )*};
}

contract! {
    documents_in_memory_keep_the_contract: documents, in_memory, documents as Documents;
    documents_on_the_disk_keep_the_contract: documents, on_disk, documents as Documents;
    queries_in_memory_keep_the_contract: documents_query, in_memory, documents as Documents;
    queries_on_the_disk_keep_the_contract: documents_query, on_disk, documents as Documents;
    queues_in_memory_keep_the_contract: queues, in_memory, queues as QueueConsumer;
    queues_on_the_disk_keep_the_contract: queues, on_disk, queues as QueueConsumer;
    fifo_queues_in_memory_keep_the_contract: queues_fifo, in_memory, queues as QueueConsumer;
    fifo_queues_on_the_disk_keep_the_contract: queues_fifo, on_disk, queues as QueueConsumer;
    dead_letters_in_memory_keep_the_contract: queues_letters, in_memory, queues as QueueConsumer;
    dead_letters_on_the_disk_keep_the_contract: queues_letters, on_disk, queues as QueueConsumer;
    items_in_memory_keep_the_contract: items, in_memory, items as Items;
    items_on_the_disk_keep_the_contract: items, on_disk, items as Items;
    the_limiter_in_memory_keeps_the_contract: limiter, in_memory, limiter as Limiter;
    the_limiter_on_the_disk_keeps_the_contract: limiter, on_disk, limiter as Limiter;
    blobs_in_memory_keep_the_contract: blobs, in_memory, blobs as Blobs;
    blobs_on_the_disk_keep_the_contract: blobs, on_disk, blobs as Blobs;
}
