//! What the tests share: a database of the emulator's and what may stand in its place or before it, and a clock that they
//! set.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod proxy;
pub mod script;

use std::sync::Arc;
use std::time::Duration;

use domain::{Span, Timestamp};
use firestore_documents::{Access, Deadlines, FirestoreDocuments, Settings};
use flow::indexes::IndexSet;
use flow::ports::Clock;
use tests::clock::TestClock;
use tests::contract::documents::INDEXES;
use tests::entropy::SeededEntropy;

/// Shows what it is set to, and waits as long as it is asked to.
#[derive(Debug, Default)]
pub struct SetClock(pub TestClock);

#[async_trait::async_trait]
impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep(&self, span: Span) {
        tokio::time::sleep(span.std()).await;
    }
}

/// Far longer than any call takes, also where the machine has other things to do.
pub const LONG: Duration = Duration::from_secs(60);

/// The settings for a project of the emulator at this address: each project is a database of its own. Calls have all the
/// time that they need.
pub fn settings(host: &str, project: &str) -> Settings {
    Settings {
        project: project.into(),
        database: "(default)".into(),
        access: Access::Emulator(host.into()),
        indexes: IndexSet::parse(INDEXES).unwrap(),
        deadlines: Deadlines { attempt: LONG, operation: LONG, ..Deadlines::default() },
    }
}

/// The documents with these settings.
pub fn documents(settings: Settings, clock: Arc<dyn Clock>, seed: u64) -> FirestoreDocuments {
    FirestoreDocuments::new(settings, clock, Arc::new(SeededEntropy::new(seed))).unwrap()
}
