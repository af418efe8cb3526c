//! The heading of a file: what its columns hold.

use std::collections::{BTreeMap, BTreeSet};

use csv::ByteRecord;
use domain::contact::{AttributeDefinition, AttributeKey};
use domain::stop::normalised;
use domain::wording::WrongField;
use serde::{Deserialize, Serialize};

use super::ImportProgress;
use crate::manage::ManageError;

/// UTF-8's byte order mark, which spreadsheets put before a file.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// How many columns a file has at most.
const COLUMNS: usize = 200;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The number, by which contacts are known.
    Phone,
    /// What the organization calls them.
    Name,
    /// The language in which they are written to.
    Language,
    /// Tags, with `;` or `,` between them. They are added to those that a contact has.
    Tags,
    /// Where they agreed to marketing.
    ConsentPlace,
    /// What they saw or said.
    ConsentEvidence,
    /// When they agreed: a moment or a day.
    ConsentAt,
    /// What the law allows it by.
    ConsentBasis,
    /// An attribute.
    Attribute(AttributeKey),
    /// Nothing that is taken.
    Ignored,
}

/// The names by which a column is known without being told, as the heading of an exported file and as people write them.
const NAMES: &[(Column, &[&str])] = &[
    (Column::Phone, &["phone", "phone number", "telefone", "celular", "whatsapp", "numero", "telefono", "fone"]),
    (Column::Name, &["name", "nome", "nombre", "full name", "nome completo"]),
    (Column::Language, &["language", "idioma", "lingua"]),
    (Column::Tags, &["tags", "tag", "etiquetas", "marcadores"]),
    (Column::ConsentPlace, &["marketing consent place"]),
    (Column::ConsentEvidence, &["marketing consent evidence"]),
    (Column::ConsentAt, &["marketing consent at"]),
    (Column::ConsentBasis, &["marketing consent basis"]),
    (Column::Ignored, &["id", "whatsapp name", "username", "blocked", "takes marketing", "created at"]),
];

impl Column {
    /// The name of every column but attributes, as in the API.
    pub const NAMES: [&'static str; 9] = [
        "phone",
        "name",
        "language",
        "tags",
        "consent_place",
        "consent_evidence",
        "consent_at",
        "consent_basis",
        "ignored",
    ];

    /// The column of this name; `attribute.<key>` is an attribute.
    pub fn parse(name: &str) -> Option<Self> {
        if let Some(key) = name.strip_prefix("attribute.") {
            return AttributeKey::parse(key).ok().map(Self::Attribute);
        }
        Some(match name {
            "phone" => Self::Phone,
            "name" => Self::Name,
            "language" => Self::Language,
            "tags" => Self::Tags,
            "consent_place" => Self::ConsentPlace,
            "consent_evidence" => Self::ConsentEvidence,
            "consent_at" => Self::ConsentAt,
            "consent_basis" => Self::ConsentBasis,
            "ignored" => Self::Ignored,
            _ => return None,
        })
    }
}

/// Reads the heading of a file, of which `text` is the beginning, and notes how the file is to be read.
pub(super) fn read_heading(
    work: &mut ImportProgress,
    text: &[u8],
    definitions: &BTreeMap<AttributeKey, AttributeDefinition>,
) -> Result<(), ManageError> {
    let start = if text.starts_with(MARK) { MARK.len() } else { 0 };
    let text = &text[start..];
    work.is_windows_1252 = start == 0 && std::str::from_utf8(text).is_err_and(|error| error.error_len().is_some());
    work.delimiter = delimiter(text);
    let mut reader = reader(text, work.delimiter);
    let mut heading = ByteRecord::new();
    if !reader.read_byte_record(&mut heading).unwrap_or(false) {
        return Err(ManageError::wrong("", "must begin with a row of headings"));
    }
    if heading.len() > COLUMNS {
        return Err(ManageError::wrong("", "has more than 200 columns"));
    }
    work.offset = start as u64 + reader.position().byte();
    let mut columns = Vec::with_capacity(heading.len());
    let mut wrong = Vec::new();
    for (n, cell) in heading.iter().enumerate() {
        let name = decode(cell, work.is_windows_1252).unwrap_or_default();
        let column = known(name.trim(), work, definitions);
        if column.is_none() && !work.options.ignore_unknown {
            wrong.push(WrongField::new(format!("/columns/{}", n + 1), "is no heading that is known"));
        }
        columns.push(column.unwrap_or(Column::Ignored));
    }
    let mut seen = BTreeSet::new();
    for (n, column) in columns.iter().enumerate().filter(|(_, column)| **column != Column::Ignored) {
        if !seen.insert(column) {
            wrong.push(WrongField::new(format!("/columns/{}", n + 1), "holds what another column holds already"));
        }
    }
    if !seen.contains(&Column::Phone) {
        wrong.push(WrongField::new("/columns", "must have one that holds the phone"));
    }
    if !wrong.is_empty() {
        return Err(ManageError::Invalid(wrong));
    }
    work.columns = columns;
    Ok(())
}

