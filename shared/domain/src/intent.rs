//! A send intent: the decision that one message shall be sent, and the only authority on whether Meta may be called.
//!
//! ```text
//!            claim                 accepted
//! (absent) ───────▶ Sending ───────────────────▶ Sent
//!            ▲  │      │  not taken, permanent ─▶ Failed
//!    Ready ──┘  │      │  lease ends
//!      ▲        │      ▼                 status
//!      └────────┘   Unknown ─────────────────────▶ Sent | Failed
//!    not taken, for now
//! (absent) or Ready ──▶ Suppressed | Cancelled
//! Unknown ──a person──▶ Said ──proof──▶ Sent | Failed
//! ```
//!
//! An ambiguous answer changes nothing: only the end of the lease makes it unknown, and from there it never becomes
//! ready again. Every result carries the attempt that it belongs to, so that a worker that wakes up late changes nothing.
//!
//! A person may say what became of an unknown one. That is its end as far as they know; proof of Meta's outweighs it,
//! and nothing else does.

use crate::{AttemptId, Span, Timestamp};

/// How long after a call began Meta may still take its message: the call's timeout (10 s), and the time for which Meta
/// may go on working on a request that nobody waits for any more (15 s).
pub const LATEST_TAKEN: Span = Span::from_seconds(25);

/// A claim is not used for a call later than this before its end: what is left must hold [`LATEST_TAKEN`] and the
/// difference of two workers' clocks (5 s).
pub const LEASE_RESERVE: Span = Span::from_seconds(30);

/// How long a claim is good for: the reserve, and a little time from the claim to the call.
pub const LEASE: Span = Span::from_seconds(35);

/// How long intents are kept: longer than any backup lives, so that no restore can send again.
pub const RETENTION: Span = Span::from_days(120);

/// Why a message was never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// A person had taken the conversation over, or the turn belongs to an earlier owner.
    TakenOver,
    /// The person stopped marketing.
    Stopped,
    /// The 24-hour window had closed.
    WindowClosed,
    /// It was too old to be sent.
    Expired,
    /// A restore took its row.
    Restore,
    /// The number is no longer connected.
    NoNumber,
    /// The organization had blocked the contact.
    Blocked,
    /// Meta had paused, disabled or deleted its template.
    TemplateUnusable,
    /// Meta had made its template marketing.
    TemplateRecategorized,
    /// The file to send is not here, or Meta does not take it.
    NoMedia,
}

impl SuppressionReason {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::TakenOver,
        Self::Stopped,
        Self::WindowClosed,
        Self::Expired,
        Self::Restore,
        Self::NoNumber,
        Self::Blocked,
        Self::TemplateUnusable,
        Self::TemplateRecategorized,
        Self::NoMedia,
    ];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TakenOver => "taken_over",
            Self::Stopped => "stopped",
            Self::WindowClosed => "window_closed",
            Self::Expired => "expired",
            Self::Restore => "restore",
            Self::NoNumber => "no_number",
            Self::Blocked => "blocked",
            Self::TemplateUnusable => "template_unusable",
            Self::TemplateRecategorized => "template_recategorized",
            Self::NoMedia => "no_media",
        }
    }

    /// Reads a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// The state of an intent that was written at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentState {
    /// May be claimed from this time on.
    Ready {
        /// Not before.
        not_before: Timestamp,
    },
    /// Claimed: Meta may be called, until the lease ends.
    Sending {
        /// By whom.
        attempt: AttemptId,
        /// Until when.
        lease_until: Timestamp,
    },
    /// It is not known whether Meta took it.
    Unknown {
        /// The attempt whose end is not known.
        attempt: AttemptId,
    },
    /// Meta took it.
    Sent {
        /// The attempt that did it.
        attempt: AttemptId,
        /// A blind key of Meta's id of the message: two different ones for one intent are an incident.
        wamid_key: String,
    },
    /// Meta did not take it, for good.
    Failed {
        /// Meta's code; 0 when Meta was never reached.
        code: i64,
    },
    /// A rule forbade it.
    Suppressed {
        /// Which one.
        reason: SuppressionReason,
    },
    /// It was called off.
    Cancelled,
    /// A person said what became of it while nobody knew.
    Said {
        /// The attempt whose end was not known.
        attempt: AttemptId,
        /// Meta took it, they say.
        sent: bool,
    },
}

/// A send intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Where it stands.
    pub state: IntentState,
    /// How many refusals it has used up: a passing fault of Meta's ends it after a few.
    pub tries: u32,
    /// How often it had to wait for pace, token or network, which uses nothing up but grows the pause.
    pub waits: u32,
}

