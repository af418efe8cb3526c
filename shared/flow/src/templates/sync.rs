//! The templates of an account as Meta lists them: all pages, to the end.

use std::collections::BTreeSet;

use domain::template::{Listed, Template};
use domain::{OrganizationId, Span, TemplateId, Timestamp};

use super::account::{Ended, accounts, note_sync, sync_by_itself};
use super::write::Writing;
use crate::causes::Causes;
use crate::job::JobError;
use crate::numbers;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Account, Business, BusinessError, Document, Precondition, StoreError, Write};
use crate::records::{
    AccountRecord, ChangeSource, account_facet, account_path, queries, read_account, read_template, template_id,
    template_path, write_account,
};

/// A listing says how things stood so long before it was asked for: what Meta told of later times may not be in it yet,
/// and its clock is not ours.
const MARGIN: Span = Span::from_minutes(1);

/// Meta lets an account have 6,000 templates; a page has 50.
const MOST_PAGES: usize = 200;

/// So many are taken over in one commit, each with its history and its entry of the feed.
const ONE_COMMIT: usize = 50;

/// Between two listings of an account by themselves.
const PERIOD: Span = Span::from_hours(6);

/// Of the period, so much lies at a time of each account's own: they are not all listed at once.
const SPREAD: i64 = 30 * 60;

/// After a failure.
const AGAIN: Span = Span::from_minutes(15);

/// A listing that began is not begun again for so long.
const AT_WORK: Span = Span::from_minutes(10);

/// What a listing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Synced {
    /// Templates that were not known.
    pub added: usize,
    /// Those that are otherwise than they were known.
    pub updated: usize,
    /// Those that Meta does not list any more.
    pub deleted: usize,
    /// Those that could not be read.
    pub unreadable: usize,
    /// It came to its end. Where it did not, nothing was taken for deleted.
    pub complete: bool,
}

