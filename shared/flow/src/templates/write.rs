//! How a change of a template is written: the template, its history and the feed's entry, for one commit.

use domain::feed::Change;
use domain::template::Template;
use domain::{OrganizationId, TemplateChangeId, Timestamp};

use crate::feed::Entries;
use crate::platform::Platform;
use crate::ports::{Precondition, Version, Write};
use crate::records::{
    ChangeSource, ChangedPart, TemplateChange, template_history, template_path, write_template, write_template_change,
};

/// What is to be written of templates, in one commit.
pub(super) struct Writing<'a> {
    platform: &'a Platform,
    organization: &'a OrganizationId,
    pub entries: Entries<'a>,
    pub writes: Vec<Write>,
}

impl<'a> Writing<'a> {
    /// Nothing yet; the feed's entries come after all that was told of these templates.
    pub fn of<'t>(
        platform: &'a Platform,
        organization: &'a OrganizationId,
        known: impl IntoIterator<Item = &'t Template>,
    ) -> Self {
        let entries = Entries::after(platform, organization, known.into_iter().map(|template| template.changed_at));
        Self { platform, organization, entries, writes: Vec::new() }
    }

    /// A template as it is now, on condition that it is as it was read. The feed is told of what shows.
    pub fn template(&mut self, before: Option<(&Template, &Version)>, after: &mut Template) {
        let data = (after.id.clone(), after.status().clone(), after.category().cloned(), after.quality().clone());
        let (template_id, status, category, quality) = data;
        let id = after.id.to_string();
        let precondition = match before {
            None => {
                self.entries.add(&[&id], Change::TemplateCreated { template_id, status, category, quality });
                after.changed_at = self.entries.changed_at();
                Precondition::MustNotExist
            }
            Some((before, version)) => {
                if shown(before) != shown(after) {
                    let change = Change::TemplateUpdated { template_id, status, category, quality };
                    self.entries.add(&[&id, &version.0], change);
                    after.changed_at = self.entries.changed_at();
                }
                Precondition::Unchanged(version.clone())
            }
        };
        let path = template_path(self.organization, &after.id);
        let fields = write_template(self.platform, &path, after);
        self.writes.push(Write::Set { path, fields, precondition });
    }

    /// A fact of its history; the facts name it.
    pub fn fact(
        &mut self,
        template: &Template,
        facts: &[&str],
        at: Timestamp,
        what: ChangedPart,
        source: ChangeSource,
    ) {
        let parts: Vec<&str> = [template.id.as_str(), what.as_str()].iter().chain(facts).copied().collect();
        let id = TemplateChangeId::derived(&self.platform.id_key, &parts);
        let (value, reason) = said(template, what);
        self.write_fact(template, TemplateChange { id, at, what, value, reason, source });
    }

    /// A fact as it was told, which may not be what counts now.
    pub fn write_fact(&mut self, template: &Template, change: TemplateChange) {
        let path = template_history(self.organization, &template.id).doc(change.id.as_str());
        let fields = write_template_change(self.platform, &path, &change);
        self.writes.push(Write::Set { path, fields, precondition: Precondition::MustNotExist });
    }

    /// One fact for each part that is another than before.
    pub fn differences(
        &mut self,
        before: Option<(&Template, &Version)>,
        after: &Template,
        at: Timestamp,
        source: ChangeSource,
    ) {
        let version = before.map_or("", |(_, version)| version.0.as_str());
        for what in ChangedPart::ALL {
            let is_other = match (what, before) {
                (ChangedPart::Components, None) => false,
                (ChangedPart::Components, Some((before, _))) => before.components() != after.components(),
                (_, None) => said(after, what).0.is_some(),
                (_, Some((before, _))) => said(before, what).0 != said(after, what).0,
            };
            if is_other {
                self.fact(after, &[version], at, what, source);
            }
        }
    }
}

/// A part of a template as its history says it: Meta's name, and why.
fn said(template: &Template, what: ChangedPart) -> (Option<String>, Option<String>) {
    let value = match what {
        ChangedPart::Status => {
            let status = template.status.as_ref().map(|dated| &dated.value);
            let reason = status.and_then(|status| status.reason.clone());
            return (status.map(|status| status.name.as_str().to_owned()), reason);
        }
        ChangedPart::Quality => template.quality.as_ref().map(|dated| dated.value.as_str()),
        ChangedPart::Category => template.category().map(|category| category.as_str()),
        ChangedPart::NextCategory => {
            template.next_category.as_ref().and_then(|dated| dated.value.as_ref()).map(|category| category.as_str())
        }
        ChangedPart::Components => None,
    };
    (value.map(str::to_owned), None)
}

/// All of a template that somebody may look at, without the times at which it was seen.
fn shown(template: &Template) -> impl PartialEq {
    let next = template.next_category.as_ref().and_then(|dated| dated.value.clone());
    let reason = template.status.as_ref().and_then(|dated| dated.value.reason.clone());
    (
        (template.status().clone(), reason, template.category().cloned(), next),
        (template.quality().clone(), template.format, template.components()),
    )
}
