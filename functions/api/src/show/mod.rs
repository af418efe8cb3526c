//! How records look in the API's JSON.

mod access;
mod conversation;
mod message;
mod words;

use flow::browse::Page;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use access::{
    ShownApiKey, ShownInvitation, ShownMember, ShownMembership, ShownOpening, ShownOrganization, ShownSession, api_key,
    invitation, member, membership, organization, session,
};
pub(crate) use conversation::{ShownConversation, conversation};
pub(crate) use message::{ShownMessage, message};

/// A page of a list.
#[derive(Serialize, ToSchema)]
#[schema(as = Page)]
pub(crate) struct ShownPage<T> {
    data: Vec<T>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

impl<T> ShownPage<T> {
    /// A page of these, which leads to no other.
    pub fn whole(data: Vec<T>) -> Self {
        Self { data, next_cursor: None }
    }
}

/// Shows a page, each entry by `show`.
pub(crate) fn page<'a, T, S>(page: &'a Page<T>, show: impl Fn(&'a T) -> S) -> ShownPage<S> {
    let next_cursor = page.next.as_ref().map(ToString::to_string);
    ShownPage { data: page.items.iter().map(show).collect(), next_cursor }
}
