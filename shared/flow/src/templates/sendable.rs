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

/// How a template stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Why it cannot be sent as its content has it.
    pub unsendable: Option<Unsendable>,
    /// Whether it counts as marketing. One whose category nobody has told yet does, whatever its content says.
    pub is_marketing: bool,
}

/// How the template stands that a content sends from an account; `None`: the content is no template.
pub(crate) async fn standing(
    platform: &Platform,
    organization: &OrganizationId,
    waba_id: &str,
    content: &OutboundContent,
) -> Result<Option<Standing>, JobError> {
    let OutboundContent::Template { name, language, category, .. } = content else { return Ok(None) };
    let begins = template_key(name, language);
    let found = platform.documents.query(&queries::templates_by_name(organization, None, &begins, None, 20)).await?;
    let known = found.iter().map(|document| read_template(platform, document)).collect::<Result<Vec<_>, _>>()?;
    // One that was deleted and made anew is there twice.
    let of_account: Vec<&Template> = known.iter().filter(|template| template.waba_id == waba_id).collect();
    let forbidden = of_account.iter().rfind(|template| template.status().forbids_sending());
    let sendable = || of_account.iter().filter(|template| !template.status().forbids_sending());
    if let Some(template) = forbidden
        && sendable().next().is_none()
    {
        let unsendable = Some(Unsendable::Status(template.status().clone()));
        return Ok(Some(Standing { unsendable, is_marketing: *category == TemplateCategory::Marketing }));
    }
    let is_marketing = sendable().any(|template| template.category() == Some(&Category::Marketing));
    let is_harmless =
        |template: &&&Template| matches!(template.category(), Some(Category::Utility | Category::Authentication));
    // Nobody knows what the others are for, and who stopped marketing must not find out.
    let is_known = sendable().next().is_some() && sendable().all(|template| is_harmless(&template));
    let says_marketing = *category == TemplateCategory::Marketing;
    Ok(Some(Standing {
        unsendable: (is_marketing && !says_marketing).then_some(Unsendable::IsMarketing),
        is_marketing: says_marketing || !is_known,
    }))
}

/// Looks whether a content is a template that the account of this number cannot send. One that is not known is left to
/// Meta.
pub(crate) async fn check_sendable(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    content: &OutboundContent,
) -> Result<Result<(), Unsendable>, JobError> {
    if !matches!(content, OutboundContent::Template { .. }) {
        return Ok(Ok(()));
    }
    let Some(document) = platform.documents.get(&number_path(number)).await? else { return Ok(Ok(())) };
    let waba_id = read_number(platform, &document)?.0.waba_id;
    let standing = standing(platform, organization, &waba_id, content).await?;
    Ok(standing.and_then(|standing| standing.unsendable).map_or(Ok(()), Err))
}
