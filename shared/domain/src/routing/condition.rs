use std::collections::BTreeMap;

use crate::contact::{AttributeDefinition, AttributeKey, Contact};
use crate::inbound::{InboundContent, Referral};
use crate::segment;
use crate::stop::normalised;
use crate::wording::{Wording, WrongField};
use crate::{ContactId, NumberId};

/// Conditions stand in one another at most so deep.
const DEPTH: usize = 4;

/// A rule has at most so many conditions.
const CONDITIONS: usize = 30;

/// A condition names at most so many values.
const VALUES: usize = 50;

/// A word, a phrase, a payload, the id of an advertisement.
const VALUE: Wording = Wording::line(200);

/// Which messages a rule is for.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// Those for which all of these hold.
    All {
        /// The conditions.
        of: Vec<Condition>,
    },
    /// Those for which one of these holds.
    Any {
        /// The conditions.
        of: Vec<Condition>,
    },
    /// Those for which this does not hold.
    Not {
        /// The condition.
        of: Box<Condition>,
    },
    /// Those whose words hold one of these words or phrases; case, accents and punctuation aside.
    Text {
        /// The words or phrases.
        contains: Vec<String>,
    },
    /// Those that are nothing but one of these words or phrases.
    Keyword {
        /// The words or phrases.
        is: Vec<String>,
    },
    /// Those of one of these types, as the API names them: `audio`, `location`.
    MessageType {
        /// The types.
        is: Vec<String>,
    },
    /// A tap on a button or a row with one of these payloads, exactly as the business gave them.
    Button {
        /// The payloads.
        is: Vec<String>,
    },
    /// Those that come from an advertisement or post; where ids are named, from one of these.
    Ad {
        /// The ids of the advertisements or posts.
        #[serde(default)]
        is: Vec<String>,
    },
    /// Those that come while the business is open, or while it is not. One that names no hours is always open.
    Hours {
        /// Which of the two.
        open: bool,
    },
    /// Those to one of these numbers.
    Number {
        /// The ids of the numbers.
        is: Vec<NumberId>,
    },
    /// Those of one of these customers.
    Contact {
        /// The ids of the contacts.
        is: Vec<ContactId>,
    },
    /// Those of customers who are in such a segment.
    Customer {
        /// What a customer must be like.
        meets: segment::Condition,
    },
    /// The first message that a customer ever writes to the number.
    FirstMessage {},
}

/// What is known of a message.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What it says.
    pub content: &'a InboundContent,
    /// Its [`words`], where it has any.
    pub words: Option<&'a str>,
    /// The advertisement or post that it came from.
    pub referral: Option<&'a Referral>,
    /// The number that it was sent to.
    pub number: &'a NumberId,
    /// Who sent it.
    pub contact: &'a Contact,
    /// Nothing was said in the conversation before it.
    pub is_first: bool,
    /// The business was open when it was sent.
    pub is_open: bool,
}

/// The words of a message as they are compared: without case, accents and punctuation.
pub fn words(content: &InboundContent) -> Option<String> {
    content.text().map(normalised)
}

/// A condition that holds, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// The stable name of the condition.
    pub condition: &'static str,
    /// It stands in a condition that asks that it does not hold, and does not.
    pub is_absent: bool,
    /// The value of the rule that the message has.
    pub value: Option<String>,
}