/// Whether a claim is possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimDecision {
    /// Yes: write this, on condition that nothing changed.
    Claim(Intent),
    /// Not before this time.
    NotYet(Timestamp),
    /// Another worker holds it until this time.
    InFlight(Timestamp),
    /// The lease of its last holder ended: write this, it is unknown now.
    LeaseEnded(Intent),
    /// It has an end, or is unknown: record that.
    Ended,
}

/// What a result does to an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition {
    /// Write this.
    To(Intent),
    /// It already says so.
    Already,
    /// The result belongs to an attempt that is over, or contradicts an end: nothing may be written.
    Refused,
}

impl Intent {
    /// Decides about a claim. `current` is the intent as it is stored, if it was ever written.
    pub fn claim(current: Option<&Self>, attempt: AttemptId, now: Timestamp) -> ClaimDecision {
        let (tries, waits) = current.map_or((0, 0), |intent| (intent.tries, intent.waits));
        match current.map(|intent| &intent.state) {
            Some(IntentState::Ready { not_before }) if *not_before > now => ClaimDecision::NotYet(*not_before),
            None | Some(IntentState::Ready { .. }) => ClaimDecision::Claim(Self {
                state: IntentState::Sending { attempt, lease_until: now + LEASE },
                tries,
                waits,
            }),
            Some(IntentState::Sending { lease_until, .. }) if *lease_until > now => {
                ClaimDecision::InFlight(*lease_until)
            }
            Some(IntentState::Sending { attempt, .. }) => ClaimDecision::LeaseEnded(Self {
                state: IntentState::Unknown { attempt: attempt.clone() },
                tries,
                waits,
            }),
            Some(_) => ClaimDecision::Ended,
        }
    }

    /// The process that held the claim has died, and its connections with it: the lease lasts only as long as Meta may take
    /// what it was called with at the last moment.
    #[must_use]
    pub fn holder_died(&self, now: Timestamp) -> Self {
        let state = match &self.state {
            IntentState::Sending { attempt, lease_until } => {
                IntentState::Sending { attempt: attempt.clone(), lease_until: (now + LATEST_TAKEN).min(*lease_until) }
            }
            other => other.clone(),
        };
        Self { state, tries: self.tries, waits: self.waits }
    }

    /// Meta took it, by the answer to this attempt.
    pub fn accepted(&self, by: &AttemptId, wamid_key: &str) -> Transition {
        match &self.state {
            IntentState::Sending { attempt, .. }
            | IntentState::Unknown { attempt }
            | IntentState::Said { attempt, .. }
                if attempt == by =>
            {
                self.to(IntentState::Sent { attempt: by.clone(), wamid_key: wamid_key.to_owned() })
            }
            IntentState::Sent { attempt, wamid_key: known } if attempt == by && known == wamid_key => {
                Transition::Already
            }
            _ => Transition::Refused,
        }
    }

    /// Meta took it, by a status webhook that carries this intent's id.
    pub fn proved_by_status(&self, wamid_key: &str) -> Transition {
        match &self.state {
            IntentState::Sending { attempt, .. }
            | IntentState::Unknown { attempt }
            | IntentState::Said { attempt, .. } => {
                self.to(IntentState::Sent { attempt: attempt.clone(), wamid_key: wamid_key.to_owned() })
            }
            IntentState::Sent { wamid_key: known, .. } if known == wamid_key => Transition::Already,
            _ => Transition::Refused,
        }
    }

    /// Meta certainly did not take it, and it may be tried again at `not_before`. From unknown this is the end: it never
    /// becomes ready again.
    pub fn not_taken(&self, by: &AttemptId, code: i64, not_before: Timestamp, burns_a_try: bool) -> Transition {
        match &self.state {
            IntentState::Sending { attempt, .. } if attempt == by => Transition::To(Self {
                state: IntentState::Ready { not_before },
                tries: self.tries + u32::from(burns_a_try),
                waits: self.waits + u32::from(!burns_a_try),
            }),
            IntentState::Unknown { attempt } | IntentState::Said { attempt, .. } if attempt == by => {
                self.to(IntentState::Failed { code })
            }
            _ => Transition::Refused,
        }
    }

    /// Meta certainly did not take it, for good.
    pub fn failed(&self, by: &AttemptId, code: i64) -> Transition {
        match &self.state {
            IntentState::Sending { attempt, .. }
            | IntentState::Unknown { attempt }
            | IntentState::Said { attempt, .. }
                if attempt == by =>
            {
                self.to(IntentState::Failed { code })
            }
            _ => Transition::Refused,
        }
    }