/// Why templates could not be listed.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Meta refused, or did not answer.
    #[error(transparent)]
    Meta(#[from] BusinessError),
    /// A store failed.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for SyncError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// Lists the templates of all of an organization's accounts, until this time at the latest, and lets them be listed by
/// themselves from now on: what is not done by then is done soon.
///
/// # Errors
/// [`SyncError`]; what was taken over until then stays.
pub async fn sync_all(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    until: Timestamp,
) -> Result<Synced, SyncError> {
    let mut all = Synced { complete: true, ..Synced::default() };
    for account in accounts(platform, organization).await? {
        sync_by_itself(platform, &account.waba_id).await?;
        let one = sync(platform, business, organization, &account, until).await?;
        all.added += one.added;
        all.updated += one.updated;
        all.deleted += one.deleted;
        all.unreadable += one.unreadable;
        all.complete &= one.complete;
    }
    Ok(all)
}

/// Lists the templates of one account, until this time at the latest, and notes how that ended.
///
/// # Errors
/// [`SyncError`]; what was taken over until then stays.
pub async fn sync(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    account: &Account,
    until: Timestamp,
) -> Result<Synced, SyncError> {
    let began = platform.clock.now();
    let done = listing(platform, business, organization, account, until).await;
    let now = platform.clock.now();
    let (failure, next) = match &done {
        Ok(synced) if synced.complete => (None, now + PERIOD + spread(platform, &account.waba_id)),
        Ok(_) => (Some("incomplete".to_owned()), now + AGAIN),
        Err(SyncError::Meta(BusinessError::Refused(refusal))) => {
            (Some(format!("refused:{}", refusal.code)), now + AGAIN)
        }
        Err(SyncError::Meta(BusinessError::Silent(_))) => (Some("silent".to_owned()), now + AGAIN),
        Err(SyncError::Job(_)) => return done,
    };
    let is_complete = done.as_ref().is_ok_and(|synced| synced.complete);
    note_sync(platform, &account.waba_id, Ended { began, is_complete, failure: failure.as_deref(), next }).await?;
    done
}

fn spread(platform: &Platform, waba_id: &str) -> Span {
    let bits = platform.id_key.derive("template listing", &[waba_id]);
    Span::from_seconds(i64::from(u16::from_be_bytes([bits[0], bits[1]])) % SPREAD)
}

async fn listing(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    account: &Account,
    until: Timestamp,
) -> Result<Synced, SyncError> {
    let at = platform.clock.now() - MARGIN;
    let (mut synced, mut seen, mut cursors) = (Synced::default(), BTreeSet::new(), BTreeSet::new());
    let (mut after, mut names_all) = (None::<String>, true);
    for _ in 0..MOST_PAGES {
        if platform.clock.now() >= until {
            return Ok(synced);
        }
        let page = business.templates(account, after.as_deref()).await?;
        if !page.unreadable.is_empty() {
            synced.unreadable += page.unreadable.len();
            tracing::warn!(count = page.unreadable.len(), "templates of Meta's list cannot be read");
        }
        for meta_id in &page.unreadable {
            match meta_id {
                Some(meta_id) => drop(seen.insert(template_id(platform, organization, &account.waba_id, meta_id))),
                None => names_all = false,
            }
        }
        seen.extend(
            page.templates.iter().map(|one| template_id(platform, organization, &account.waba_id, &one.meta_id)),
        );
        for some in page.templates.chunks(ONE_COMMIT) {
            take_over(platform, organization, &account.waba_id, some, at, &mut synced).await?;
        }
        match page.next {
            None => {
                // One that cannot even be named could be any of those that are missing.
                synced.complete = true;
                if names_all {
                    synced.deleted = lose(platform, organization, &account.waba_id, &seen, at).await?;
                }
                return Ok(synced);
            }
            // A cursor that comes again leads in a circle.
            Some(next) if !cursors.insert(next.clone()) => return Ok(synced),
            Some(next) => after = Some(next),
        }
    }
    Ok(synced)
}

/// Takes a page over: in one commit, or where somebody else was at one of them, each on its own.
async fn take_over(
    platform: &Platform,
    organization: &OrganizationId,
    waba_id: &str,
    page: &[Listed],
    at: Timestamp,
    synced: &mut Synced,
) -> Result<(), JobError> {
    if page.is_empty() {
        return Ok(());
    }
    if let Some(counts) = observe(platform, organization, waba_id, page, at).await? {
        synced.added += counts.0;
        synced.updated += counts.1;
        return Ok(());
    }
    for one in page {
        let mut done = None;
        for _ in 0..TRIES {
            done = observe(platform, organization, waba_id, std::slice::from_ref(one), at).await?;
            if done.is_some() {
                break;
            }
        }
        let (added, updated) = done.ok_or(StoreError::Conflict)?;
        synced.added += added;
        synced.updated += updated;
    }
    Ok(())
}

/// One commit with what these templates are now; how many are new and how many are otherwise. `None`: somebody else was
/// at one of them.
async fn observe(
    platform: &Platform,
    organization: &OrganizationId,
    waba_id: &str,
    listed: &[Listed],
    at: Timestamp,
) -> Result<Option<(usize, usize)>, JobError> {
    let ids: Vec<TemplateId> =
        listed.iter().map(|one| template_id(platform, organization, waba_id, &one.meta_id)).collect();
    let paths: Vec<_> = ids.iter().map(|id| template_path(organization, id)).collect();
    let found = platform.documents.get_many(&paths).await?;
    let known = |document: &Option<Document>| -> Result<Option<Template>, JobError> {
        Ok(document.as_ref().map(|document| read_template(platform, document)).transpose()?)
    };
    let known = found.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let mut writing = Writing::of(platform, organization, known.iter().flatten());
    let (mut added, mut updated, mut taken) = (0, 0, BTreeSet::new());
    for ((one, id), (before, document)) in listed.iter().zip(&ids).zip(known.iter().zip(&found)) {
        if !taken.insert(id) {
            // Meta lists one twice where pages shift while they are read.
            continue;
        }
        let before = before.as_ref().zip(document.as_ref().map(|document| &document.version));
        let mut after = match before {
            None => Template::of_listing(id.clone(), waba_id, one, at, platform.clock.now()),
            Some((before, _)) => {
                let mut after = before.clone();
                after.list(one, at);
                after
            }
        };
        let told = writing.writes.len();
        writing.differences(before, &after, platform.clock.now(), ChangeSource::Sync);
        match before {
            None => added += 1,
            Some(_) => updated += usize::from(writing.writes.len() > told),
        }
        writing.template(before, &mut after);
    }
    match writing.entries.commit(writing.writes).await {
        Ok(()) => Ok(Some((added, updated))),
        Err(StoreError::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Marks the templates of an account as deleted that a whole listing does not hold.
async fn lose(
    platform: &Platform,
    organization: &OrganizationId,
    waba_id: &str,
    seen: &BTreeSet<TemplateId>,
    at: Timestamp,
) -> Result<usize, JobError> {
    let facet = account_facet(waba_id);
    let (mut lost, mut after) = (0, None::<String>);
    loop {
        let query = queries::templates_by_name(organization, Some(&facet), "", after.as_deref(), 100);
        let found = platform.documents.query(&query).await?;
        for document in &found {
            let template = read_template(platform, document)?;
            if !seen.contains(&template.id) {
                lost += usize::from(lose_one(platform, organization, &template.id, at).await?);
            }
        }
        let last = found.last().and_then(|document| document.fields.get("sort"));
        match last {
            Some(crate::ports::Value::Text(last)) if found.len() == 100 => after = Some(last.clone()),
            _ => return Ok(lost),
        }
    }
}

async fn lose_one(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TemplateId,
    at: Timestamp,
) -> Result<bool, JobError> {
    for _ in 0..TRIES {
        let Some((before, version)) = super::get(platform, organization, id).await? else { return Ok(false) };
        let mut after = before.clone();
        after.lose(at);
        if after.status() == before.status() {
            return Ok(false);
        }
        let mut writing = Writing::of(platform, organization, [&before]);
        writing.differences(Some((&before, &version)), &after, platform.clock.now(), ChangeSource::Sync);
        writing.template(Some((&before, &version)), &mut after);
        match writing.entries.commit(writing.writes).await {
            Ok(()) => return Ok(true),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Lists the templates of the accounts whose time has come, a few at most; how many were listed to the end.
pub(crate) async fn sync_due(
    platform: &Platform,
    business: &dyn Business,
    now: Timestamp,
    until: Timestamp,
) -> Result<usize, JobError> {
    let mut done = 0;
    for document in platform.documents.query(&queries::accounts_to_sync(now, 10)).await? {
        if platform.clock.now() >= until {
            break;
        }
        match sync_one(platform, business, &document, until).await {
            Ok(is_complete) => done += usize::from(is_complete),
            Err(error) => tracing::warn!(error = %Causes(&error), "an account's templates were not listed"),
        }
    }
    Ok(done)
}

async fn sync_one(
    platform: &Platform,
    business: &dyn Business,
    document: &Document,
    until: Timestamp,
) -> Result<bool, SyncError> {
    let record = read_account(platform, document).map_err(JobError::from)?;
    let (waba_id, organization) = (document.path.id().to_owned(), record.organization.clone());
    // Whoever takes it first has it; should they die, its time comes again.
    let path = account_path(&waba_id);
    let taken = AccountRecord { sync_at: Some(platform.clock.now() + AT_WORK), ..record };
    let fields = write_account(platform, &path, &taken);
    let precondition = Precondition::Unchanged(document.version.clone());
    match platform.documents.commit(vec![Write::Set { path, fields, precondition }]).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let account = accounts(platform, &organization).await?.into_iter().find(|account| account.waba_id == waba_id);
    let Some(account) = account else {
        // None of its numbers is connected, or has a token: it is looked at again with the usual period.
        let began = platform.clock.now();
        let ended = Ended { began, is_complete: false, failure: Some("no token"), next: began + PERIOD };
        note_sync(platform, &waba_id, ended).await?;
        return Ok(false);
    };
    let done = sync(platform, business, &organization, &account, until).await;
    // How its numbers stand is looked at with the same period.
    numbers::verify_all(platform, business, &organization, &waba_id, until).await?;
    Ok(done?.complete)
}
