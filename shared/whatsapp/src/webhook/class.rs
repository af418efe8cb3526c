//! What sort of event an element of a webhook body is: decided once, for cutting and for reading alike.

/// The sort of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventClass {
    /// A message from a customer.
    Message,
    /// A message that the business wrote on its own phone.
    Echo,
    /// A status of a message of ours.
    Status,
    /// A person's choice about marketing.
    Preference,
    /// A person's new user id.
    UserIdChange,
    /// Anything else of the account: templates, quality, history, calls, errors, what is not known …
    Account,
    /// What several events of one body share and what belongs to none of them.
    Remainder,
    /// A body that cannot be cut into events, kept whole.
    Unparsed,
}

/// The lists in a change's value of which every element may be an event of its own.
pub(crate) const LISTS: [&str; 6] =
    ["messages", "message_echoes", "statuses", "user_preferences", "user_id_update", "errors"];

impl EventClass {
    /// The class of the elements of `list` in a change of `field`; `None` where they are no events of their own.
    ///
    /// The field decides, since other fields reuse the lists: `history` repeats old messages, `calls` has statuses of
    /// its own, `flows` counts errors. The list decides under `messages` and where Meta's own samples lack the field.
    pub(crate) fn of(field: Option<&str>, list: &str) -> Option<Self> {
        match (field, list) {
            (None | Some("messages"), "messages") => Some(Self::Message),
            (None | Some("messages"), "statuses") => Some(Self::Status),
            (None | Some("messages"), "errors") => Some(Self::Account),
            (None | Some("messages" | "smb_message_echoes" | "message_echoes"), "message_echoes") => Some(Self::Echo),
            (None | Some("messages" | "user_preferences"), "user_preferences") => Some(Self::Preference),
            (None | Some("messages" | "user_id_update"), "user_id_update") => Some(Self::UserIdChange),
            _ => None,
        }
    }

    /// The members of an element that name the person by user id, most telling first.
    pub(crate) fn user_id_keys(self) -> &'static [&'static str] {
        match self {
            Self::Message => &["from_user_id"],
            Self::Echo => &["to_user_id"],
            Self::Status => &["recipient_participant_user_id", "recipient_user_id"],
            Self::Preference => &["user_id"],
            _ => &[],
        }
    }

    /// The members of an element that name the person by phone, most telling first.
    pub(crate) fn phone_keys(self) -> &'static [&'static str] {
        match self {
            Self::Message => &["from"],
            Self::Echo => &["to"],
            Self::Status => &["recipient_participant_id", "recipient_id"],
            Self::Preference | Self::UserIdChange => &["wa_id"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_messages_of_a_history_are_no_new_messages() {
        assert_eq!(EventClass::of(Some("history"), "messages"), None);
        assert_eq!(EventClass::of(Some("calls"), "statuses"), None);
        assert_eq!(EventClass::of(Some("standby"), "messages"), None);
        assert_eq!(EventClass::of(Some("flows"), "errors"), None);
    }

    #[test]
    fn the_list_decides_where_the_field_is_missing() {
        assert_eq!(EventClass::of(None, "messages"), Some(EventClass::Message));
        assert_eq!(EventClass::of(None, "user_preferences"), Some(EventClass::Preference));
        assert_eq!(EventClass::of(Some("messages"), "errors"), Some(EventClass::Account));
    }
}