    /// A person says whether Meta took it: possible only while nobody knows. What is known and agrees stays as it is.
    pub fn said(&self, sent: bool) -> Transition {
        match &self.state {
            IntentState::Unknown { attempt } => self.to(IntentState::Said { attempt: attempt.clone(), sent }),
            IntentState::Said { sent: known, .. } if *known == sent => Transition::Already,
            IntentState::Sent { .. } if sent => Transition::Already,
            IntentState::Failed { .. } if !sent => Transition::Already,
            _ => Transition::Refused,
        }
    }

    /// A rule forbids it. Possible only before Meta was called: from nothing, or ready.
    pub fn suppress(current: Option<&Self>, reason: SuppressionReason) -> Transition {
        let (tries, waits) = current.map_or((0, 0), |intent| (intent.tries, intent.waits));
        match current.map(|intent| &intent.state) {
            None | Some(IntentState::Ready { .. }) => {
                Transition::To(Self { state: IntentState::Suppressed { reason }, tries, waits })
            }
            Some(IntentState::Suppressed { .. }) => Transition::Already,
            Some(_) => Transition::Refused,
        }
    }

    fn to(&self, state: IntentState) -> Transition {
        Transition::To(Self { state, tries: self.tries, waits: self.waits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attempt(n: u8) -> AttemptId {
        AttemptId::from_bits([n; 16])
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + seconds)
    }

    fn sending(n: u8) -> Intent {
        Intent { state: IntentState::Sending { attempt: attempt(n), lease_until: at(30) }, tries: 0, waits: 0 }
    }

    fn unknown(n: u8) -> Intent {
        Intent { state: IntentState::Unknown { attempt: attempt(n) }, tries: 0, waits: 0 }
    }

    #[test]
    fn a_claim_is_exclusive_until_its_lease_ends_and_then_unknown() {
        assert!(matches!(Intent::claim(None, attempt(1), at(0)), ClaimDecision::Claim(_)));
        assert_eq!(Intent::claim(Some(&sending(1)), attempt(2), at(29)), ClaimDecision::InFlight(at(30)));
        assert_eq!(Intent::claim(Some(&sending(1)), attempt(2), at(30)), ClaimDecision::LeaseEnded(unknown(1)));
        assert_eq!(Intent::claim(Some(&unknown(1)), attempt(2), at(999)), ClaimDecision::Ended);
    }

    #[test]
    fn the_claim_of_a_dead_process_lasts_as_long_as_meta_may_work_and_no_longer_than_before() {
        let until = |intent: Intent| match intent.state {
            IntentState::Sending { lease_until, .. } => Some(lease_until),
            _ => None,
        };
        assert_eq!(until(sending(1).holder_died(at(2))), Some(at(27)));
        assert_eq!(until(sending(1).holder_died(at(28))), Some(at(30)));
        assert_eq!(unknown(1).holder_died(at(5)), unknown(1));
    }

    #[test]
    fn an_unknown_intent_never_becomes_ready_again() {
        assert_eq!(
            unknown(1).not_taken(&attempt(1), 131_000, at(5), true),
            Transition::To(Intent { state: IntentState::Failed { code: 131_000 }, tries: 0, waits: 0 })
        );
    }

    #[test]
    fn a_result_of_another_attempt_changes_nothing() {
        assert_eq!(sending(1).accepted(&attempt(2), "k"), Transition::Refused);
        assert_eq!(sending(1).failed(&attempt(2), 100), Transition::Refused);
        assert_eq!(sending(1).not_taken(&attempt(2), 1, at(5), true), Transition::Refused);
    }

    #[test]
    fn an_answer_after_its_status_is_success_if_both_name_the_same_message() {
        let Transition::To(sent) = sending(1).proved_by_status("k") else { unreachable!("a status proves") };
        assert_eq!(sent.accepted(&attempt(1), "k"), Transition::Already);
        assert_eq!(sent.accepted(&attempt(1), "other"), Transition::Refused);
    }

    #[test]
    fn a_person_may_say_what_became_of_an_unknown_send_and_of_no_other() {
        for sent in [true, false] {
            let Transition::To(said) = unknown(1).said(sent) else { unreachable!("nobody knows better") };
            assert_eq!((said.said(sent), said.said(!sent)), (Transition::Already, Transition::Refused));
            assert_eq!(sending(1).said(sent), Transition::Refused);
        }
        let Transition::To(sent) = unknown(1).proved_by_status("k") else { unreachable!("a status proves") };
        assert_eq!((sent.said(true), sent.said(false)), (Transition::Already, Transition::Refused));
        let Transition::To(failed) = unknown(1).failed(&attempt(1), 100) else { unreachable!("an answer proves") };
        assert_eq!((failed.said(true), failed.said(false)), (Transition::Refused, Transition::Already));
    }

    #[test]
    fn proof_of_metas_outweighs_what_a_person_said() {
        let said = |sent| Intent { state: IntentState::Said { attempt: attempt(1), sent }, tries: 0, waits: 0 };
        let is_sent = |transition| matches!(transition, Transition::To(Intent { state: IntentState::Sent { .. }, .. }));
        for sent in [true, false] {
            assert!(is_sent(said(sent).proved_by_status("k")));
            assert!(is_sent(said(sent).accepted(&attempt(1), "k")));
            assert_eq!(said(sent).accepted(&attempt(2), "k"), Transition::Refused);
            for proof in [said(sent).failed(&attempt(1), 7), said(sent).not_taken(&attempt(1), 7, at(5), true)] {
                assert_eq!(
                    proof,
                    Transition::To(Intent { state: IntentState::Failed { code: 7 }, tries: 0, waits: 0 })
                );
            }
        }
    }

    #[test]
    fn only_what_was_never_called_can_be_suppressed() {
        let reason = SuppressionReason::Expired;
        assert!(matches!(Intent::suppress(None, reason), Transition::To(_)));
        assert_eq!(Intent::suppress(Some(&sending(1)), reason), Transition::Refused);
        assert_eq!(Intent::suppress(Some(&unknown(1)), reason), Transition::Refused);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Claim(u8),
        Accepted(u8, bool),
        Status(bool),
        NotTaken(u8),
        Failed(u8),
        Said(bool),
        Suppress,
        Wait,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..3u8).prop_map(Step::Claim),
            (0..3u8, any::<bool>()).prop_map(|(n, same)| Step::Accepted(n, same)),
            any::<bool>().prop_map(Step::Status),
            (0..3u8).prop_map(Step::NotTaken),
            (0..3u8).prop_map(Step::Failed),
            any::<bool>().prop_map(Step::Said),
            Just(Step::Suppress),
            Just(Step::Wait),
        ]
    }

