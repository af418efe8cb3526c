//! One row of a file.

use std::collections::BTreeMap;

use csv::ByteRecord;
use domain::contact::{AttributeDefinition, AttributeKey, AttributeValue, LanguageCode, LegalBasis, Tag};
use domain::{DisplayName, Phone, TimeZone, Timestamp};

use super::ImportProgress;
use super::columns::{Column, decode};
use crate::contacts::formula::restored;

/// What a row says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub phone: Phone,
    pub name: Option<DisplayName>,
    pub language: Option<LanguageCode>,
    pub tags: Vec<Tag>,
    pub attributes: Vec<(AttributeKey, AttributeValue)>,
    pub consent: RowConsent,
}

/// What a row says about a consent to marketing.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowConsent {
    /// Nothing.
    None,
    /// Something, but not where, what and when: it shows nothing.
    WithoutEvidence,
    /// They agreed.
    Given { place: String, evidence: String, at: Timestamp, basis: LegalBasis },
}

/// Why a row cannot be taken: a stable name, and the number of the column from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrong {
    pub code: &'static str,
    pub column: Option<u64>,
}

/// What a row is read with.
pub(super) struct Reading<'a> {
    pub work: &'a ImportProgress,
    pub definitions: &'a BTreeMap<AttributeKey, AttributeDefinition>,
    pub zone: &'a TimeZone,
    pub now: Timestamp,
}

impl Reading<'_> {
    /// Reads a row.
    pub fn row(&self, record: &ByteRecord) -> Result<Row, Wrong> {
        if record.len() > self.work.columns.len() {
            return Err(Wrong { code: "too_many_cells", column: None });
        }
        let mut cells = BTreeMap::new();
        for (n, (cell, column)) in record.iter().zip(&self.work.columns).enumerate() {
            let at = n as u64 + 1;
            let wrong = Wrong { code: "not_in_the_files_encoding", column: Some(at) };
            let text = decode(cell, self.work.is_windows_1252).ok_or(wrong)?;
            let text = restored(text.trim());
            if *column != Column::Ignored && !text.is_empty() {
                cells.insert(column, (at, text));
            }
        }
        let phone_at = self.work.columns.iter().position(|column| *column == Column::Phone).map(|n| n as u64 + 1);
        let Some((at, phone)) = cells.remove(&Column::Phone) else {
            return Err(Wrong { code: "no_phone", column: phone_at });
        };
        let country = self.work.options.country_code.as_deref();
        let phone = read_phone(&phone, country).ok_or(Wrong { code: "invalid_phone", column: Some(at) })?;
        let mut row = Row {
            phone,
            name: None,
            language: None,
            tags: self.work.options.tags.clone(),
            attributes: Vec::new(),
            consent: self.consent(&cells)?,
        };
        for (column, (at, text)) in &cells {
            let wrong = |code| Wrong { code, column: Some(*at) };
            match column {
                Column::Name => row.name = Some(DisplayName::parse(text).map_err(|_| wrong("invalid_name"))?),
                Column::Language => {
                    row.language = Some(LanguageCode::parse(text).map_err(|_| wrong("invalid_language"))?);
                }
                Column::Tags => {
                    for tag in text.split([';', ',']).map(str::trim).filter(|tag| !tag.is_empty()) {
                        row.tags.push(Tag::parse(tag).map_err(|_| wrong("invalid_tag"))?);
                    }
                }
                Column::Attribute(key) => {
                    let definition = self.definitions.get(key).ok_or(wrong("unknown_attribute"))?;
                    let value = definition.read_text(text).map_err(|_| wrong("invalid_attribute"))?;
                    row.attributes.push((key.clone(), value));
                }
                _ => {}
            }
        }
        Ok(row)
    }

    fn consent(&self, cells: &BTreeMap<&Column, (u64, String)>) -> Result<RowConsent, Wrong> {
        let [place, evidence, at, basis] =
            [Column::ConsentPlace, Column::ConsentEvidence, Column::ConsentAt, Column::ConsentBasis]
                .map(|column| cells.get(&column));
        if [place, evidence, at, basis].iter().all(Option::is_none) {
            return Ok(RowConsent::None);
        }
        let (Some((place_at, place)), Some((evidence_at, evidence)), Some((at_at, at))) = (place, evidence, at) else {
            return Ok(RowConsent::WithoutEvidence);
        };
        let wrong = |code, column: &u64| Wrong { code, column: Some(*column) };
        if place.chars().count() > 200 {
            return Err(wrong("too_long", place_at));
        }
        if evidence.chars().count() > 2_000 {
            return Err(wrong("too_long", evidence_at));
        }
        let at = read_time(at, self.zone).ok_or(wrong("invalid_time", at_at))?;
        if at > self.now {
            return Err(wrong("time_in_the_future", at_at));
        }
        let basis = match basis {
            None => LegalBasis::Consent,
            Some((basis_at, basis)) => LegalBasis::parse(basis).ok_or(wrong("invalid_basis", basis_at))?,
        };
        Ok(RowConsent::Given { place: place.clone(), evidence: evidence.clone(), at, basis })
    }
}

