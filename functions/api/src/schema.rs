//! Schemas of the domain's types: the domain knows nothing of the API's documentation.

mod condition;
mod parameters;

use domain::Plan;
use domain::access::{Permission, Role};
use domain::canned_reply::Variable;
use domain::contact::{AttributeKind, ConsentSource, LegalBasis, Purpose};
use domain::conversation::{Attention, ConversationState};
use domain::delivery::DeliveryStatus;
use domain::feed::FeedType;
use domain::intent::SuppressionReason;
use domain::line::LineState;
use domain::locale::Language;
use domain::price::PriceCategory;
use domain::team::{Availability, Strategy};
use domain::template::{Category, ParameterFormat};
use domain::webhook::{DeliveryState, EndpointState};
use flow::ports::Queue;
use flow::records::{ChangeSource, ChangedPart, Origin};
use flow::tasks::{TaskState, Work};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};

pub(crate) use self::condition::{condition, maybe_condition};
pub(crate) use self::parameters::{
    DayOfReport, DimensionOfReport, FeedTypeList, IntervalOfLedger, IntervalOfReport, QueueOfLetters,
    StateOfConversation, StateOfDelivery, TagOfList, TypeOfFile,
};

macro_rules! ids {
    ($($name:ident = $id:ty;)*) => {$(
        pub(crate) fn $name() -> RefOr<Schema> {
            id(<$id>::PREFIX, false)
        }
    )*};
}

ids! {
    contact_id = domain::ContactId;
    conversation_id = domain::ConversationId;
    message_id = domain::MessageId;
    organization_id = domain::OrganizationId;
    member_id = domain::MemberId;
    invitation_id = domain::InvitationId;
    api_key_id = domain::ApiKeyId;
    session_id = domain::SessionId;
    feed_id = domain::FeedId;
    endpoint_id = domain::EndpointId;
    delivery_id = domain::DeliveryId;
    audit_id = domain::AuditId;
    event_id = domain::EventId;
    intent_id = domain::IntentId;
    consent_id = domain::ConsentId;
    segment_id = domain::SegmentId;
    task_id = domain::TaskId;
    note_id = domain::NoteId;
    media_id = domain::MediaId;
    assistant_id = domain::AssistantId;
    knowledge_id = domain::KnowledgeId;
    team_id = domain::TeamId;
    canned_reply_id = domain::CannedReplyId;
    rule_id = domain::RuleId;
    template_id = domain::TemplateId;
    template_change_id = domain::TemplateChangeId;
}

/// The id of a team, or null.
pub(crate) fn maybe_team_id() -> RefOr<Schema> {
    id(domain::TeamId::PREFIX, true)
}

/// The id of a member, or null.
pub(crate) fn maybe_member_id() -> RefOr<Schema> {
    id(domain::MemberId::PREFIX, true)
}

/// The id of a message, or null.
pub(crate) fn maybe_message_id() -> RefOr<Schema> {
    id(domain::MessageId::PREFIX, true)
}

/// The id of an assistant, or null.
pub(crate) fn maybe_assistant_id() -> RefOr<Schema> {
    id(domain::AssistantId::PREFIX, true)
}

/// The id of an organization, or null.
pub(crate) fn maybe_organization_id() -> RefOr<Schema> {
    id(domain::OrganizationId::PREFIX, true)
}

/// Ids of events.
pub(crate) fn event_ids() -> RefOr<Schema> {
    list(false).items(event_id()).build().into()
}

/// Ids of messages.
pub(crate) fn message_ids() -> RefOr<Schema> {
    ArrayBuilder::new().items(message_id()).build().into()
}

/// Ids of assistants.
pub(crate) fn assistant_ids() -> RefOr<Schema> {
    list(false).items(assistant_id()).build().into()
}

/// The assistants that a knowledge text names.
pub(crate) fn named_assistants() -> RefOr<Schema> {
    list(false).items(assistant_id()).max_items(Some(20)).unique_items(true).build().into()
}

