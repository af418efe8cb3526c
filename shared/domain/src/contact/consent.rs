//! What somebody agreed to, and how that can be shown later.
//!
//! Brazil's data protection law (13.709/2018, article 8) puts the burden of proof on who processes, and WhatsApp's terms
//! demand an opt-in before a business writes first: a consent without evidence counts for nothing.

use std::collections::BTreeMap;

use crate::{ConsentId, ContactId, Span, Timestamp};

/// How many characters a source has at most.
const SOURCE: usize = 200;
/// How many characters the evidence has at most.
const EVIDENCE: usize = 2_000;
/// A clock elsewhere may be ahead of ours by so much.
const AHEAD: Span = Span::from_minutes(5);

/// What somebody is written to for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Offers, news, campaigns.
    Marketing,
    /// Orders, appointments, payments: what they asked for.
    Utility,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Marketing, Self::Utility];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Utility => "utility",
        }
    }

    /// The purpose of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == name)
    }
}

/// What the law allows the writing by (LGPD, article 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegalBasis {
    /// They agreed (I).
    Consent,
    /// A contract with them, or what they asked for before one (V).
    Contract,
    /// A legitimate interest of the organization (IX).
    LegitimateInterest,
    /// The organization must, by law (II).
    LegalObligation,
}

impl LegalBasis {
    /// Every basis.
    pub const ALL: [Self; 4] = [Self::Consent, Self::Contract, Self::LegitimateInterest, Self::LegalObligation];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegitimateInterest => "legitimate_interest",
            Self::LegalObligation => "legal_obligation",
        }
    }

    /// The basis of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == name)
    }
}

/// How a decision reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentSource {
    /// They wrote a stop or start word.
    Message,
    /// They chose in WhatsApp's own settings.
    Preferences,
    /// Meta refused a message of marketing since they had stopped it there.
    Refusal,
    /// A person or program of the organization recorded it.
    Recorded,
    /// It stood in a file.
    Import,
}

impl ConsentSource {
    /// Every source.
    pub const ALL: [Self; 5] = [Self::Message, Self::Preferences, Self::Refusal, Self::Recorded, Self::Import];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Preferences => "whatsapp_preferences",
            Self::Refusal => "whatsapp_refusal",
            Self::Recorded => "recorded",
            Self::Import => "import",
        }
    }

    /// The source of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

/// One decision with its evidence. It is never changed: what comes later is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// Who decided.
    pub contact: ContactId,
    /// For what.
    pub purpose: Purpose,
    /// Whether it may be sent.
    pub granted: bool,
    /// When they decided.
    pub at: Timestamp,
    /// How it reached us.
    pub source: ConsentSource,
    /// Where they said it, in words: `checkout form`, `at the counter`.
    pub place: Option<String>,
    /// What they saw or said. Personal data.
    pub evidence: Option<String>,
    /// What the law allows it by, where it was granted.
    pub basis: Option<LegalBasis>,
    /// Who recorded it, where somebody did: the id of a member, a key or a task.
    pub recorded_by: Option<String>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// Why a decision cannot be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConsent {
    /// It has no place where it was said, or one that is too long.
    #[error("must be 1 to 200 characters: where they said it")]
    Place,
    /// It has no evidence, or one that is too long.
    #[error("must be 1 to 2,000 characters: what they saw or said")]
    Evidence,
    /// It lies in the future.
    #[error("must not lie in the future")]
    Future,
}

impl Consent {
    /// When the decision counts from. Meta's times are whole seconds rounded down: a consent counts from the beginning of its
    /// second, and not from a clock that is ahead, so that a stop of the same moment wins.
    pub fn counts_from(&self, now: Timestamp) -> Timestamp {
        match self.granted {
            true => Timestamp::from_seconds(self.at.min(now).micros().div_euclid(1_000_000)),
            false => self.at,
        }
    }

