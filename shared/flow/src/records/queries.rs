//! Every query that the use cases make of the documents. Each is answered by an index that `firestore.indexes.json`
//! declares, and nothing is declared there that none of them needs; a test of the workspace holds both, and that no query
//! is made anywhere else.

use std::ops::Bound;

use domain::contact::Contact;
use domain::delivery::DeliveryStatus;
use domain::feed::FeedType;
use domain::webhook::DeliveryState;
use domain::{
    AssistantId, ConversationId, EndpointId, EventId, MemberId, MessageId, NumberId, OrganizationId, TaskId,
    TemplateId, Timestamp,
};

use super::{
    accounts, api_keys, assistants, attributes, audit_log, canned_replies, consents, contacts, conversations,
    deliveries, endpoints, episodes, feed, invitations, knowledge, list_key, members, messages, model_calls, notes,
    numbers, outbox, quarantine, segments, sheets, tasks, teams, template_history, templates, to_int, unowned,
    versions,
};
use crate::audit::{Filter, Log};
use crate::ports::{CollectionPath, Order, Query, Value};

/// An organization's conversations, the one with the newest message first: all of them, or those that are found by this key.
/// They go on after the one with this `sort`.
pub fn conversations_newest_first(
    organization: &OrganizationId,
    key: Option<&str>,
    after: Option<&str>,
    limit: u32,
) -> Query {
    let contains = key.map(|key| ("keys".to_owned(), Value::Text(key.to_owned())));
    Query { contains, ..Query::collection(conversations(organization), limit).ordered(newest_first(after)) }
}

/// An organization's conversations in the queue that this key stands for, the one that has waited longest first.
pub fn conversations_queued(organization: &OrganizationId, key: &str, limit: u32) -> Query {
    let contains = Some(("keys".to_owned(), Value::Text(key.to_owned())));
    Query { contains, ..Query::collection(conversations(organization), limit).ordered(Order::ascending("queued_at")) }
}

/// The work with conversations that is due at this moment, in all organizations.
pub fn desk_work_due(until: Timestamp, limit: u32) -> Query {
    due("desk_work", "due_at", until, limit)
}

/// The notes of a conversation, newest first. They go on after the one with this `sort`.
pub fn notes_newest_first(
    organization: &OrganizationId,
    conversation: &ConversationId,
    after: Option<&str>,
    limit: u32,
) -> Query {
    Query::collection(notes(organization, conversation), limit).ordered(newest_first(after))
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

/// An organization's contacts, the newest first: all of them, or those that are found by this key. They go on after the one
/// with this `sort`.
pub fn contacts_newest_first(
    organization: &OrganizationId,
    key: Option<&str>,
    after: Option<&str>,
    limit: u32,
) -> Query {
    let contains = key.map(|key| ("keys".to_owned(), Value::Text(key.to_owned())));
    Query { contains, ..Query::collection(contacts(organization), limit).ordered(newest_first(after)) }
}

/// What a contact decided about being written to, with those that live on in it, the latest record first. It goes on after
/// the one with this `sort`.
pub fn consents_of(organization: &OrganizationId, contact: &Contact, after: Option<&str>, limit: u32) -> Query {
    // Of more than 30 that are one person, those that were merged last would be left out; nobody was ever that many.
    let ids = std::iter::once(&contact.id).chain(&contact.merged_from).take(30);
    let ids = ids.map(|id| Value::Text(id.as_str().to_owned())).collect();
    let query = Query::collection(consents(organization), limit).ordered(newest_first(after));
    Query { one_of: Some(("contact".to_owned(), ids)), ..query }
}

/// The attributes that an organization keeps of its contacts.
pub fn attributes_of(organization: &OrganizationId) -> Query {
    Query::collection(attributes(organization), 1_000)
}

/// An organization's segments, the newest first. They go on after the one with this `sort`.
pub fn segments_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    Query::collection(segments(organization), limit).ordered(newest_first(after))
}

/// An organization's tasks, the newest first. They go on after the one with this `sort`.
pub fn tasks_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    Query::collection(tasks(organization), limit).ordered(newest_first(after))
}

/// The tasks at work of which nothing was heard up to this moment, in all organizations.
pub fn tasks_due(until: Timestamp, limit: u32) -> Query {
    due("tasks", "due_at", until, limit)
}

/// The tasks that are kept no longer at this moment, in all organizations.
pub fn tasks_expired(until: Timestamp, limit: u32) -> Query {
    due("tasks", "expires_at", until, limit)
}

/// The files that wait to be fetched at this moment, in all organizations.
pub fn media_due(until: Timestamp, limit: u32) -> Query {
    due("media", "due_at", until, limit)
}

/// The rows that an import could not take, in their order. They go on after the one with this `sort`.
pub fn row_errors(organization: &OrganizationId, task: &TaskId, after: Option<&str>, limit: u32) -> Query {
    let order = Order::ascending("sort");
    let order = match after {
        Some(last) => order.after(Value::Text(last.to_owned())),
        None => order,
    };
    Query::collection(super::row_errors(organization, task), limit).ordered(order)
}

/// The texts that an organization's assistants answer from.
pub fn knowledge_texts(organization: &OrganizationId) -> Query {
    Query::collection(knowledge(organization), 1_000)
}