/// The same, or null.
pub(crate) fn maybe_named_assistants() -> RefOr<Schema> {
    list(true).items(assistant_id()).max_items(Some(20)).unique_items(true).build().into()
}

/// The id of a rule, or null.
pub(crate) fn maybe_rule_id() -> RefOr<Schema> {
    id(domain::RuleId::PREFIX, true)
}

/// Ids of rules, each once.
pub(crate) fn rule_ids() -> RefOr<Schema> {
    list(false).items(rule_id()).max_items(Some(100)).unique_items(true).build().into()
}

/// The id of a conversation, or null.
pub(crate) fn maybe_conversation_id() -> RefOr<Schema> {
    id(domain::ConversationId::PREFIX, true)
}

/// Objects with a `type` and more, which depends on it.
pub(crate) fn contents() -> RefOr<Schema> {
    list(false).items(content()).build().into()
}

/// What a rule does.
pub(crate) fn actions() -> RefOr<Schema> {
    list(false).items(content()).min_items(Some(1)).max_items(Some(4)).build().into()
}

/// The same, or null.
pub(crate) fn maybe_actions() -> RefOr<Schema> {
    list(true).items(content()).min_items(Some(1)).max_items(Some(4)).build().into()
}

/// Ids of members.
pub(crate) fn member_ids() -> RefOr<Schema> {
    list(false).items(member_id()).build().into()
}

/// The people of a team.
pub(crate) fn team_members() -> RefOr<Schema> {
    list(false).items(member_id()).max_items(Some(100)).build().into()
}

/// The same, or null.
pub(crate) fn maybe_team_members() -> RefOr<Schema> {
    list(true).items(member_id()).max_items(Some(100)).build().into()
}

/// Variables of canned replies.
pub(crate) fn reply_variables() -> RefOr<Schema> {
    list(false).items(names(&Variable::ALL.map(Variable::as_str))).build().into()
}

fn id(prefix: &str, optional: bool) -> RefOr<Schema> {
    text(optional).pattern(Some(format!("^{prefix}_[a-z2-7]{{25}}[aeimquy4]$"))).build().into()
}

/// A moment: RFC 3339, UTC, up to microseconds.
pub(crate) fn time() -> RefOr<Schema> {
    moment(false)
}

/// A moment, or null.
pub(crate) fn maybe_time() -> RefOr<Schema> {
    moment(true)
}

fn moment(optional: bool) -> RefOr<Schema> {
    text(optional).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).build().into()
}

/// One of the names of these values, as they are written.
pub(crate) fn names<T: Serialize>(values: &[T]) -> RefOr<Schema> {
    text(false).enum_values(Some(written(values))).build().into()
}

/// One of the names, or null.
pub(crate) fn maybe_names<T: Serialize>(values: &[T]) -> RefOr<Schema> {
    let mut names = written(values);
    names.push(Value::Null);
    text(true).enum_values(Some(names)).build().into()
}

fn written<T: Serialize>(values: &[T]) -> Vec<Value> {
    values.iter().map(|value| serde_json::to_value(value).unwrap_or_default()).collect()
}

fn text(optional: bool) -> ObjectBuilder {
    let kind = match optional {
        true => SchemaType::from_iter([Type::String, Type::Null]),
        false => SchemaType::new(Type::String),
    };
    ObjectBuilder::new().schema_type(kind)
}

fn list(optional: bool) -> ArrayBuilder {
    let kind = match optional {
        true => SchemaType::from_iter([Type::Array, Type::Null]),
        false => SchemaType::new(Type::Array),
    };
    ArrayBuilder::new().schema_type(kind)
}

/// An object with a `type` and more, which depends on it.
pub(crate) fn content() -> RefOr<Schema> {
    typed(false)
}

/// The same, or null.
pub(crate) fn maybe_content() -> RefOr<Schema> {
    typed(true)
}

