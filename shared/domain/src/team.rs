//! A team: people of an organization who look after the same conversations.

use crate::wording::WrongField;
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
    /// Who of them is given a conversation.
    pub distribution: Distribution,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How it is decided who is given a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Whoever looks after the fewest.
    #[default]
    LeastBusy,
    /// One after the other.
    RoundRobin,
    /// Nobody is given any: people take them.
    Manual,
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Self; 3] = [Self::LeastBusy, Self::RoundRobin, Self::Manual];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeastBusy => "least_busy",
            Self::RoundRobin => "round_robin",
            Self::Manual => "manual",
        }
    }
}

/// Who is given the conversations that need a person and that nobody looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// How that is decided.
    pub strategy: Strategy,
    /// How many open conversations somebody looks after at most to be given another one; none: any number.
    #[serde(default)]
    pub most_open: Option<u32>,
}

impl Distribution {
    /// Nobody is given any.
    pub const BY_HAND: Self = Self { strategy: Strategy::Manual, most_open: None };

    /// The most that can be said: nobody looks after more at once.
    pub const MOST_OPEN: u32 = 1_000;

    /// What is wrong with it, `at` being where it stands; empty: nothing.
    pub fn check(&self, at: &str) -> Vec<WrongField> {
        let reason = || format!("must be 1 to {}", Self::MOST_OPEN);
        let is_wrong = self.most_open.is_some_and(|most| most == 0 || most > Self::MOST_OPEN);
        is_wrong.then(|| WrongField::new(format!("{at}/most_open"), reason())).into_iter().collect()
    }

    /// Whether somebody who looks after so many may be given another one.
    pub fn has_room(&self, open: u64) -> bool {
        self.most_open.is_none_or(|most| open < u64::from(most))
    }
}

/// Whether somebody can be given conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// They can.
    #[default]
    Available,
    /// They cannot for now. What they look after stays with them.
    Away,
}

impl Availability {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Available, Self::Away];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Away => "away",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|availability| availability.as_str() == name)
    }
}

/// These people in the order in which it is their turn: by their ids, from the one after who had the last turn on, whether
/// or not that one is still among them.
pub fn in_turn(mut people: Vec<MemberId>, last: Option<&MemberId>) -> Vec<MemberId> {
    people.sort();
    let first = last.map_or(0, |last| people.partition_point(|one| one <= last));
    let length = people.len().max(1);
    people.rotate_left(first % length);
    people
}

/// A name as it is compared: without case, accents and punctuation. What is nothing else is compared as it is.
pub fn folded(name: &str) -> String {
    let folded = crate::stop::normalised(name);
    if folded.is_empty() { name.trim().to_owned() } else { folded }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(ids: &[u8]) -> Vec<MemberId> {
        ids.iter().map(|n| MemberId::from_bits([*n; 16])).collect()
    }

    #[test]
    fn everybody_has_their_turn_before_anybody_has_another() {
        let mut last = None;
        let mut turns = Vec::new();
        for _ in 0..7 {
            last = in_turn(people(&[3, 1, 2]), last.as_ref()).into_iter().next();
            turns.extend(last.clone());
        }
        assert_eq!(turns, people(&[1, 2, 3, 1, 2, 3, 1]));
        // Who leaves takes no turn with them, and who comes has one.
        assert_eq!(in_turn(people(&[1, 3]), people(&[2]).first()), people(&[3, 1]));
        assert_eq!(in_turn(people(&[1, 2, 3, 4]), people(&[3]).first()), people(&[4, 1, 2, 3]));
        assert_eq!(in_turn(vec![], people(&[3]).first()), []);
    }

    #[test]
    fn somebody_is_given_as_many_as_the_team_says() {
        let most = |most_open| Distribution { most_open, ..Distribution::default() };
        assert!(most(None).has_room(1_000_000) && most(Some(3)).has_room(2) && !most(Some(3)).has_room(3));
        for (wrong, count) in [(Some(0), 1), (Some(1), 0), (Some(1_000), 0), (Some(1_001), 1), (None, 0)] {
            assert_eq!(most(wrong).check("").len(), count, "{wrong:?}");
        }
    }

    #[test]
    fn names_that_people_would_mix_up_are_the_same() {
        assert_eq!(folded("Balcão  da LOJA"), folded("balcao da loja!"));
        assert_ne!(folded("Balcão 1"), folded("Balcão 2"));
        assert_ne!(folded("🥖"), folded("🍰"));
    }
}
