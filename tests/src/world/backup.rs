//! Backups of the system of record, and going back to them, as whoever runs the platform does it.

use std::collections::BTreeSet;

use domain::{EventId, Span};
use flow::ports::{DocPath, Document, Documents, Precondition, Write};
use flow::records::KillScope;
use flow::{kill, restore};
use whatsapp::webhook::read_event;

use super::World;
use super::view::at_once;

/// All documents as they were at one moment.
#[derive(Debug, Clone)]
pub struct Backup {
    documents: Vec<Document>,
}

impl World {
    /// A backup of this moment.
    pub fn backup(&self) -> Backup {
        let all = self.ports.watch.documents();
        Backup { documents: all.iter().map(|path| self.document(path).expect("what was written")).collect() }
    }

    /// Goes back to a backup.
    ///
    /// # Panics
    /// When a step fails.
    #[track_caller]
    pub fn restore(&mut self, backup: &Backup) {
        self.begin_restore();
        self.put_back(backup);
        self.finish_restore();
    }

    /// The first step, while everything else goes on.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    pub fn begin_restore(&mut self) {
        // Whoever restores begins again until it works.
        let begun = self.insist(|platform| async move { restore::begin(&platform).await });
        begun.expect("a restore that begins");
        self.judge.killed(&KillScope::Deployment, true);
    }

    /// The second step: no worker runs any more, and the documents are the backup's.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    pub fn put_back(&mut self, backup: &Backup) {
        self.tasks.clear();
        // It takes a while.
        self.clock.set(self.now() + Span::from_seconds(1));
        let before = self.recorded_events();
        let kept: BTreeSet<&DocPath> = backup.documents.iter().map(|document| &document.path).collect();
        let gone = self.ports.watch.documents().into_iter().filter(|path| !kept.contains(path));
        let mut writes: Vec<Write> =
            gone.map(|path| Write::Delete { path, precondition: Precondition::None }).collect();
        writes.extend(backup.documents.iter().cloned().map(|document| Write::Set {
            path: document.path,
            fields: document.fields,
            precondition: Precondition::None,
        }));
        for chunk in writes.chunks(400) {
            at_once(self.stores.documents.commit(chunk.to_vec())).expect("documents that are put back");
            self.ports.watch.put_back(chunk);
        }
        let after = self.recorded_events();
        self.inside.ledger.borrow_mut().lose(before.difference(&after).cloned());
        self.judge.restored();
        self.was_restored = true;
    }

    /// The last step; then everything goes on.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    pub fn finish_restore(&mut self) {
        self.judge.killed(&KillScope::Deployment, false);
        let finished = self.insist(|platform| async move { restore::finish(&platform).await });
        finished.expect("a restore that ends");
        let is_on = at_once(kill::is_on(&self.bare, &KillScope::Deployment)).expect("the kill switch");
        self.judge.killed(&KillScope::Deployment, is_on);
    }

    /// Whether upkeep still walks the intents.
    pub(super) fn is_walking(&self) -> bool {
        self.was_restored && at_once(restore::is_walking(&self.bare)).expect("the restore")
    }

    /// The events that have left something behind.
    fn recorded_events(&self) -> BTreeSet<EventId> {
        let ledger = self.inside.ledger.borrow();
        let recorded =
            ledger.events().filter(|(id, at, split)| self.left_its_mark(id, *at, &read_event(&split.json)).is_ok());
        recorded.map(|(id, ..)| id.clone()).collect()
    }
}
