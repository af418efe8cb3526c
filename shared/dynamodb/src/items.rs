use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aws_client::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use data_encoding::HEXLOWER;
use flow::limits::items::{check_keys, check_transaction};
use flow::ports::{Entropy, Item, ItemKey, ItemWrite, Items, ItemsError};

use crate::attempts::{Attempts, Repeat};
use crate::encoding::{Attributes, decode_item, encode_key};
use crate::failure::Failure;
use crate::requests::{Request, Terms};
use crate::table::KEY;

/// The fewest items that a page of a scan looks at: the last few of a page are not fetched one by one.
const SMALLEST_PAGE: usize = 25;

/// The store of intents, gates and quotas in a table that looks as [`TABLE`](crate::TABLE) says.
pub struct DynamoItems {
    client: Client,
    table: String,
    attempts: Attempts,
    entropy: Arc<dyn Entropy>,
}

impl DynamoItems {
    /// The store in this table. Tokens of transactions and pauses between tries are random.
    pub fn new(config: &SdkConfig, table: impl Into<String>, entropy: Arc<dyn Entropy>) -> Self {
        let attempts = Attempts::new(config, Arc::clone(&entropy));
        // The SDK would try again what may have been carried out.
        let config = aws_sdk_dynamodb::config::Builder::from(config).retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), table: table.into(), attempts, entropy }
    }

    async fn get_one(&self, key: &ItemKey) -> Result<Option<Item>, ItemsError> {
        let call = || async {
            let get = self.client.get_item().table_name(&self.table).set_key(Some(encode_key(key)));
            get.consistent_read(true).send().await.map_err(Failure::of)
        };
        self.attempts.run(Repeat::Harmless, call).await?.item.map(decoded).transpose()
    }

    /// The items among these that are there, in no order. The service answers with up to 16 MB at once.
    async fn get_many(&self, keys: BTreeSet<&ItemKey>) -> Result<Vec<Item>, ItemsError> {
        let mut wanted: Vec<Attributes> = keys.into_iter().map(encode_key).collect();
        let mut found = Vec::new();
        while !wanted.is_empty() {
            let (some, rest) = self.attempts.run(Repeat::Harmless, || self.get_some(&wanted)).await?;
            found.extend(some);
            wanted = rest;
        }
        found.into_iter().map(decoded).collect()
    }

    /// Some of the items, at least one, and the keys of the rest.
    async fn get_some(&self, wanted: &[Attributes]) -> Result<(Vec<Attributes>, Vec<Attributes>), Failure> {
        let keys = KeysAndAttributes::builder().set_keys(Some(wanted.to_vec())).consistent_read(true).build();
        let keys = keys.map_err(|error| Failure::Invalid(error.to_string()))?;
        let answer = self.client.batch_get_item().request_items(&self.table, keys).send().await.map_err(Failure::of)?;
        let found = answer.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default();
        let rest = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
        let rest = rest.map(|rest| rest.keys).unwrap_or_default();
        if rest.len() == wanted.len() {
            return Err(Failure::Busy("none of the keys was processed".into()));
        }
        Ok((found, rest))
    }

    /// A single write: half the price of a transaction of one.
    async fn write_one(&self, write: &ItemWrite) -> Result<(), ItemsError> {
        let repeat = match write {
            // Its own condition keeps it from being carried out twice.
            ItemWrite::Put { .. } | ItemWrite::Check { .. } => Repeat::Harmless,
            ItemWrite::Add { .. } => Repeat::Doubles,
        };
        let call = || async {
            match Request::of(write) {
                Request::Put { item, terms: Terms { condition, names, values } } => {
                    let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
                    let put = put.condition_expression(condition).set_expression_attribute_names(Some(names));
                    put.set_expression_attribute_values(values).send().await.map(drop).map_err(Failure::of)
                }
                Request::Update { key, change, terms: Terms { condition, names, values } } => {
                    let update = self.client.update_item().table_name(&self.table).set_key(Some(key));
                    let update = update.update_expression(change).condition_expression(condition);
                    let update = update.set_expression_attribute_names(Some(names));
                    update.set_expression_attribute_values(values).send().await.map(drop).map_err(Failure::of)
                }
                Request::Check { .. } => self.write_all(std::slice::from_ref(write), &self.token()).await,
            }
        };
        self.attempts.run(repeat, call).await
    }

    async fn write_all(&self, writes: &[ItemWrite], token: &str) -> Result<(), Failure> {
        let requests = writes.iter().map(|write| Request::of(write).in_transaction(&self.table));
        let requests: Vec<_> =
            requests.collect::<Result<_, _>>().map_err(|error| Failure::Invalid(error.to_string()))?;
        let transaction = self.client.transact_write_items().set_transact_items(Some(requests));
        let transaction = transaction.client_request_token(token);
        transaction.send().await.map(drop).map_err(Failure::of_transaction)
    }

    /// A token under which the service carries a transaction out once, for ten minutes.
    fn token(&self) -> String {
        HEXLOWER.encode(&self.entropy.bits())
    }
}

#[async_trait::async_trait]
impl Items for DynamoItems {
    async fn get(&self, keys: &[ItemKey]) -> Result<Vec<Option<Item>>, ItemsError> {
        check_keys(keys).map_err(ItemsError::Invalid)?;
        match keys {
            [] => Ok(Vec::new()),
            [key] => Ok(vec![self.get_one(key).await?]),
            keys => {
                let found = self.attempts.within(self.get_many(keys.iter().collect())).await?;
                let found: HashMap<_, _> = found.into_iter().map(|item| (item.key.clone(), item)).collect();
                Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
            }
        }
    }

    async fn transact(&self, writes: Vec<ItemWrite>) -> Result<(), ItemsError> {
        check_transaction(&writes).map_err(ItemsError::Invalid)?;
        match writes.as_slice() {
            [] => Ok(()),
            [write] => self.write_one(write).await,
            writes => {
                let token = self.token();
                self.attempts.run(Repeat::Harmless, || self.write_all(writes, &token)).await
            }
        }
    }

    async fn scan(&self, prefix: &str, after: Option<&ItemKey>, limit: u32) -> Result<Vec<Item>, ItemsError> {
        let limit = limit as usize;
        let (mut found, mut from) = (Vec::new(), after.map(encode_key));
        while found.len() < limit {
            let looked_at = (limit - found.len()).max(SMALLEST_PAGE);
            let call = || async {
                let mut scan = self.client.scan().table_name(&self.table).consistent_read(true);
                if !prefix.is_empty() {
                    scan = scan
                        .filter_expression("begins_with(#key, :prefix)")
                        .expression_attribute_names("#key", KEY)
                        .expression_attribute_values(":prefix", AttributeValue::S(prefix.into()));
                }
                let page = i32::try_from(looked_at).unwrap_or(i32::MAX);
                scan.limit(page).set_exclusive_start_key(from.clone()).send().await.map_err(Failure::of)
            };
            let page = self.attempts.run(Repeat::Harmless, call).await?;
            found.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        found.truncate(limit);
        found.into_iter().map(decoded).collect()
    }
}

fn decoded(item: Attributes) -> Result<Item, ItemsError> {
    decode_item(item).map_err(|malformed| ItemsError::Unavailable(malformed.into()))
}
