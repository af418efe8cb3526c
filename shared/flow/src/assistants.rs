//! Assistants, as an organization's people manage them. What is edited is a draft; publishing makes it the next version,
//! which never changes, and puts that in charge in the same commit. A reply is always the published version's. Every change
//! stands in the audit log.

use domain::assistant::{Assistant, AssistantSettings, AssistantTexts, HandOffRule};
use domain::feed::Change;
use domain::locale::Language;
use domain::{AssistantId, OrganizationId};

use crate::access::Versioned;
use crate::audit::{self, Actor};
use crate::browse::{Cursor, Page, page};
use crate::feed::Entries;
use crate::job::JobError;
use crate::manage::{ManageError, as_expected, valid};
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{
    AssistantVersion, ManagedAssistant, PublishedVersion, Tallied, assistant_path, queries, read_assistant,
    read_number, read_version, version_path, write_assistant, write_version,
};
use crate::routing::names_assistant;
use crate::tally::Tally;

/// An organization has at most so many assistants.
pub const MAX_ASSISTANTS: u32 = 50;

/// So many versions of an assistant are kept: with the next one the oldest goes.
pub const KEPT_VERSIONS: u32 = 100;

/// What to change of an assistant's draft; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct AssistantChange {
    /// What it calls itself.
    pub name: Option<String>,
    /// How it shall speak and what it shall do.
    pub instructions: Option<String>,
    /// The model that it asks.
    pub model: Option<String>,
    /// The language of its own texts.
    pub language: Option<Language>,
    /// Its fixed texts.
    pub texts: Option<AssistantTexts>,
    /// When it hands over by itself.
    pub hand_off: Option<HandOffRule>,
    /// Whether it is archived, of the draft and of the published version.
    pub is_archived: Option<bool>,
}

/// An assistant that answers.
#[derive(Debug)]
pub struct InCharge {
    /// The number of its published version.
    pub version: u32,
    /// That version.
    pub assistant: Assistant,
    /// A write that changes nothing of it, for a commit that depends on it: what is removed or archived meanwhile lets that
    /// commit fail.
    pub still: Write,
}

/// An organization's assistants, archived ones included, the newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<ManagedAssistant>, JobError> {
    let query = queries::assistants_newest_first(organization, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_assistant(platform, document)).await
}

/// One of them; `None`: the organization has no such assistant.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &AssistantId,
) -> Result<Option<Versioned<ManagedAssistant>>, JobError> {
    let Some(document) = platform.documents.get(&assistant_path(organization, id)).await? else { return Ok(None) };
    Ok(Some(Versioned { value: read_assistant(platform, &document)?, version: document.version }))
}

/// The versions of an assistant that are kept, the newest first; `None`: the organization has no such assistant. `limit` is
/// 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn versions(
    platform: &Platform,
    organization: &OrganizationId,
    id: &AssistantId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Option<Page<AssistantVersion>>, JobError> {
    if get(platform, organization, id).await?.is_none() {
        return Ok(None);
    }
    let query = queries::versions_newest_first(organization, id, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_version(platform, document)).await.map(Some)
}

/// The published version of an assistant, for what shall answer with it: a number, a rule. `None`: the organization has no
/// such assistant, or it was never published, or is archived.
///
/// # Errors
/// [`JobError`].
pub async fn published(
    platform: &Platform,
    organization: &OrganizationId,
    id: &AssistantId,
) -> Result<Option<InCharge>, JobError> {
    let Some(Versioned { value, version: state }) = get(platform, organization, id).await? else { return Ok(None) };
    let Some((version, assistant)) = value.in_charge() else { return Ok(None) };
    Ok(Some(InCharge { version, assistant, still: set(platform, organization, &value, state) }))
}

