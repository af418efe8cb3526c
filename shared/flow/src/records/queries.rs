//! Every query that the use cases make of the documents. Each is answered by an index that `firestore.indexes.json`
//! declares, and nothing is declared there that none of them needs; a test of the workspace holds both, and that no query
//! is made anywhere else.

use std::ops::Bound;

use domain::conversation::ConversationState;
use domain::feed::FeedType;
use domain::webhook::DeliveryState;
use domain::{ConversationId, EndpointId, MemberId, NumberId, OrganizationId, Timestamp};

use super::{
    api_keys, conversations, deliveries, endpoints, feed, invitations, knowledge, list_key, members, messages, outbox,
    to_int,
};
use crate::ports::{Order, Query, Value};

/// An organization's conversations in one state or in any, and those that need a person or do not or all: the one with the
/// newest message first. They go on after the one with this `sort`.
pub fn conversations_newest_first(
    organization: &OrganizationId,
    state: Option<ConversationState>,
    needs_person: Option<bool>,
    after: Option<&str>,
    limit: u32,
) -> Query {
    let mut query = Query::collection(conversations(organization), limit).ordered(newest_first(after));
    if let Some(state) = state {
        query = query.equal("state", Value::Text(state.as_str().to_owned()));
    }
    if let Some(needs_person) = needs_person {
        query = query.equal("needs_person", Value::Bool(needs_person));
    }
    query
}

/// The messages of a conversation, newest first. They go on after the one with this `sort`.
pub fn messages_newest_first(
    organization: &OrganizationId,
    conversation: &ConversationId,
    after: Option<&str>,
    limit: u32,
) -> Query {
    Query::collection(messages(organization, conversation), limit).ordered(newest_first(after))
}

/// The texts that an organization's assistants answer from.
pub fn knowledge_texts(organization: &OrganizationId) -> Query {
    Query::collection(knowledge(organization), 1_000)
}

/// What a conversation has to send next.
pub fn head_row(organization: &OrganizationId, conversation: &ConversationId) -> Query {
    Query::collection(outbox(organization, conversation), 1).ordered(Order::ascending("order"))
}

/// What waits to be sent from a number, in all conversations.
pub fn rows_of_number(number: &NumberId, limit: u32) -> Query {
    let query = Query::group("outbox", limit).equal("number", Value::Text(number.as_str().into()));
    query.ordered(Order::ascending("next_at"))
}

/// What was to be sent or looked at up to this moment, in all conversations, the longest overdue first.
pub fn rows_due(from: Bound<Value>, until: Timestamp, limit: u32) -> Query {
    let due = Order { from, ..Order::ascending("next_at").up_to(Value::Time(until)) };
    Query::group("outbox", limit).ordered(due)
}

/// The conversations in which a reply is overdue at this moment.
pub fn replies_due(until: Timestamp, limit: u32) -> Query {
    due("conversations", "reply_due_at", until, limit)
}

/// The conversations in which a person's take-over has ended by this moment.
pub fn take_overs_ended(until: Timestamp, limit: u32) -> Query {
    due("conversations", "take_over_until", until, limit)
}

/// The messages of which nobody knows whether they were sent, newest first.
pub fn unknown_messages(limit: u32) -> Query {
    let unknown = Query::group("messages", limit).equal("status", Value::Text("unknown".into()));
    unknown.ordered(newest_first(None))
}

/// The events of nobody's numbers that are kept no longer at this moment.
pub fn unowned_expired(until: Timestamp, limit: u32) -> Query {
    due("unowned", "expires_at", until, limit)
}

/// The people of an organization, the one who joined last first. They go on after the one with this `sort`.
pub fn members_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    Query::collection(members(organization), limit).ordered(newest_first(after))
}

/// What a person is in every organization, the one that they joined last first.
pub fn memberships(member: &MemberId, limit: u32) -> Query {
    let of_member = Query::group("members", limit).equal("member", Value::Text(member.as_str().to_owned()));
    of_member.ordered(newest_first(None))
}