/// Whether the heading ends within this text, the beginning of a file.
pub(super) fn holds_heading(text: &[u8]) -> bool {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let mut reader = reader(text, delimiter(text));
    let is_read = reader.read_byte_record(&mut ByteRecord::new()).unwrap_or(false);
    is_read && reader.position().byte() < text.len() as u64
}

/// What a heading stands for: as the import says, else by its name, else an attribute by its key or label.
fn known(
    name: &str,
    work: &ImportProgress,
    definitions: &BTreeMap<AttributeKey, AttributeDefinition>,
) -> Option<Column> {
    if let Some(column) = work.options.columns.get(name) {
        return Some(column.clone());
    }
    let key = normalised(name);
    if let Some((column, _)) = NAMES.iter().find(|(_, names)| names.contains(&key.as_str())) {
        return Some(column.clone());
    }
    let mut used = definitions.values().filter(|definition| !definition.retired);
    let is_meant = |definition: &AttributeDefinition| {
        definition.key.as_str() == name || normalised(definition.label.as_str()) == key
    };
    used.find(|definition| is_meant(definition)).map(|definition| Column::Attribute(definition.key.clone()))
}

/// What separates the columns: whichever of `,`, `;` and tab the first row has most of.
fn delimiter(text: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for byte in text {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            byte if !is_quoted => counts.iter_mut().filter(|(d, _)| d == byte).for_each(|(_, count)| *count += 1),
            _ => {}
        }
    }
    // Of equals the last one is taken by `max_by_key`; a comma where there is only one column.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// A reader of rows, which may have too few or too many cells.
pub(super) fn reader(text: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text)
}

/// A cell as text; `None`: it is not in the encoding of its file.
pub(super) fn decode(cell: &[u8], is_windows_1252: bool) -> Option<String> {
    match is_windows_1252 {
        true => Some(encoding_rs::WINDOWS_1252.decode_without_bom_handling(cell).0.into_owned()),
        false => std::str::from_utf8(cell).ok().map(ToOwned::to_owned),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn heading(text: &[u8]) -> Result<ImportProgress, Vec<String>> {
        let mut work = ImportProgress::default();
        match read_heading(&mut work, text, &BTreeMap::new()) {
            Ok(()) => Ok(work),
            Err(ManageError::Invalid(fields)) => Err(fields.into_iter().map(|field| field.pointer).collect()),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_file_is_read_as_spreadsheets_write_it() {
        let work = heading(b"\xef\xbb\xbfNome;Telefone;\"Tags; etc\"\r\nAna;1;2").unwrap_err();
        assert_eq!(work, ["/columns/3"]);
        let work = heading(b"\xef\xbb\xbfNome;Telefone\r\nAna;1").unwrap();
        assert_eq!((work.delimiter, work.offset, work.is_windows_1252), (b';', 17, false));
        assert_eq!(work.columns, [Column::Name, Column::Phone]);
        let work = heading(b"Telefone,Nome\nx,Jo\xe3o").unwrap();
        assert!(work.is_windows_1252);
        assert_eq!(decode(b"Jo\xe3o", true).unwrap(), "João");
        // A part may be cut in the middle of a letter.
        assert!(!heading(b"phone\nJo\xc3").unwrap().is_windows_1252);
    }

    #[test]
    fn a_file_without_phones_or_with_them_twice_is_refused() {
        assert_eq!(heading(b"name\n").unwrap_err(), ["/columns"]);
        assert_eq!(heading(b"phone,celular\n").unwrap_err(), ["/columns/2"]);
        assert_eq!(heading(b"").unwrap_err(), [""]);
    }
}
