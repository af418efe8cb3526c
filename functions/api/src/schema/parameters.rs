//! Schemas that a query parameter names: it cannot name a function.

use domain::feed::FeedType;
use domain::media::sendable_types;
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::{conversation_state, delivery_state, names, queue, text};

macro_rules! parameters {
    ($($(#[$said:meta])* $name:ident = $schema:expr;)*) => {$(
        $(#[$said])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema
            }
        }

        impl ToSchema for $name {}
    )*};
}

parameters! {
    /// Of the dead letters.
    QueueOfLetters = queue();
    /// Of `GET /analytics`.
    IntervalOfReport = names(&["hour", "day", "month"]);
    /// Of `GET /ledger`.
    IntervalOfLedger = names(&["day", "month"]);
    /// Of files that are sent.
    TypeOfFile = names(&sendable_types().collect::<Vec<_>>());
    /// Of reports.
    DayOfReport = text(false).format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).build().into();
    /// Of comparisons.
    DimensionOfReport = names(&["number", "assistant", "team", "member"]);
    /// Of `GET /conversations`.
    StateOfConversation = conversation_state();
    /// Of the deliveries of a webhook endpoint.
    StateOfDelivery = delivery_state();
    /// A tag or a label: on one line, without the marks that separate several of them, and with a letter or a digit.
    TagOfList = {
        let one = "^[^\\x00-\\x1F\\x7F-\\x9F,;]*[0-9A-Za-zÀ-ÖØ-öø-ž][^\\x00-\\x1F\\x7F-\\x9F,;]*$";
        text(false).min_length(Some(1)).max_length(Some(50)).pattern(Some(one)).build().into()
    };
    /// Types of the change feed, comma-separated.
    FeedTypeList = {
        let one = FeedType::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join("|").replace('.', "\\.");
        text(false).pattern(Some(format!("^({one})(,({one}))*$"))).build().into()
    };
}
