//! How records look in the API's JSON.

mod conversation;
mod message;
mod words;

use flow::browse::Page;
use serde::Serialize;

pub(crate) use conversation::conversation;
pub(crate) use message::message;

/// A page of a list.
#[derive(Serialize)]
pub(crate) struct ShownPage<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

/// Shows a page, each entry by `show`.
pub(crate) fn page<'a, T, S>(page: &'a Page<T>, show: impl Fn(&'a T) -> S) -> ShownPage<S> {
    let next_cursor = page.next.as_ref().map(ToString::to_string);
    ShownPage { data: page.items.iter().map(show).collect(), next_cursor }
}
