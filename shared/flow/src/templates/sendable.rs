//! Whether a template may be sent, as far as that is known. Meta has the last word.

use domain::outbound::{OutboundContent, TemplateCategory};
use domain::template::{Category, Template, TemplateStatus};
use domain::{NumberId, OrganizationId};

use crate::job::JobError;
use crate::platform::Platform;
use crate::records::{number_path, queries, read_number, read_template, template_key};

/// Why a template cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unsendable {
    /// Meta would certainly refuse it as it stands.
    Status(TemplateStatus),
    /// Meta has it as marketing, and the content says that it is something else: whoever stopped marketing would get it.
    IsMarketing,
}

/// Looks whether a content is a template that the account of this number cannot send. One that is not known is left to
/// Meta.
pub(crate) async fn check_sendable(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    content: &OutboundContent,
) -> Result<Result<(), Unsendable>, JobError> {
    let OutboundContent::Template { name, language, category, .. } = content else { return Ok(Ok(())) };
    let begins = template_key(name, language);
    let found = platform.documents.query(&queries::templates_by_name(organization, None, &begins, None, 20)).await?;
    if found.is_empty() {
        return Ok(Ok(()));
    }
    let Some(document) = platform.documents.get(&number_path(number)).await? else { return Ok(Ok(())) };
    let waba_id = read_number(platform, &document)?.0.waba_id;
    let known = found.iter().map(|document| read_template(platform, document)).collect::<Result<Vec<_>, _>>()?;
    // One that was deleted and made anew is there twice.
    let of_account: Vec<&Template> = known.iter().filter(|template| template.waba_id == waba_id).collect();
    let forbidden = of_account.iter().filter(|template| template.status().forbids_sending());
    if let Some(template) = forbidden.clone().next_back()
        && forbidden.count() == of_account.len()
    {
        return Ok(Err(Unsendable::Status(template.status().clone())));
    }
    let mut sendable = of_account.iter().filter(|template| !template.status().forbids_sending());
    let is_marketing = sendable.any(|template| template.category() == Some(&Category::Marketing));
    Ok(if is_marketing && *category != TemplateCategory::Marketing { Err(Unsendable::IsMarketing) } else { Ok(()) })
}
