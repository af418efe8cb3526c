//! Why what people manage was not changed, as the API answers it.

use flow::manage::ManageError;
use flow::reply::AskError;

use crate::problem::{Code, Place, Problem};

impl From<ManageError> for Problem {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::NotFound => Self::new(Code::NotFound),
            ManageError::Invalid(wrong) => {
                Self::new(Code::InvalidBody).detail("The body has a field that is not valid.").fields(&wrong)
            }
            ManageError::Taken { pointer } => {
                Self::new(Code::NameTaken).field(Place::Body, pointer, "is another one's already")
            }
            ManageError::Exists(id) => Self::new(Code::AlreadyExists).member("id", id.into()),
            ManageError::State(what) => Self::new(Code::WrongState).detail(what),
            ManageError::PlanLimit(most) => Self::new(Code::PlanLimit).detail(format!("The plan allows {most}.")),
            ManageError::Full(most) => Self::new(Code::LimitReached).detail(format!("There can be {most}.")),
            ManageError::InUse(by) => Self::new(Code::InUse).detail(format!("It is in use: {by}.")),
            ManageError::Changed => Self::new(Code::PreconditionFailed),
            ManageError::Job(error) => error.into(),
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::TooMany { reset } => {
                Self::new(Code::RateLimited).detail("An organization asks 30 times a minute.").retry_after(reset)
            }
            AskError::Job(error) => error.into(),
        }
    }
}
