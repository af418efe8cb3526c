//! What Meta tells of a template through the webhook, applied once.

use domain::template::{Template, TemplateEvent, TemplateNews};
use domain::{OrganizationId, Span, TemplateChangeId};

use super::account::sync_soon;
use super::write::Writing;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{StoreError, Write};
use crate::receive::Received;
use crate::records::{
    ChangeSource, ChangedPart, TemplateChange, event_path, read_template, template_id, template_path,
};

/// Takes in an event about a template of this account, together with the write that keeps the event: where that is there
/// already, so is all that follows from it. A template that was not known is from now on; a listing joins it.
pub(crate) async fn hear(
    platform: &Platform,
    organization: &OrganizationId,
    waba_id: &str,
    event: &TemplateEvent,
    received: &Received,
    keep: Write,
) -> Result<(), JobError> {
    let id = template_id(platform, organization, waba_id, &event.meta_id);
    let paths = [event_path(organization, &received.id), template_path(organization, &id)];
    for _ in 0..TRIES {
        let mut found = platform.documents.get_many(&paths).await?.into_iter();
        let (kept, document) = (found.next().flatten(), found.next().flatten());
        if kept.is_none() {
            let known = document.as_ref().map(|document| read_template(platform, document)).transpose()?;
            let before = known.as_ref().zip(document.as_ref().map(|document| &document.version));
            let mut after =
                known.clone().unwrap_or_else(|| Template::begin(id.clone(), waba_id, event, platform.clock.now()));
            after.hear(event);
            let mut writing = Writing::of(platform, organization, known.as_ref());
            writing.template(before, &mut after);
            for (what, value, reason) in facts(event) {
                let parts = [id.as_str(), what.as_str(), received.id.as_str()];
                let id = TemplateChangeId::derived(&platform.id_key, &parts);
                let source = ChangeSource::Webhook;
                writing.write_fact(&after, TemplateChange { id, at: event.at, what, value, reason, source });
            }
            let mut writes = writing.writes;
            writes.push(keep.clone());
            match writing.entries.commit(writes).await {
                Ok(()) => {}
                Err(StoreError::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        if matches!(event.news, TemplateNews::Words(_)) {
            // The news have no samples and no file above: a listing has.
            sync_soon(platform, waba_id, Span::ZERO).await?;
        }
        return Ok(());
    }
    Err(StoreError::Conflict.into())
}

type Fact = (ChangedPart, Option<String>, Option<String>);

/// What an event says, as facts.
fn facts(event: &TemplateEvent) -> Vec<Fact> {
    let fact = |what, value: &str| (what, Some(value.to_owned()), None);
    match &event.news {
        TemplateNews::Status { status, .. } => {
            vec![(ChangedPart::Status, Some(status.name.as_str().to_owned()), status.reason.clone())]
        }
        TemplateNews::Quality(quality) => vec![fact(ChangedPart::Quality, quality.as_str())],
        TemplateNews::Category(category) => vec![fact(ChangedPart::Category, category.as_str())],
        TemplateNews::NextCategory { next, .. } => vec![fact(ChangedPart::NextCategory, next.as_str())],
        TemplateNews::Words(_) => vec![(ChangedPart::Components, None, None)],
    }
}
