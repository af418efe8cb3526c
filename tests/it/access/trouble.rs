//! Stores whose writes meet trouble: answers that are lost, writes that fail, writers that come at the same moment.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use flow::ports::{
    DocPath, Document, Documents, Item, ItemKey, ItemWrite, Items, ItemsError, Query, StoreError, Write,
};
use tokio::sync::Barrier;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What comes of the next writes.
#[derive(Default)]
pub struct Trouble {
    lost: AtomicU32,
    failing: AtomicU32,
    meeting: Mutex<Option<(Arc<Barrier>, usize)>>,
    first: Mutex<Option<Work>>,
}

impl Trouble {
    /// So many writes take effect, and their answer is lost.
    pub fn lose(&self, writes: u32) {
        self.lost.store(writes, Ordering::SeqCst);
    }

    /// So many writes fail before they take effect.
    pub fn fail(&self, writes: u32) {
        self.failing.store(writes, Ordering::SeqCst);
    }

    /// The next so many writes wait for one another: each was decided before any of them took effect.
    pub fn meet(&self, writes: usize) {
        *self.meeting.lock().unwrap() = Some((Arc::new(Barrier::new(writes)), writes));
    }

    /// Before the next write, this happens.
    pub fn before_next(&self, work: impl Future<Output = ()> + Send + 'static) {
        *self.first.lock().unwrap() = Some(Box::pin(work));
    }

    async fn before(&self) {
        let work = self.first.lock().unwrap().take();
        if let Some(work) = work {
            work.await;
        }
        let barrier = {
            let mut meeting = self.meeting.lock().unwrap();
            let barrier = meeting.as_mut().map(|(barrier, left)| {
                *left -= 1;
                (barrier.clone(), *left)
            });
            if barrier.as_ref().is_some_and(|(_, left)| *left == 0) {
                *meeting = None;
            }
            barrier
        };
        if let Some((barrier, _)) = barrier {
            barrier.wait().await;
        }
    }

    /// The write with what is in its way; `None`: it has no answer.
    async fn carry_out<T>(&self, write: impl Future<Output = T>) -> Option<T> {
        self.before().await;
        if take(&self.failing) {
            return None;
        }
        let answer = write.await;
        (!take(&self.lost)).then_some(answer)
    }
}

fn take(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

/// A store with trouble.
pub struct Troubled<S: ?Sized> {
    pub inner: Arc<S>,
    pub trouble: Arc<Trouble>,
}

#[async_trait::async_trait]
impl Documents for Troubled<dyn Documents> {
    async fn get(&self, path: &DocPath) -> Result<Option<Document>, StoreError> {
        self.inner.get(path).await
    }
    async fn get_many(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError> {
        self.inner.get_many(paths).await
    }
    async fn query(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        self.inner.query(query).await
    }
    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.inner.count(query).await
    }
    async fn sum(&self, query: &Query, field: &str) -> Result<i64, StoreError> {
        self.inner.sum(query, field).await
    }
    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let answer = self.trouble.carry_out(self.inner.commit(writes)).await;
        answer.unwrap_or_else(|| Err(StoreError::Unavailable("the test took it away".into())))
    }
}

#[async_trait::async_trait]
impl Items for Troubled<dyn Items> {
    async fn get(&self, keys: &[ItemKey]) -> Result<Vec<Option<Item>>, ItemsError> {
        self.inner.get(keys).await
    }
    async fn transact(&self, writes: Vec<ItemWrite>) -> Result<(), ItemsError> {
        let answer = self.trouble.carry_out(self.inner.transact(writes)).await;
        answer.unwrap_or_else(|| Err(ItemsError::Unavailable("the test took it away".into())))
    }
    async fn scan(&self, prefix: &str, after: Option<&ItemKey>, limit: u32) -> Result<Vec<Item>, ItemsError> {
        self.inner.scan(prefix, after, limit).await
    }
}
