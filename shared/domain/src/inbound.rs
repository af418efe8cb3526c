//! What Meta tells us, as the product understands it. The WhatsApp crate makes these out of the wire's JSON.
//!
//! Nothing is refused here: a type or field that is not known becomes an `Other` arm, and every event keeps the JSON it
//! came from, so that nothing is lost by understanding only a part of it.

use crate::account::AccountEvent;
use crate::delivery::{DeliveryStatus, Pricing};
use crate::{IntentId, NumberId, Phone, Span, Timestamp, UserId, Wamid};

/// One event of a webhook body.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundEvent {
    /// The WhatsApp business account the event belongs to, where the body says so.
    pub waba_id: Option<String>,
    /// The business number it concerns; absent on account-level fields.
    pub number: Option<NumberId>,
    /// What happened.
    pub kind: EventKind,
    /// The event's JSON as it came, envelope included.
    pub raw: serde_json::Value,
}

impl InboundEvent {
    /// Corrects a time of Meta's that cannot be: missing, or more than five minutes after we received it. Windows and
    /// orders hang on these times, and a window must not stay open because a clock was wrong.
    pub fn correct_time(&mut self, received_at: Timestamp) {
        let at = match &mut self.kind {
            EventKind::Message(message) | EventKind::Echo(message) => &mut message.at,
            EventKind::Status(status) => &mut status.at,
            EventKind::Preference(preference) => &mut preference.at,
            EventKind::UserIdChanged(change) => &mut change.at,
            EventKind::Account(event) => match (&mut event.template, &mut event.line) {
                (Some(template), _) => &mut template.at,
                (None, Some(line)) => &mut line.at,
                (None, None) => return,
            },
            EventKind::Other { .. } => return,
        };
        if *at == Timestamp::default() || *at > received_at + Span::from_minutes(5) {
            *at = received_at;
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// A customer wrote.
    Message(Box<InboundMessage>),
    /// The business wrote from its own phone (`smb_message_echoes`).
    Echo(Box<InboundMessage>),
    /// A message of ours got further, or failed.
    Status(Box<StatusUpdate>),
    /// A person stopped or resumed marketing in WhatsApp's own settings (`user_preferences`).
    Preference(MarketingPreference),
    /// A person's business-scoped user id changed (`user_id_update`).
    UserIdChanged(UserIdChange),
    /// Account, templates, quality, history, calls, groups …: a documented field. Stored and acknowledged; what it says of
    /// a template or a number is taken over.
    Account(AccountEvent),
    /// What nobody has heard of yet, or what cannot be read. Stored and acknowledged.
    Other {
        /// The webhook field, or what stands for it where there is none.
        field: String,
    },
}

/// A person as an event names them. A message, echo or preference has at least one of `user_id`, `phone` and `wa_id`
/// (an address that is no phone number in E.164 form has no `phone`); one that names nobody is kept as `Other`. A status
/// may name nobody.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Person {
    /// The business-scoped user id.
    pub user_id: Option<UserId>,
    /// The parent user id, for businesses that have one.
    pub parent_user_id: Option<UserId>,
    /// The canonical phone number.
    pub phone: Option<Phone>,
    /// The number exactly as Meta gave it (`wa_id` or `from`): the address to send to, since Brazilian and Mexican
    /// numbers may not be rewritten on the way back.
    pub wa_id: Option<String>,
    /// The profile name that the person chose.
    pub name: Option<String>,
    /// The WhatsApp username, if they have one.
    pub username: Option<String>,
}

/// A message, from a customer or (as an echo) from the business's own phone.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// Meta's id of the message.
    pub wamid: Wamid,
    /// When Meta says it was written.
    pub at: Timestamp,
    /// The customer: the writer of a message, the receiver of an echo.
    pub person: Person,
    /// What it says.
    pub content: InboundContent,
    /// The message that it answers.
    pub reply_to: Option<Wamid>,
    /// It was forwarded to the business.
    pub forwarded: bool,
    /// It came from an advertisement (Click to WhatsApp), with the ad's id where given.
    pub referral: Option<Referral>,
}

/// The advertisement or post that a message came from.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Referral {
    /// Id of the ad or post.
    pub source_id: Option<String>,
    /// `ad` or `post`.
    pub source_type: Option<String>,
    /// Its address.
    pub source_url: Option<String>,
    /// Its headline.
    pub headline: Option<String>,
    /// The click's id; missing for ads in Status.
    pub ctwa_clid: Option<String>,
}