fn typed(optional: bool) -> RefOr<Schema> {
    let kind = match optional {
        true => SchemaType::from_iter([Type::Object, Type::Null]),
        false => SchemaType::new(Type::Object),
    };
    let object = ObjectBuilder::new().schema_type(kind).property("type", text(false)).required("type");
    object.description(Some("A `type`, and what belongs to it.")).build().into()
}

/// A type of the change feed.
pub(crate) fn feed_type() -> RefOr<Schema> {
    names(FeedType::ALL)
}

/// Types of the change feed.
pub(crate) fn feed_types() -> RefOr<Schema> {
    list(false).items(feed_type()).build().into()
}

/// The same, or null.
pub(crate) fn maybe_feed_types() -> RefOr<Schema> {
    list(true).items(feed_type()).build().into()
}

/// Whether anything is delivered to a webhook endpoint.
pub(crate) fn endpoint_state() -> RefOr<Schema> {
    names(&[EndpointState::Active, EndpointState::DisabledByUser, EndpointState::DisabledByFailures])
}

/// How far a webhook's delivery is.
pub(crate) fn delivery_state() -> RefOr<Schema> {
    names(&[DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Failed])
}

/// Whether somebody can be given conversations.
pub(crate) fn availability() -> RefOr<Schema> {
    names(&Availability::ALL)
}

/// How it is decided who is given a conversation.
pub(crate) fn strategy() -> RefOr<Schema> {
    names(&Strategy::ALL)
}

/// What a person is in an organization.
pub(crate) fn role() -> RefOr<Schema> {
    names(&Role::ALL)
}

/// Permissions by their names.
pub(crate) fn permissions() -> RefOr<Schema> {
    permissions_in(list(false))
}

/// The same, or null.
pub(crate) fn maybe_permissions() -> RefOr<Schema> {
    permissions_in(list(true))
}

fn permissions_in(list: ArrayBuilder) -> RefOr<Schema> {
    let names = names(&Permission::ALL.map(Permission::as_str));
    list.items(names).min_items(Some(1)).unique_items(true).build().into()
}

/// A plan by its name.
pub(crate) fn plan() -> RefOr<Schema> {
    names(&Plan::ALL.map(Plan::as_str))
}

/// A language by its code.
pub(crate) fn language() -> RefOr<Schema> {
    names(&Language::ALL)
}

/// The same, or null.
pub(crate) fn maybe_language() -> RefOr<Schema> {
    maybe_names(&Language::ALL)
}

/// Who answers in a conversation.
pub(crate) fn conversation_state() -> RefOr<Schema> {
    names(&[ConversationState::Assistant, ConversationState::Person, ConversationState::Closed])
}

/// Why a person should look at a conversation.
pub(crate) fn maybe_attention() -> RefOr<Schema> {
    maybe_names(&Attention::ALL)
}

/// How far a message got.
pub(crate) fn delivery_status() -> RefOr<Schema> {
    names(&DeliveryStatus::ALL)
}

/// Who wrote a message.
pub(crate) fn origin() -> RefOr<Schema> {
    names(&Origin::ALL.map(Origin::as_str))
}

/// Why a message was never sent.
pub(crate) fn suppression_reason() -> RefOr<Schema> {
    names(&SuppressionReason::ALL)
}

/// How a template's variables are called.
pub(crate) fn parameter_format() -> RefOr<Schema> {
    names(&ParameterFormat::ALL)
}

/// What a new template may be for.
pub(crate) fn new_template_category() -> RefOr<Schema> {
    names(Category::KNOWN)
}

/// The same, or null.
pub(crate) fn maybe_new_template_category() -> RefOr<Schema> {
    maybe_names(Category::KNOWN)
}

/// The parts of a template.
pub(crate) fn template_components() -> RefOr<Schema> {
    components_in(list(false))
}

/// The same, or null.
pub(crate) fn maybe_template_components() -> RefOr<Schema> {
    components_in(list(true))
}

