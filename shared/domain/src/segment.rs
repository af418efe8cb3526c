//! A selection of contacts by what is known of them: conditions that are nested, and a contact that meets them or does not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contact::{
    AttributeDefinition, AttributeKey, AttributeKind, AttributeValue, Contact, LanguageCode, Purpose, Tag,
};
use crate::{Phone, Timestamp};

/// How deep conditions are nested at most.
const DEPTH: usize = 5;
/// How many conditions there are at most, groups included.
const MOST: usize = 50;

/// What a contact must be like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// Meets all of these; of none, everybody does.
    All(Vec<Condition>),
    /// Meets one of these at least; of none, nobody does.
    Any(Vec<Condition>),
    /// Does not meet this.
    Not(Box<Condition>),
    /// Has this tag.
    Tag(Tag),
    /// An attribute is as the test says.
    Attribute(AttributeTest),
    /// Agreed to this purpose, whatever was stopped since.
    ConsentedTo(#[serde(with = "purpose")] Purpose),
    /// May get marketing, or may not.
    TakesMarketing(bool),
    /// Is blocked, or is not.
    Blocked(bool),
    /// Has this language.
    Language(LanguageCode),
    /// Has a phone that begins with these digits, country code first: `55`, `5511`.
    PhonePrefix(String),
    /// Was first seen at this time or later.
    CreatedSince(Timestamp),
    /// Was first seen before this time.
    CreatedBefore(Timestamp),
}

/// How an attribute must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeTest {
    /// Which attribute.
    pub key: AttributeKey,
    /// How it is compared.
    pub operator: Operator,
    /// With what; nothing where it is looked at whether there is a value at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<AttributeValue>,
}

/// How an attribute is compared. A contact without a value meets none of them but [`Self::IsNotSet`] and
/// [`Self::NotEquals`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// The same; texts case and accents aside.
    Equals,
    /// Not the same, or nothing.
    NotEquals,
    /// A larger number, or a later day.
    GreaterThan,
    /// A smaller number, or an earlier day.
    LessThan,
    /// A text that holds this one, case and accents aside.
    Contains,
    /// There is a value.
    IsSet,
    /// There is none.
    IsNotSet,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 7] =
        [Self::Equals, Self::NotEquals, Self::GreaterThan, Self::LessThan, Self::Contains, Self::IsSet, Self::IsNotSet];

    /// Whether it looks at a value to compare with.
    pub fn compares(self) -> bool {
        !matches!(self, Self::IsSet | Self::IsNotSet)
    }
}

/// What is wrong in conditions, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer into the conditions.
    pub pointer: String,
    /// What it must be.
    pub reason: String,
}

impl Condition {
    /// Whether the contact meets it.
    pub fn is_met_by(&self, contact: &Contact) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.is_met_by(contact)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.is_met_by(contact)),
            Self::Not(condition) => !condition.is_met_by(contact),
            Self::Tag(tag) => contact.tags.contains(tag),
            Self::Attribute(test) => test.is_met_by(contact.attributes.get(&test.key)),
            Self::ConsentedTo(purpose) => contact.consents.is_granted(*purpose),
            Self::TakesMarketing(takes) => contact.takes_marketing() == *takes,
            Self::Blocked(blocked) => contact.blocked_at.is_some() == *blocked,
            Self::Language(language) => contact.language.as_ref() == Some(language),
            Self::PhonePrefix(digits) => contact.phone().is_some_and(|phone| starts_with(&phone, digits)),
            Self::CreatedSince(at) => contact.created_at >= *at,
            Self::CreatedBefore(at) => contact.created_at < *at,
        }
    }

    /// The condition with its values as contacts have them: a day that was written another way is written as theirs.
    #[must_use]
    pub fn settled(self, definitions: &BTreeMap<AttributeKey, AttributeDefinition>) -> Self {
        let all =
            |conditions: Vec<Self>| conditions.into_iter().map(|condition| condition.settled(definitions)).collect();
        match self {
            Self::All(conditions) => Self::All(all(conditions)),
            Self::Any(conditions) => Self::Any(all(conditions)),
            Self::Not(condition) => Self::Not(Box::new(condition.settled(definitions))),
            Self::Attribute(test) if test.operator != Operator::Contains => {
                let json = test.value.as_ref().and_then(|value| serde_json::to_value(value).ok());
                let read = json.zip(definitions.get(&test.key)).and_then(|(value, known)| known.read(&value).ok());
                Self::Attribute(AttributeTest { value: read.or(test.value), ..test })
            }
            other => other,
        }
    }

    /// What is wrong with it, given the attributes that there are.
    pub fn faults(&self, definitions: &BTreeMap<AttributeKey, AttributeDefinition>) -> Vec<Fault> {
        let mut check = Check { definitions, count: 0, faults: Vec::new() };
        check.look_at(self, "", 1);
        if check.count > MOST {
            check.fault("", "has more than 50 conditions");
        }
        check.faults
    }
}