/// A kind of media file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound; a voice note has `voice` set.
    Audio,
    /// Any other file.
    Document,
    /// A sticker.
    Sticker,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Image, Self::Video, Self::Audio, Self::Document, Self::Sticker];

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Meta's name of it, which is also the API's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }
}

/// What an inbound message says. It is stored sealed, as JSON of this type.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InboundContent {
    /// Words.
    Text {
        /// The words.
        body: String,
    },
    /// A file at Meta, by its id. Meta keeps it for a few days; what is kept of it here is [`crate::media`].
    Media {
        /// Its kind.
        kind: MediaKind,
        /// Meta's media id; empty when Meta could not deliver it.
        id: Option<String>,
        /// MIME type as Meta gives it, parameters included.
        mime_type: Option<String>,
        /// Base64 SHA-256 of the file.
        sha256: Option<String>,
        /// The words under it.
        caption: Option<String>,
        /// The file's name (documents).
        filename: Option<String>,
        /// A voice note (audio).
        #[serde(default)]
        voice: bool,
        /// An animated sticker.
        #[serde(default)]
        animated: bool,
    },
    /// A place.
    Location {
        /// Degrees north, where Meta's value is a number.
        latitude: Option<f64>,
        /// Degrees east, where Meta's value is a number.
        longitude: Option<f64>,
        /// Its name.
        name: Option<String>,
        /// Its address.
        address: Option<String>,
    },
    /// Contact cards.
    Contacts {
        /// The formatted name of each card ("" where a card has none).
        names: Vec<String>,
        /// The cards as they came.
        cards: Vec<serde_json::Value>,
    },
    /// A tap on a button or a row of a list, of an interactive message or a template.
    Choice {
        /// The reply id or payload that the business gave the choice.
        id: Option<String>,
        /// What the person saw on it.
        title: String,
        /// The row's second line.
        description: Option<String>,
    },
    /// Any other interactive answer: flows, call permission, address, payment.
    InteractiveReply {
        /// Meta's `interactive.type`, "" where it is missing.
        kind: String,
        /// Its object as it came.
        body: serde_json::Value,
    },
    /// An emoji on a message, or its removal.
    Reaction {
        /// The message it stands on.
        target: Option<Wamid>,
        /// `None`: the reaction was taken back.
        emoji: Option<String>,
    },
    /// A cart.
    Order {
        /// The words with it.
        text: Option<String>,
        /// How many lines it has.
        items: usize,
        /// The order as it came.
        body: serde_json::Value,
    },
    /// WhatsApp's own note about the person.
    System {
        /// What it says.
        body: Option<String>,
        /// What changed.
        change: SystemChange,
    },
    /// The person edited a message.
    Edit {
        /// The message before.
        target: Option<Wamid>,
        /// What it says now.
        content: Option<Box<InboundContent>>,
    },
    /// The person deleted a message for everyone.
    Revoke {
        /// The message.
        target: Option<Wamid>,
    },
    /// Meta could not show us the message.
    Unsupported {
        /// What it was, where Meta says so.
        kind: Option<String>,
        /// Meta's error code.
        code: Option<i64>,
    },
    /// A type that is not known here, or whose own object is missing or cannot be read.
    Other {
        /// Meta's `type`, "" where it is missing.
        kind: String,
    },
}

/// What a system message announces.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum SystemChange {
    /// The person moved to a new phone number.
    NumberChanged {
        /// The new number as Meta gave it.
        new_wa_id: Option<String>,
        /// The new user id, where given.
        new_user_id: Option<UserId>,
    },
    /// The person's user id changed.
    UserIdChanged {
        /// The new user id.
        new_user_id: Option<UserId>,
    },
    /// The person's security code changed.
    IdentityChanged,
    /// A change that is not known here.
    Other {
        /// Meta's name of it.
        kind: String,
    },
}

