//! A step of an import: the next rows, in one commit.

use std::collections::BTreeMap;

use csv::ByteRecord;
use domain::contact::{Consent, ConsentSource, Contact, Dated, Decision, Purpose};
use domain::{ConsentId, ContactId, OrganizationId, TaskId, TimeZone, Timestamp};

use super::columns::reader;
use super::row::{Reading, Row, RowConsent, Wrong};
use super::{ImportProgress, MAX_ERRORS, MAX_ROWS, read_part};
use crate::contacts::attributes::definitions;
use crate::contacts::manage::get;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{DocPath, Precondition, Version, Write};
use crate::records::{
    Alias, FieldWriter, alias_path, consent_path, contact_path, read_alias, read_contact, row_error_path, row_key,
    write_alias, write_consent, write_contact,
};
use crate::tasks::{Desk, Step, Task, TaskState, Work};

/// How many rows a step takes: five writes each at most, and 400 fit into a commit.
const ROWS: usize = 50;
/// A row has at most so many bytes.
const LONGEST: usize = 256 << 10;

/// Takes in the next rows.
pub(crate) async fn import_step(
    platform: &Platform,
    organization: &OrganizationId,
    task: &Task,
    work: &ImportProgress,
    desk: &mut Desk,
) -> Result<Step, JobError> {
    let mut work = work.clone();
    let records = match next_rows(platform, &mut work, desk).await? {
        Ok(records) => records,
        Err(reason) => return Ok(Step::failed(task, reason)),
    };
    if work.rows >= MAX_ROWS && !records.is_empty() {
        return Ok(Step::failed(task, "too_many_rows"));
    }
    let (known, owner) =
        futures::try_join!(definitions(platform, organization), crate::organization::get(platform, organization))?;
    let zone = owner.map_or_else(TimeZone::default, |owner| owner.value.time_zone);
    let now = platform.clock.now();
    let mut rows = Vec::new();
    let mut writes = Vec::new();
    let reading = Reading { work: &work, definitions: &known, zone: &zone, now };
    let read: Vec<_> = records.iter().map(|record| reading.row(record)).collect();
    for row in read {
        work.rows += 1;
        match row {
            Ok(row) => rows.push(row),
            Err(wrong) => {
                work.failed += 1;
                if work.failed <= MAX_ERRORS {
                    writes.push(note(platform, organization, &task.id, work.rows, wrong));
                }
            }
        }
    }
    let mut people = People::find(platform, organization, &rows).await?;
    for row in &rows {
        people.take_in(&mut work, row, &task.id, now);
    }
    writes.extend(people.writes(now));
    let state = if work.offset >= work.total() { TaskState::Completed } else { TaskState::Running };
    Ok(Step { task: Task { work: Work::ContactImport(work), state, ..task.clone() }, writes })
}

/// The next rows of the file, which `work` then has behind it; or why there are none.
async fn next_rows(
    platform: &Platform,
    work: &mut ImportProgress,
    desk: &mut Desk,
) -> Result<Result<Vec<ByteRecord>, &'static str>, JobError> {
    loop {
        let (start, text) = desk.text.get_or_insert((work.offset, Vec::new()));
        if *start > work.offset {
            (*start, *text) = (work.offset, Vec::new());
        }
        let skipped = usize::try_from(work.offset - *start).unwrap_or(usize::MAX).min(text.len());
        let end = *start + text.len() as u64;
        let is_whole = end >= work.total();
        let ahead = &text[skipped..];
        let mut reader = reader(ahead, work.delimiter);
        let mut records = Vec::new();
        let mut record = ByteRecord::new();
        let mut done = 0;
        // Without a buffer's end a reader cannot tell whether a row goes on: the last one counts when the file ends there.
        while records.len() < ROWS && reader.read_byte_record(&mut record).unwrap_or(false) {
            let at = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
            if at >= ahead.len() && !is_whole {
                break;
            }
            if at - done > LONGEST {
                return Ok(Err("a_row_is_too_long"));
            }
            done = at;
            records.push(std::mem::take(&mut record));
        }
        if records.is_empty() && !is_whole {
            if ahead.len() > LONGEST {
                return Ok(Err("a_row_is_too_long"));
            }
            load(platform, work, desk).await?;
            continue;
        }
        work.offset += if records.is_empty() { ahead.len() as u64 } else { done as u64 };
        return Ok(Ok(records));
    }
}

