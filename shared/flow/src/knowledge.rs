//! The texts that an organization's assistants answer from, as its people manage them. Every answer is given from the texts
//! as they are at that moment. Every change stands in the audit log.

use domain::wording::{Wording, WrongField};
use domain::{AssistantId, KnowledgeId, OrganizationId};

use crate::access::Versioned;
use crate::audit::{self, Actor};
use crate::browse::{Cursor, Page, page};
use crate::job::JobError;
use crate::manage::{ManageError, as_expected, valid};
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{
    KnowledgeText, Readers, Tallied, assistant_path, knowledge_path, queries, read_assistant, read_knowledge,
    write_assistant, write_knowledge,
};
use crate::tally::Tally;

/// The title of a text.
const TITLE: Wording = Wording::line(200);

/// The text.
const TEXT: Wording = Wording::lines(10_000);

/// So many assistants a text names at most.
const NAMED: usize = 20;

/// All texts of an organization have so many characters at most: every answer reads them all.
const ALL_TEXTS: u32 = 1_000_000;

/// A text to write.
#[derive(Debug, Clone)]
pub struct NewText {
    /// What it is about.
    pub title: String,
    /// The text.
    pub text: String,
    /// Whether anything is answered from it.
    pub is_enabled: bool,
    /// Who answers from it.
    pub readers: Readers,
}

/// What to change of a text; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct TextChange {
    /// What it is about.
    pub title: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// Whether anything is answered from it.
    pub is_enabled: Option<bool>,
    /// Who answers from it.
    pub readers: Option<Readers>,
}

/// An organization's texts, the newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<KnowledgeText>, JobError> {
    let query = queries::knowledge_newest_first(organization, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_knowledge(platform, document)).await
}

/// One of them; `None`: the organization has no such text.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &KnowledgeId,
) -> Result<Option<Versioned<KnowledgeText>>, JobError> {
    let Some(document) = platform.documents.get(&knowledge_path(organization, id)).await? else { return Ok(None) };
    Ok(Some(Versioned { value: read_knowledge(platform, &document)?, version: document.version }))
}

