//! Writing, where an answer may be lost.

use flow::limits::OPERATION;
use flow::ports::{Precondition, StoreError, Write};
use googleapis_tonic_google_firestore_v1::google::firestore::v1 as proto;
use proto::precondition::ConditionType;
use proto::value::ValueType;
use proto::write::Operation;
use proto::{CommitRequest, DocumentMask};
use tonic::Code;

use crate::failure::Failure;
use crate::names::Names;
use crate::store::FirestoreDocuments;
use crate::tries::Tries;
use crate::value::{to_fields, written_at};

/// A commit that is to be carried out once.
pub(crate) struct Commit {
    request: CommitRequest,
    /// What it is known by: it stands in each document that it sets.
    operation: Vec<u8>,
    /// The names of the documents that it sets.
    sets: Vec<String>,
    /// It has a precondition that can fail.
    is_conditional: bool,
    /// It would be refused if it had been carried out before, whatever happened in between.
    is_guarded: bool,
}

impl Commit {
    /// The writes, which were checked before.
    pub fn new(names: &Names, operation: [u8; 16], writes: Vec<Write>) -> Self {
        let operation = operation.to_vec();
        let has = |wanted: fn(&Precondition) -> bool| writes.iter().any(|write| wanted(precondition(write)));
        let is_conditional = has(|precondition| *precondition != Precondition::None);
        let is_guarded = has(|precondition| match precondition {
            Precondition::None | Precondition::MustExist => false,
            Precondition::MustNotExist | Precondition::Unchanged(_) => true,
        });
        let sets = writes.iter().filter(|write| matches!(write, Write::Set { .. }));
        let sets = sets.map(|write| names.of(write.path())).collect();
        let writes = writes.into_iter().map(|write| to_proto(names, &operation, write)).collect();
        let request = CommitRequest { database: names.database.clone(), writes, transaction: vec![] };
        Self { request, operation, sets, is_conditional, is_guarded }
    }
}

impl FirestoreDocuments {
    /// Carries the commit out once, or says why not.
    pub(crate) async fn carry_out(&self, commit: &Commit) -> Result<(), StoreError> {
        let mut tries = Tries::new(&*self.clock, &*self.entropy);
        // An earlier try may have been carried out.
        let mut in_doubt = false;
        loop {
            let request = commit.request.clone();
            let send = |mut client: crate::link::Client| async move { Ok(client.commit(request).await?) };
            let Err(failure) = self.link.call(send).await else { return Ok(()) };
            in_doubt |= failure.is_unclear();
            let is_refused = commit.is_conditional && says_precondition(&failure);
            if in_doubt && (is_refused || failure.is_unclear()) && self.was_carried_out(commit).await? {
                return Ok(());
            }
            if is_refused {
                // What refused it may be what it has written itself, and somebody else has written over since.
                return Err(if in_doubt { failure.into() } else { StoreError::Conflict });
            }
            let may_repeat = failure.is_passing() && (!in_doubt || commit.is_guarded);
            if !may_repeat || !tries.again().await {
                let is_contended = matches!(failure, Failure::Refused(Code::Aborted));
                return Err(if is_contended && !in_doubt { StoreError::Conflict } else { failure.into() });
            }
        }
    }

    /// Whether a document says that the commit wrote it. All of them say so, or none, until they are written again.
    async fn was_carried_out(&self, commit: &Commit) -> Result<bool, Failure> {
        if commit.sets.is_empty() {
            return Ok(false);
        }
        let mask = DocumentMask { field_paths: vec![OPERATION.to_owned()] };
        let found = self.batch_get(commit.sets.clone(), Some(mask)).await?;
        let is_ours = |written: &proto::Document| match written.fields.get(OPERATION).map(|value| &value.value_type) {
            Some(Some(ValueType::BytesValue(operation))) => *operation == commit.operation,
            _ => false,
        };
        Ok(found.values().any(is_ours))
    }
}

/// The codes with which Firestore says that a precondition does not hold: a stale version, a document that is not there,
/// one that is.
fn says_precondition(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(Code::FailedPrecondition | Code::NotFound | Code::AlreadyExists))
}

fn precondition(write: &Write) -> &Precondition {
    match write {
        Write::Set { precondition, .. } | Write::Delete { precondition, .. } => precondition,
    }
}

fn to_proto(names: &Names, operation: &[u8], write: Write) -> proto::Write {
    let condition = match precondition(&write) {
        Precondition::None => None,
        Precondition::MustNotExist => Some(ConditionType::Exists(false)),
        Precondition::MustExist => Some(ConditionType::Exists(true)),
        // Nothing was ever written at the beginning of time, so a version of another store's never holds.
        Precondition::Unchanged(version) => Some(ConditionType::UpdateTime(written_at(version).unwrap_or_default())),
    };
    let name = names.of(write.path());
    let operation = match write {
        Write::Set { fields, .. } => {
            let mut fields = to_fields(fields);
            let operation = proto::Value { value_type: Some(ValueType::BytesValue(operation.to_vec())) };
            fields.insert(OPERATION.to_owned(), operation);
            Operation::Update(proto::Document { name, fields, create_time: None, update_time: None })
        }
        Write::Delete { .. } => Operation::Delete(name),
    };
    proto::Write {
        current_document: condition.map(|condition| proto::Precondition { condition_type: Some(condition) }),
        operation: Some(operation),
        ..proto::Write::default()
    }
}
