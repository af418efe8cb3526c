use domain::{Span, Timestamp};
use flow::ports::{Blobs, Decision, DocPath, Document, Documents, Limiter, Pace, Query, StoreError, Write};

use super::{Port, Wrapped};

#[async_trait::async_trait]
impl Documents for Wrapped {
    async fn get(&self, path: &DocPath) -> Result<Option<Document>, StoreError> {
        self.0.call(Port::Documents, "get", self.0.stores.documents.get(path)).await
    }

    async fn get_many(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError> {
        self.0.call(Port::Documents, "get_many", self.0.stores.documents.get_many(paths)).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        self.0.call(Port::Documents, "query", self.0.stores.documents.query(query)).await
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
            self.0.watch.committed(&writes);
            self.0.judge.committed(self.0.caller(), &writes);
            Ok(())
        };
        self.0.call(Port::Documents, "commit", effect).await
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
        self.0.call(Port::Limiter, "reserve", self.0.stores.limiter.reserve(key, pace, reservation)).await
    }

    async fn slow_down(&self, key: &str, until: Timestamp) -> Result<(), StoreError> {
        self.0.call(Port::Limiter, "slow_down", self.0.stores.limiter.slow_down(key, until)).await
    }

    async fn allow(&self, key: &str, limit: u32, window: Span) -> Result<Decision, StoreError> {
        self.0.watch.named(key);
        self.0.call(Port::Limiter, "allow", self.0.stores.limiter.allow(key, limit, window)).await
    }
}
