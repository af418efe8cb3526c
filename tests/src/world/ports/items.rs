use flow::ports::{Clock, Item, ItemKey, ItemWrite, Items, ItemsError};

use super::{Port, Usage, Wrapped};

#[async_trait::async_trait]
impl Items for Wrapped {
    async fn get(&self, keys: &[ItemKey]) -> Result<Vec<Option<Item>>, ItemsError> {
        let effect = async {
            self.0.used(Usage { items_read: keys.len() as u64, ..Usage::default() });
            self.0.stores.items.get(keys).await
        };
        self.0.call(Port::Items, "get", effect).await
    }

    async fn transact(&self, writes: Vec<ItemWrite>) -> Result<(), ItemsError> {
        let effect = async {
            self.0.stores.items.transact(writes.clone()).await?;
            let items_written = if writes.len() == 1 { 1 } else { 2 * writes.len() as u64 };
            self.0.used(Usage { items_written, ..Usage::default() });
            self.0.watch.transacted(&writes);
            // Claims are judged in the very moment in which they take effect.
            for write in &writes {
                self.0.judge.written(&self.0.stores, write, self.0.clock.now()).await;
            }
            Ok(())
        };
        self.0.call(Port::Items, "transact", effect).await
    }

    async fn scan(&self, prefix: &str, after: Option<&ItemKey>, limit: u32) -> Result<Vec<Item>, ItemsError> {
        self.0.call(Port::Items, "scan", self.0.stores.items.scan(prefix, after, limit)).await
    }
}
