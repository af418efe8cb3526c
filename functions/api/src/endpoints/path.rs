use axum::extract::{FromRequestParts, Path};
use domain::{ConversationId, MessageId, NoteId, TaskId};
use http::request::Parts;

use crate::problem::{Code, Problem};

/// No file has more parts.
const MAX_FILE_PARTS: u32 = 1_000_000;

/// The conversation that a path names. An id that is none names nothing.
pub(crate) struct InConversation(pub ConversationId);

impl<S: Send + Sync> FromRequestParts<S> for InConversation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| no_conversation())?;
        ConversationId::try_from(id).map(Self).map_err(|_| no_conversation())
    }
}

/// What else a path names, by its id. An id that is none names nothing.
pub(crate) struct Id<T>(pub T);

impl<S: Send + Sync, T: TryFrom<String>> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::new(Code::NotFound))?;
        T::try_from(id).map(Self).map_err(|_| Problem::new(Code::NotFound))
    }
}

/// The note that a path names.
pub(crate) struct InNote {
    pub conversation: ConversationId,
    pub note: NoteId,
}

impl<S: Send + Sync> FromRequestParts<S> for InNote {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let nothing = || Problem::new(Code::NotFound);
        let Path((conversation, note)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        let conversation = ConversationId::try_from(conversation).map_err(|_| nothing())?;
        Ok(Self { conversation, note: NoteId::try_from(note).map_err(|_| nothing())? })
    }
}

/// The message that a path names, in its conversation.
pub(crate) struct InMessage {
    pub conversation: ConversationId,
    pub message: MessageId,
}

impl<S: Send + Sync> FromRequestParts<S> for InMessage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let nothing = || Problem::new(Code::NotFound);
        let Path((conversation, message)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        let conversation = ConversationId::try_from(conversation).map_err(|_| nothing())?;
        Ok(Self { conversation, message: MessageId::try_from(message).map_err(|_| nothing())? })
    }
}

/// The part of a task's file that a path names. An id or a number that is none names nothing.
pub(crate) struct InTask {
    pub task: TaskId,
    pub part: u32,
}

impl<S: Send + Sync> FromRequestParts<S> for InTask {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let nothing = || Problem::new(Code::NotFound);
        let Path((task, part)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        let part = part.parse().ok().filter(|part| (1..=MAX_FILE_PARTS).contains(part)).ok_or_else(nothing)?;
        Ok(Self { task: TaskId::try_from(task).map_err(|_| nothing())?, part })
    }
}

/// The answer where an organization has no such conversation, whether or not another has it.
pub(crate) fn no_conversation() -> Problem {
    Problem::new(Code::NotFound).detail("There is no such conversation.")
}
