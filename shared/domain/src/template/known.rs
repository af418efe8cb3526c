//! What is known of a template at Meta: a fold over listings and news, each with its time. The latest of each counts,
//! whatever the order in which they arrive and however often.

use serde_json::{Value, json};

use super::form::kind_of;
use super::{Category, Form, ParameterFormat, Quality, TemplateStatus, Violation};
use crate::contact::Dated;
use crate::{Span, TemplateId, Timestamp};

/// Of an approved template Meta takes one change in this time …
const BETWEEN_EDITS: Span = Span::from_hours(24);
/// … and so many in this one.
const MOST_EDITS: usize = 10;
const EDITS_COUNT_FOR: Span = Span::from_days(30);

/// A template at Meta, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Our id of it.
    pub id: TemplateId,
    /// The WhatsApp business account that it belongs to.
    pub waba_id: String,
    /// Meta's id of it.
    pub meta_id: String,
    /// Its name.
    pub name: String,
    /// Its language, by Meta's code.
    pub language: String,
    /// How its variables are called.
    pub format: ParameterFormat,
    /// How it stands.
    pub status: Option<Dated<Status>>,
    /// What it is for.
    pub category: Option<Dated<Category>>,
    /// The category that Meta will move it to.
    pub next_category: Option<Dated<Option<Category>>>,
    /// What people think of it.
    pub quality: Option<Dated<Quality>>,
    /// Its parts, as Meta listed them.
    pub listed: Option<(Timestamp, Vec<Value>)>,
    /// Its words, as Meta last told that they were changed.
    pub retouched: Option<(Timestamp, Retouched)>,
    /// When changes were asked of Meta while it was approved.
    pub edits: Vec<Timestamp>,
    /// When it was seen first.
    pub created_at: Timestamp,
    /// When the feed last told of a change: later than each time before, whatever the clocks say.
    pub changed_at: Timestamp,
}

/// How a template stands, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Status {
    /// The name of it.
    pub name: TemplateStatus,
    /// Why, by Meta's name, and in Meta's words.
    pub reason: Option<String>,
}

impl Status {
    /// A status without a reason.
    pub fn of(name: TemplateStatus) -> Self {
        Self { name, reason: None }
    }
}

/// A template as Meta lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Meta's id of it.
    pub meta_id: String,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// How its variables are called.
    pub format: ParameterFormat,
    /// How it stands.
    pub status: Status,
    /// What it is for, where Meta says so.
    pub category: Option<Category>,
    /// The category that Meta will move it to.
    pub next_category: Option<Category>,
    /// What people think of it, where Meta says so.
    pub quality: Option<Quality>,
    /// Its parts.
    pub components: Vec<Value>,
}

/// What Meta tells of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateEvent {
    /// Meta's id of it.
    pub meta_id: String,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// When, as Meta says.
    pub at: Timestamp,
    /// What.
    pub news: TemplateNews,
}

/// What happened to a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateNews {
    /// It stands otherwise.
    Status {
        /// How, and why.
        status: Status,
        /// What it is for, where Meta says so.
        category: Option<Category>,
    },
    /// People think otherwise of it.
    Quality(Quality),
    /// It moved to another category.
    Category(Category),
    /// It will move to another category.
    NextCategory {
        /// The one that it has.
        now: Category,
        /// The one that it will have.
        next: Category,
    },
    /// Its words were changed.
    Words(Retouched),
}

/// The words of a template as the news of their change have them: without samples, and without a file above.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Retouched {
    /// Above.
    pub header: Option<String>,
    /// The text.
    pub body: Option<String>,
    /// Below.
    pub footer: Option<String>,
    /// Buttons, in the form of Meta's components.
    pub buttons: Vec<Value>,
}

