//! Items with versions and conditions, as DynamoDB keeps them.

use std::path::Path;
use std::sync::Arc;

use domain::{Span, Timestamp};
use flow::limits::items::{check_item, check_keys, check_transaction};
use flow::ports::{Clock, Condition, Fields, Item, ItemKey, ItemWrite, Items, ItemsError, Value};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::database::{Database, Layout};
use crate::embedded::OpenError;
use crate::encoding::{decode_fields, encode_fields};
use crate::fault::Fault;
use crate::lock::Lock;

/// An item vanishes so long after its `expires_at`: DynamoDB documents that it takes its time too.
const LINGER: Span = Span::from_days(2);
/// Items that vanish with one transaction, at most.
const SWEEP: u32 = 20;

const LAYOUT: Layout = Layout {
    name: "items",
    schema: "CREATE TABLE items (
            key TEXT NOT NULL PRIMARY KEY,
            version INTEGER NOT NULL,
            fields BLOB NOT NULL,
            expires_at INTEGER
        );
        CREATE INDEX items_by_end ON items (expires_at) WHERE expires_at IS NOT NULL",
    readers: 1,
    durable: true,
};

/// The embedded store of intents, gates and quotas.
pub struct ItemStore {
    database: Database,
    clock: Arc<dyn Clock>,
    _lock: Option<Arc<Lock>>,
}

impl ItemStore {
    pub(crate) fn open(dir: &Path, lock: Arc<Lock>, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Ok(Self { database: Database::open(dir, LAYOUT)?, clock, _lock: Some(lock) })
    }

    pub(crate) fn in_memory(clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Ok(Self { database: Database::in_memory(LAYOUT)?, clock, _lock: None })
    }
}

#[async_trait::async_trait]
impl Items for ItemStore {
    async fn get(&self, keys: &[ItemKey]) -> Result<Vec<Option<Item>>, ItemsError> {
        check_keys(keys).map_err(ItemsError::Invalid)?;
        let keys = keys.to_vec();
        Ok(self.database.read(move |connection| keys.iter().map(|key| find(connection, key)).collect()).await?)
    }

    async fn transact(&self, writes: Vec<ItemWrite>) -> Result<(), ItemsError> {
        check_transaction(&writes).map_err(ItemsError::Invalid)?;
        let now = self.clock.now();
        let work = move |connection: &_| {
            sweep(connection, now)?;
            writes.iter().enumerate().try_for_each(|(place, write)| carry_out(connection, place, write))
        };
        Ok(self.database.write(work, |()| ()).await?)
    }

    async fn scan(&self, prefix: &str, after: Option<&ItemKey>, limit: u32) -> Result<Vec<Item>, ItemsError> {
        let from = after.map(ItemKey::as_str).filter(|after| *after >= prefix).map(str::to_owned);
        let prefix = prefix.to_owned();
        let work = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(
                "SELECT key, version, fields, expires_at FROM items
                WHERE key >= ?1 AND (?2 IS NULL OR key > ?2) ORDER BY key LIMIT ?3",
            )?;
            let rows = statement.query_map((from.as_deref().unwrap_or(&prefix), &from, limit), Stored::from_row)?;
            let mut items = Vec::new();
            for row in rows {
                let item = row?.item()?;
                // Keys with one prefix lie together.
                if !item.key.as_str().starts_with(&prefix) {
                    break;
                }
                items.push(item);
            }
            Ok(items)
        };
        Ok(self.database.read(work).await?)
    }
}

fn carry_out(connection: &Connection, place: usize, write: &ItemWrite) -> Result<(), Fault> {
    match write {
        ItemWrite::Put { key, fields, expires_at, condition } => {
            let version = holding(connection, key, *condition).transpose().ok_or(Fault::Condition(place))??;
            put(connection, key, version + 1, fields, *expires_at)
        }
        ItemWrite::Check { key, condition } => {
            holding(connection, key, *condition)?.map(|_| ()).ok_or(Fault::Condition(place))
        }
        ItemWrite::Add { key, field, by, at_most, expires_at } => {
            let (version, mut fields) = match find(connection, key)? {
                Some(item) => (item.version, item.fields),
                None => (0, Fields::new()),
            };
            let before = match fields.get(field) {
                None => 0,
                Some(Value::Int(number)) => *number,
                Some(_) => return Err(Fault::Invalid(format!("the field {field:?} of {key:?} is no integer"))),
            };
            let sum = before.checked_add(*by).filter(|sum| sum <= at_most).ok_or(Fault::Condition(place))?;
            fields.insert(field.clone(), Value::Int(sum));
            check_item(key, &fields).map_err(Fault::Invalid)?;
            put(connection, key, version + 1, &fields, *expires_at)
        }
    }
}

/// The item's version if the condition holds; 0 stands for an item that was never written.
fn holding(connection: &Connection, key: &ItemKey, condition: Condition) -> Result<Option<u64>, Fault> {
    let found: Option<i64> = connection
        .prepare_cached("SELECT version FROM items WHERE key = ?")?
        .query_row([key.as_str()], |row| row.get(0))
        .optional()?;
    Ok(match (condition, found.map(i64::cast_unsigned)) {
        (Condition::Absent, None) => Some(0),
        (Condition::Version(read), Some(version)) if version == read => Some(version),
        _ => None,
    })
}

fn put(
    connection: &Connection,
    key: &ItemKey,
    version: u64,
    fields: &Fields,
    expires_at: Option<Timestamp>,
) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO items (key, version, fields, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE
            SET version = excluded.version, fields = excluded.fields, expires_at = excluded.expires_at",
        )?
        .execute((key.as_str(), version.cast_signed(), encode_fields(fields), expires_at.map(Timestamp::micros)))?;
    Ok(())
}

fn find(connection: &Connection, key: &ItemKey) -> Result<Option<Item>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT key, version, fields, expires_at FROM items WHERE key = ?")?;
    statement.query_row([key.as_str()], Stored::from_row).optional()?.map(Stored::item).transpose()
}

/// Lets a few items vanish whose time is over.
fn sweep(connection: &Connection, now: Timestamp) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "DELETE FROM items WHERE key IN
            (SELECT key FROM items WHERE expires_at IS NOT NULL AND expires_at <= ? LIMIT ?)",
        )?
        .execute(((now - LINGER).micros(), SWEEP))?;
    Ok(())
}

/// A row of `items`.
struct Stored {
    key: String,
    version: i64,
    fields: Vec<u8>,
    expires_at: Option<i64>,
}

impl Stored {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { key: row.get(0)?, version: row.get(1)?, fields: row.get(2)?, expires_at: row.get(3)? })
    }

    fn item(self) -> Result<Item, Fault> {
        Ok(Item {
            key: ItemKey::from(self.key),
            version: self.version.cast_unsigned(),
            fields: decode_fields(&self.fields)?,
            expires_at: self.expires_at.map(Timestamp::from_micros),
        })
    }
}
