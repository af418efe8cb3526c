use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use flow::indexes::IndexSet;
use flow::limits::{check_commit, check_indexed, check_limit, check_path, check_query};
use flow::ports::{Clock, DocPath, Document, Documents, Entropy, Query, StoreError, Write};

use crate::commit::Commit;
use crate::failure::Failure;
use crate::link::Link;
use crate::names::Names;
use crate::{Settings, SettingsError};

/// The system of record in a Firestore database. One value is shared by all calls of a function.
pub struct FirestoreDocuments {
    pub(crate) link: Link,
    pub(crate) names: Names,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    indexes: IndexSet,
    operation: Duration,
}

impl FirestoreDocuments {
    /// The documents of a database. Nothing is connected yet.
    ///
    /// The clock says how long the connection lay unused and how old its token is; from the entropy come the ids of
    /// commits and the lengths of pauses.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: Settings, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, SettingsError> {
        let names = Names::new(&settings.project, &settings.database)?;
        let link = Link::new(&settings, &names, Arc::clone(&clock))?;
        let Settings { indexes, deadlines, .. } = settings;
        Ok(Self { link, names, clock, entropy, indexes, operation: deadlines.operation })
    }

    /// Gives the work so much time as a call may take in all.
    async fn in_time<T, E: Into<StoreError>>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(self.operation, work).await {
            Ok(answer) => answer.map_err(Into::into),
            Err(_) => Err(Failure::Late.into()),
        }
    }

    fn check(&self, query: &Query, summed: Option<&str>) -> Result<(), StoreError> {
        let covered = check_query(query).and_then(|()| self.indexes.cover(query, summed));
        covered.map(|_| ()).map_err(StoreError::Invalid)
    }
}

#[async_trait::async_trait]
impl Documents for FirestoreDocuments {
    async fn get(&self, path: &DocPath) -> Result<Option<Document>, StoreError> {
        let found = self.get_many(std::slice::from_ref(path)).await?;
        Ok(found.into_iter().next().flatten())
    }

    async fn get_many(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError> {
        paths.iter().try_for_each(|path| check_path(path).map(|_| ())).map_err(StoreError::Invalid)?;
        if paths.is_empty() {
            return Ok(vec![]);
        }
        self.in_time(self.documents(paths)).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        check_limit(query).map_err(StoreError::Invalid)?;
        self.check(query, None)?;
        self.in_time(self.matching(query)).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.check(query, None)?;
        Ok(self.in_time(self.number(query, None)).await?.unsigned_abs())
    }

    async fn sum(&self, query: &Query, field: &str) -> Result<i64, StoreError> {
        self.check(query, Some(field))?;
        self.in_time(self.number(query, Some(field))).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let indexed = |write: &Write| match write {
            Write::Set { path, fields, .. } => {
                check_indexed(&self.indexes, path.parent().id(), fields).map_err(|reason| format!("{path:?}: {reason}"))
            }
            Write::Delete { .. } => Ok(()),
        };
        let checked = check_commit(&writes).and_then(|()| writes.iter().try_for_each(indexed));
        checked.map_err(StoreError::Invalid)?;
        if writes.is_empty() {
            return Ok(());
        }
        let commit = Commit::new(&self.names, self.entropy.bits(), writes);
        self.in_time(self.carry_out(&commit)).await
    }
}