impl Condition {
    /// Its stable name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::All { .. } => "all",
            Self::Any { .. } => "any",
            Self::Not { .. } => "not",
            Self::Text { .. } => "text",
            Self::Keyword { .. } => "keyword",
            Self::MessageType { .. } => "message_type",
            Self::Button { .. } => "button",
            Self::Ad { .. } => "ad",
            Self::Hours { .. } => "hours",
            Self::Number { .. } => "number",
            Self::Contact { .. } => "contact",
            Self::Customer { .. } => "customer",
            Self::FirstMessage {} => "first_message",
        }
    }

    /// Why it holds for a message; `None`: it does not.
    pub fn holds(&self, facts: &Facts<'_>) -> Option<Vec<Because>> {
        let because = |value: Option<String>| vec![Because { condition: self.kind(), is_absent: false, value }];
        let first = |values: &[String], is: &dyn Fn(&str) -> bool| {
            values.iter().find(|value| is(value)).map(|value| because(Some(value.clone())))
        };
        match self {
            Self::All { of } => {
                let all = of.iter().map(|condition| condition.holds(facts)).collect::<Option<Vec<_>>>()?;
                Some(all.into_iter().flatten().collect())
            }
            Self::Any { of } => of.iter().find_map(|condition| condition.holds(facts)),
            Self::Not { of } => match of.holds(facts) {
                Some(_) => None,
                None => Some(vec![Because { condition: of.kind(), is_absent: true, value: None }]),
            },
            Self::Text { contains } => {
                let text = format!(" {} ", facts.words?);
                first(contains, &|value| text.contains(&format!(" {} ", normalised(value))))
            }
            Self::Keyword { is } => {
                let text = facts.words?;
                first(is, &|value| text == normalised(value))
            }
            Self::MessageType { is } => first(is, &|value| facts.content.kind() == value),
            Self::Button { is } => match facts.content {
                InboundContent::Choice { id: Some(id), .. } => first(is, &|value| id == value),
                _ => None,
            },
            Self::Ad { is } => {
                let source = facts.referral?.source_id.as_deref();
                match is.is_empty() {
                    true => Some(because(source.map(str::to_owned))),
                    false => first(is, &|value| source == Some(value)),
                }
            }
            Self::Hours { open } => (facts.is_open == *open).then(|| because(None)),
            Self::Number { is } => is.contains(facts.number).then(|| because(Some(facts.number.as_str().to_owned()))),
            Self::Contact { is } => is.contains(&facts.contact.id).then(|| because(Some(facts.contact.id.to_string()))),
            Self::Customer { meets } => meets.is_met_by(facts.contact).then(|| because(None)),
            Self::FirstMessage {} => facts.is_first.then(|| because(None)),
        }
    }

    /// The condition with what it asks of customers written as they have it.
    #[must_use]
    pub fn settled(self, known: &BTreeMap<AttributeKey, AttributeDefinition>) -> Self {
        let all = |of: Vec<Self>| of.into_iter().map(|condition| condition.settled(known)).collect();
        match self {
            Self::All { of } => Self::All { of: all(of) },
            Self::Any { of } => Self::Any { of: all(of) },
            Self::Not { of } => Self::Not { of: Box::new(of.settled(known)) },
            Self::Customer { meets } => Self::Customer { meets: meets.settled(known) },
            other => other,
        }
    }

    /// What it asks of customers, each with where that stands in the rule: what attributes there are is not known here.
    pub fn of_customers(&self) -> Vec<(String, &segment::Condition)> {
        let mut found = Vec::new();
        self.find_customers("/when", &mut found);
        found
    }

    fn find_customers<'c>(&'c self, pointer: &str, found: &mut Vec<(String, &'c segment::Condition)>) {
        match self {
            Self::All { of } | Self::Any { of } => {
                for (at, condition) in of.iter().enumerate() {
                    condition.find_customers(&format!("{pointer}/of/{at}"), found);
                }
            }
            Self::Not { of } => of.find_customers(&format!("{pointer}/of"), found),
            Self::Customer { meets } => found.push((format!("{pointer}/meets"), meets)),
            _ => {}
        }
    }

    /// Notes what is wrong with it.
    pub(super) fn check(&self, wrong: &mut Vec<WrongField>) {
        let mut left = CONDITIONS;
        self.check_at("/when", 1, &mut left, wrong);
    }

    fn check_at(&self, pointer: &str, depth: usize, left: &mut usize, wrong: &mut Vec<WrongField>) {
        if depth > DEPTH {
            wrong.push(WrongField::new(pointer, format!("must not stand more than {DEPTH} conditions deep")));
            return;
        }
        match left.checked_sub(1) {
            Some(fewer) => *left = fewer,
            None => {
                wrong.push(WrongField::new(pointer, format!("must be one of at most {CONDITIONS} conditions")));
                return;
            }
        }
        let count = |field: &str, count: usize, wrong: &mut Vec<WrongField>| {
            if !(1..=VALUES).contains(&count) {
                wrong.push(WrongField::new(format!("{pointer}/{field}"), format!("must be 1 to {VALUES}")));
            }
        };
        match self {
            Self::All { of } | Self::Any { of } => {
                count("of", of.len(), wrong);
                for (at, condition) in of.iter().enumerate() {
                    condition.check_at(&format!("{pointer}/of/{at}"), depth + 1, left, wrong);
                }
            }
            Self::Not { of } => of.check_at(&format!("{pointer}/of"), depth + 1, left, wrong),
            Self::Text { contains: values } | Self::Keyword { is: values } => {
                let field = if matches!(self, Self::Text { .. }) { "contains" } else { "is" };
                count(field, values.len(), wrong);
                for (at, value) in values.iter().enumerate() {
                    let pointer = format!("{pointer}/{field}/{at}");
                    match normalised(value).is_empty() {
                        true => wrong.push(WrongField::new(pointer, "must hold a letter or a digit")),
                        false => VALUE.check(&pointer, value, wrong),
                    }
                }
            }
            Self::MessageType { is } | Self::Button { is } => {
                count("is", is.len(), wrong);
                values(is, pointer, wrong);
            }
            Self::Ad { is } => {
                if is.len() > VALUES {
                    count("is", is.len(), wrong);
                }
                values(is, pointer, wrong);
            }
            Self::Number { is } => count("is", is.len(), wrong),
            Self::Contact { is } => count("is", is.len(), wrong),
            Self::Hours { .. } | Self::Customer { .. } | Self::FirstMessage {} => {}
        }
    }
}

fn values(values: &[String], pointer: &str, wrong: &mut Vec<WrongField>) {
    for (at, value) in values.iter().enumerate() {
        VALUE.check(&format!("{pointer}/is/{at}"), value, wrong);
    }
}
