//! Contacts into a file, which an import reads again.

use std::collections::{BTreeMap, BTreeSet};

use domain::contact::{AttributeKey, Consent, Contact, LegalBasis, Purpose, Tag};
use domain::segment::Condition;
use domain::{ConsentId, OrganizationId, Span, TaskId};
use serde::{Deserialize, Serialize};

use super::attributes::definitions;
use super::formula::defused;
use super::open_blob;
use super::segments::check;
use crate::audit::{self, Actor};
use crate::job::JobError;
use crate::keyed::sort_of;
use crate::manage::ManageError;
use crate::platform::Platform;
use crate::ports::Precondition;
use crate::records::{consent_path, queries, read_consent, read_contact};
use crate::tasks::{self, Desk, Step, Task, TaskState, Work};
use crate::wake::wake_task;

/// A part is done when it has so many bytes, well below what fits through Lambda.
const PART: usize = 2 << 20;
/// A step looks at so many pages of contacts at most.
const PAGES: usize = 5;
/// How many contacts a page has.
const PAGE: u32 = 1_000;
/// So many parts are remembered whose steps broke off; of more the oldest is deleted at once.
const BEGUN: usize = 20;
/// An export, with its file, is kept for so long.
const KEPT: Span = Span::from_days(7);

/// How far an export is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportProgress {
    /// Who is exported; `None`: everybody.
    pub condition: Option<Condition>,
    /// The attributes, one column each.
    pub attributes: Vec<AttributeKey>,
    /// How many contacts there were when it began.
    pub total: u64,
    /// How many were looked at.
    pub looked_at: u64,
    /// How many of them are in the file.
    pub rows: u64,
    /// Where the parts of the file are in the blob store.
    pub parts: Vec<String>,
    /// Where parts are, or may come to be, that are not in the file: each is noted before it is written, so that none is
    /// forgotten whose step broke off.
    #[serde(default)]
    pub begun: Vec<String>,
    /// It goes on after the contact with this key.
    pub after: Option<String>,
}

impl ExportProgress {
    /// Everything that it may have in the blob store.
    pub fn blobs(&self) -> impl Iterator<Item = &String> {
        self.parts.iter().chain(&self.begun)
    }
}

/// Starts to write contacts into a file: those who meet the condition, or all.
///
/// # Errors
/// [`ManageError`].
pub async fn start_export(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    condition: Option<Condition>,
) -> Result<Task, ManageError> {
    let id = TaskId::from_bits(platform.entropy.bits());
    if let Some((made, _)) = tasks::get(platform, organization, &id).await? {
        wake_task(platform, organization, &id).await?;
        return Ok(made);
    }
    let condition = match condition {
        Some(condition) => Some(check(platform, organization, &condition).await?),
        None => None,
    };
    let known = definitions(platform, organization).await?;
    let attributes = known.into_values().filter(|known| !known.retired).map(|known| known.key).collect();
    let total = platform.documents.count(&queries::contacts_newest_first(organization, None, None, 1)).await?;
    let now = platform.clock.now();
    let work = ExportProgress {
        condition,
        attributes,
        total,
        looked_at: 0,
        rows: 0,
        parts: Vec::new(),
        begun: Vec::new(),
        after: None,
    };
    let mut task = Task {
        id,
        work: Work::ContactExport(work),
        state: TaskState::Running,
        failure: None,
        created_by: actor.who.id().map(ToOwned::to_owned),
        created_at: now,
        finished_at: None,
        due_at: Some(now),
        expires_at: now + KEPT,
    };
    let audit = audit::entry(platform, organization, actor, "contacts.export_started", Some(task.id.as_str()), &[]);
    tasks::put(platform, organization, &mut task, Precondition::MustNotExist, vec![audit]).await?;
    wake_task(platform, organization, &task.id).await?;
    Ok(task)
}

/// A part of the file, from 1 on; the parts after each other are the file. `None`: there is no such part, or not yet.
///
/// # Errors
/// [`JobError`].
pub async fn export_part(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TaskId,
    part: u32,
) -> Result<Option<Vec<u8>>, JobError> {
    let Some((Task { work: Work::ContactExport(work), .. }, _)) = tasks::get(platform, organization, id).await? else {
        return Ok(None);
    };
    let blob = usize::try_from(part).ok().and_then(|part| part.checked_sub(1)).and_then(|n| work.parts.get(n));
    match blob {
        Some(blob) => open_blob(platform, blob).await,
        None => Ok(None),
    }
}

