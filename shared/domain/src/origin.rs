//! Who wrote a message.

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The customer.
    Customer,
    /// The assistant.
    Assistant,
    /// A person, through the API.
    Person,
    /// Porfin itself: the confirmation of a stop.
    Program,
    /// The business's own phone.
    PhoneApp,
}

impl Origin {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Customer, Self::Assistant, Self::Person, Self::Program, Self::PhoneApp];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Assistant => "assistant",
            Self::Person => "person",
            Self::Program => "program",
            Self::PhoneApp => "phone_app",
        }
    }

    /// Reads a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == name)
    }

    /// Whether a customer who waits has been answered by it: a confirmation of Porfin's own is no answer.
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Assistant | Self::Person | Self::PhoneApp)
    }
}
