//! The indexes that this repository declares are those that its queries need, each of them and no other.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use domain::contact::Contact;
use domain::delivery::DeliveryStatus;
use domain::feed::FeedType;
use domain::webhook::DeliveryState;
use domain::{
    ApiKeyId, AssistantId, ContactId, ConversationId, EndpointId, EventId, MemberId, MessageId, OrganizationId, TaskId,
    TemplateId, Timestamp,
};
use flow::audit::{ActorKind, Filter, Log};
use flow::indexes::{Cover, Index, IndexSet, Reach};
use flow::ports::{Query, Scope};
use flow::records::{quarantine, queries};

const DECLARED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../firestore.indexes.json"));

/// Every query that there is, in every shape that it has.
fn every_query() -> Vec<Query> {
    let organization = OrganizationId::from_bits([1; 16]);
    let conversation = ConversationId::from_bits([2; 16]);
    let endpoint = EndpointId::from_bits([3; 16]);
    let assistant = AssistantId::from_bits([3; 16]);
    let number = "1001".parse().unwrap();
    let message = MessageId::from_bits([3; 16]);
    let now = Timestamp::from_seconds(1_795_000_000);
    let contact = Contact::begin(ContactId::from_bits([8; 16]), now);
    let mut every = vec![
        queries::messages_newest_first(&organization, &conversation, None, 50),
        queries::messages_newest_first(&organization, &conversation, Some("last"), 50),
        queries::knowledge_texts(&organization),
        queries::head_row(&organization, &conversation),
        queries::rows_of_number(&number, 50),
        queries::rows_due(Bound::Unbounded, now, 50),
        queries::replies_due(now, 50),
        queries::take_overs_ended(now, 50),
        queries::unknown_messages(50),
        queries::unowned_expired(now, 50),
        queries::members_newest_first(&organization, Some("last"), 50),
        queries::memberships(&MemberId::from_bits([3; 16]), 50),
        queries::invitations_newest_first(&organization, Some("last"), 50),
        queries::api_keys_newest_first(&organization, Some("last"), 50),
        queries::unowned_newest_first(None, 50),
        queries::quarantined(None, 50),
        queries::unknown_of(&organization, None, 50),
        queries::message_by_id(&message),
        queries::message_of_event(&EventId::from_bits([4; 16])),
        queries::answers_to(&organization, &conversation, &message, 50),
        queries::resends_of(&organization, &conversation, &message, 50),
        queries::oldest_row(),
        queries::heads_to_fold(now, 50),
        queries::sheets_of(&organization, "list", ("a", "b"), Some("last"), 50),
        queries::sheets_before(&organization, 2, 50),
        queries::model_calls_newest_first(&organization, Some("last"), 50),
        queries::conversations_by_id(&organization, Some("last"), 50),
        queries::episodes_before(&organization, &conversation, 9, 50),
        queries::needing_person(50),
        queries::messages_between(DeliveryStatus::Unknown, now, now, 50),
        queries::conversations_newest_first(&organization, None, Some("last"), 50),
        queries::conversations_newest_first(&organization, Some("key"), Some("last"), 50),
        queries::conversations_queued(&organization, "key", 50),
        queries::desk_work_due(now, 50),
        queries::notes_newest_first(&organization, &conversation, Some("last"), 50),
        queries::contacts_newest_first(&organization, None, Some("last"), 50),
        queries::contacts_newest_first(&organization, Some("key"), Some("last"), 50),
        queries::consents_of(&organization, &contact, Some("last"), 50),
        queries::attributes_of(&organization),
        queries::segments_newest_first(&organization, Some("last"), 50),
        queries::tasks_newest_first(&organization, Some("last"), 50),
        queries::tasks_due(now, 50),
        queries::tasks_expired(now, 50),
        queries::media_due(now, 50),
        queries::row_errors(&organization, &TaskId::from_bits([7; 16]), Some("last"), 50),
        queries::every(quarantine()),
        queries::every_number(50),
        queries::numbers_of(&organization),
        queries::whole(quarantine()),
        queries::assistants_newest_first(&organization, Some("last"), 50),
        queries::versions_newest_first(&organization, &assistant, Some("last"), 50),
        queries::knowledge_newest_first(&organization, Some("last"), 50),
        queries::knowledge_naming(&organization, &assistant, 50),
        queries::teams_newest_first(&organization, Some("last"), 50),
        queries::teams_of(&organization, &MemberId::from_bits([3; 16])),
        queries::canned_replies_newest_first(&organization, Some("last"), 50),
    ];
    every.extend([
        queries::feed_waiting(&organization, 50),
        queries::feed_overdue(now, 50),
        queries::feed_after(&organization, 3, 9, &[], 50),
        queries::feed_after(&organization, 3, 9, &[FeedType::MessageReceived, FeedType::MessageQueued], 50),
        queries::feed_expired(now, 50),
        queries::endpoints_newest_first(&organization),
        queries::deliveries_newest_first(&organization, &endpoint, None, Some("last"), 50),
        queries::deliveries_newest_first(&organization, &endpoint, Some(DeliveryState::Pending), None, 50),
        queries::deliveries_failed(&organization, &endpoint, now, 50),
        queries::deliveries_due(now, 50),
        queries::deliveries_expired(now, 50),
        queries::templates_by_name(&organization, None, "", Some("last"), 50),
        queries::templates_by_name(&organization, None, "order", None, 50),
        queries::templates_by_name(&organization, Some("s=approved"), "order", Some("order_a.pt_BR.x"), 50),
        queries::template_history_newest_first(&organization, &TemplateId::from_bits([8; 16]), Some("last"), 50),
        queries::accounts_to_sync(now, 50),
    ]);
    let filters = [
        Filter::All,
        Filter::Kind(ActorKind::Member),
        Filter::Member(MemberId::from_bits([5; 16])),
        Filter::ApiKey(ApiKeyId::from_bits([6; 16])),
        Filter::Action("member.invited".to_owned()),
        Filter::Target("msg_1".to_owned()),
    ];
    for log in [Log::Organization(organization), Log::Deployment] {
        every.extend(filters.iter().map(|filter| queries::audit_newest_first(&log, filter, Some("last"), 50)));
    }
    every
}

