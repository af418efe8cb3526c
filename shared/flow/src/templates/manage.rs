//! What people and programs do with an organization's templates. Meta is asked first and has the last word; what it says is
//! written down with who asked, in one commit.

use domain::template::{
    Category, EditForbidden, Listed, NewTemplate, Status, Template, TemplateDraft, TemplateEdit, TemplateStatus,
    Violation,
};
use domain::{OrganizationId, Span, TemplateChangeId, TemplateId};
use serde_json::Value;

use super::account::{accounts, sync_soon};
use super::get;
use super::write::Writing;
use crate::audit::{self, Actor};
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Account, Business, BusinessError, MetaRefusal, Precondition, StoreError, Version, Write};
use crate::records::{
    ChangeSource, read_submission, submission_path, template_id, template_path, write_submission, write_template,
};

/// What was asked of Meta is known as of so long before: its own times are whole seconds of another clock, and what it
/// decides at once must not look older.
const SKEW: Span = Span::from_seconds(5);

/// Meta's subcode for a name that is there in that language.
const EXISTS: i64 = 2_388_024;

/// After a change, how it stands is looked at again.
const LOOK: Span = Span::from_minutes(2);

/// What to change of a template; `None` leaves it as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Change {
    /// What it is for.
    pub category: Option<Category>,
    /// Its parts.
    pub components: Option<Vec<Value>>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The organization has no such template.
    #[error("there is no such template")]
    NotFound,
    /// It breaks Meta's limits.
    #[error("the template is not valid")]
    Invalid(Vec<Violation>),
    /// No number is connected whose account could have templates.
    #[error("no number is connected")]
    NoAccount,
    /// Meta has a template of this name in this language.
    #[error("there is a template of this name in this language")]
    Exists,
    /// It cannot be changed as it stands.
    #[error("the template cannot be changed now")]
    NotEditable(EditForbidden),
    /// It was changed since it was read.
    #[error("the template was changed meanwhile")]
    Changed,
    /// Meta refused, or did not answer.
    #[error(transparent)]
    Meta(#[from] BusinessError),
    /// A store failed.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for TemplateError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// Submits a template to Meta for one of the organization's accounts; where it has one, that need not be named. A request
/// that comes again, because nobody knows what became of it, finds what the first one made.
///
/// # Errors
/// [`TemplateError`].
pub async fn create(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    actor: &Actor,
    waba_id: Option<&str>,
    new: NewTemplate,
) -> Result<Template, TemplateError> {
    let submission = TemplateChangeId::from_bits(platform.entropy.bits());
    let path = submission_path(organization, &submission);
    let draft = TemplateDraft::check(new).map_err(TemplateError::Invalid)?;
    let earlier = platform.documents.get(&path).await?;
    let made = earlier.as_ref().map(|document| read_submission(platform, document)).transpose();
    if let Some(id) = made.map_err(JobError::from)?.flatten() {
        return Ok(get(platform, organization, &id).await?.ok_or(TemplateError::NotFound)?.0);
    }
    let account = account_of(platform, organization, waba_id).await?;
    if earlier.is_none() {
        let fields = write_submission(platform, &path, None, platform.clock.now());
        let write = Write::Set { path: path.clone(), fields, precondition: Precondition::MustNotExist };
        platform.documents.commit(vec![write]).await?;
    } else if let Some(listed) = business.find_template(&account, draft.name(), draft.language()).await?
        && super::get(platform, organization, &template_id(platform, organization, &account.waba_id, &listed.meta_id))
            .await?
            .is_none_or(|(known, _)| is_fresh(platform, &known))
    {
        // The first request reached Meta, and did not come to write that down.
        return record(platform, organization, actor, &account, &submission, listed).await;
    }
    match business.create_template(&account, &draft).await {
        Ok(submitted) => {
            let listed = Listed {
                meta_id: submitted.meta_id,
                name: draft.name().to_owned(),
                language: draft.language().to_owned(),
                format: draft.format(),
                status: Status::of(submitted.status),
                category: Some(submitted.category),
                next_category: None,
                quality: None,
                components: draft.components().to_vec(),
            };
            record(platform, organization, actor, &account, &submission, listed).await
        }
        Err(BusinessError::Refused(refusal)) => {
            platform.documents.commit(vec![Write::Delete { path, precondition: Precondition::None }]).await?;
            Err(refused(refusal))
        }
        Err(silent) => {
            sync_soon(platform, &account.waba_id, LOOK).await?;
            Err(silent.into())
        }
    }
}

/// A template that a webhook or a listing brought in a moment ago may be the one that was just submitted.
fn is_fresh(platform: &Platform, known: &Template) -> bool {
    platform.clock.now().since(known.created_at) < Span::from_hours(1)
}

fn refused(refusal: MetaRefusal) -> TemplateError {
    match refusal.subcode {
        Some(EXISTS) => TemplateError::Exists,
        _ => BusinessError::from(refusal).into(),
    }
}

/// The account that is meant.
async fn account_of(
    platform: &Platform,
    organization: &OrganizationId,
    waba_id: Option<&str>,
) -> Result<Account, TemplateError> {
    let mut all = accounts(platform, organization).await?;
    let at = |reason: &str| TemplateError::Invalid(vec![Violation::new("/business_account_id", reason)]);
    match waba_id {
        None if all.len() > 1 => Err(at("must name one of your accounts: there is more than one")),
        None => all.pop().ok_or(TemplateError::NoAccount),
        Some(wanted) => {
            let found = all.into_iter().find(|account| account.waba_id == wanted);
            found.ok_or_else(|| at("must be an account that a number of yours belongs to"))
        }
    }
}

/// Writes down what Meta made of a submission.
async fn record(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    account: &Account,
    submission: &TemplateChangeId,
    listed: Listed,
) -> Result<Template, TemplateError> {
    let id = template_id(platform, organization, &account.waba_id, &listed.meta_id);
    let now = platform.clock.now();
    for _ in 0..TRIES {
        // The webhook may have been faster.
        let known = get(platform, organization, &id).await?;
        let before = known.as_ref().map(|(template, version)| (template, version));
        let mut after = match before {
            None => Template::of_listing(id.clone(), &account.waba_id, &listed, now - SKEW, now),
            Some((before, _)) => {
                let mut after = before.clone();
                after.list(&listed, now - SKEW);
                after
            }
        };
        let mut writing = Writing::of(platform, organization, before.map(|(template, _)| template));
        writing.differences(before, &after, now, ChangeSource::Api);
        writing.template(before, &mut after);
        let path = submission_path(organization, submission);
        let fields = write_submission(platform, &path, Some(&id), now);
        let details = [("name", after.name.as_str()), ("language", after.language.as_str())];
        let audit = audit::entry(platform, organization, actor, "template.created", Some(id.as_str()), &details);
        let mut writes = writing.writes;
        writes.extend([Write::Set { path, fields, precondition: Precondition::MustExist }, audit]);
        match writing.entries.commit(writes).await {
            Ok(()) => return Ok(after),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Submits a change of a template to Meta. `expected` is the state that it was read in.
///
/// # Errors
/// [`TemplateError`].
pub async fn edit(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    actor: &Actor,
    id: &TemplateId,
    expected: &Version,
    change: Change,
) -> Result<Template, TemplateError> {
    let (before, version) = get(platform, organization, id).await?.ok_or(TemplateError::NotFound)?;
    if version != *expected {
        return Err(TemplateError::Changed);
    }
    let Change { category, components } = change;
    let category = category.filter(|category| before.category() != Some(category));
    if category.is_none() && components.as_ref().is_none_or(|components| *components == before.components()) {
        return Ok(before);
    }
    let now = platform.clock.now();
    let has_category = category.clone();
    let usual = before.category().cloned().unwrap_or(Category::Utility);
    let edit = TemplateEdit::check(&usual, before.format, category, components).map_err(TemplateError::Invalid)?;
    if let Some(why) = before.forbids_edit(has_category.as_ref(), now) {
        return Err(TemplateError::NotEditable(why));
    }
    let account = account_with(platform, organization, &before).await?;
    // Counted before Meta is asked: one that dies on the way must not be free.
    let mut counted = before.clone();
    counted.note_edit(now);
    let path = template_path(organization, id);
    let fields = write_template(platform, &path, &counted);
    let precondition = Precondition::Unchanged(version);
    match platform.documents.commit(vec![Write::Set { path, fields, precondition }]).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(TemplateError::Changed),
        Err(error) => return Err(error.into()),
    }
    let done = business.edit_template(&account, &before.meta_id, &edit).await;
    if let Err(BusinessError::Refused(refusal)) = done {
        let put_back = |template: &mut Template| template.edits.retain(|at| *at != now);
        settle(platform, organization, id, None, put_back).await?;
        return Err(refused(refusal));
    }
    // How it stands after that, Meta alone knows; and where the answer was lost, whether it was changed at all.
    sync_soon(platform, &account.waba_id, LOOK).await?;
    done?;
    let seen = business.template(&account, &before.meta_id).await.ok();
    let apply = |template: &mut Template| match &seen {
        Some(listed) => template.list(listed, now - SKEW),
        None => {
            let listed = Listed {
                meta_id: template.meta_id.clone(),
                name: template.name.clone(),
                language: template.language.clone(),
                format: template.format,
                status: Status::of(TemplateStatus::Pending),
                category: edit.category().or(before.category()).cloned(),
                next_category: None,
                quality: None,
                components: edit.components().map_or_else(|| template.components(), <[Value]>::to_vec),
            };
            template.list(&listed, now - SKEW);
        }
    };
    let mut details = Vec::new();
    details.extend(edit.category().map(|category| ("category", category.as_str())));
    details.extend(edit.components().map(|_| ("components", "changed")));
    let audit = audit::entry(platform, organization, actor, "template.changed", Some(id.as_str()), &details);
    settle(platform, organization, id, Some(audit), apply).await
}

/// Deletes a template at Meta, in its language. Doing it again changes nothing.
///
/// # Errors
/// [`TemplateError`].
pub async fn delete(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    actor: &Actor,
    id: &TemplateId,
) -> Result<(), TemplateError> {
    let (before, _) = get(platform, organization, id).await?.ok_or(TemplateError::NotFound)?;
    if *before.status() == TemplateStatus::Deleted {
        return Ok(());
    }
    let account = account_with(platform, organization, &before).await?;
    let now = platform.clock.now();
    match business.delete_template(&account, &before.meta_id, &before.name).await {
        Ok(()) => {}
        Err(BusinessError::Refused(refusal)) => return Err(refused(refusal)),
        Err(silent) => {
            sync_soon(platform, &account.waba_id, LOOK).await?;
            return Err(silent.into());
        }
    }
    let audit = audit::entry(platform, organization, actor, "template.deleted", Some(id.as_str()), &[]);
    // What Meta told until now was of one that is gone.
    settle(platform, organization, id, Some(audit), |template| template.lose(now)).await.map(|_| ())
}

/// The account that a template belongs to, should a number of it still be connected.
async fn account_with(
    platform: &Platform,
    organization: &OrganizationId,
    template: &Template,
) -> Result<Account, TemplateError> {
    let all = accounts(platform, organization).await?;
    all.into_iter().find(|account| account.waba_id == template.waba_id).ok_or(TemplateError::NoAccount)
}

/// Writes down what a request came to, over whatever was told of the template meanwhile.
async fn settle(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TemplateId,
    audit: Option<Write>,
    apply: impl Fn(&mut Template),
) -> Result<Template, TemplateError> {
    for _ in 0..TRIES {
        let (before, version) = get(platform, organization, id).await?.ok_or(TemplateError::NotFound)?;
        let mut after = before.clone();
        apply(&mut after);
        let known = Some((&before, &version));
        let mut writing = Writing::of(platform, organization, [&before]);
        writing.differences(known, &after, platform.clock.now(), ChangeSource::Api);
        writing.template(known, &mut after);
        let mut writes = writing.writes;
        writes.extend(audit.clone());
        match writing.entries.commit(writes).await {
            Ok(()) => return Ok(after),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
