//! Episodes: a conversation lasts for ever, and what a business answers for are the stretches of it in which a customer
//! wants something. One begins when a customer writes whom nobody looks after, and ends when somebody closes it, or when
//! the customer has been silent for a day and nothing waits for a person.

use serde::{Deserialize, Serialize};

use super::{Attention, Conversation};
use crate::origin::Origin;
use crate::{AssistantId, MemberId, Span, TeamId, Timestamp};

/// How often a hand-off is noted in one episode at most.
const HAND_OFFS: usize = 20;

/// One stretch of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// Which one of its conversation, from 1.
    pub number: u32,
    /// When the customer wrote, and who looked after the conversation then.
    pub opened: Moment,
    /// Within how many seconds the organization wanted to answer, when it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<u32>,
    /// When it was answered for the first time, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response: Option<Moment>,
    /// When it was handed to a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hand_offs: Vec<Moment>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// When something happened, and who was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// The assistant that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistant: Option<AssistantId>,
    /// Who did it, or looked after the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The team that looked after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
}

/// How an episode ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Ended {
    /// Somebody closed the conversation.
    Resolved(Moment),
    /// The customer fell silent; this was the last message.
    Lapsed(Moment),
}

/// What happened in a conversation, as far as episodes depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// The customer wrote something that asks for an answer, by Meta's time.
    CustomerWrote {
        /// When.
        at: Timestamp,
        /// Within how many seconds the organization wants to answer.
        target: Option<u32>,
    },
    /// The business wrote.
    BusinessWrote {
        /// When.
        at: Timestamp,
        /// Who.
        origin: Origin,
        /// The assistant, if one wrote it.
        assistant: Option<AssistantId>,
        /// The person, if one wrote it.
        member: Option<MemberId>,
    },
}

impl Episode {
    /// Whether the customer still waits for a first answer.
    pub fn is_unanswered(&self) -> bool {
        self.ended.is_none() && self.first_response.is_none()
    }

    /// Until when it should be answered for the first time.
    pub fn respond_by(&self) -> Option<Timestamp> {
        self.target.map(|seconds| self.opened.at + Span::from_seconds(i64::from(seconds)))
    }
}

impl Conversation {
    /// Brings the episode up to what has happened since the conversation was as `before`. Returns the one before, where
    /// another has begun.
    pub fn follow(&mut self, before: Option<&Self>, happened: &[Happened], now: Timestamp) -> Option<Episode> {
        let mut former = None;
        let mut began = false;
        for event in happened {
            match event {
                Happened::CustomerWrote { at, target } => {
                    let number = match self.episode.take() {
                        Some(episode) if goes_on(&episode, before, *at) => {
                            self.episode = Some(episode);
                            continue;
                        }
                        Some(mut episode) => {
                            if episode.ended.is_none() {
                                episode.ended = Some(Ended::Lapsed(before.map_or_else(
                                    || self.moment(*at),
                                    |before| before.moment(before.last_message.as_ref().map_or(*at, |last| last.at)),
                                )));
                            }
                            former.insert(episode).number + 1
                        }
                        None => 1,
                    };
                    began = true;
                    self.episode = Some(Episode {
                        number,
                        opened: self.moment(*at),
                        target: *target,
                        first_response: None,
                        hand_offs: Vec::new(),
                        ended: None,
                    });
                }
                Happened::BusinessWrote { at, origin, assistant, member } => {
                    let mut moment = self.moment(*at);
                    moment.assistant.clone_from(assistant);
                    moment.member.clone_from(member);
                    if let Some(episode) = &mut self.episode
                        && episode.is_unanswered()
                        && origin.is_answer()
                        // What the owner's phone tells late may have been written before.
                        && *at >= episode.opened.at
                    {
                        episode.first_response = Some(moment);
                    }
                }
            }
        }
        let moment = self.moment(now);
        // Who closes it takes everybody off it in the same moment.
        let closing = before.map_or_else(|| moment.clone(), |before| before.moment(now));
        let was_closed = before.is_some_and(|before| before.closed) && !began;
        let was_handed = before.is_some_and(|before| is_hand_off(before.attention));
        let Some(episode) = &mut self.episode else { return former };
        if is_hand_off(self.attention) && !was_handed && episode.hand_offs.len() < HAND_OFFS {
            episode.hand_offs.push(moment);
        }
        match (was_closed, self.closed) {
            (false, true) if episode.ended.is_none() => episode.ended = Some(Ended::Resolved(closing)),
            // It was opened again, and is not over after all.
            (true, false) => episode.ended = None,
            _ => {}
        }
        former
    }

    fn moment(&self, at: Timestamp) -> Moment {
        Moment { at, assistant: None, member: self.assignee.clone(), team: self.team.clone() }
    }
}

/// Whether a message at this time belongs to the episode that there is.
fn goes_on(episode: &Episode, before: Option<&Conversation>, at: Timestamp) -> bool {
    let Some(before) = before else { return false };
    let is_silent = before.window_until.is_none_or(|until| until <= at);
    episode.ended.is_none() && (!is_silent || before.attention.is_some())
}