/// The invitations into an organization that nobody accepted yet, newest first. They go on after the one with this
/// `sort`.
pub fn invitations_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    Query::collection(invitations(organization), limit).ordered(newest_first(after))
}

/// The API keys of an organization, newest first. They go on after the one with this `sort`.
pub fn api_keys_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    let of_organization =
        Query::collection(api_keys(), limit).equal("organization", Value::Text(organization.as_str().to_owned()));
    of_organization.ordered(newest_first(after))
}

/// What waits for its number in an organization's feed, the oldest first.
pub fn feed_waiting(organization: &OrganizationId, limit: u32) -> Query {
    Query::collection(feed(organization), limit).ordered(Order::ascending("waiting_since"))
}

/// What has waited for its number since this moment or longer, in all feeds.
pub fn feed_overdue(since: Timestamp, limit: u32) -> Query {
    due("feed", "waiting_since", since, limit)
}

/// An organization's feed after one number and up to another, in order; of these types, or where none is named, of all.
pub fn feed_after(organization: &OrganizationId, after: u64, last: u64, types: &[FeedType], limit: u32) -> Query {
    let numbers = Order::ascending("sequence").after(Value::Int(to_int(after))).up_to(Value::Int(to_int(last)));
    let mut query = Query::collection(feed(organization), limit).ordered(numbers);
    if !types.is_empty() {
        let types = types.iter().map(|kind| Value::Text(kind.as_str().to_owned())).collect();
        query.one_of = Some(("type".to_owned(), types));
    }
    query
}

/// What is kept no longer at this moment, in all feeds.
pub fn feed_expired(until: Timestamp, limit: u32) -> Query {
    due("feed", "expires_at", until, limit)
}

/// An organization's webhook endpoints, the newest first.
pub fn endpoints_newest_first(organization: &OrganizationId) -> Query {
    Query::collection(endpoints(organization), 100).ordered(newest_first(None))
}

/// The deliveries to an endpoint, in one state or in any, the newest first. They go on after the one with this `sort`.
pub fn deliveries_newest_first(
    organization: &OrganizationId,
    endpoint: &EndpointId,
    state: Option<DeliveryState>,
    after: Option<&str>,
    limit: u32,
) -> Query {
    let query = Query::collection(deliveries(organization), limit).ordered(newest_first(after));
    let query = query.equal("endpoint", Value::Text(endpoint.as_str().to_owned()));
    match state {
        Some(state) => query.equal("state", Value::Text(state.as_str().to_owned())),
        None => query,
    }
}

/// The deliveries to an endpoint that were planned since this moment and failed, the newest first.
pub fn deliveries_failed(organization: &OrganizationId, endpoint: &EndpointId, since: Timestamp, limit: u32) -> Query {
    let mut query = deliveries_newest_first(organization, endpoint, Some(DeliveryState::Failed), None, limit);
    query.order = query.order.map(|order| Order { from: Bound::Included(Value::Text(list_key(since, ""))), ..order });
    query
}

/// The deliveries that are due at this moment and that nobody has dealt with, in all organizations.
pub fn deliveries_due(until: Timestamp, limit: u32) -> Query {
    due("deliveries", "next_at", until, limit)
}

/// The deliveries that are kept no longer at this moment, in all organizations.
pub fn deliveries_expired(until: Timestamp, limit: u32) -> Query {
    due("deliveries", "expires_at", until, limit)
}

fn due(group: &str, field: &str, until: Timestamp, limit: u32) -> Query {
    Query::group(group, limit).ordered(Order::ascending(field).up_to(Value::Time(until)))
}

fn newest_first(after: Option<&str>) -> Order {
    let order = Order::descending("sort");
    match after {
        Some(last) => order.after(Value::Text(last.to_owned())),
        None => order,
    }
}