impl Template {
    /// A template of which nothing is known but what it is called.
    pub fn begin(id: TemplateId, waba_id: &str, event: &TemplateEvent, now: Timestamp) -> Self {
        Self {
            id,
            waba_id: waba_id.to_owned(),
            meta_id: event.meta_id.clone(),
            name: event.name.clone(),
            language: event.language.clone(),
            format: ParameterFormat::Positional,
            status: None,
            category: None,
            next_category: None,
            quality: None,
            listed: None,
            retouched: None,
            edits: Vec::new(),
            created_at: now,
            changed_at: now,
        }
    }

    /// A template that was listed at that time.
    pub fn of_listing(id: TemplateId, waba_id: &str, listed: &Listed, at: Timestamp, now: Timestamp) -> Self {
        let named = TemplateEvent {
            meta_id: listed.meta_id.clone(),
            name: listed.name.clone(),
            language: listed.language.clone(),
            at,
            news: TemplateNews::Quality(Quality::Unknown),
        };
        let mut template = Self::begin(id, waba_id, &named, now);
        template.list(listed, at);
        template
    }

    /// Takes in what Meta tells.
    pub fn hear(&mut self, event: &TemplateEvent) {
        let at = event.at;
        match &event.news {
            TemplateNews::Status { status, category } => {
                latest(&mut self.status, status.clone(), at);
                if let Some(category) = category {
                    latest(&mut self.category, category.clone(), at);
                }
            }
            TemplateNews::Quality(quality) => latest(&mut self.quality, quality.clone(), at),
            TemplateNews::Category(category) => {
                latest(&mut self.category, category.clone(), at);
                latest(&mut self.next_category, None, at);
            }
            TemplateNews::NextCategory { now, next } => {
                latest(&mut self.category, now.clone(), at);
                latest(&mut self.next_category, Some(next.clone()), at);
            }
            TemplateNews::Words(words) => {
                if self.retouched.as_ref().is_none_or(|(known, old)| (*known, text(old)) < (at, text(words))) {
                    self.retouched = Some((at, words.clone()));
                }
            }
        }
    }

    /// Takes in that Meta listed it at that time. What Meta told of later times stays.
    pub fn list(&mut self, listed: &Listed, at: Timestamp) {
        latest(&mut self.status, listed.status.clone(), at);
        if let Some(category) = &listed.category {
            latest(&mut self.category, category.clone(), at);
        }
        latest(&mut self.next_category, listed.next_category.clone(), at);
        if let Some(quality) = &listed.quality {
            latest(&mut self.quality, quality.clone(), at);
        }
        if self.listed.as_ref().is_none_or(|(known, _)| *known <= at) {
            self.format = listed.format;
            self.listed = Some((at, listed.components.clone()));
        }
    }

    /// Meta does not list it any more.
    pub fn lose(&mut self, at: Timestamp) {
        latest(&mut self.status, Status::of(TemplateStatus::Deleted), at);
    }

    /// How it stands; one of which nothing is known counts as pending.
    pub fn status(&self) -> &TemplateStatus {
        self.status.as_ref().map_or(&TemplateStatus::Pending, |status| &status.value.name)
    }

    /// What it is for, once that is known.
    pub fn category(&self) -> Option<&Category> {
        self.category.as_ref().map(|dated| &dated.value)
    }

    /// What people think of it.
    pub fn quality(&self) -> &Quality {
        self.quality.as_ref().map_or(&Quality::Unknown, |dated| &dated.value)
    }

    /// Its parts: as they were listed, with the words that changed since.
    pub fn components(&self) -> Vec<Value> {
        let listed = self.listed.as_ref().map(|(_, components)| components.clone()).unwrap_or_default();
        match &self.retouched {
            Some((at, words)) if self.listed.as_ref().is_none_or(|(listed, _)| listed < at) => retouch(listed, words),
            _ => listed,
        }
    }

    /// Its parts as they can be shown and filled in.
    pub fn form(&self) -> Form {
        Form::read(&self.components())
    }