/// Makes an assistant. It answers nobody before it is published.
///
/// # Errors
/// [`ManageError`].
pub async fn create(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    draft: AssistantSettings,
) -> Result<ManagedAssistant, ManageError> {
    valid(draft.check())?;
    let id = AssistantId::from_bits(platform.entropy.bits());
    for _ in 0..TRIES {
        if let Some(made) = get(platform, organization, &id).await? {
            // An earlier request with the same `Idempotency-Key` has made it.
            return Ok(made.value);
        }
        let tally = Tally::read(platform, organization, Tallied::Assistants).await?;
        if tally.count.things >= MAX_ASSISTANTS {
            return Err(ManageError::Full("at most 50 assistants in an organization"));
        }
        let created_at = platform.clock.now();
        let made =
            ManagedAssistant { id: id.clone(), draft: draft.clone(), published: None, archived_at: None, created_at };
        let writes = vec![
            Write::Set {
                path: assistant_path(organization, &id),
                fields: write_assistant(platform, organization, &made),
                precondition: Precondition::MustNotExist,
            },
            tally.with(0).write(platform, organization),
            audit::entry(platform, organization, actor, "assistant.created", Some(id.as_str()), &[]),
        ];
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(made),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Changes the draft of an assistant, or archives it. With `expected` only as it was read in that state.
///
/// # Errors
/// [`ManageError`].
pub async fn change(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &AssistantId,
    expected: Option<&Version>,
    change: AssistantChange,
) -> Result<ManagedAssistant, ManageError> {
    for _ in 0..TRIES {
        let Versioned { value: before, version } =
            get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        as_expected(expected, &version)?;
        let after = apply(platform, &before, change.clone());
        valid(after.draft.check())?;
        if after == before {
            return Ok(after);
        }
        let changed = changed(&before, &after);
        let writes = vec![
            set(platform, organization, &after, version),
            audit::entry(platform, organization, actor, "assistant.changed", Some(id.as_str()), &changed),
        ];
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(after),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Makes the draft of an assistant its next version, which answers from now on. What is published as it is drafted stays.
///
/// # Errors
/// [`ManageError`].
pub async fn publish(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &AssistantId,
) -> Result<ManagedAssistant, ManageError> {
    for _ in 0..TRIES {
        let found = get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        let draft = found.value.draft.clone();
        if found.value.published.as_ref().is_some_and(|published| published.settings == draft) {
            return Ok(found.value);
        }
        if let Some(published) = put_in_charge(platform, organization, actor, found, draft, None).await? {
            return Ok(published);
        }
    }
    Err(StoreError::Conflict.into())
}

/// Lets an earlier version of an assistant answer again: as a new version that repeats it. The draft stays as it is.
///
/// # Errors
/// [`ManageError`]; of `/version`, when there is no such version any more.
pub async fn roll_back(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &AssistantId,
    number: u32,
) -> Result<ManagedAssistant, ManageError> {
    for _ in 0..TRIES {
        let found = get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        let Some(document) = platform.documents.get(&version_path(organization, id, number)).await? else {
            return Err(ManageError::wrong("/version", "must be the number of a version that is kept"));
        };
        let earlier = read_version(platform, &document)?.settings;
        if found.value.published.as_ref().is_some_and(|published| published.settings == earlier) {
            return Ok(found.value);
        }
        if let Some(published) = put_in_charge(platform, organization, actor, found, earlier, Some(number)).await? {
            return Ok(published);
        }
    }
    Err(StoreError::Conflict.into())
}

/// Removes an assistant and its versions.
///
/// # Errors
/// [`ManageError`]; [`ManageError::InUse`] while a number or a rule answers with it or a knowledge text names it.
pub async fn delete(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &AssistantId,
) -> Result<(), ManageError> {
    for _ in 0..TRIES {
        // Read first: what comes to use it meanwhile writes it as well.
        let Versioned { value: _, version } = get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        not_in_use(platform, organization, id).await?;
        let kept = queries::versions_newest_first(organization, id, None, KEPT_VERSIONS + 1);
        let kept = platform.documents.query(&kept).await?;
        let tally = Tally::read(platform, organization, Tallied::Assistants).await?;
        let gone = |path, precondition| Write::Delete { path, precondition };
        let mut writes = vec![
            gone(assistant_path(organization, id), Precondition::Unchanged(version)),
            tally.without(0).write(platform, organization),
            audit::entry(platform, organization, actor, "assistant.deleted", Some(id.as_str()), &[]),
        ];
        writes.extend(kept.into_iter().map(|document| gone(document.path, Precondition::None)));
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

async fn not_in_use(platform: &Platform, organization: &OrganizationId, id: &AssistantId) -> Result<(), ManageError> {
    for document in platform.documents.query(&queries::numbers_of(organization)).await? {
        let (number, _) = read_number(platform, &document)?;
        if number.assistant.as_ref() == Some(id) {
            return Err(ManageError::InUse(format!("the number {} answers with it", number.id.as_str())));
        }
    }
    if let Some(rule) = names_assistant(platform, organization, id).await? {
        return Err(ManageError::InUse(format!("the routing rule {rule} lets it answer")));
    }
    let naming = platform.documents.query(&queries::knowledge_naming(organization, id, 1)).await?;
    match naming.first() {
        Some(text) => Err(ManageError::InUse(format!("the knowledge text {} names it", text.path.id()))),
        None => Ok(()),
    }
}

/// The commit that makes these settings the next version of an assistant. `None`: it was changed meanwhile.
pub(crate) async fn put_in_charge(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    found: Versioned<ManagedAssistant>,
    settings: AssistantSettings,
    repeats: Option<u32>,
) -> Result<Option<ManagedAssistant>, ManageError> {
    valid(settings.check())?;
    let Versioned { value: mut assistant, version: state } = found;
    let last = assistant.published.as_ref().map(|published| published.at);
    let mut entries = Entries::after(platform, organization, last);
    let version = AssistantVersion {
        number: assistant.published.as_ref().map_or(1, |published| published.number + 1),
        at: entries.changed_at(),
        by: actor.who.clone(),
        repeats,
        settings,
    };
    let id = assistant.id.clone();
    let PublishedVersion { number, .. } = assistant
        .published
        .insert(PublishedVersion { number: version.number, at: version.at, settings: version.settings.clone() })
        .clone();
    entries.add(
        &[id.as_str(), &number.to_string()],
        Change::AssistantPublished { assistant_id: id.clone(), version: number },
    );
    let (number_text, repeats_text) = (number.to_string(), repeats.map(|repeats| repeats.to_string()));
    let details: Vec<(&str, &str)> = std::iter::once(("version", number_text.as_str()))
        .chain(repeats_text.as_deref().map(|repeats| ("repeats", repeats)))
        .collect();
    let mut writes = vec![
        set(platform, organization, &assistant, state),
        new_version(platform, organization, &id, &version),
        audit::entry(platform, organization, actor, "assistant.published", Some(id.as_str()), &details),
    ];
    if let Some(oldest) = number.checked_sub(KEPT_VERSIONS).filter(|oldest| *oldest > 0) {
        let path = version_path(organization, &id, oldest);
        writes.push(Write::Delete { path, precondition: Precondition::None });
    }
    match entries.commit(writes).await {
        Ok(()) => Ok(Some(assistant)),
        Err(StoreError::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The write of a version that there was not yet.
pub(crate) fn new_version(
    platform: &Platform,
    organization: &OrganizationId,
    id: &AssistantId,
    version: &AssistantVersion,
) -> Write {
    let path = version_path(organization, id, version.number);
    let fields = write_version(platform, &path, id, version);
    Write::Set { path, fields, precondition: Precondition::MustNotExist }
}

/// The write of an assistant on condition that it is as it was read.
fn set(platform: &Platform, organization: &OrganizationId, assistant: &ManagedAssistant, version: Version) -> Write {
    Write::Set {
        path: assistant_path(organization, &assistant.id),
        fields: write_assistant(platform, organization, assistant),
        precondition: Precondition::Unchanged(version),
    }
}

fn apply(platform: &Platform, before: &ManagedAssistant, change: AssistantChange) -> ManagedAssistant {
    let AssistantChange { name, instructions, model, language, texts, hand_off, is_archived } = change;
    let draft = before.draft.clone();
    let archived_at = match is_archived {
        Some(true) => before.archived_at.or_else(|| Some(platform.clock.now())),
        Some(false) => None,
        None => before.archived_at,
    };
    let draft = AssistantSettings {
        name: name.unwrap_or(draft.name),
        instructions: instructions.unwrap_or(draft.instructions),
        model: model.unwrap_or(draft.model),
        language: language.unwrap_or(draft.language),
        texts: texts.unwrap_or(draft.texts),
        hand_off: hand_off.unwrap_or(draft.hand_off),
    };
    ManagedAssistant { draft, archived_at, ..before.clone() }
}

/// What was changed, for the audit log.
fn changed(before: &ManagedAssistant, after: &ManagedAssistant) -> Vec<(&'static str, &'static str)> {
    let (was, is) = (&before.draft, &after.draft);
    let drafted = [
        ("name", was.name == is.name),
        ("instructions", was.instructions == is.instructions),
        ("model", was.model == is.model),
        ("language", was.language == is.language),
        ("texts", was.texts == is.texts),
        ("hand_off", was.hand_off == is.hand_off),
    ];
    let mut changed: Vec<_> =
        drafted.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| (name, "changed")).collect();
    match (before.archived_at, after.archived_at) {
        (None, Some(_)) => changed.push(("archived", "yes")),
        (Some(_), None) => changed.push(("archived", "no")),
        (None, None) | (Some(_), Some(_)) => {}
    }
    changed
}