/// The digits of a national number at most.
const NATIONAL: usize = 11;
/// The country code of Brazil, where an area code may be 55 as well.
const BRAZIL: &str = "55";

/// A number with its country code: after `+` or `00`, else where it is longer than any national one; else the file's code
/// goes before it, unless it is there already. Without either it could be anybody's. A number of Brazil has an area code and
/// eight or nine digits.
fn read_phone(text: &str, country: Option<&str>) -> Option<Phone> {
    let is_international = text.starts_with('+') || text.starts_with("00");
    // A zero before an area code is dialled within the country alone.
    let digits = text.trim_start_matches(['+', '0', '(', ' ']);
    let length = digits.bytes().filter(u8::is_ascii_digit).count();
    let has_code = |code: &str| code != BRAZIL && length > code.len() + 7 && digits.starts_with(code);
    let phone = match country {
        _ if is_international || length > NATIONAL => Phone::parse(digits).ok()?,
        Some(code) if has_code(code) => Phone::parse(digits).ok()?,
        Some(code) => Phone::parse(&format!("{code}{digits}")).ok()?,
        None => return None,
    };
    let fits = !phone.digits().starts_with(BRAZIL) || matches!(phone.digits().len(), 12 | 13);
    fits.then_some(phone)
}

/// A moment in RFC 3339, or the beginning of a day, in the organization's zone.
fn read_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = Timestamp::try_from(text.to_owned()) {
        return Some(at);
    }
    zone.start_of(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for (text, country, digits) in [
            ("+55 (11) 98765-4321", None, Some("5511987654321")),
            ("5511987654321", Some("55"), Some("5511987654321")),
            ("(11) 98765-4321", Some("55"), Some("5511987654321")),
            ("011 98765-4321", Some("55"), Some("5511987654321")),
            ("11 8765-4321", Some("55"), Some("5511987654321")),
            ("11 3765-4321", Some("55"), Some("551137654321")),
            ("+1 415 555 0123", Some("55"), Some("14155550123")),
            ("0014155550123", Some("55"), Some("14155550123")),
            ("+351 912 345 678", None, Some("351912345678")),
            ("55 98765-4321", Some("55"), Some("5555987654321")),
            ("34 612 345 678", Some("34"), Some("34612345678")),
            ("612 345 678", Some("34"), Some("34612345678")),
            ("14155550123", Some("1"), Some("14155550123")),
            ("415 555 0123", Some("1"), Some("14155550123")),
            ("11987654321", None, None),
            ("8765-4321", Some("55"), None),
            ("+55 1234", None, None),
            ("=1+1", Some("55"), None),
            ("call me", Some("55"), None),
        ] {
            let read = read_phone(text, country);
            assert_eq!(read.as_ref().map(Phone::digits), digits, "{text}");
        }
    }
}