fn starts_with(phone: &Phone, digits: &str) -> bool {
    phone.digits().starts_with(digits)
}

impl AttributeTest {
    fn is_met_by(&self, value: Option<&AttributeValue>) -> bool {
        use std::cmp::Ordering;
        let (operator, wanted) = (self.operator, self.value.as_ref());
        let Some(value) = value else { return matches!(operator, Operator::IsNotSet | Operator::NotEquals) };
        let order = || match (value, wanted?) {
            (AttributeValue::Number(a), AttributeValue::Number(b)) => a.partial_cmp(b),
            (AttributeValue::Text(a), AttributeValue::Text(b)) => Some(a.cmp(b)),
            _ => None,
        };
        match operator {
            Operator::IsSet => true,
            Operator::IsNotSet => false,
            Operator::Equals => wanted.is_some_and(|wanted| value.key() == wanted.key()),
            Operator::NotEquals => wanted.is_some_and(|wanted| value.key() != wanted.key()),
            Operator::GreaterThan => order() == Some(Ordering::Greater),
            Operator::LessThan => order() == Some(Ordering::Less),
            Operator::Contains => wanted.is_some_and(|wanted| value.key().contains(&wanted.key())),
        }
    }
}

struct Check<'a> {
    definitions: &'a BTreeMap<AttributeKey, AttributeDefinition>,
    count: usize,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn fault(&mut self, pointer: &str, reason: &str) {
        self.faults.push(Fault { pointer: pointer.to_owned(), reason: reason.to_owned() });
    }

    fn look_at(&mut self, condition: &Condition, at: &str, depth: usize) {
        self.count += 1;
        if depth > DEPTH {
            return self.fault(at, "is nested more than 5 deep");
        }
        match condition {
            Condition::All(conditions) | Condition::Any(conditions) => {
                let name = if matches!(condition, Condition::All(_)) { "all" } else { "any" };
                for (n, condition) in conditions.iter().enumerate() {
                    self.look_at(condition, &format!("{at}/{name}/{n}"), depth + 1);
                }
            }
            Condition::Not(condition) => self.look_at(condition, &format!("{at}/not"), depth + 1),
            Condition::PhonePrefix(digits)
                if !(1..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) =>
            {
                self.fault(&format!("{at}/phone_prefix"), "must be 1 to 15 digits, country code first");
            }
            Condition::Attribute(test) => self.look_at_attribute(test, &format!("{at}/attribute")),
            _ => {}
        }
    }

    fn look_at_attribute(&mut self, test: &AttributeTest, at: &str) {
        let Some(definition) = self.definitions.get(&test.key).filter(|definition| !definition.retired) else {
            return self.fault(&format!("{at}/key"), "is no attribute of the organization");
        };
        let kind = definition.kind;
        match (&test.value, test.operator) {
            (None, operator) if operator.compares() => self.fault(at, "missing field `value`"),
            (Some(_), operator) if !operator.compares() => {
                self.fault(&format!("{at}/value"), "is not looked at by this operator");
            }
            (Some(value), operator) => {
                let fits = match operator {
                    Operator::Contains => matches!(kind, AttributeKind::Text | AttributeKind::Choice),
                    Operator::GreaterThan | Operator::LessThan => {
                        matches!(kind, AttributeKind::Number | AttributeKind::Date)
                    }
                    _ => true,
                };
                if !fits {
                    let reason = format!("does not compare a {}", kind.as_str());
                    return self.fault(&format!("{at}/operator"), &reason);
                }
                if matches!(value, AttributeValue::Text(_)) && value.key().is_empty() {
                    return self.fault(&format!("{at}/value"), "must hold a letter or a digit");
                }
                // A part of a text need be none of the choices.
                let is_part = operator == Operator::Contains && matches!(value, AttributeValue::Text(_));
                let value = serde_json::to_value(value).unwrap_or_default();
                if let Err(error) = definition.read(&value)
                    && !is_part
                {
                    self.fault(&format!("{at}/value"), &error.to_string());
                }
            }
            (None, _) => {}
        }
    }
}