/// Writes a text. It counts from the next answer on.
///
/// # Errors
/// [`ManageError`].
pub async fn create(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    new: NewText,
) -> Result<KnowledgeText, ManageError> {
    let id = KnowledgeId::from_bits(platform.entropy.bits());
    let NewText { title, text, is_enabled, readers } = new;
    let readers = once_each(readers);
    let made = KnowledgeText { id, title, text, is_enabled, readers, created_at: platform.clock.now() };
    valid(check(&made))?;
    for _ in 0..TRIES {
        if let Some(made) = get(platform, organization, &made.id).await? {
            // An earlier request with the same `Idempotency-Key` has made it.
            return Ok(made.value);
        }
        let owner = crate::organization::get(platform, organization).await?.ok_or(ManageError::NotFound)?;
        let most = owner.value.plan.limits().knowledge_texts;
        let tally = Tally::read(platform, organization, Tallied::Knowledge).await?;
        if tally.count.things >= most {
            return Err(ManageError::PlanLimit(most));
        }
        let tally = within(tally.with(length(&made)))?;
        let mut writes = named(platform, organization, &made.readers).await?;
        writes.extend([
            Write::Set {
                path: knowledge_path(organization, &made.id),
                fields: write_knowledge(platform, organization, &made),
                precondition: Precondition::MustNotExist,
            },
            tally.write(platform, organization),
            audit::entry(platform, organization, actor, "knowledge.created", Some(made.id.as_str()), &[]),
        ]);
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(made),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Changes a text. With `expected` only as it was read in that state.
///
/// # Errors
/// [`ManageError`].
pub async fn change(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &KnowledgeId,
    expected: Option<&Version>,
    change: TextChange,
) -> Result<KnowledgeText, ManageError> {
    for _ in 0..TRIES {
        let Versioned { value: before, version } =
            get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        as_expected(expected, &version)?;
        let TextChange { title, text, is_enabled, readers } = change.clone();
        let after = KnowledgeText {
            id: id.clone(),
            title: title.unwrap_or_else(|| before.title.clone()),
            text: text.unwrap_or_else(|| before.text.clone()),
            is_enabled: is_enabled.unwrap_or(before.is_enabled),
            readers: readers.map_or_else(|| before.readers.clone(), once_each),
            created_at: before.created_at,
        };
        valid(check(&after))?;
        if after == before {
            return Ok(after);
        }
        let changed = changed(&before, &after);
        // Those that it named before stay, even where one of them was removed since.
        let mut writes = match after.readers == before.readers {
            true => Vec::new(),
            false => named(platform, organization, &after.readers).await?,
        };
        if length(&after) != length(&before) {
            let tally = Tally::read(platform, organization, Tallied::Knowledge).await?;
            let tally = tally.changed(length(&before), length(&after));
            let tally = if length(&after) > length(&before) { within(tally)? } else { tally };
            writes.push(tally.write(platform, organization));
        }
        writes.extend([
            Write::Set {
                path: knowledge_path(organization, id),
                fields: write_knowledge(platform, organization, &after),
                precondition: Precondition::Unchanged(version),
            },
            audit::entry(platform, organization, actor, "knowledge.changed", Some(id.as_str()), &changed),
        ]);
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(after),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Removes a text. Nothing is answered from it any more.
///
/// # Errors
/// [`ManageError`].
pub async fn delete(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &KnowledgeId,
) -> Result<(), ManageError> {
    for _ in 0..TRIES {
        let Versioned { value, version } = get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        let tally = Tally::read(platform, organization, Tallied::Knowledge).await?;
        let path = knowledge_path(organization, id);
        let writes = vec![
            Write::Delete { path, precondition: Precondition::Unchanged(version) },
            tally.without(length(&value)).write(platform, organization),
            audit::entry(platform, organization, actor, "knowledge.deleted", Some(id.as_str()), &[]),
        ];
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

fn check(text: &KnowledgeText) -> Vec<WrongField> {
    let mut wrong = Vec::new();
    TITLE.check("/title", &text.title, &mut wrong);
    TEXT.check("/text", &text.text, &mut wrong);
    if let Readers::Named(named) = &text.readers
        && !(1..=NAMED).contains(&named.len())
    {
        let reason = format!("must name 1 to {NAMED} assistants; null, for all of them");
        wrong.push(WrongField::new("/assistants", reason));
    }
    wrong
}

/// All texts together are not too long.
fn within(tally: Tally) -> Result<Tally, ManageError> {
    match tally.count.length > ALL_TEXTS {
        true => Err(ManageError::Full("at most 1,000,000 characters in all knowledge texts of an organization")),
        false => Ok(tally),
    }
}

/// Writes that hold the assistants which a text names: none of them is removed before the text names it.
async fn named(
    platform: &Platform,
    organization: &OrganizationId,
    readers: &Readers,
) -> Result<Vec<Write>, ManageError> {
    let Readers::Named(named) = readers else { return Ok(Vec::new()) };
    let paths: Vec<_> = named.iter().map(|id| assistant_path(organization, id)).collect();
    let found = platform.documents.get_many(&paths).await?;
    let mut writes = Vec::new();
    let mut wrong = Vec::new();
    for (at, document) in found.into_iter().enumerate() {
        match document {
            Some(document) => writes.push(Write::Set {
                fields: write_assistant(platform, organization, &read_assistant(platform, &document)?),
                path: document.path,
                precondition: Precondition::Unchanged(document.version),
            }),
            None => wrong.push(WrongField::new(
                format!("/assistants/{at}"),
                "must be the id of an assistant of the organization",
            )),
        }
    }
    valid(wrong)?;
    Ok(writes)
}

fn once_each(readers: Readers) -> Readers {
    match readers {
        Readers::All => Readers::All,
        Readers::Named(named) => {
            let mut seen: Vec<AssistantId> = Vec::new();
            for id in named {
                if !seen.contains(&id) {
                    seen.push(id);
                }
            }
            Readers::Named(seen)
        }
    }
}

fn length(text: &KnowledgeText) -> usize {
    text.text.chars().count()
}

/// What was changed, for the audit log.
fn changed(before: &KnowledgeText, after: &KnowledgeText) -> Vec<(&'static str, &'static str)> {
    let fields = [
        ("title", before.title == after.title, "changed"),
        ("text", before.text == after.text, "changed"),
        ("enabled", before.is_enabled == after.is_enabled, if after.is_enabled { "yes" } else { "no" }),
        ("assistants", before.readers == after.readers, "changed"),
    ];
    fields.into_iter().filter(|(_, is_same, _)| !is_same).map(|(name, _, how)| (name, how)).collect()
}