/// Puts the next part of the file on the desk, and takes off it what is done.
async fn load(platform: &Platform, work: &ImportProgress, desk: &mut Desk) -> Result<(), JobError> {
    let (start, mut text) = desk.text.take().unwrap_or((work.offset, Vec::new()));
    let skipped = usize::try_from(work.offset.saturating_sub(start)).unwrap_or(usize::MAX).min(text.len());
    text.drain(..skipped);
    let end = work.offset + text.len() as u64;
    let mut before = 0;
    for part in work.parts.values() {
        if before + part.size > end {
            let bytes = read_part(platform, part).await?;
            let from = usize::try_from(end - before).unwrap_or(usize::MAX).min(bytes.len());
            text.extend_from_slice(&bytes[from..]);
            break;
        }
        before += part.size;
    }
    desk.text = Some((work.offset, text));
    Ok(())
}

/// Writes down that a row could not be taken. What stood in it is not repeated: it may be personal.
fn note(platform: &Platform, organization: &OrganizationId, task: &TaskId, row: u64, wrong: Wrong) -> Write {
    let path = row_error_path(organization, task, row);
    let int = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let fields = FieldWriter::new(platform, path.as_str())
        .put("sort", row_key(row))
        .put("row", int(row))
        .put("column", wrong.column.map(int))
        .put("code", wrong.code)
        .done();
    Write::Set { path, fields, precondition: Precondition::None }
}

/// Somebody whom rows of a step speak of.
struct Somebody {
    before: Option<(Contact, Version)>,
    after: Contact,
    /// Their number's alias, where it does not lead to them yet.
    alias: Option<(DocPath, Precondition)>,
    /// A row of this step has made them.
    is_made: bool,
    consents: Vec<Consent>,
}

impl Somebody {
    fn known(contact: Contact, version: Version) -> Self {
        let after = contact.clone();
        Self { before: Some((contact, version)), after, alias: None, is_made: false, consents: Vec::new() }
    }

    fn new(contact: Contact, alias: DocPath, precondition: Precondition) -> Self {
        let alias = Some((alias, precondition));
        Self { before: None, after: contact, alias, is_made: false, consents: Vec::new() }
    }
}

/// Everybody whom the rows of a step speak of.
struct People<'a> {
    platform: &'a Platform,
    organization: &'a OrganizationId,
    /// By the key of their number's alias.
    by_alias: BTreeMap<String, ContactId>,
    by_id: BTreeMap<ContactId, Somebody>,
}

impl<'a> People<'a> {
    async fn find(platform: &'a Platform, organization: &'a OrganizationId, rows: &[Row]) -> Result<Self, JobError> {
        let mut phones: BTreeMap<String, &Row> = BTreeMap::new();
        for row in rows {
            phones.entry(Alias::of_phone(platform, organization, &row.phone).key).or_insert(row);
        }
        let paths: Vec<DocPath> =
            phones.keys().map(|key| alias_path(organization, &Alias { key: key.clone() })).collect();
        let aliases = if paths.is_empty() { Vec::new() } else { platform.documents.get_many(&paths).await? };
        let holders: Vec<Option<ContactId>> = aliases
            .iter()
            .map(|alias| alias.as_ref().map(|alias| read_alias(platform, alias)).transpose())
            .collect::<Result<_, _>>()?;
        let mut wanted: Vec<DocPath> = holders.iter().flatten().map(|id| contact_path(organization, id)).collect();
        wanted.sort();
        wanted.dedup();
        let found = if wanted.is_empty() { Vec::new() } else { platform.documents.get_many(&wanted).await? };
        let mut contacts = BTreeMap::new();
        for document in found.into_iter().flatten() {
            let contact = read_contact(platform, &document)?;
            contacts.insert(contact.id.clone(), (contact, document.version));
        }
        let mut people = Self { platform, organization, by_alias: BTreeMap::new(), by_id: BTreeMap::new() };
        for (((key, row), alias), holder) in phones.into_iter().zip(aliases).zip(holders) {
            let holder = match holder.and_then(|id| contacts.get(&id).cloned()) {
                Some((contact, _)) if contact.merged_into.is_some() => get(platform, organization, &contact.id).await?,
                known => known,
            };
            let precondition = alias.map_or(Precondition::MustNotExist, |alias| Precondition::Unchanged(alias.version));
            people.add(key, row, holder, precondition);
        }
        Ok(people)
    }

