//! The WhatsApp business accounts of an organization, and when their templates are listed.

use std::collections::BTreeMap;

use domain::{OrganizationId, Span, Timestamp};

use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Account, Precondition, StoreError, Write};
use crate::records::{AccountRecord, account_path, queries, read_account, read_number, write_account};

/// The accounts that an organization's numbers belong to, each with a token that manages it.
///
/// # Errors
/// [`JobError`].
pub async fn accounts(platform: &Platform, organization: &OrganizationId) -> Result<Vec<Account>, JobError> {
    let mut accounts = BTreeMap::new();
    for document in platform.documents.query(&queries::numbers_of(organization)).await? {
        let (number, own) = read_number(platform, &document)?;
        let usual = platform.default_token(organization);
        if let Some(token) = own.or(usual) {
            accounts.entry(number.waba_id).or_insert(token);
        }
    }
    Ok(accounts.into_iter().map(|(waba_id, token)| Account { waba_id, token }).collect())
}

/// Lets the templates of an account be listed by themselves from now on: soon, and then again and again.
///
/// # Errors
/// [`JobError`].
pub async fn sync_by_itself(platform: &Platform, waba_id: &str) -> Result<(), JobError> {
    let now = platform.clock.now();
    change(platform, waba_id, |account| {
        account.sync_at.is_none().then_some(AccountRecord { sync_at: Some(now), ..account })
    })
    .await
}

/// Lets the templates of an account be listed after this span, where they are listed by themselves, unless that happens
/// earlier. A listing that is at work has begun too early for this wish.
pub(super) async fn sync_soon(platform: &Platform, waba_id: &str, after: Span) -> Result<(), JobError> {
    let at = platform.clock.now() + after;
    change(platform, waba_id, |account| {
        let sync_at = account.sync_at?.min(at);
        Some(AccountRecord { sync_at: Some(sync_at), sync_wished: account.sync_wished.max(Some(at)), ..account })
    })
    .await
}

/// How a listing ended.
pub(super) struct Ended<'a> {
    /// When it began.
    pub began: Timestamp,
    /// Whether it came to its end.
    pub is_complete: bool,
    /// Why it could not be made.
    pub failure: Option<&'a str>,
    /// When the next one is, unless somebody wished for an earlier one since it began.
    pub next: Timestamp,
}

/// Notes how a listing ended, and when the next one is.
pub(super) async fn note_sync(platform: &Platform, waba_id: &str, ended: Ended<'_>) -> Result<(), JobError> {
    change(platform, waba_id, |account| {
        // What changed after the listing began may not be in it.
        let wished = account.sync_wished.filter(|at| *at >= ended.began);
        let next = wished.map_or(ended.next, |at| ended.next.min(at));
        Some(AccountRecord {
            // Nobody asked that it is listed by itself.
            sync_at: account.sync_at.map(|_| next),
            sync_wished: wished,
            synced_at: ended.is_complete.then_some(ended.began).or(account.synced_at),
            sync_failure: ended.failure.map(str::to_owned),
            ..account
        })
    })
    .await
}

async fn change(
    platform: &Platform,
    waba_id: &str,
    apply: impl Fn(AccountRecord) -> Option<AccountRecord>,
) -> Result<(), JobError> {
    let path = account_path(waba_id);
    for _ in 0..TRIES {
        let Some(document) = platform.documents.get(&path).await? else { return Ok(()) };
        let Some(account) = apply(read_account(platform, &document)?) else { return Ok(()) };
        let fields = write_account(platform, &path, &account);
        let precondition = Precondition::Unchanged(document.version);
        match platform.documents.commit(vec![Write::Set { path: path.clone(), fields, precondition }]).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