impl InboundContent {
    /// The stable name of the type, as the API shows it.
    pub fn kind(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::Media { kind, .. } => kind.as_str(),
            Self::Location { .. } => "location",
            Self::Contacts { .. } => "contacts",
            Self::Choice { .. } => "choice",
            Self::InteractiveReply { .. } => "interactive_reply",
            Self::Reaction { .. } => "reaction",
            Self::Order { .. } => "order",
            Self::System { .. } => "system",
            Self::Edit { .. } => "edit",
            Self::Revoke { .. } => "revoke",
            Self::Unsupported { .. } => "unsupported",
            Self::Other { .. } => "other",
        }
    }

    /// The words in it, which an assistant can read and a preview can show.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { body } => Some(body),
            Self::Media { caption, .. } => caption.as_deref(),
            Self::Choice { title, .. } => Some(title),
            Self::Order { text, .. } => text.as_deref(),
            Self::Location { name, .. } => name.as_deref(),
            Self::Edit { content, .. } => content.as_deref().and_then(Self::text),
            _ => None,
        }
    }

    /// The content in at most so many bytes of JSON, where it has more: a text loses its end, anything else all but its
    /// kind. `None`: it fits as it is.
    pub fn shortened(&self, max: usize) -> Option<Self> {
        let fits = |content: &Self| serde_json::to_string(content).is_ok_and(|json| json.len() <= max);
        if fits(self) {
            return None;
        }
        if let Self::Text { body } = self {
            // Six bytes of JSON for a character at the most.
            let text = Self::Text { body: body.chars().take(max / 6 - 16).collect() };
            if fits(&text) {
                return Some(text);
            }
        }
        Some(Self::Other { kind: self.kind().chars().take(64).collect() })
    }

    /// Whether a person expects an answer to it. Reactions, system notes, edits and deletions only change what is there.
    pub fn asks_for_reply(&self) -> bool {
        !matches!(self, Self::Reaction { .. } | Self::System { .. } | Self::Edit { .. } | Self::Revoke { .. })
    }
}

/// A status of a message of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusUpdate {
    /// Meta's id of our message.
    pub wamid: Wamid,
    /// How far it got; `None` for a status that is not known here.
    pub status: Option<DeliveryStatus>,
    /// When.
    pub at: Timestamp,
    /// Our intent, when Meta echoes `biz_opaque_callback_data` and it is one of ours.
    pub intent: Option<IntentId>,
    /// The recipient, where Meta says so.
    pub person: Person,
    /// Why it failed: Meta's code and its words.
    pub error: Option<StatusError>,
    /// What it costs, on the statuses that carry it.
    pub pricing: Option<Pricing>,
}

/// Why a message failed after Meta had taken it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusError {
    /// Meta's error code.
    pub code: i64,
    /// Meta's title of it.
    pub title: Option<String>,
}

/// A person's choice about marketing, from WhatsApp's own settings.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketingPreference {
    /// Who.
    pub person: Person,
    /// When they chose.
    pub at: Timestamp,
    /// What they chose.
    pub choice: PreferenceChoice,
}

/// What a person chose about marketing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreferenceChoice {
    /// No more marketing.
    Stop,
    /// Marketing is welcome again, or (signup) for the first time.
    Resume,
    /// A value that is not known here; stored only.
    Other(String),
}

/// A change of a person's user id.
#[derive(Debug, Clone, PartialEq)]
pub struct UserIdChange {
    /// The id before.
    pub previous: UserId,
    /// The id from now on.
    pub current: UserId,
    /// The phone, where given.
    pub person: Person,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_that_is_too_large_is_shortened() {
        let text = |n: usize| InboundContent::Text { body: "é\u{1}".repeat(n) };
        assert_eq!(text(10).shortened(1_000), None);
        let short = text(100_000).shortened(1_000);
        assert!(matches!(&short, Some(InboundContent::Text { body }) if body.starts_with('é')));
        let order = InboundContent::Order { text: None, items: 1, body: serde_json::Value::String("x".repeat(2_000)) };
        assert_eq!(order.shortened(1_000), Some(InboundContent::Other { kind: "order".into() }));
    }

    #[test]
    fn a_time_that_cannot_be_is_the_time_of_receipt() {
        let received = Timestamp::from_seconds(1_700_000_000);
        let corrected = |at: Timestamp| {
            let choice = PreferenceChoice::Stop;
            let preference = MarketingPreference { person: Person::default(), at, choice };
            let kind = EventKind::Preference(preference);
            let mut event = InboundEvent { waba_id: None, number: None, kind, raw: serde_json::Value::Null };
            event.correct_time(received);
            match event.kind {
                EventKind::Preference(preference) => preference.at,
                _ => unreachable!("the kind stays"),
            }
        };
        assert_eq!(corrected(Timestamp::MAX), received);
        assert_eq!(corrected(Timestamp::default()), received);
        let earlier = received - Span::from_days(6);
        assert_eq!(corrected(earlier), earlier);
    }
}
