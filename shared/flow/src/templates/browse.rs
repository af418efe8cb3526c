//! What people look at.

use domain::template::{Category, Filled, Template, TemplateStatus, Values, Violation};
use domain::{OrganizationId, TemplateId};

use crate::browse::{Cursor, Page, page};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::Version;
use crate::records::{TemplateChange, TemplateFacet, queries, read_template, read_template_change, template_path};

/// Which templates to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only those that stand like this.
    pub status: Option<TemplateStatus>,
    /// Only those of this category.
    pub category: Option<Category>,
    /// Only those in this language.
    pub language: Option<String>,
    /// Only those whose name begins like this.
    pub name: Option<String>,
}

/// An organization's templates in the order of their names. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<Template>, JobError> {
    let Filter { status, category, language, name } = filter;
    let facet =
        TemplateFacet { status: status.as_ref(), category: category.as_ref(), language: language.as_deref() }.key();
    let begins = name.as_deref().unwrap_or_default();
    let after = after.map(Cursor::key);
    let query = queries::templates_by_name(organization, facet.as_deref(), begins, after, limit + 1);
    page(platform, &query, |document| read_template(platform, document)).await
}

/// One template, with the state that it was read in; `None`: the organization has no such template.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TemplateId,
) -> Result<Option<(Template, Version)>, JobError> {
    let Some(document) = platform.documents.get(&template_path(organization, id)).await? else { return Ok(None) };
    Ok(Some((read_template(platform, &document)?, document.version)))
}

/// What happened to a template, newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn history(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TemplateId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<TemplateChange>, JobError> {
    let query = queries::template_history_newest_first(organization, id, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_template_change(platform, document)).await
}

/// A template with its variables filled in.
///
/// # Errors
/// What is wrong with the values.
pub fn fill(template: &Template, values: &Values) -> Result<Filled, Vec<Violation>> {
    template.form().fill(template.format, values)
}
