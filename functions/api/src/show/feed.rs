use domain::Timestamp;
use domain::feed::{Change, FeedEntry, FeedType};
use flow::feed::FeedPage;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// A piece of the change feed.
#[derive(Serialize, ToSchema)]
#[schema(as = Events)]
pub(crate) struct ShownEvents<'a> {
    data: Vec<ShownEvent<'a>>,
    /// The `after` of the next request: everything of the wanted types up to this number has been read.
    next_after: u64,
    /// More is there already.
    has_more: bool,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct ShownEvent<'a> {
    /// The same for the same change: whoever is told twice can notice.
    #[schema(schema_with = schema::feed_id)]
    id: &'a str,
    /// Its number, from 1 on and without a gap; after a restore of the data they go on much higher.
    sequence: u64,
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    #[schema(schema_with = schema::feed_type)]
    r#type: FeedType,
    /// The ids of what it happened to, and the new state.
    #[schema(value_type = Object)]
    data: serde_json::Value,
}

/// Shows a piece of the feed.
pub(crate) fn events(page: &FeedPage) -> ShownEvents<'_> {
    ShownEvents { data: page.entries.iter().map(event).collect(), next_after: page.next, has_more: page.has_more }
}

fn event(entry: &FeedEntry) -> ShownEvent<'_> {
    ShownEvent {
        id: entry.id.as_str(),
        sequence: entry.sequence,
        at: entry.at,
        r#type: entry.change.kind(),
        data: data(&entry.change),
    }
}

fn data(change: &Change) -> serde_json::Value {
    serde_json::to_value(change).map(|mut change| change["data"].take()).unwrap_or_default()
}
