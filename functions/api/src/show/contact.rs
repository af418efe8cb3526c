use std::collections::BTreeMap;

use domain::contact::{
    AttributeDefinition, AttributeKey, AttributeKind, AttributeValue, Consent, Contact, Decision, LegalBasis, Purpose,
};
use domain::segment::Condition;
use domain::{ConsentId, ContactId, SegmentId, Timestamp};
use flow::contacts::Preview;
use flow::records::Segment;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// A contact.
#[derive(Serialize, ToSchema)]
#[schema(as = Contact)]
pub(crate) struct ShownContactRecord<'a> {
    #[schema(schema_with = schema::contact_id)]
    id: &'a ContactId,
    /// What they are called: by the organization, else by themselves.
    name: Option<&'a str>,
    /// What the organization calls them.
    given_name: Option<&'a str>,
    /// What they call themselves on WhatsApp.
    whatsapp_name: Option<&'a str>,
    username: Option<&'a str>,
    /// WhatsApp's id of them.
    whatsapp_user_id: Option<&'a str>,
    /// E.164.
    #[schema(example = "+5511987650001")]
    phone: Option<String>,
    /// The language in which they are written to first.
    #[schema(example = "pt_BR")]
    language: Option<&'a str>,
    #[schema(schema_with = schema::tags)]
    tags: Vec<&'a str>,
    #[schema(schema_with = schema::attribute_values)]
    attributes: BTreeMap<&'a str, &'a AttributeValue>,
    /// They agreed to marketing with evidence, did not stop it since, and are not blocked.
    takes_marketing: bool,
    /// They said stop.
    marketing_stopped: bool,
    consents: ShownStands<'a>,
    #[schema(schema_with = schema::maybe_time)]
    blocked_at: Option<Timestamp>,
    /// The contacts that turned out to be this person.
    #[schema(schema_with = schema::contact_ids)]
    merged_from: &'a [ContactId],
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

/// Where somebody stands on each purpose; null where nothing is known.
#[derive(Serialize, ToSchema)]
#[schema(as = Consents)]
struct ShownStands<'a> {
    marketing: Option<ShownStand<'a>>,
    utility: Option<ShownStand<'a>>,
}

/// The latest decision.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsentDecision)]
struct ShownStand<'a> {
    granted: bool,
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    /// The record with the evidence.
    #[schema(schema_with = schema::consent_id)]
    consent_id: &'a ConsentId,
}

/// Shows a contact, with the attributes that are in use.
pub(crate) fn contact<'a>(
    contact: &'a Contact,
    definitions: &BTreeMap<AttributeKey, AttributeDefinition>,
) -> ShownContactRecord<'a> {
    let is_used = |key: &AttributeKey| definitions.get(key).is_some_and(|definition| !definition.retired);
    let attributes = contact.attributes.iter().filter(|(key, _)| is_used(key));
    ShownContactRecord {
        id: &contact.id,
        name: contact.called(),
        given_name: contact.given_name.as_ref().map(|name| name.as_str()),
        whatsapp_name: contact.name.as_ref().map(|name| name.value.as_str()),
        username: contact.username.as_ref().map(|name| name.value.as_str()),
        whatsapp_user_id: contact.user_id.as_ref().map(|user| user.value.as_str()),
        phone: contact.phone().map(|phone| phone.e164()),
        language: contact.language.as_ref().map(|language| language.as_str()),
        tags: contact.tags.iter().map(|tag| tag.as_str()).collect(),
        attributes: attributes.map(|(key, value)| (key.as_str(), value)).collect(),
        takes_marketing: contact.takes_marketing(),
        marketing_stopped: contact.marketing.is_some_and(|choice| choice.stopped),
        consents: ShownStands {
            marketing: contact.consents.on(Purpose::Marketing).map(stand),
            utility: contact.consents.on(Purpose::Utility).map(stand),
        },
        blocked_at: contact.blocked_at,
        merged_from: &contact.merged_from,
        created_at: contact.created_at,
    }
}