    proptest! {
        /// Whatever happens in whatever order, an end is never left, and what may have been taken is never ready again. A
        /// person's word is left for what is known, never for another word.
        #[test]
        fn an_end_is_never_left(steps in proptest::collection::vec(step(), 0..40)) {
            let mut current: Option<Intent> = None;
            let mut now = at(0);
            let mut was_unknown = false;
            for step in steps {
                let before = current.clone();
                let key = |same: bool| if same { "k" } else { "other" };
                let next = match step {
                    Step::Wait => { now = now + Span::from_seconds(20); Transition::Refused }
                    Step::Claim(n) => match Intent::claim(current.as_ref(), attempt(n), now) {
                        ClaimDecision::Claim(next) | ClaimDecision::LeaseEnded(next) => Transition::To(next),
                        _ => Transition::Refused,
                    },
                    Step::Suppress => Intent::suppress(current.as_ref(), SuppressionReason::Expired),
                    Step::Accepted(n, same) => current.as_ref().map_or(Transition::Refused, |i| i.accepted(&attempt(n), key(same))),
                    Step::Status(same) => current.as_ref().map_or(Transition::Refused, |i| i.proved_by_status(key(same))),
                    Step::NotTaken(n) => current.as_ref().map_or(Transition::Refused, |i| i.not_taken(&attempt(n), 1, now, true)),
                    Step::Failed(n) => current.as_ref().map_or(Transition::Refused, |i| i.failed(&attempt(n), 100)),
                    Step::Said(sent) => current.as_ref().map_or(Transition::Refused, |i| i.said(sent)),
                };
                if let Transition::To(intent) = next { current = Some(intent) }
                if let Some(Intent { state: IntentState::Said { .. }, .. }) = &before {
                    let known = matches!(current, Some(Intent { state: IntentState::Sent { .. } | IntentState::Failed { .. }, .. }));
                    prop_assert!(known || before == current);
                }
                if let Some(Intent { state: IntentState::Sent { .. } | IntentState::Failed { .. } | IntentState::Suppressed { .. }, .. }) = &before {
                    prop_assert_eq!(&before, &current);
                }
                was_unknown |= matches!(current, Some(Intent { state: IntentState::Unknown { .. }, .. }));
                if was_unknown {
                    let again = matches!(current, Some(Intent { state: IntentState::Ready { .. } | IntentState::Sending { .. }, .. }));
                    prop_assert!(!again);
                }
            }
        }
    }
}
