use domain::contact::Contact;
use domain::conversation::{Attention, ConversationState, Ended, Episode};
use domain::delivery::DeliveryStatus;
use domain::{AssistantId, ContactId, ConversationId, MemberId, MessageId, NoteId, TeamId, Timestamp};
use flow::browse::ListedConversation;
use flow::records::{Message, Note};
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

use super::message::{ShownDirection, direction};

/// A conversation.
#[derive(Serialize, ToSchema)]
#[schema(as = Conversation)]
pub(crate) struct ShownConversation<'a> {
    #[schema(schema_with = schema::conversation_id)]
    id: &'a ConversationId,
    number: ShownNumber<'a>,
    contact: ShownContact<'a>,
    /// Who answers.
    #[schema(schema_with = schema::conversation_state)]
    state: ConversationState,
    /// Why a person should look at it, if one should.
    #[schema(schema_with = schema::maybe_attention)]
    attention: Option<Attention>,
    /// When a person's take-over ends by itself.
    #[schema(schema_with = schema::maybe_time)]
    take_over_until: Option<Timestamp>,
    window: Window,
    /// Who answers in place of the number's own assistant, because a rule says so.
    #[schema(schema_with = schema::maybe_assistant_id)]
    assistant_id: Option<&'a AssistantId>,
    /// The team that looks after it.
    #[schema(schema_with = schema::maybe_team_id)]
    team_id: Option<&'a TeamId>,
    /// Who of the organization looks after it.
    #[schema(schema_with = schema::maybe_member_id)]
    assignee_id: Option<&'a MemberId>,
    #[schema(schema_with = schema::tags)]
    labels: Vec<&'a str>,
    /// How many messages of the customer nobody has read yet.
    unread: u32,
    /// The stretch of it that is going on, or was the last; null before the customer has written.
    episode: Option<ShownEpisode>,
    last_message: Option<LastMessage<'a>>,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ConversationNumber)]
struct ShownNumber<'a> {
    phone_number_id: &'a str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ConversationContact)]
struct ShownContact<'a> {
    #[schema(schema_with = schema::contact_id)]
    id: &'a ContactId,
    name: Option<&'a str>,
    /// E.164.
    #[schema(example = "+5511987650001")]
    phone: Option<String>,
    username: Option<&'a str>,
}

/// A stretch of a conversation, from the customer's first message until it is closed.
#[derive(Serialize, ToSchema)]
#[schema(as = Episode)]
struct ShownEpisode {
    /// Which one, from 1.
    number: u32,
    #[schema(schema_with = schema::time)]
    opened_at: Timestamp,
    /// Until when it should be answered for the first time, where the organization has set itself that.
    #[schema(schema_with = schema::maybe_time)]
    respond_by: Option<Timestamp>,
    #[schema(schema_with = schema::maybe_time)]
    first_response_at: Option<Timestamp>,
    #[schema(schema_with = schema::maybe_time)]
    ended_at: Option<Timestamp>,
}

/// The 24-hour window.
#[derive(Serialize, ToSchema)]
struct Window {
    open: bool,
    #[schema(schema_with = schema::maybe_time)]
    until: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
struct LastMessage<'a> {
    #[schema(schema_with = schema::message_id)]
    id: &'a MessageId,
    direction: ShownDirection,
    r#type: &'a str,
    text: Option<&'a str>,
    #[schema(schema_with = schema::origin)]
    origin: &'static str,
    #[schema(schema_with = schema::delivery_status)]
    status: DeliveryStatus,
    #[schema(schema_with = schema::time)]
    at: Timestamp,
}

/// Shows a conversation as it stands at `now`.
pub(crate) fn conversation(listed: &ListedConversation, now: Timestamp) -> ShownConversation<'_> {
    let conversation = &listed.conversation;
    let contact = listed.contact.as_ref();
    let person = conversation.state() == ConversationState::Person;
    ShownConversation {
        id: &conversation.id,
        number: ShownNumber { phone_number_id: conversation.number.as_str() },
        contact: ShownContact {
            id: contact.map_or(&conversation.contact, |contact| &contact.id),
            name: contact.and_then(Contact::called),
            phone: contact.and_then(Contact::phone).map(|phone| phone.e164()),
            username: contact.and_then(|contact| contact.username.as_ref()).map(|username| username.value.as_str()),
        },
        state: conversation.state(),
        attention: conversation.attention,
        take_over_until: conversation.take_over_until.filter(|_| person),
        window: Window { open: conversation.window_is_open(now), until: conversation.window_until },
        assistant_id: conversation.assistant.as_ref(),
        team_id: conversation.team.as_ref(),
        assignee_id: conversation.assignee.as_ref(),
        labels: conversation.labels.iter().map(|label| label.as_str()).collect(),
        unread: conversation.unread,
        episode: conversation.episode.as_ref().map(episode),
        last_message: listed.last_message.as_ref().map(last_message),
        created_at: conversation.created_at,
    }
}

fn episode(episode: &Episode) -> ShownEpisode {
    ShownEpisode {
        number: episode.number,
        opened_at: episode.opened.at,
        respond_by: episode.respond_by(),
        first_response_at: episode.first_response.as_ref().map(|moment| moment.at),
        ended_at: episode.ended.as_ref().map(|ended| match ended {
            Ended::Resolved(moment) | Ended::Lapsed(moment) => moment.at,
        }),
    }
}

fn last_message(message: &Message) -> LastMessage<'_> {
    LastMessage {
        id: &message.id,
        direction: direction(message),
        r#type: message.body.kind(),
        text: message.body.text(),
        origin: message.origin.as_str(),
        status: message.status,
        at: message.at,
    }
}

/// What somebody of the organization noted in a conversation.
#[derive(Serialize, ToSchema)]
#[schema(as = Note)]
pub(crate) struct ShownNote<'a> {
    #[schema(schema_with = schema::note_id)]
    id: &'a NoteId,
    text: &'a str,
    /// The member or key that left it.
    by: Option<&'a str>,
    #[schema(schema_with = schema::time)]
    at: Timestamp,
}

/// Shows a note.
pub(crate) fn note(note: &Note) -> ShownNote<'_> {
    ShownNote { id: &note.id, text: &note.text, by: note.by.as_deref(), at: note.at }
}
