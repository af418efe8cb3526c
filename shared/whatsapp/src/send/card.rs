//! Contact cards.

use serde::{Deserialize, Serialize};

/// A contact card, by Meta's documented members.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The name.
    pub name: Name,
    /// Phone numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phones: Option<Vec<Phone>>,
    /// E-mail addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emails: Option<Vec<Email>>,
    /// Postal addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<Address>>,
    /// Web addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urls: Option<Vec<Url>>,
    /// Where the person works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<Organization>,
    /// `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<String>,
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident $(as $wire:literal)?,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {$(
            $(#[$field_doc])*
            #[serde(default, skip_serializing_if = "Option::is_none" $(, rename = $wire)?)]
            pub $field: Option<String>,
        )*}
    )*};
}

parts! {
    /// A name.
    Name {
        /// As it is shown; Meta requires it.
        formatted_name,
        /// First name.
        first_name,
        /// Last name.
        last_name,
        /// Middle name.
        middle_name,
        /// After the name.
        suffix,
        /// Before the name.
        prefix,
    }
    /// A phone number.
    Phone {
        /// The number.
        phone,
        /// What it is for.
        kind as "type",
        /// The WhatsApp id behind it.
        wa_id,
    }
    /// An e-mail address.
    Email {
        /// The address.
        email,
        /// What it is for.
        kind as "type",
    }
    /// A postal address.
    Address {
        /// Street and number.
        street,
        /// City.
        city,
        /// State.
        state,
        /// Postal code.
        zip,
        /// Country.
        country,
        /// Two-letter country code.
        country_code,
        /// What it is for.
        kind as "type",
    }
    /// A web address.
    Url {
        /// The address.
        url,
        /// What it is for.
        kind as "type",
    }
    /// Where a person works.
    Organization {
        /// The company.
        company,
        /// The department.
        department,
        /// The title.
        title,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::send::Form;
    use serde_json::json;

    #[test]
    fn a_documented_card_is_typed_and_any_other_is_kept() {
        let card = json!({"name": {"formatted_name": "Rita"}, "phones": [{"phone": "+5511999990001", "type": "WORK"}]});
        let read: Form<Card> = serde_json::from_value(card.clone()).unwrap();
        assert!(matches!(&read, Form::Documented(card) if card.name.formatted_name.as_deref() == Some("Rita")));
        assert_eq!(serde_json::to_value(read).unwrap(), card);
        let new = json!({"name": {"formatted_name": "Rita"}, "pronouns": ["ela"]});
        let read: Form<Card> = serde_json::from_value(new.clone()).unwrap();
        assert!(matches!(read, Form::Other(_)));
        assert_eq!(serde_json::to_value(read).unwrap(), new);
    }
}