fn stand(decision: &Decision) -> ShownStand<'_> {
    ShownStand { granted: decision.granted, at: decision.at, consent_id: &decision.consent }
}

/// What a contact decided, with the evidence.
#[derive(Serialize, ToSchema)]
#[schema(as = Consent)]
pub(crate) struct ShownConsent<'a> {
    #[schema(schema_with = schema::consent_id)]
    id: &'a ConsentId,
    /// Who decided; where contacts were merged, as whom.
    #[schema(schema_with = schema::contact_id)]
    contact_id: &'a ContactId,
    #[schema(schema_with = schema::purpose)]
    purpose: &'static str,
    granted: bool,
    /// When they decided.
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    #[schema(schema_with = schema::consent_source)]
    source: &'static str,
    /// Where they said it.
    place: Option<&'a str>,
    /// What they saw or said.
    evidence: Option<&'a str>,
    /// What the law allows it by.
    #[schema(schema_with = schema::maybe_legal_basis)]
    legal_basis: Option<&'static str>,
    /// The member, key or import that recorded it.
    recorded_by: Option<&'a str>,
    #[schema(schema_with = schema::time)]
    recorded_at: Timestamp,
}

/// Shows a decision.
pub(crate) fn consent(consent: &Consent) -> ShownConsent<'_> {
    ShownConsent {
        id: &consent.id,
        contact_id: &consent.contact,
        purpose: consent.purpose.as_str(),
        granted: consent.granted,
        at: consent.at,
        source: consent.source.as_str(),
        place: consent.place.as_deref(),
        evidence: consent.evidence.as_deref(),
        legal_basis: consent.basis.map(LegalBasis::as_str),
        recorded_by: consent.recorded_by.as_deref(),
        recorded_at: consent.recorded_at,
    }
}

/// An attribute that the organization keeps of its contacts.
#[derive(Serialize, ToSchema)]
#[schema(as = Attribute)]
pub(crate) struct ShownAttribute<'a> {
    #[schema(schema_with = schema::attribute_key)]
    key: &'a str,
    /// Its name for people.
    label: &'a str,
    #[schema(schema_with = schema::attribute_kind)]
    r#type: AttributeKind,
    /// What can be chosen, where it is a choice.
    choices: Vec<&'a str>,
}

/// Shows an attribute.
pub(crate) fn attribute(definition: &AttributeDefinition) -> ShownAttribute<'_> {
    ShownAttribute {
        key: definition.key.as_str(),
        label: definition.label.as_str(),
        r#type: definition.kind,
        choices: definition.choices.iter().map(|choice| choice.as_str()).collect(),
    }
}

/// A selection of contacts.
#[derive(Serialize, ToSchema)]
#[schema(as = Segment)]
pub(crate) struct ShownSegment<'a> {
    #[schema(schema_with = schema::segment_id)]
    id: &'a SegmentId,
    name: &'a str,
    #[schema(schema_with = schema::condition)]
    condition: &'a Condition,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

/// Shows a segment.
pub(crate) fn segment(segment: &Segment) -> ShownSegment<'_> {
    ShownSegment {
        id: &segment.id,
        name: segment.name.as_str(),
        condition: &segment.condition,
        created_at: segment.created_at,
    }
}

/// Who would be in a segment.
#[derive(Serialize, ToSchema)]
#[schema(as = SegmentPreview)]
pub(crate) struct ShownSegmentPreview<'a> {
    /// The newest of them.
    contacts: Vec<ShownContactRecord<'a>>,
    /// How many contacts were looked at, the newest first.
    looked_at: usize,
    /// Nobody else is in it.
    complete: bool,
}

/// Shows who would be in a segment.
pub(crate) fn segment_preview<'a>(
    preview: &'a Preview,
    definitions: &BTreeMap<AttributeKey, AttributeDefinition>,
) -> ShownSegmentPreview<'a> {
    ShownSegmentPreview {
        contacts: preview.contacts.iter().map(|one| contact(one, definitions)).collect(),
        looked_at: preview.looked_at,
        complete: preview.is_complete,
    }
}
