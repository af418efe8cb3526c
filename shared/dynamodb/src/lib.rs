//! Intents, gates and quotas in Amazon DynamoDB: the items port over one table.
//!
//! An item of the port is an item of the table, found by its whole key: writes spread over all partitions, whatever the
//! keys look like. Several writes are one `TransactWriteItems` under a token, so that a try whose answer was lost may be
//! made again; a single write is a plain conditional one, at half the price, and is made again only where that cannot
//! carry it out twice. A condition that fails after a try of unknown outcome proves nothing, since that try may have made
//! it fail: the outcome is then [`flow::ports::ItemsError::Unavailable`], and the caller reads back.
//!
//! Invariants: reads are strongly consistent; the time to live is only a hint for the service, and no item is taken for
//! gone because its time is over; every call has a deadline, a scan one for each page. Imported by the functions that wire
//! it.

mod attempts;
mod encoding;
mod failure;
mod items;
mod requests;
mod table;

pub use items::DynamoItems;
pub use table::{CreateError, Shape, TABLE, create};