fn declared() -> IndexSet {
    IndexSet::parse(DECLARED).unwrap()
}

#[test]
fn every_query_has_its_index_and_every_index_its_query() {
    let (declared, queries) = (declared(), every_query());
    let mut used = Vec::new();
    for query in &queries {
        if let Cover::Index(fields) = declared.cover(query, None).unwrap() {
            used.push(match &query.scope {
                Scope::Collection(path) => Index { collection: path.id(), reach: Reach::Collection, fields },
                Scope::Group(id) => Index { collection: id, reach: Reach::Group, fields },
            });
        }
    }
    let unused: Vec<_> = declared.declared().into_iter().filter(|index| !used.contains(index)).collect();
    assert!(unused.is_empty(), "no query needs these indexes: {unused:?}");
    assert!(used.len() > 10, "what is compared is there");
}

#[test]
fn every_query_is_made_in_one_place_and_listed_here() {
    let (mut elsewhere, mut made) = (Vec::new(), None);
    for (file, text) in sources() {
        if file.ends_with("flow/src/records/queries.rs") {
            made = Some(text);
        } else if ["Query::collection(", "Query::group(", "Query {"].iter().any(|made| text.contains(made)) {
            elsewhere.push(file);
        }
    }
    assert_eq!(elsewhere, Vec::<PathBuf>::new(), "a query belongs to flow::records::queries");
    let made = made.unwrap();
    let names: Vec<&str> = made.split("\npub fn ").skip(1).map(|after| after.split('(').next().unwrap()).collect();
    assert!(names.len() > 9, "{names:?}");
    let listed = include_str!("declared.rs");
    let missing: Vec<_> = names.iter().filter(|name| !listed.contains(&format!("queries::{name}("))).collect();
    assert!(missing.is_empty(), "every_query() does not list {missing:?}");
}

#[test]
fn no_field_is_indexed_that_nobody_asks_for() {
    let mut written = BTreeSet::new();
    for (_, text) in sources() {
        for call in ["CollectionPath::root(\"", ".collection(\""] {
            let ids = text.split(call).skip(1).map(|after| after.split('"').next().unwrap().to_owned());
            written.extend(ids);
        }
    }
    let declared = declared();
    let exempted: BTreeSet<String> = declared.exempted().map(str::to_owned).collect();
    assert_eq!(
        written, exempted,
        "firestore.indexes.json exempts `*` of each collection that is written, and of no other"
    );
    assert!(written.len() > 10, "what is compared is there");
}

/// The sources of what reads and writes documents, without their tests.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut open = ["functions", "local/src", "shared"].map(|folder| root.join(folder)).to_vec();
    let mut sources = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !carries_out_queries(&path) {
            let text = fs::read_to_string(&path).unwrap();
            let program = text.split("#[cfg(test)]").next().unwrap().to_owned();
            sources.push((path, program));
        }
    }
    sources
}

/// Whether the file says what a query is, what of it is allowed, or how it is answered; or a query of another kind.
fn carries_out_queries(path: &Path) -> bool {
    let places = [
        "shared/domain",
        "shared/flow/src/ports",
        "shared/flow/src/indexes",
        "shared/flow/src/limits",
        "shared/embedded",
        "shared/firestore",
        "local/src/simulator",
    ];
    places.iter().any(|place| path.to_string_lossy().contains(place))
}