/// Writes the next part, in two steps: where it will be is noted, and then it is written.
pub(crate) async fn export_step(
    platform: &Platform,
    organization: &OrganizationId,
    task: &Task,
    work: &ExportProgress,
    desk: &mut Desk,
) -> Result<Step, JobError> {
    let mut work = work.clone();
    let Some(blob) = desk.blob.take().filter(|blob| work.begun.contains(blob)) else {
        // A name of its own: a step that is broken off, or does not win, leaves the part of the one that does alone.
        let blob = format!("exports/{}/{}", task.id, platform.nonce());
        if work.begun.len() >= BEGUN {
            platform.blobs.delete(&work.begun.remove(0)).await?;
        }
        work.begun.push(blob.clone());
        desk.blob = Some(blob);
        return Ok(Step { task: Task { work: Work::ContactExport(work), ..task.clone() }, writes: Vec::new() });
    };
    let mut file = csv::WriterBuilder::new().from_writer(Vec::new());
    if work.parts.is_empty() {
        write(&mut file, heading(&work.attributes))?;
    }
    let mut is_done = false;
    'pages: for _ in 0..PAGES {
        let query = queries::contacts_newest_first(organization, None, work.after.as_deref(), PAGE);
        let documents = platform.documents.query(&query).await?;
        let contacts: Vec<Contact> =
            documents.iter().map(|document| read_contact(platform, document)).collect::<Result<_, _>>()?;
        let is_meant = |contact: &&Contact| work.condition.as_ref().is_none_or(|wanted| wanted.is_met_by(contact));
        let ids: BTreeSet<&ConsentId> = contacts
            .iter()
            .filter(is_meant)
            .filter_map(|contact| contact.consents.on(Purpose::Marketing))
            .filter(|decision| decision.granted)
            .map(|decision| &decision.consent)
            .collect();
        let consents = read_consents(platform, organization, ids).await?;
        for (document, contact) in documents.iter().zip(&contacts) {
            work.looked_at += 1;
            work.after = sort_of(document);
            if work.condition.as_ref().is_none_or(|wanted| wanted.is_met_by(contact)) {
                work.rows += 1;
                write(&mut file, row(contact, &work.attributes, &consents))?;
            }
            file.flush().map_err(|error| JobError::Fail(error.into()))?;
            if file.get_ref().len() >= PART {
                break 'pages;
            }
        }
        if documents.len() < PAGE as usize {
            is_done = true;
            break;
        }
    }
    let bytes = file.into_inner().map_err(|error| JobError::Fail(error.into_error().into()))?;
    if !bytes.is_empty() {
        let sealed = platform.sealer.seal(platform.entropy.as_ref(), &blob, &bytes);
        platform.blobs.put(&blob, sealed.into_bytes()).await?;
        work.begun.retain(|begun| *begun != blob);
        work.parts.push(blob);
    }
    let state = if is_done { TaskState::Completed } else { TaskState::Running };
    Ok(Step { task: Task { work: Work::ContactExport(work), state, ..task.clone() }, writes: Vec::new() })
}

fn write(file: &mut csv::Writer<Vec<u8>>, row: Vec<String>) -> Result<(), JobError> {
    file.write_record(row).map_err(|error| JobError::Fail(error.into()))
}

async fn read_consents(
    platform: &Platform,
    organization: &OrganizationId,
    ids: BTreeSet<&ConsentId>,
) -> Result<BTreeMap<ConsentId, Consent>, JobError> {
    let paths: Vec<_> = ids.into_iter().map(|id| consent_path(organization, id)).collect();
    let mut all = BTreeMap::new();
    for paths in paths.chunks(300) {
        for document in platform.documents.get_many(paths).await?.into_iter().flatten() {
            let consent = read_consent(platform, &document)?;
            all.insert(consent.id.clone(), consent);
        }
    }
    Ok(all)
}

/// The heading: names that an import knows.
fn heading(attributes: &[AttributeKey]) -> Vec<String> {
    let fixed = [
        "id",
        "phone",
        "name",
        "whatsapp_name",
        "username",
        "language",
        "tags",
        "blocked",
        "takes_marketing",
        "marketing_consent_place",
        "marketing_consent_evidence",
        "marketing_consent_at",
        "marketing_consent_basis",
        "created_at",
    ];
    let attributes = attributes.iter().map(AttributeKey::as_str);
    fixed.into_iter().chain(attributes).map(ToOwned::to_owned).collect()
}

fn row(contact: &Contact, attributes: &[AttributeKey], consents: &BTreeMap<ConsentId, Consent>) -> Vec<String> {
    let said = |dated: &Option<domain::contact::Dated<String>>| {
        dated.as_ref().map(|dated| defused(&dated.value)).unwrap_or_default()
    };
    let consent = contact.consents.on(Purpose::Marketing).and_then(|decision| consents.get(&decision.consent));
    let text = |text: Option<&String>| text.map(|text| defused(text)).unwrap_or_default();
    let tags: Vec<&str> = contact.tags.iter().map(Tag::as_str).collect();
    let fixed = [
        contact.id.to_string(),
        // A number is no formula to a spreadsheet, and the plus says that the country code is there.
        contact.phone().map(|phone| phone.e164()).unwrap_or_default(),
        contact.given_name.as_ref().map(|name| defused(name.as_str())).unwrap_or_default(),
        said(&contact.name),
        said(&contact.username),
        contact.language.as_ref().map(|language| language.as_str().to_owned()).unwrap_or_default(),
        defused(&tags.join(";")),
        contact.blocked_at.is_some().to_string(),
        contact.takes_marketing().to_string(),
        text(consent.and_then(|consent| consent.place.as_ref())),
        text(consent.and_then(|consent| consent.evidence.as_ref())),
        consent.map(|consent| consent.at.to_string()).unwrap_or_default(),
        consent.and_then(|consent| consent.basis).map(LegalBasis::as_str).unwrap_or_default().to_owned(),
        contact.created_at.to_string(),
    ];
    let attributes = attributes.iter().map(|key| {
        let value = contact.attributes.get(key);
        value.map(|value| defused(&value.to_text())).unwrap_or_default()
    });
    fixed.into_iter().chain(attributes).collect()
}
