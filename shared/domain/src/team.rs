//! A team: people of an organization who look after the same conversations.

use crate::{DisplayName, MemberId, TeamId, Timestamp};

/// A team of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What it is called: no other team of the organization is, case and accents aside.
    pub name: DisplayName,
    /// Who is in it. Everybody can be in several teams.
    pub members: Vec<MemberId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A name as it is compared: without case, accents and punctuation. What is nothing else is compared as it is.
pub fn folded(name: &str) -> String {
    let folded = crate::stop::normalised(name);
    if folded.is_empty() { name.trim().to_owned() } else { folded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_people_would_mix_up_are_the_same() {
        assert_eq!(folded("Balcão  da LOJA"), folded("balcao da loja!"));
        assert_ne!(folded("Balcão 1"), folded("Balcão 2"));
        assert_ne!(folded("🥖"), folded("🍰"));
    }
}
