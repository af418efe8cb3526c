use async_trait::async_trait;
use domain::{Span, Timestamp};
use flow::ports::{
    Blobs, Decision, DocPath, Document, Documents, Item, ItemKey, ItemWrite, Items, ItemsError, Limiter, Outgoing,
    Pace, Query, Queue, Queues, StoreError, Write,
};

/// The place of a service that a function does not use: every call is refused as wrong, whatever it asks.
pub(crate) struct Absent;

fn refused<T>() -> Result<T, StoreError> {
    Err(StoreError::Invalid("this function was not given that service".into()))
}

fn no_items<T>() -> Result<T, ItemsError> {
    Err(ItemsError::Invalid("this function was not given that service".into()))
}

#[async_trait]
impl Documents for Absent {
    async fn get(&self, _: &DocPath) -> Result<Option<Document>, StoreError> {
        refused()
    }

    async fn get_many(&self, _: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError> {
        refused()
    }

    async fn query(&self, _: &Query) -> Result<Vec<Document>, StoreError> {
        refused()
    }

    async fn count(&self, _: &Query) -> Result<u64, StoreError> {
        refused()
    }

    async fn sum(&self, _: &Query, _: &str) -> Result<i64, StoreError> {
        refused()
    }

    async fn commit(&self, _: Vec<Write>) -> Result<(), StoreError> {
        refused()
    }
}

#[async_trait]
impl Items for Absent {
    async fn get(&self, _: &[ItemKey]) -> Result<Vec<Option<Item>>, ItemsError> {
        no_items()
    }

    async fn transact(&self, _: Vec<ItemWrite>) -> Result<(), ItemsError> {
        no_items()
    }

    async fn scan(&self, _: &str, _: Option<&ItemKey>, _: u32) -> Result<Vec<Item>, ItemsError> {
        no_items()
    }
}

#[async_trait]
impl Queues for Absent {
    async fn send(&self, _: Queue, _: Vec<Outgoing>) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        refused()
    }

    async fn defer(&self, _: Queue, _: &str, _: Span) -> Result<(), StoreError> {
        refused()
    }
}

#[async_trait]
impl Blobs for Absent {
    async fn put(&self, _: &str, _: Vec<u8>) -> Result<(), StoreError> {
        refused()
    }

    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        refused()
    }

    async fn delete(&self, _: &str) -> Result<(), StoreError> {
        refused()
    }
}

#[async_trait]
impl Limiter for Absent {
    async fn reserve(&self, _: &str, _: Pace, _: &str) -> Result<Timestamp, StoreError> {
        refused()
    }

    async fn slow_down(&self, _: &str, _: Timestamp) -> Result<(), StoreError> {
        refused()
    }

    async fn allow(&self, _: &str, _: u32, _: Span) -> Result<Decision, StoreError> {
        refused()
    }
}