fn components_in(list: ArrayBuilder) -> RefOr<Schema> {
    let kinds = ["HEADER", "BODY", "FOOTER", "BUTTONS"];
    let part = ObjectBuilder::new().schema_type(Type::Object).property("type", names(&kinds)).required("type");
    list.items(part).min_items(Some(1)).max_items(Some(4)).build().into()
}

/// What of a template is another.
pub(crate) fn changed_part() -> RefOr<Schema> {
    names(&ChangedPart::ALL)
}

/// By what a change of a template is known.
pub(crate) fn change_source() -> RefOr<Schema> {
    names(&ChangeSource::ALL)
}

/// How a number stands.
pub(crate) fn line_state() -> RefOr<Schema> {
    names(&LineState::ALL)
}

/// The PIN of a number, or null.
pub(crate) fn maybe_pin() -> RefOr<Schema> {
    text(true).pattern(Some("^[0-9]{6}$")).build().into()
}

/// What a number is called, or null.
pub(crate) fn maybe_label() -> RefOr<Schema> {
    text(true).min_length(Some(1)).max_length(Some(100)).build().into()
}

/// A text, or null.
pub(crate) fn maybe_text() -> RefOr<Schema> {
    text(true).build().into()
}

/// A queue by its name.
pub(crate) fn queue() -> RefOr<Schema> {
    names(&Queue::ALL.map(Queue::name))
}

/// From one to a hundred ids of a queue's messages.
pub(crate) fn letter_ids() -> RefOr<Schema> {
    let id = text(false).min_length(Some(1)).max_length(Some(100)).build();
    list(false).items(id).min_items(Some(1)).max_items(Some(100)).build().into()
}

/// Ids of contacts.
pub(crate) fn contact_ids() -> RefOr<Schema> {
    list(false).items(contact_id()).build().into()
}

/// What somebody is written to for.
pub(crate) fn purpose() -> RefOr<Schema> {
    names(&Purpose::ALL.map(Purpose::as_str))
}

/// What the law allows the writing by, or null.
pub(crate) fn maybe_legal_basis() -> RefOr<Schema> {
    maybe_names(&LegalBasis::ALL.map(LegalBasis::as_str))
}

/// How a decision reached us.
pub(crate) fn consent_source() -> RefOr<Schema> {
    names(&ConsentSource::ALL.map(ConsentSource::as_str))
}

/// What kind of value an attribute has.
pub(crate) fn attribute_kind() -> RefOr<Schema> {
    names(&AttributeKind::ALL)
}

/// The key of an attribute.
pub(crate) fn attribute_key() -> RefOr<Schema> {
    text(false).pattern(Some("^[a-z][a-z0-9_]{0,39}$")).build().into()
}

/// Values of attributes by their keys; null takes one away.
pub(crate) fn attribute_values() -> RefOr<Schema> {
    let value = [Type::String, Type::Number, Type::Boolean, Type::Null];
    let value = ObjectBuilder::new().schema_type(SchemaType::from_iter(value)).build();
    ObjectBuilder::new().additional_properties(Some(Schema::from(value))).build().into()
}

/// A tag.
fn tag() -> ObjectBuilder {
    text(false).min_length(Some(1)).max_length(Some(50))
}

/// Tags.
pub(crate) fn tags() -> RefOr<Schema> {
    list(false).items(tag().build()).max_items(Some(50)).build().into()
}

/// The same, or null.
pub(crate) fn maybe_tags() -> RefOr<Schema> {
    list(true).items(tag().build()).max_items(Some(50)).build().into()
}

/// Whether a task is at work.
pub(crate) fn task_state() -> RefOr<Schema> {
    names(&TaskState::ALL)
}

/// As what Meta charges a message.
pub(crate) fn price_category() -> RefOr<Schema> {
    names(&PriceCategory::ALL.map(PriceCategory::as_str))
}

/// What a task does.
pub(crate) fn task_kind() -> RefOr<Schema> {
    names(&Work::KINDS)
}
