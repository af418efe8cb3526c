//! What Meta refuses, and what of templates and numbers does not go: as problems.

use domain::Span;
use domain::locale::Language;
use domain::template::Violation;
use flow::numbers::NumberError;
use flow::ports::{BusinessError, MetaRefusal};
use flow::templates::{SyncError, TemplateError};
use serde_json::json;

use crate::problem::{Code, Problem};

impl From<BusinessError> for Problem {
    fn from(error: BusinessError) -> Self {
        match error {
            BusinessError::Refused(MetaRefusal { code, subcode, message, .. }) => {
                let explanation = whatsapp::catalogue::explain(code, Language::English);
                let meta = json!({"code": code, "subcode": subcode, "message": message, "explanation": explanation});
                let detail = message.unwrap_or_else(|| explanation.to_owned());
                Self::new(Code::MetaRefused).detail(detail).member("meta", meta)
            }
            BusinessError::Silent(_) => Self::from_error(Code::MetaUnavailable, error)
                .detail("Meta did not answer. It may have done what was asked: look before you ask again.")
                .retry_after(Span::from_seconds(10)),
        }
    }
}

impl From<NumberError> for Problem {
    fn from(error: NumberError) -> Self {
        match error {
            NumberError::NotFound => Self::new(Code::NotFound),
            NumberError::Invalid(violations) => Self::new(Code::InvalidBody).violations(&violations),
            NumberError::Taken => Self::new(Code::NumberTaken).detail("It is connected already."),
            NumberError::NoToken => Self::new(Code::NoToken),
            NumberError::Changed => Self::new(Code::PreconditionFailed),
            NumberError::Meta(error) => error.into(),
            NumberError::Job(error) => error.into(),
        }
    }
}

impl From<SyncError> for Problem {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Meta(error) => error.into(),
            SyncError::Job(error) => error.into(),
        }
    }
}

impl From<TemplateError> for Problem {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::NotFound => Self::new(Code::NotFound),
            TemplateError::Invalid(violations) => Self::new(Code::InvalidBody).violations(&violations),
            TemplateError::NoAccount => Self::new(Code::NoNumber),
            TemplateError::Exists => Self::new(Code::TemplateExists),
            TemplateError::NotEditable(why) => Self::new(Code::TemplateNotEditable).detail(Violation::from(why).reason),
            TemplateError::Changed => Self::new(Code::PreconditionFailed),
            TemplateError::Meta(error) => error.into(),
            TemplateError::Job(error) => error.into(),
        }
    }
}
