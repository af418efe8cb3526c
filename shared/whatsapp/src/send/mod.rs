//! What we send to Meta: the body of `POST /{phone_number_id}/messages`, typed.
//!
//! The same types are written by the client and read by whoever plays Meta; a request that is read and written again is
//! the same JSON. Kinds that the product does not send (flows, carousels, whole catalogues, orders) are not readable.

mod card;
mod convert;
mod interactive;
mod media;
mod request;
mod template;

pub use card::{Address, Card, Email, Name, Organization, Phone, Url};
pub use interactive::{
    Action, CtaName, Header, Interactive, InteractiveKind, InteractiveType, LocationName, ProductItem, ProductSection,
    Reply, ReplyButton, Row, Section, UrlParameters, Words,
};
pub use media::{Degrees, Location, Media, MediaRef};
pub use request::{
    Content, Context, MessagesRequest, Product, Reaction, ReadReceipt, ReadStatus, RecipientType, SendRequest, Text,
    TypingIndicator, TypingType, Unreadable,
};
pub use template::{Component, Index, Parameter, Template, TemplateLanguage};

/// A part that is written in Meta's own form: typed where it has the documented members, else as it is.
#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Form<T> {
    /// The documented members.
    Documented(T),
    /// Anything else.
    Other(serde_json::Value),
}
