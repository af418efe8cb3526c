use std::future::Future;

use domain::{Span, Timestamp};
use flow::ports::{Blobs, Decision, DocPath, Document, Documents, Limiter, Pace, Query, StoreError, Write};

use super::{Port, Usage, Wrapped};

#[async_trait::async_trait]
impl Documents for Wrapped {
    async fn get(&self, path: &DocPath) -> Result<Option<Document>, StoreError> {
        let effect = self.reads(1, self.0.stores.documents.get(path));
        self.0.call(Port::Documents, "get", effect).await
    }

    async fn get_many(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError> {
        let effect = self.reads(paths.len(), self.0.stores.documents.get_many(paths));
        self.0.call(Port::Documents, "get_many", effect).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        let effect = async {
            let found = self.0.stores.documents.query(query).await?;
            self.read(found.len().max(1));
            Ok(found)
        };
        self.0.call(Port::Documents, "query", effect).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.0.call(Port::Documents, "count", self.0.stores.documents.count(query)).await
    }

    async fn sum(&self, query: &Query, field: &str) -> Result<i64, StoreError> {
        self.0.call(Port::Documents, "sum", self.0.stores.documents.sum(query, field)).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let effect = async {
            self.0.stores.documents.commit(writes.clone()).await?;
            let deleted = writes.iter().filter(|write| matches!(write, Write::Delete { .. })).count() as u64;
            let documents_written = writes.len() as u64 - deleted;
            self.0.used(Usage { documents_written, documents_deleted: deleted, ..Usage::default() });
            self.0.watch.committed(&writes);
            self.0.judge.committed(self.0.caller(), &writes);
            Ok(())
        };
        self.0.call(Port::Documents, "commit", effect).await
    }
}

impl Wrapped {
    fn read(&self, documents: usize) {
        self.0.used(Usage { documents_read: documents as u64, ..Usage::default() });
    }

    async fn reads<T>(&self, documents: usize, effect: impl Future<Output = T>) -> T {
        let answer = effect.await;
        self.read(documents);
        answer
    }

    async fn runs_script<T>(&self, effect: impl Future<Output = T>) -> T {
        let answer = effect.await;
        self.0.used(Usage { scripts: 1, ..Usage::default() });
        answer
    }
}

#[async_trait::async_trait]
impl Blobs for Wrapped {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let effect = async {
            self.0.watch.stored(key, &bytes);
            self.0.stores.blobs.put(key, bytes).await
        };
        self.0.call(Port::Blobs, "put", effect).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.call(Port::Blobs, "get", self.0.stores.blobs.get(key)).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.0.call(Port::Blobs, "delete", self.0.stores.blobs.delete(key)).await
    }
}

#[async_trait::async_trait]
impl Limiter for Wrapped {
    async fn reserve(&self, key: &str, pace: Pace, reservation: &str) -> Result<Timestamp, StoreError> {
        self.0.watch.named(key);
        self.0.watch.named(reservation);
        let effect = self.runs_script(self.0.stores.limiter.reserve(key, pace, reservation));
        self.0.call(Port::Limiter, "reserve", effect).await
    }

    async fn slow_down(&self, key: &str, until: Timestamp) -> Result<(), StoreError> {
        let effect = self.runs_script(self.0.stores.limiter.slow_down(key, until));
        self.0.call(Port::Limiter, "slow_down", effect).await
    }

    async fn allow(&self, key: &str, limit: u32, window: Span) -> Result<Decision, StoreError> {
        self.0.watch.named(key);
        let effect = self.runs_script(self.0.stores.limiter.allow(key, limit, window));
        self.0.call(Port::Limiter, "allow", effect).await
    }
}
