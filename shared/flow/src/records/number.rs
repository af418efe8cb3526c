use domain::away::AwayMessage;
use domain::hours::BusinessHours;
use domain::locale::Language;
use domain::organization::{Number, Organization};
use domain::team::Distribution;
use domain::{NumberId, OrganizationId, Plan, TimeZone};
use secrecy::{ExposeSecret, SecretString};

use super::{FieldReader, FieldWriter, RecordError};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// Where the numbers of all organizations are.
pub fn numbers() -> CollectionPath {
    CollectionPath::root("numbers")
}

/// Where a number is: one document for all organizations, so that no two can own it.
pub fn number_path(id: &NumberId) -> DocPath {
    numbers().doc(id.as_str())
}

/// Where an organization is.
pub fn organization_path(id: &OrganizationId) -> DocPath {
    CollectionPath::root("organizations").doc(id.as_str())
}

/// Writes a number; the token is sealed. Without one it uses the deployment's.
pub fn write_number(platform: &Platform, number: &Number, token: Option<&SecretString>) -> Fields {
    FieldWriter::new(platform, number_path(&number.id).as_str())
        .put("organization", number.organization.as_str())
        .put("waba_id", number.waba_id.as_str())
        .put("assistant", number.assistant.as_ref().map(domain::AssistantId::as_str))
        .sealed("display_sealed", Some(&number.display))
        .sealed("token_sealed", token.map(|token| token.expose_secret()))
        .done()
}

/// Reads a number and its own token, if it has one.
///
/// # Errors
/// [`RecordError`].
pub fn read_number(platform: &Platform, document: &Document) -> Result<(Number, Option<SecretString>), RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let number = Number {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        organization: fields.parsed("organization")?,
        waba_id: fields.text("waba_id")?.to_owned(),
        display: fields.sealed("display_sealed")?.unwrap_or_default(),
        assistant: fields.optional_parsed("assistant")?,
    };
    Ok((number, fields.sealed("token_sealed")?.map(SecretString::from)))
}

/// Writes an organization.
pub fn write_organization(platform: &Platform, organization: &Organization) -> Fields {
    let path = organization_path(&organization.id);
    let writer = FieldWriter::new(platform, path.as_str())
        .put("name", organization.name.as_str())
        .put("language", organization.language.code())
        .put("time_zone", organization.time_zone.as_str())
        .put("plan", organization.plan.as_str())
        .put("first_response_seconds", organization.first_response_seconds)
        .json("distribution", &organization.distribution);
    put_hours(writer, &organization.hours, organization.away.as_ref()).done()
}

/// Reads an organization.
///
/// # Errors
/// [`RecordError`].
pub fn read_organization(platform: &Platform, document: &Document) -> Result<Organization, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Organization {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        name: fields.text("name")?.to_owned(),
        language: fields.named("language", Language::parse)?.unwrap_or_default(),
        // A record from before names were checked may have one that is none.
        time_zone: TimeZone::parse(fields.text("time_zone")?).unwrap_or_default(),
        hours: read_hours(&fields)?,
        away: fields.sealed_json("away_sealed")?,
        distribution: fields.json("distribution")?.unwrap_or(Distribution::BY_HAND),
        plan: fields.named("plan", Plan::parse)?.unwrap_or_default(),
        first_response_seconds: fields
            .optional_int("first_response_seconds")?
            .and_then(|seconds| seconds.try_into().ok()),
    })
}

/// Hours, and what is said outside of them.
pub(super) fn put_hours<'a>(
    writer: FieldWriter<'a>,
    hours: &BusinessHours,
    away: Option<&AwayMessage>,
) -> FieldWriter<'a> {
    let has_exceptions = hours.exceptions.iter().next().is_some();
    let exceptions = has_exceptions.then(|| serde_json::to_string(&hours.exceptions).ok()).flatten();
    writer
        .put("hours", hours.week.as_ref().and_then(|week| serde_json::to_string(week).ok()))
        .put("hours_exceptions", exceptions)
        .sealed_json("away_sealed", away)
}

/// Hours that were written down so.
pub(super) fn read_hours(fields: &FieldReader<'_>) -> Result<BusinessHours, RecordError> {
    Ok(BusinessHours { week: fields.json("hours")?, exceptions: fields.json("hours_exceptions")?.unwrap_or_default() })
}
