//! Message templates: texts that Meta approves beforehand, and the only thing that may be sent outside of the window.
//!
//! [`TemplateDraft`] is what may be submitted, with all of Meta's documented limits checked. [`Form`] is a template as it
//! can be shown and filled in; whatever this product does not know of is kept as it came. [`Template`] is what is known of
//! one at Meta: a fold over what Meta says, by Meta's own times, so that late and repeated news change nothing.

mod check;
mod draft;
mod fill;
mod form;
mod known;
mod names;
mod places;

pub use draft::{NewTemplate, TemplateDraft, TemplateEdit};
pub use fill::{Filled, FilledButton, HeaderLocation, HeaderMedia, Values};
pub use form::{Button, Form, Header, Words};
pub use known::{EditForbidden, Listed, Retouched, Status, Template, TemplateEvent, TemplateNews};
pub use names::{Category, Quality, TemplateStatus};
pub use places::ParameterFormat;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {reason}")]
pub struct Violation {
    /// A JSON pointer, such as `/components/0/text`.
    pub pointer: String,
    /// What is wrong, in plain words; never the value itself.
    pub reason: String,
}

impl Violation {
    /// Something that is wrong there.
    pub fn new(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), reason: reason.into() }
    }
}