    /// What stands against changing it now. A category can be given that it has already.
    pub fn forbids_edit(&self, category: Option<&Category>, now: Timestamp) -> Option<EditForbidden> {
        if !self.status().can_be_edited() {
            return Some(EditForbidden::Status(self.status().clone()));
        }
        if !self.form().other.is_empty() {
            return Some(EditForbidden::Parts);
        }
        if !self.counts_edits() {
            return None;
        }
        if category.is_some_and(|category| self.category() != Some(category)) {
            return Some(EditForbidden::Category);
        }
        let lately = self.edits.iter().filter(|at| now.since(**at) < EDITS_COUNT_FOR);
        let last = lately.clone().max().copied();
        if let Some(last) = last.filter(|last| now.since(*last) < BETWEEN_EDITS) {
            return Some(EditForbidden::Until(last + BETWEEN_EDITS));
        }
        let oldest = lately.clone().min().copied();
        oldest.filter(|_| lately.count() >= MOST_EDITS).map(|oldest| EditForbidden::Until(oldest + EDITS_COUNT_FOR))
    }

    /// Notes that a change is asked of Meta.
    pub fn note_edit(&mut self, now: Timestamp) {
        if self.counts_edits() {
            self.edits.retain(|at| now.since(*at) < EDITS_COUNT_FOR);
            self.edits.push(now);
        }
    }

    /// Meta counts changes of what is approved.
    fn counts_edits(&self) -> bool {
        matches!(self.status(), TemplateStatus::Approved | TemplateStatus::Flagged)
    }
}

/// Why a template cannot be changed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditForbidden {
    /// Not as it stands.
    Status(TemplateStatus),
    /// It has parts that cannot be made here.
    Parts,
    /// The category of an approved template stays.
    Category,
    /// Too many changes: not before then.
    Until(Timestamp),
}

fn latest<T: Ord>(slot: &mut Option<Dated<T>>, value: T, at: Timestamp) {
    *slot = slot.take().max(Some(Dated { at, value }));
}

fn text(words: &Retouched) -> String {
    serde_json::to_string(words).unwrap_or_default()
}

/// Puts changed words over the parts as they were listed. Examples of what was replaced are gone with it.
fn retouch(mut components: Vec<Value>, words: &Retouched) -> Vec<Value> {
    let is_media =
        |part: &Value| part.get("format").and_then(Value::as_str).is_some_and(|f| !f.eq_ignore_ascii_case("TEXT"));
    // A file above is not told of in the news; words above are, and are gone where they are not.
    components.retain(|part| match kind_of(part).as_str() {
        "HEADER" => is_media(part) && words.header.is_none(),
        "BODY" => words.body.is_none(),
        "FOOTER" | "BUTTONS" => false,
        _ => true,
    });
    let header = words.header.as_ref().map(|text| json!({ "type": "HEADER", "format": "TEXT", "text": text }));
    let body = words.body.as_ref().map(|text| json!({ "type": "BODY", "text": text }));
    let footer = words.footer.as_ref().map(|text| json!({ "type": "FOOTER", "text": text }));
    let buttons = (!words.buttons.is_empty()).then(|| json!({ "type": "BUTTONS", "buttons": words.buttons }));
    components.extend([header, body, footer, buttons].into_iter().flatten());
    let place = |part: &Value| match kind_of(part).as_str() {
        "HEADER" => 0,
        "BODY" => 1,
        "FOOTER" => 2,
        "BUTTONS" => 3,
        _ => 4,
    };
    components.sort_by_key(place);
    components
}

impl From<EditForbidden> for Violation {
    fn from(why: EditForbidden) -> Self {
        let reason = match why {
            EditForbidden::Status(status) => format!("a template that is {} cannot be changed", status.as_str()),
            EditForbidden::Parts => "it has parts that cannot be changed here".to_owned(),
            EditForbidden::Category => "the category of an approved template stays".to_owned(),
            EditForbidden::Until(at) => format!("Meta takes no further change of it before {at}"),
        };
        Self::new("", reason)
    }
}

#[cfg(test)]
mod tests;