/// Whether a person is asked for because nobody else could answer.
fn is_hand_off(attention: Option<Attention>) -> bool {
    matches!(attention, Some(Attention::HandOver | Attention::Fallback | Attention::NoAssistant))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{ContactId, ConversationId, NumberId};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    fn fresh() -> Conversation {
        let number = NumberId::try_from("123".to_owned()).unwrap();
        let (id, contact) = (ConversationId::from_bits([1; 16]), ContactId::from_bits([2; 16]));
        Conversation::begin(id, number, contact, at(0))
    }

    /// The customer writes.
    fn write(conversation: &mut Conversation, seconds: i64) -> Option<Episode> {
        let before = conversation.clone();
        conversation.customer_wrote(at(seconds));
        let wrote = Happened::CustomerWrote { at: at(seconds), target: Some(300) };
        conversation.follow(Some(&before), &[wrote], at(seconds))
    }

    fn answer(conversation: &mut Conversation, seconds: i64, origin: Origin) {
        let before = conversation.clone();
        let member = (origin == Origin::Person).then(|| MemberId::from_bits([7; 16]));
        let wrote = Happened::BusinessWrote { at: at(seconds), origin, assistant: None, member };
        assert_eq!(conversation.follow(Some(&before), &[wrote], at(seconds)), None);
    }

    fn change(conversation: &mut Conversation, seconds: i64, apply: impl Fn(&mut Conversation)) {
        let before = conversation.clone();
        apply(conversation);
        assert_eq!(conversation.follow(Some(&before), &[], at(seconds)), None);
    }

    fn episode(conversation: &Conversation) -> &Episode {
        conversation.episode.as_ref().unwrap()
    }

    #[test]
    fn the_first_answer_is_the_first_that_is_one() {
        let mut conversation = fresh();
        write(&mut conversation, 0);
        answer(&mut conversation, 1, Origin::Program);
        assert!(episode(&conversation).is_unanswered());
        answer(&mut conversation, 2, Origin::Person);
        answer(&mut conversation, 3, Origin::Assistant);
        let first = episode(&conversation).first_response.as_ref().unwrap();
        assert_eq!((first.at, first.member.clone()), (at(2), Some(MemberId::from_bits([7; 16]))));
        assert_eq!(episode(&conversation).respond_by(), Some(at(300)));
    }

    #[test]
    fn what_a_business_begins_is_no_episode() {
        let mut conversation = fresh();
        answer(&mut conversation, 0, Origin::Person);
        assert_eq!(conversation.episode, None);
    }

    #[test]
    fn closing_resolves_it_and_the_next_message_begins_another() {
        let mut conversation = fresh();
        conversation.assignee = Some(MemberId::from_bits([7; 16]));
        write(&mut conversation, 0);
        change(&mut conversation, 10, Conversation::close);
        let Some(Ended::Resolved(by)) = &episode(&conversation).ended else { panic!("it is resolved") };
        assert_eq!((by.at, by.member.clone()), (at(10), Some(MemberId::from_bits([7; 16]))));
        let former = write(&mut conversation, 20).unwrap();
        assert_eq!((former.number, episode(&conversation).number), (1, 2));
        assert!(matches!(former.ended, Some(Ended::Resolved(_))));
        assert_eq!(episode(&conversation).opened.at, at(20));
    }

    #[test]
    fn what_a_rule_closes_at_once_is_resolved() {
        let mut conversation = fresh();
        let wrote = |seconds| Happened::CustomerWrote { at: at(seconds), target: None };
        // The very first message, and one after it was closed.
        conversation.customer_wrote(at(0));
        conversation.close();
        assert_eq!(conversation.follow(None, &[wrote(0)], at(0)), None);
        assert!(matches!(episode(&conversation).ended, Some(Ended::Resolved(_))));
        let before = conversation.clone();
        conversation.customer_wrote(at(9));
        conversation.close();
        let former = conversation.follow(Some(&before), &[wrote(9)], at(9)).unwrap();
        assert_eq!((former.number, episode(&conversation).number), (1, 2));
        assert!(matches!(episode(&conversation).ended, Some(Ended::Resolved(_))));
    }

    #[test]
    fn what_was_written_before_the_question_is_no_answer_to_it() {
        let mut conversation = fresh();
        write(&mut conversation, 10);
        answer(&mut conversation, 5, Origin::PhoneApp);
        assert!(episode(&conversation).is_unanswered());
        answer(&mut conversation, 10, Origin::PhoneApp);
        assert!(!episode(&conversation).is_unanswered());
    }

    #[test]
    fn what_is_opened_again_is_not_over() {
        let mut conversation = fresh();
        write(&mut conversation, 0);
        change(&mut conversation, 10, Conversation::close);
        change(&mut conversation, 20, |conversation| conversation.closed = false);
        assert_eq!(episode(&conversation).ended, None);
        assert_eq!(write(&mut conversation, 30), None, "the same episode goes on");
        assert_eq!(episode(&conversation).number, 1);
    }

    #[test]
    fn a_day_of_silence_ends_it_unless_a_person_is_waited_for() {
        let day = 24 * 60 * 60;
        let mut conversation = fresh();
        write(&mut conversation, 0);
        assert_eq!(write(&mut conversation, day - 1), None);
        let former = write(&mut conversation, 2 * day).unwrap();
        assert!(matches!(former.ended, Some(Ended::Lapsed(_))), "{former:?}");
        change(&mut conversation, 2 * day, |conversation| conversation.attention = Some(Attention::Waiting));
        assert_eq!(write(&mut conversation, 9 * day), None, "the customer still waits");
    }

    #[test]
    fn each_call_for_a_person_is_one_hand_off() {
        let mut conversation = fresh();
        write(&mut conversation, 0);
        let call = |why| move |conversation: &mut Conversation| conversation.attention = why;
        change(&mut conversation, 1, call(Some(Attention::HandOver)));
        change(&mut conversation, 2, call(Some(Attention::Fallback)));
        change(&mut conversation, 3, call(None));
        change(&mut conversation, 4, call(Some(Attention::FailedSend)));
        change(&mut conversation, 5, call(Some(Attention::NoAssistant)));
        let times: Vec<Timestamp> = episode(&conversation).hand_offs.iter().map(|moment| moment.at).collect();
        assert_eq!(times, [at(1), at(5)]);
    }
}
