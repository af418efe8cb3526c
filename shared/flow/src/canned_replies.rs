//! Canned replies, as an organization's people write them, find them by their shortcuts, and fill them in for a customer.

use domain::canned_reply::{CannedReply, Rendered, Variable, folded, render};
use domain::contact::Contact;
use domain::{CannedReplyId, ConversationId, OrganizationId};

use crate::access::{Versioned, members};
use crate::audit::{self, Actor, Who};
use crate::browse::{self, Cursor, Page, page};
use crate::claim::{claim, release};
use crate::job::JobError;
use crate::manage::{ManageError, as_expected, valid};
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{Claimed, Tallied, canned_reply_path, queries, read_canned_reply, write_canned_reply};
use crate::tally::Tally;

/// An organization has at most so many canned replies.
pub const MAX_CANNED_REPLIES: u32 = 1_000;

/// A canned reply to write.
#[derive(Debug, Clone)]
pub struct NewCannedReply {
    /// What it is found by.
    pub shortcut: String,
    /// What it is about.
    pub title: String,
    /// The text.
    pub text: String,
}

/// What to change of a canned reply; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct CannedReplyChange {
    /// What it is found by.
    pub shortcut: Option<String>,
    /// What it is about.
    pub title: Option<String>,
    /// The text.
    pub text: Option<String>,
}

/// An organization's canned replies, the newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<CannedReply>, JobError> {
    let query = queries::canned_replies_newest_first(organization, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_canned_reply(platform, document)).await
}

/// One of them; `None`: the organization has no such canned reply.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &CannedReplyId,
) -> Result<Option<Versioned<CannedReply>>, JobError> {
    let Some(document) = platform.documents.get(&canned_reply_path(organization, id)).await? else {
        return Ok(None);
    };
    Ok(Some(Versioned { value: read_canned_reply(platform, &document)?, version: document.version }))
}

/// Writes a canned reply.
///
/// # Errors
/// [`ManageError`].
pub async fn create(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    new: NewCannedReply,
) -> Result<CannedReply, ManageError> {
    let id = CannedReplyId::from_bits(platform.entropy.bits());
    let NewCannedReply { shortcut, title, text } = new;
    let reply = CannedReply { id: id.clone(), shortcut, title, text, created_at: platform.clock.now() };
    valid(reply.check())?;
    for _ in 0..TRIES {
        if let Some(made) = get(platform, organization, &id).await? {
            // An earlier request with the same `Idempotency-Key` has made it.
            return Ok(made.value);
        }
        let tally = Tally::read(platform, organization, Tallied::CannedReplies).await?;
        if tally.count.things >= MAX_CANNED_REPLIES {
            return Err(ManageError::Full("at most 1,000 canned replies in an organization"));
        }
        let path = canned_reply_path(organization, &id);
        let fields = write_canned_reply(platform, &path, &reply);
        let mut writes = vec![
            Write::Set { path, fields, precondition: Precondition::MustNotExist },
            tally.with(0).write(platform, organization),
            audit::entry(platform, organization, actor, "canned_reply.created", Some(id.as_str()), &[]),
        ];
        writes.extend(claim(platform, organization, SHORTCUT, &folded(&reply.shortcut), id.as_str()).await?);
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(reply),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Changes a canned reply. With `expected` only as it was read in that state.
///
/// # Errors
/// [`ManageError`].
pub async fn change(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &CannedReplyId,
    expected: Option<&Version>,
    change: CannedReplyChange,
) -> Result<CannedReply, ManageError> {
    for _ in 0..TRIES {
        let Versioned { value: before, version } =
            get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        as_expected(expected, &version)?;
        let CannedReplyChange { shortcut, title, text } = change.clone();
        let after = CannedReply {
            id: id.clone(),
            shortcut: shortcut.unwrap_or_else(|| before.shortcut.clone()),
            title: title.unwrap_or_else(|| before.title.clone()),
            text: text.unwrap_or_else(|| before.text.clone()),
            created_at: before.created_at,
        };
        valid(after.check())?;
        if after == before {
            return Ok(after);
        }
        let mut writes = Vec::new();
        let (was, is) = (folded(&before.shortcut), folded(&after.shortcut));
        if was != is {
            writes.extend(claim(platform, organization, SHORTCUT, &is, id.as_str()).await?);
            writes.extend(release(platform, organization, SHORTCUT.0, &was, id.as_str()).await?);
        }
        let changed: Vec<(&str, &str)> = [
            ("shortcut", before.shortcut == after.shortcut),
            ("title", before.title == after.title),
            ("text", before.text == after.text),
        ]
        .into_iter()
        .filter(|(_, is_same)| !is_same)
        .map(|(name, _)| (name, "changed"))
        .collect();
        let path = canned_reply_path(organization, id);
        let fields = write_canned_reply(platform, &path, &after);
        writes.extend([
            Write::Set { path, fields, precondition: Precondition::Unchanged(version) },
            audit::entry(platform, organization, actor, "canned_reply.changed", Some(id.as_str()), &changed),
        ]);
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(after),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Removes a canned reply.
///
/// # Errors
/// [`ManageError`].
pub async fn delete(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &CannedReplyId,
) -> Result<(), ManageError> {
    for _ in 0..TRIES {
        let Versioned { value, version } = get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        let tally = Tally::read(platform, organization, Tallied::CannedReplies).await?;
        let path = canned_reply_path(organization, id);
        let mut writes = vec![
            Write::Delete { path, precondition: Precondition::Unchanged(version) },
            tally.without(0).write(platform, organization),
            audit::entry(platform, organization, actor, "canned_reply.deleted", Some(id.as_str()), &[]),
        ];
        writes.extend(release(platform, organization, SHORTCUT.0, &folded(&value.shortcut), id.as_str()).await?);
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// A canned reply filled in for the customer of a conversation and whoever answers. It changes nothing.
///
/// # Errors
/// [`ManageError`]; of `/conversation_id`, when the organization has no such conversation.
pub async fn fill_in(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &CannedReplyId,
    conversation: &ConversationId,
) -> Result<Rendered, ManageError> {
    let reply = get(platform, organization, id).await?.ok_or(ManageError::NotFound)?.value;
    let Some(listed) = browse::conversation(platform, organization, conversation).await? else {
        return Err(ManageError::wrong("/conversation_id", "must be the id of a conversation of the organization"));
    };
    let owner = crate::organization::get(platform, organization).await?.ok_or(ManageError::NotFound)?.value;
    let writer = match &actor.who {
        Who::Member(member) => members::get(platform, organization, member).await?.map(|found| found.value),
        Who::ApiKey(_) | Who::Operator | Who::System => None,
    };
    let contact = listed.contact.as_ref();
    let name = contact.and_then(Contact::called).map(|name| name.trim().to_owned());
    let name = name.filter(|name| !name.is_empty());
    Ok(render(&reply.text, |variable| match variable {
        Variable::ContactName => name.clone(),
        Variable::ContactFirstName => {
            name.as_deref().and_then(|name| name.split_whitespace().next()).map(str::to_owned)
        }
        Variable::ContactPhone => contact.and_then(|contact| contact.phone()).map(|phone| phone.e164()),
        Variable::MemberName => writer.as_ref().and_then(|member| member.name.clone()),
        Variable::OrganizationName => Some(owner.name.clone()),
    }))
}

/// What a shortcut is claimed as, and where it stands.
const SHORTCUT: (Claimed, &str) = (Claimed::Shortcut, "/shortcut");