    /// What is wrong with a decision that somebody records at this moment.
    pub fn faults(&self, now: Timestamp) -> Vec<InvalidConsent> {
        let fits = |text: &Option<String>, most: usize| {
            text.as_ref().is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= most)
        };
        [
            (!fits(&self.place, SOURCE)).then_some(InvalidConsent::Place),
            // Whoever wants to be left alone needs no proof.
            ((self.granted || self.evidence.is_some()) && !fits(&self.evidence, EVIDENCE))
                .then_some(InvalidConsent::Evidence),
            (self.at > now + AHEAD).then_some(InvalidConsent::Future),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Where somebody stands on a purpose: the latest decision counts, and a no wins a tie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be sent.
    pub granted: bool,
    /// When they decided.
    pub at: Timestamp,
    /// The record that shows it.
    pub consent: ConsentId,
}

/// Where somebody stands on each purpose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Consents(BTreeMap<Purpose, Decision>);

impl Consents {
    /// Takes in a decision.
    pub fn decide(&mut self, purpose: Purpose, decision: Decision) {
        let is_later = self.0.get(&purpose).is_none_or(|known| {
            (known.at, !known.granted, &known.consent) < (decision.at, !decision.granted, &decision.consent)
        });
        if is_later {
            self.0.insert(purpose, decision);
        }
    }

    /// Where they stand on a purpose.
    pub fn on(&self, purpose: Purpose) -> Option<&Decision> {
        self.0.get(&purpose)
    }

    /// Whether they agreed.
    pub fn is_granted(&self, purpose: Purpose) -> bool {
        self.on(purpose).is_some_and(|decision| decision.granted)
    }

    /// Where they stand, purpose by purpose.
    pub fn iter(&self) -> impl Iterator<Item = (Purpose, &Decision)> {
        self.0.iter().map(|(purpose, decision)| (*purpose, decision))
    }

    pub(super) fn unite(&mut self, other: &Self) {
        for (purpose, decision) in &other.0 {
            self.decide(*purpose, decision.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(granted: bool, at: i64) -> Decision {
        Decision { granted, at: Timestamp::from_seconds(at), consent: ConsentId::from_bits([1; 16]) }
    }

    #[test]
    fn the_latest_decision_counts_whatever_the_order_and_a_no_wins_a_tie() {
        let decisions = [decision(true, 5), decision(false, 7), decision(true, 7), decision(true, 6)];
        for first in 0..decisions.len() {
            let mut consents = Consents::default();
            for decision in decisions.iter().cycle().skip(first).take(decisions.len()) {
                consents.decide(Purpose::Marketing, decision.clone());
            }
            assert_eq!(consents.on(Purpose::Marketing), Some(&decision(false, 7)));
            assert!(!consents.is_granted(Purpose::Utility));
        }
    }

    #[test]
    fn a_consent_needs_evidence_and_a_withdrawal_does_not() {
        let now = Timestamp::from_seconds(1_000_000);
        let consent = |granted, evidence: Option<&str>, at| Consent {
            id: ConsentId::from_bits([1; 16]),
            contact: ContactId::from_bits([1; 16]),
            purpose: Purpose::Marketing,
            granted,
            at,
            source: ConsentSource::Recorded,
            place: Some("checkout".into()),
            evidence: evidence.map(ToOwned::to_owned),
            basis: None,
            recorded_by: None,
            recorded_at: now,
        };
        assert_eq!(consent(true, Some("I want news"), now).faults(now), []);
        assert_eq!(consent(false, None, now).faults(now), []);
        assert_eq!(consent(true, None, now).faults(now), [InvalidConsent::Evidence]);
        assert_eq!(consent(true, Some("  "), now).faults(now), [InvalidConsent::Evidence]);
        let late = now + Span::from_minutes(6);
        assert_eq!(consent(true, Some("x"), late).faults(now), [InvalidConsent::Future]);
        let nowhere = Consent { place: None, ..consent(false, None, now) };
        assert_eq!(nowhere.faults(now), [InvalidConsent::Place]);
    }
}
