//! Every query that the use cases make of the documents. Each is answered by an index that `firestore.indexes.json`
//! declares, and nothing is declared there that none of them needs; a test of the workspace holds both, and that no query
//! is made anywhere else.

use std::ops::Bound;

use domain::conversation::ConversationState;
use domain::delivery::DeliveryStatus;
use domain::{ConversationId, EventId, MessageId, NumberId, OrganizationId, Timestamp};

use super::{audit_log, conversations, knowledge, list_key, messages, numbers, outbox, quarantine, unowned};
use crate::audit::{Filter, Log};
use crate::ports::{CollectionPath, Order, Query, Value};

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

/// An organization's messages of which nobody knows whether they were sent, newest first.
pub fn unknown_of(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    let unknown = Query::group("messages", limit).equal("unknown_in", Value::Text(organization.to_string()));
    unknown.ordered(newest_first(after))
}

/// The message with this id, whosever it is.
pub fn message_by_id(id: &MessageId) -> Query {
    Query::group("messages", 1).equal("id", Value::Text(id.to_string()))
}

/// The message that came from this event, or was changed by it, whosever it is.
pub fn message_of_event(id: &EventId) -> Query {
    let contains = Some(("events".to_owned(), Value::Text(id.to_string())));
    Query { contains, ..Query::group("messages", 1) }
}

/// The messages that answer this one, newest first.
pub fn answers_to(organization: &OrganizationId, conversation: &ConversationId, id: &MessageId, limit: u32) -> Query {
    let contains = Some(("answers".to_owned(), Value::Text(id.to_string())));
    Query { contains, ..Query::collection(messages(organization, conversation), limit) }
}

/// The messages that send this one again.
pub fn resends_of(organization: &OrganizationId, conversation: &ConversationId, id: &MessageId, limit: u32) -> Query {
    Query::collection(messages(organization, conversation), limit).equal("resends", Value::Text(id.to_string()))
}

/// The entries of an audit log that the filter names, newest first. They go on after the one with this `sort`.
pub fn audit_newest_first(log: &Log, filter: &Filter, after: Option<&str>, limit: u32) -> Query {
    let query = Query::collection(audit_log(log), limit).ordered(newest_first(after));
    let (field, value) = match filter {
        Filter::All => return query,
        Filter::Kind(kind) => ("actor", kind.as_str()),
        Filter::Member(id) => ("actor_id", id.as_str()),
        Filter::ApiKey(id) => ("actor_id", id.as_str()),
        Filter::Action(action) => ("action", action.as_str()),
        Filter::Target(id) => ("target", id.as_str()),
    };
    query.equal(field, Value::Text(value.to_owned()))
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

/// The row that was decided first of all that wait to be sent.
pub fn oldest_row() -> Query {
    Query::group("outbox", 1).ordered(Order::ascending("not_after"))
}

/// The conversations that a person should look at, of all organizations.
pub fn needing_person(limit: u32) -> Query {
    Query::group("conversations", limit).equal("needs_person", Value::Bool(true))
}

/// The messages of all organizations that stand in this status and were written in this time.
pub fn messages_between(status: DeliveryStatus, from: Timestamp, until: Timestamp, limit: u32) -> Query {
    let order = Order {
        from: Bound::Included(Value::Text(list_key(from, ""))),
        to: Bound::Excluded(Value::Text(list_key(until, ""))),
        ..Order::descending("sort")
    };
    Query::group("messages", limit).equal("status", Value::Text(status.as_str().to_owned())).ordered(order)
}

/// All that a root collection holds, for counting.
pub fn every(root: CollectionPath) -> Query {
    Query::collection(root, 1)
}

/// The numbers of all organizations.
pub fn every_number(limit: u32) -> Query {
    Query::collection(numbers(), limit)
}

/// The numbers of an organization.
pub fn numbers_of(organization: &OrganizationId) -> Query {
    Query::collection(numbers(), 1_000).equal("organization", Value::Text(organization.to_string()))
}

/// The messages that could not be handled, newest first.
pub fn quarantined(after: Option<&str>, limit: u32) -> Query {
    Query::collection(quarantine(), limit).ordered(newest_first(after))
}

/// The events of nobody's numbers, newest first.
pub fn unowned_newest_first(after: Option<&str>, limit: u32) -> Query {
    Query::collection(unowned(), limit).ordered(newest_first(after))
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