mod purpose {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::contact::Purpose;

    pub(super) fn serialize<S: Serializer>(purpose: &Purpose, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(purpose.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Purpose, D::Error> {
        let name = String::deserialize(deserializer)?;
        Purpose::parse(&name).ok_or_else(|| serde::de::Error::unknown_variant(&name, &["marketing", "utility"]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::contact::{ConsentSource, Decision};
    use crate::{ConsentId, ContactId, DisplayName, Span};

    fn key(text: &str) -> AttributeKey {
        AttributeKey::parse(text).unwrap()
    }

    fn definitions() -> BTreeMap<AttributeKey, AttributeDefinition> {
        let of = |text: &str, kind, choices: &[&str]| AttributeDefinition {
            key: key(text),
            label: DisplayName::parse(text).unwrap(),
            kind,
            choices: choices.iter().map(|choice| DisplayName::parse(choice).unwrap()).collect(),
            retired: false,
        };
        let all = [
            of("city", AttributeKind::Text, &[]),
            of("spent", AttributeKind::Number, &[]),
            of("born", AttributeKind::Date, &[]),
            of("shop", AttributeKind::Choice, &["Centro", "Sul"]),
        ];
        all.into_iter().map(|definition| (definition.key.clone(), definition)).collect()
    }

    fn contact() -> Contact {
        let mut contact = Contact::begin(ContactId::from_bits([1; 16]), Timestamp::from_seconds(1_000));
        contact.learn(
            &crate::inbound::Person { phone: Phone::parse("5511987654321").ok(), ..Default::default() },
            Timestamp::from_seconds(1_000),
        );
        contact.tags.add(Tag::parse("VIP").unwrap()).unwrap();
        contact.attributes.set(key("city"), Some(AttributeValue::Text("São Paulo".into())));
        contact.attributes.set(key("spent"), Some(AttributeValue::Number(120.5)));
        contact.attributes.set(key("born"), Some(AttributeValue::Text("1990-05-01".into())));
        contact
    }

    fn condition(json: serde_json::Value) -> Condition {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_contact_meets_what_is_true_of_them() {
        for (json, meets) in [
            (json!({"all": []}), true),
            (json!({"any": []}), false),
            (json!({"tag": "vip"}), true),
            (json!({"not": {"tag": "vip"}}), false),
            (json!({"attribute": {"key": "city", "operator": "equals", "value": "sao paulo"}}), true),
            (json!({"attribute": {"key": "city", "operator": "contains", "value": "PAULO"}}), true),
            (json!({"attribute": {"key": "city", "operator": "not_equals", "value": "Santos"}}), true),
            (json!({"attribute": {"key": "spent", "operator": "greater_than", "value": 120}}), true),
            (json!({"attribute": {"key": "spent", "operator": "less_than", "value": 120}}), false),
            (json!({"attribute": {"key": "born", "operator": "less_than", "value": "2000-01-01"}}), true),
            (json!({"attribute": {"key": "shop", "operator": "is_not_set"}}), true),
            (json!({"attribute": {"key": "shop", "operator": "equals", "value": "Sul"}}), false),
            (json!({"attribute": {"key": "shop", "operator": "not_equals", "value": "Sul"}}), true),
            (json!({"phone_prefix": "5511"}), true),
            (json!({"phone_prefix": "5521"}), false),
            (json!({"blocked": false}), true),
            (json!({"takes_marketing": false}), true),
            (json!({"consented_to": "marketing"}), false),
            (json!({"created_since": "1970-01-01T00:16:40Z"}), true),
            (json!({"created_before": "1970-01-01T00:16:40Z"}), false),
            (json!({"all": [{"tag": "vip"}, {"any": [{"tag": "x"}, {"not": {"blocked": true}}]}]}), true),
        ] {
            let condition = condition(json.clone());
            assert_eq!(condition.is_met_by(&contact()), meets, "{json}");
            assert_eq!(condition.faults(&definitions()), [], "{json}");
        }
    }

    #[test]
    fn marketing_needs_a_consent_that_nothing_has_ended() {
        let takes = condition(json!({"takes_marketing": true}));
        let mut person = contact();
        let consent = ConsentId::from_bits([1; 16]);
        let at = Timestamp::from_seconds(2_000);
        person.consents.decide(Purpose::Marketing, Decision { granted: true, at, consent });
        assert!(takes.is_met_by(&person));
        let stop = crate::gate::StopGate { stopped: true, at: at + Span::from_seconds(1) };
        let stopped = Contact { marketing: Some(stop), ..person.clone() };
        let blocked = Contact { blocked_at: Some(at), ..person };
        assert!(!takes.is_met_by(&stopped) && !takes.is_met_by(&blocked));
        assert!(ConsentSource::ALL.into_iter().all(|s| ConsentSource::parse(s.as_str()) == Some(s)));
    }

    #[test]
    fn what_cannot_be_compared_is_pointed_at() {
        for (json, pointer) in [
            (json!({"attribute": {"key": "nothing", "operator": "is_set"}}), "/attribute/key"),
            (json!({"attribute": {"key": "city", "operator": "equals"}}), "/attribute"),
            (json!({"attribute": {"key": "city", "operator": "is_set", "value": "x"}}), "/attribute/value"),
            (json!({"attribute": {"key": "city", "operator": "equals", "value": 1}}), "/attribute/value"),
            (json!({"attribute": {"key": "city", "operator": "greater_than", "value": "a"}}), "/attribute/operator"),
            (json!({"attribute": {"key": "shop", "operator": "equals", "value": "Norte"}}), "/attribute/value"),
            (json!({"any": [{"all": []}, {"not": {"phone_prefix": "+55"}}]}), "/any/1/not/phone_prefix"),
            (json!({"not": {"not": {"not": {"not": {"not": {"all": []}}}}}}), "/not/not/not/not/not"),
            (json!({"any": vec![json!({"tag": "a"}); 50]}), ""),
        ] {
            let faults = condition(json.clone()).faults(&definitions());
            assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), [pointer], "{json}");
        }
    }

    proptest! {
        #[test]
        fn a_negation_is_met_by_exactly_the_others(tags in proptest::collection::vec("[a-c]", 0..4), wanted in "[a-d]") {
            let mut person = contact();
            for tag in tags {
                person.tags.add(Tag::parse(&tag).unwrap()).unwrap();
            }
            let condition = Condition::Tag(Tag::parse(&wanted).unwrap());
            prop_assert_ne!(condition.is_met_by(&person), Condition::Not(Box::new(condition.clone())).is_met_by(&person));
            let both = Condition::Any(vec![condition.clone(), Condition::Not(Box::new(condition))]);
            prop_assert!(both.is_met_by(&person));
        }
    }
}
