use domain::contact::Dated;
use domain::line::{Credential, Line, Tier};
use domain::template::Quality;
use domain::{NumberId, OrganizationId, Timestamp};

use super::number::{put_hours, read_hours};
use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{DocPath, Document, Fields};

/// Where it is written how an organization's number stands.
pub fn line_path(organization: &OrganizationId, number: &NumberId) -> DocPath {
    organization_path(organization).collection("lines").doc(number.as_str())
}

/// Writes how a number stands; what its organization calls it is sealed.
pub fn write_line(platform: &Platform, path: &DocPath, line: &Line) -> Fields {
    let credential = line.credential.as_ref();
    let code = credential.and_then(|dated| match dated.value {
        Credential::Refused(code) => Some(code),
        Credential::Works | Credential::Silent => None,
    });
    let name = |credential: &Dated<Credential>| match credential.value {
        Credential::Works => "works",
        Credential::Silent => "silent",
        Credential::Refused(_) => "refused",
    };
    let restriction = line.restriction.as_ref();
    let writer = FieldWriter::new(platform, path.as_str())
        .sealed("label_sealed", line.label.as_deref())
        .put("daily_quota", line.daily_quota)
        .put("hides_reads", line.hides_reads)
        .put("credential", credential.map(name))
        .put("credential_code", code)
        .put("credential_at", credential.map(|dated| dated.at))
        .put("restriction", restriction.and_then(|dated| dated.value.as_deref()))
        .put("restriction_at", restriction.map(|dated| dated.at))
        .put("quality", line.quality.as_ref().map(|dated| dated.value.as_str()))
        .put("quality_at", line.quality.as_ref().map(|dated| dated.at))
        .put("tier", line.tier.as_ref().map(|dated| dated.value.as_number()))
        .put("tier_at", line.tier.as_ref().map(|dated| dated.at))
        .put("connected_at", line.connected_at)
        .put("changed_at", line.changed_at);
    let writer = put_hours(writer, &line.hours, line.away.as_ref());
    let texts = [
        ("meta_status", &line.meta_status),
        ("verified_name", &line.verified_name),
        ("name_status", &line.name_status),
        ("throughput", &line.throughput),
        ("alert", &line.alert),
    ];
    texts.into_iter().fold(writer, |writer, (name, text)| put_text(writer, name, text.as_ref())).done()
}

fn put_text<'a>(writer: FieldWriter<'a>, name: &str, text: Option<&Dated<String>>) -> FieldWriter<'a> {
    writer
        .sealed(&format!("{name}_sealed"), text.map(|dated| dated.value.as_str()))
        .put(&format!("{name}_at"), text.map(|dated| dated.at))
}

/// Reads how a number stands.
///
/// # Errors
/// [`RecordError`].
pub fn read_line(platform: &Platform, document: &Document) -> Result<Line, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let text = |name: &str| -> Result<Option<Dated<String>>, RecordError> {
        Ok(dated(fields.sealed(&format!("{name}_sealed"))?, fields.optional_time(&format!("{name}_at"))?))
    };
    let credential = match fields.optional_text("credential")? {
        None => None,
        Some("works") => Some(Credential::Works),
        Some("silent") => Some(Credential::Silent),
        Some("refused") => Some(Credential::Refused(fields.int("credential_code")?)),
        Some(_) => return Err(fields.malformed("credential")),
    };
    let tier = fields.optional_int("tier")?.and_then(|tier| Tier::parse(&tier.to_string()));
    let restriction = fields.optional_text("restriction")?.map(str::to_owned);
    Ok(Line {
        label: fields.sealed("label_sealed")?,
        daily_quota: fields.optional_int("daily_quota")?,
        hours: read_hours(&fields)?,
        away: fields.sealed_json("away_sealed")?,
        hides_reads: fields.flag("hides_reads")?,
        credential: dated(credential, fields.optional_time("credential_at")?),
        restriction: fields.optional_time("restriction_at")?.map(|at| Dated { at, value: restriction }),
        meta_status: text("meta_status")?,
        verified_name: text("verified_name")?,
        name_status: text("name_status")?,
        quality: dated(fields.optional_text("quality")?.map(Quality::parse), fields.optional_time("quality_at")?),
        tier: dated(tier, fields.optional_time("tier_at")?),
        throughput: text("throughput")?,
        alert: text("alert")?,
        connected_at: fields.time("connected_at")?,
        changed_at: fields.time("changed_at")?,
    })
}

fn dated<T>(value: Option<T>, at: Option<Timestamp>) -> Option<Dated<T>> {
    value.zip(at).map(|(value, at)| Dated { at, value })
}
