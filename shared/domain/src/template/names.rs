//! What Meta calls things. Its lists grow: a name that is not known is kept.

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// A name of Meta's that is not known here.
            Other(String),
        }

        impl $name {
            /// Every name that is known.
            pub const KNOWN: &[Self] = &[$(Self::$variant,)*];

            /// Its stable name: Meta's, in lower case.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(name) => name,
                }
            }

            /// Meta's name.
            pub fn meta(&self) -> String {
                self.as_str().to_ascii_uppercase()
            }

            /// Reads a name, in whatever case; one that is not known is cut to 64 characters.
            pub fn parse(name: &str) -> Self {
                let name: String = name.trim().chars().take(64).flat_map(char::to_lowercase).collect();
                match name.as_str() {
                    $($text => Self::$variant,)*
                    _ => Self::Other(name),
                }
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self::parse(&name)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.as_str().to_owned()
            }
        }
    )*};
}

names! {
    /// How a template stands at Meta. In the order in which one follows the other, should Meta give two the same time.
    TemplateStatus {
        /// Meta looks at it.
        Pending = "pending",
        /// Meta looks at it again.
        InAppeal = "in_appeal",
        /// It can be sent.
        Approved = "approved",
        /// It can be sent, and will be disabled if people go on complaining.
        Flagged = "flagged",
        /// Meta refused it.
        Rejected = "rejected",
        /// Too many people complained: not for some hours, or until somebody says so.
        Paused = "paused",
        /// The account sends less of it than its category would allow.
        LimitExceeded = "limit_exceeded",
        /// It may not be changed for now.
        Locked = "locked",
        /// Never again.
        Disabled = "disabled",
        /// Nobody sent it for a year.
        Archived = "archived",
        /// It is being deleted.
        PendingDeletion = "pending_deletion",
        /// It is not there any more.
        Deleted = "deleted",
    }

    /// What people think of a template, as Meta measures it.
    Quality {
        /// Not measured yet.
        Unknown = "unknown",
        /// Good.
        Green = "green",
        /// Some complain.
        Yellow = "yellow",
        /// Many complain.
        Red = "red",
    }

    /// What a template is for; its price and Meta's rules hang on it.
    Category {
        /// What the person expects: an order, an appointment.
        Utility = "utility",
        /// One-time codes.
        Authentication = "authentication",
        /// Offers and news.
        Marketing = "marketing",
    }
}

impl TemplateStatus {
    /// The status that an event of Meta's leaves a template in: two events undo another one.
    pub fn after_event(event: &str) -> Self {
        match Self::parse(event) {
            Self::Other(name) if name == "reinstated" || name == "unarchived" => Self::Approved,
            status => status,
        }
    }

    /// Meta certainly refuses to send it. Where Meta may or may not, it is left to Meta: what is known here may be late.
    pub fn forbids_sending(&self) -> bool {
        matches!(
            self,
            Self::Rejected
                | Self::Paused
                | Self::LimitExceeded
                | Self::Disabled
                | Self::Archived
                | Self::PendingDeletion
                | Self::Deleted
        )
    }

    /// Meta takes changes of it.
    pub fn can_be_edited(&self) -> bool {
        matches!(self, Self::Approved | Self::Flagged | Self::Rejected | Self::Paused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_those_of_tomorrow_are_kept() {
        for status in TemplateStatus::KNOWN {
            assert_eq!(TemplateStatus::parse(status.as_str()), *status);
        }
        assert_eq!(Category::parse("MARKETING"), Category::Marketing);
        assert_eq!((Quality::parse("BLUE").as_str(), Quality::parse("BLUE").meta()), ("blue", "BLUE".to_owned()));
        assert_eq!(TemplateStatus::parse(&"x".repeat(999)).as_str().len(), 64);
    }

    #[test]
    fn an_event_that_undoes_another_leaves_the_template_approved() {
        assert_eq!(TemplateStatus::after_event("REINSTATED"), TemplateStatus::Approved);
        assert_eq!(TemplateStatus::after_event("UNARCHIVED"), TemplateStatus::Approved);
        assert_eq!(TemplateStatus::after_event("PAUSED"), TemplateStatus::Paused);
    }

    #[test]
    fn what_meta_may_still_take_is_left_to_meta() {
        for status in ["PENDING", "IN_APPEAL", "APPROVED", "FLAGGED", "LOCKED", "SOMETHING_NEW"] {
            assert!(!TemplateStatus::parse(status).forbids_sending(), "{status}");
        }
        for status in ["REJECTED", "PAUSED", "DISABLED", "LIMIT_EXCEEDED", "ARCHIVED", "DELETED", "PENDING_DELETION"] {
            assert!(TemplateStatus::parse(status).forbids_sending(), "{status}");
        }
    }
}
