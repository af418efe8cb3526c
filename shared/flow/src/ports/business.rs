use domain::line::LineReport;
use domain::outcome::RefusalClass;
use domain::template::{Category, Listed, TemplateDraft, TemplateEdit, TemplateStatus};
use secrecy::SecretString;

use super::Channel;

/// Meta's management side: what belongs to a WhatsApp business account rather than to a message.
///
/// Nothing here sends anything to anybody. A call may be made again where its outcome is not known; what it then meets is
/// said with it.
#[async_trait::async_trait]
pub trait Business: Send + Sync {
    /// One page of the account's templates; `after` is the `next` of the page before.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn templates(&self, account: &Account, after: Option<&str>) -> Result<TemplatePage, BusinessError>;

    /// The template of this name in this language, should the account have one.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn find_template(
        &self,
        account: &Account,
        name: &str,
        language: &str,
    ) -> Result<Option<Listed>, BusinessError>;

    /// One template, by Meta's id.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn template(&self, account: &Account, meta_id: &str) -> Result<Listed, BusinessError>;

    /// Submits a template. Meta takes one name once in each language.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn create_template(&self, account: &Account, draft: &TemplateDraft) -> Result<Submitted, BusinessError>;

    /// Submits a change of a template.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn edit_template(&self, account: &Account, meta_id: &str, edit: &TemplateEdit) -> Result<(), BusinessError>;

    /// Deletes a template in its language. One that is not there is deleted.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn delete_template(&self, account: &Account, meta_id: &str, name: &str) -> Result<(), BusinessError>;

    /// What Meta says of a number: it answers only to a token that may see it.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn number(&self, channel: &Channel) -> Result<LineReport, BusinessError>;

    /// Whether the number belongs to the account, as far as the token may see that.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn owns_number(&self, account: &Account, number: &domain::NumberId) -> Result<bool, BusinessError>;

    /// Registers a number for the Cloud API, with the PIN of its two-step verification.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn register(&self, channel: &Channel, pin: &str) -> Result<(), BusinessError>;

    /// Subscribes the app to the account's webhooks; without that, Meta sends none.
    ///
    /// # Errors
    /// [`BusinessError`].
    async fn subscribe(&self, account: &Account) -> Result<(), BusinessError>;
}

/// A WhatsApp business account, and the right to manage it.
#[derive(Clone)]
pub struct Account {
    /// Meta's id of it.
    pub waba_id: String,
    /// An access token.
    pub token: SecretString,
}

/// A page of a list of templates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemplatePage {
    /// What could be read of it.
    pub templates: Vec<Listed>,
    /// Meta's ids of those that could not, where even those can be read.
    pub unreadable: Vec<Option<String>>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// What Meta says to a template that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Meta's id of it.
    pub meta_id: String,
    /// How it stands.
    pub status: TemplateStatus,
    /// What Meta takes it for.
    pub category: Category,
}

/// Meta's own refusal of a call of management.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Meta refused with code {code}")]
pub struct MetaRefusal {
    /// Meta's code.
    pub code: i64,
    /// Meta's subcode, which is all that tells some refusals apart.
    pub subcode: Option<i64>,
    /// What follows from the code.
    pub class: RefusalClass,
    /// Why, in Meta's words, for whoever asked. It may repeat what they wrote: never for a log.
    pub message: Option<String>,
}

/// Why a call of management did not work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BusinessError {
    /// Meta refused it.
    #[error(transparent)]
    Refused(#[from] MetaRefusal),
    /// Meta did not answer, or not in a form that can be read. The call may have had its effect.
    #[error("Meta did not answer: {0}")]
    Silent(&'static str),
}

/// Stands where Meta cannot be reached: every call says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBusiness;

const NONE: BusinessError = BusinessError::Silent("there is no way to it");

#[async_trait::async_trait]
impl Business for NoBusiness {
    async fn templates(&self, _: &Account, _: Option<&str>) -> Result<TemplatePage, BusinessError> {
        Err(NONE)
    }

    async fn find_template(&self, _: &Account, _: &str, _: &str) -> Result<Option<Listed>, BusinessError> {
        Err(NONE)
    }

    async fn template(&self, _: &Account, _: &str) -> Result<Listed, BusinessError> {
        Err(NONE)
    }

    async fn create_template(&self, _: &Account, _: &TemplateDraft) -> Result<Submitted, BusinessError> {
        Err(NONE)
    }

    async fn edit_template(&self, _: &Account, _: &str, _: &TemplateEdit) -> Result<(), BusinessError> {
        Err(NONE)
    }

    async fn delete_template(&self, _: &Account, _: &str, _: &str) -> Result<(), BusinessError> {
        Err(NONE)
    }

    async fn number(&self, _: &Channel) -> Result<LineReport, BusinessError> {
        Err(NONE)
    }

    async fn owns_number(&self, _: &Account, _: &domain::NumberId) -> Result<bool, BusinessError> {
        Err(NONE)
    }

    async fn register(&self, _: &Channel, _: &str) -> Result<(), BusinessError> {
        Err(NONE)
    }

    async fn subscribe(&self, _: &Account) -> Result<(), BusinessError> {
        Err(NONE)
    }
}