/// The same, the newest first. They go on after the one with this `sort`.
pub fn knowledge_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    Query::collection(knowledge(organization), limit).ordered(newest_first(after))
}

/// The texts that name this assistant as one of those that answer from them.
pub fn knowledge_naming(organization: &OrganizationId, assistant: &AssistantId, limit: u32) -> Query {
    let contains = Some(("assistants".to_owned(), Value::Text(assistant.to_string())));
    Query { contains, ..Query::collection(knowledge(organization), limit) }
}

/// An organization's assistants, the newest first. They go on after the one with this `sort`.
pub fn assistants_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    Query::collection(assistants(organization), limit).ordered(newest_first(after))
}

/// The versions of an assistant, the newest first. They go on after the one with this `sort`.
pub fn versions_newest_first(
    organization: &OrganizationId,
    assistant: &AssistantId,
    after: Option<&str>,
    limit: u32,
) -> Query {
    Query::collection(versions(organization, assistant), limit).ordered(newest_first(after))
}

/// An organization's teams, the newest first. They go on after the one with this `sort`.
pub fn teams_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    Query::collection(teams(organization), limit).ordered(newest_first(after))
}

/// The teams that this person is in.
pub fn teams_of(organization: &OrganizationId, member: &MemberId) -> Query {
    let contains = Some(("members".to_owned(), Value::Text(member.to_string())));
    Query { contains, ..Query::collection(teams(organization), 1_000) }
}

/// An organization's canned replies, the newest first. They go on after the one with this `sort`.
pub fn canned_replies_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    Query::collection(canned_replies(organization), limit).ordered(newest_first(after))
}

/// All that a collection of an organization's holds.
pub fn whole(collection: CollectionPath) -> Query {
    Query::collection(collection, 1_000)
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

/// The heads of the feeds of which something waits to be folded since this moment or before.
pub fn heads_to_fold(until: Timestamp, limit: u32) -> Query {
    due("heads", "unfolded_since", until, limit)
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

/// An organization's templates in the order of their names: those that this text of [`super::TemplateFacet`] or
/// [`super::account_facet`] stands for, or all; those whose place begins like this. They go on after the one with this
/// `sort`.
pub fn templates_by_name(
    organization: &OrganizationId,
    facet: Option<&str>,
    begins: &str,
    after: Option<&str>,
    limit: u32,
) -> Query {
    let place = |text: &str| Value::Text(text.to_owned());
    let mut order = Order::ascending("sort");
    if !begins.is_empty() {
        order.from = Bound::Included(place(begins));
        order.to = Bound::Excluded(Value::Text(format!("{begins}{}", char::MAX)));
    }
    if let Some(after) = after.filter(|after| *after >= begins) {
        order.from = Bound::Excluded(place(after));
    }
    let contains = facet.map(|facet| ("facets".to_owned(), place(facet)));
    Query { contains, ..Query::collection(templates(organization), limit).ordered(order) }
}

/// What happened to a template, newest first. It goes on after the one with this `sort`.
pub fn template_history_newest_first(
    organization: &OrganizationId,
    id: &TemplateId,
    after: Option<&str>,
    limit: u32,
) -> Query {
    Query::collection(template_history(organization, id), limit).ordered(newest_first(after))
}

/// The WhatsApp business accounts whose templates are to be listed by this moment.
pub fn accounts_to_sync(until: Timestamp, limit: u32) -> Query {
    Query::collection(accounts(), limit).ordered(Order::ascending("sync_at").up_to(Value::Time(until)))
}

/// The sheets of figures of a list, by days from one key until before the other. They go on after the one with this
/// `sort`.
pub fn sheets_of(
    organization: &OrganizationId,
    list: &str,
    (from, until): (&str, &str),
    after: Option<&str>,
    limit: u32,
) -> Query {
    let place = |text: &str| Value::Text(text.to_owned());
    let order = Order {
        from: after.map_or(Bound::Included(place(from)), |after| Bound::Excluded(place(after))),
        to: Bound::Excluded(place(until)),
        ..Order::ascending("sort")
    };
    Query::collection(sheets(organization), limit).equal("list", place(list)).ordered(order)
}

/// The sheets of generations before this one.
pub fn sheets_before(organization: &OrganizationId, generation: u32, limit: u32) -> Query {
    let order = Order { to: Bound::Excluded(Value::Int(generation.into())), ..Order::ascending("generation") };
    Query::collection(sheets(organization), limit).ordered(order)
}

/// An organization's calls of language models, newest first. It goes on after the one with this `sort`.
pub fn model_calls_newest_first(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    Query::collection(model_calls(organization), limit).ordered(newest_first(after))
}

/// An organization's conversations by their ids, after this one.
pub fn conversations_by_id(organization: &OrganizationId, after: Option<&str>, limit: u32) -> Query {
    let order = Order::ascending("id");
    let order = match after {
        Some(after) => order.after(Value::Text(after.to_owned())),
        None => order,
    };
    Query::collection(conversations(organization), limit).ordered(order)
}

/// The episodes of a conversation that are over and come before this one, newest first.
pub fn episodes_before(organization: &OrganizationId, conversation: &ConversationId, before: u32, limit: u32) -> Query {
    let order = Order { to: Bound::Excluded(Value::Int(before.into())), ..Order::descending("number") };
    Query::collection(episodes(organization, conversation), limit).ordered(order)
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