    fn add(&mut self, key: String, row: &Row, holder: Option<(Contact, Version)>, precondition: Precondition) {
        let somebody = match holder {
            Some((contact, version)) if contact.phone().as_ref() == Some(&row.phone) => {
                Somebody::known(contact, version)
            }
            // Nobody has the number, or whoever had it gave it up.
            former => {
                let former = former.as_ref().map_or("", |(contact, _)| contact.id.as_str());
                let parts = [self.organization.as_str(), key.as_str(), former];
                let id = ContactId::derived(&self.platform.id_key, &parts);
                let mut contact = Contact::begin(id, self.platform.clock.now());
                // Whatever Meta says about the number is newer.
                contact.wa_id = Some(Dated { at: Timestamp::default(), value: row.phone.digits().to_owned() });
                Somebody::new(contact, alias_path(self.organization, &Alias { key: key.clone() }), precondition)
            }
        };
        self.by_alias.insert(key, somebody.after.id.clone());
        self.by_id.entry(somebody.after.id.clone()).or_insert(somebody);
    }

    /// Takes in what a row says, and counts it.
    fn take_in(&mut self, work: &mut ImportProgress, row: &Row, task: &TaskId, now: Timestamp) {
        let key = Alias::of_phone(self.platform, self.organization, &row.phone).key;
        let Some(somebody) = self.by_alias.get(&key).and_then(|id| self.by_id.get_mut(id)) else { return };
        // Another row of this step may have made them already.
        let is_new = somebody.before.is_none() && !somebody.is_made;
        if row.consent == RowConsent::WithoutEvidence {
            work.without_evidence += 1;
        }
        if !is_new && work.options.only_new {
            work.unchanged += 1;
            return;
        }
        let before = somebody.after.clone();
        let contact = &mut somebody.after;
        if let Some(name) = &row.name {
            contact.given_name = Some(name.clone());
        }
        if let Some(language) = &row.language {
            contact.language = Some(language.clone());
        }
        for tag in &row.tags {
            // Fifty are enough; one more must not cost the contact.
            let _ = contact.tags.add(tag.clone());
        }
        for (key, value) in &row.attributes {
            contact.attributes.set(key.clone(), Some(value.clone()));
        }
        if let RowConsent::Given { place, evidence, at, basis } = &row.consent {
            let parts = [self.organization.as_str(), contact.id.as_str(), "import", &at.to_string(), place, evidence];
            let consent = Consent {
                id: ConsentId::derived(&self.platform.id_key, &parts),
                contact: contact.id.clone(),
                purpose: Purpose::Marketing,
                granted: true,
                at: *at,
                source: ConsentSource::Import,
                place: Some(place.clone()),
                evidence: Some(evidence.clone()),
                basis: Some(*basis),
                recorded_by: Some(task.to_string()),
                recorded_at: now,
            };
            // What is known to be as new says the same or knows better. No file undoes a stop: that takes a later word.
            if contact.consents.on(Purpose::Marketing).is_none_or(|known| known.at < *at) {
                let decision = Decision { granted: true, at: *at, consent: consent.id.clone() };
                contact.consents.decide(Purpose::Marketing, decision);
                somebody.consents.push(consent);
                work.consents += 1;
            }
        }
        if is_new {
            somebody.is_made = true;
            work.created += 1;
        } else if somebody.after == before {
            work.unchanged += 1;
        } else {
            work.updated += 1;
        }
    }

    fn writes(self, now: Timestamp) -> Vec<Write> {
        let (platform, organization) = (self.platform, self.organization);
        let mut writes = Vec::new();
        for somebody in self.by_id.into_values() {
            let Somebody { before, mut after, alias, consents, .. } = somebody;
            if before.as_ref().is_some_and(|(before, _)| *before == after) {
                continue;
            }
            after.changed_at = after.changed_at.max(now);
            if let Some((path, precondition)) = alias {
                writes.push(Write::Set { fields: write_alias(platform, &path, &after.id), path, precondition });
            }
            writes.push(Write::Set {
                path: contact_path(organization, &after.id),
                fields: write_contact(platform, organization, &after),
                precondition: before
                    .map_or(Precondition::MustNotExist, |(_, version)| Precondition::Unchanged(version)),
            });
            for consent in consents {
                let path = consent_path(organization, &consent.id);
                let fields = write_consent(platform, &path, &consent);
                writes.push(Write::Set { path, fields, precondition: Precondition::None });
            }
        }
        writes
    }
}
