//! Pure types and rules of Porfin.
//!
//! Everything here is a value or a function of values: no async, no SDK, no environment, no clock or randomness of its
//! own. Untrusted input becomes one of these types at the edge and cannot be wrong afterwards; state machines are enums
//! whose transitions are total functions. Every other crate may import this one; it imports none of ours.

pub mod access;
pub mod account;
pub mod address;
pub mod api_key;
pub mod assistant;
pub mod away;
pub mod canned_reply;
pub mod contact;
pub mod conversation;
pub mod delivery;
pub mod email;
pub mod feed;
pub mod figures;
pub mod gate;
pub mod hours;
pub mod id;
pub mod identity;
pub mod inbound;
pub mod intent;
pub mod knowledge;
pub mod line;
pub mod locale;
pub mod media;
pub mod name;
pub mod organization;
pub mod origin;
pub mod outbound;
pub mod outcome;
pub mod phone;
pub mod plan;
pub mod price;
pub mod routing;
pub mod segment;
pub mod stop;
pub mod team;
pub mod template;
pub mod time;
pub mod webhook;
pub mod wording;

pub use email::Email;
pub use id::{
    ApiKeyId, AssistantId, AttemptId, AuditId, CannedReplyId, ConsentId, ContactId, ConversationId, DeliveryId,
    EndpointId, EventId, FeedId, IdKey, IntentId, InvitationId, KnowledgeId, MediaId, MemberId, MessageId, ModelCallId,
    NoteId, NumberId, OrganizationId, RuleId, SegmentId, SessionId, TaskId, TeamId, TemplateChangeId, TemplateId,
    UserId, Wamid,
};
pub use name::DisplayName;
pub use phone::Phone;
pub use plan::Plan;
pub use time::{Span, TimeZone, Timestamp};
