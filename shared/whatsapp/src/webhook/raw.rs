//! JSON taken apart without understanding it: objects as their members in order, values as the very text they came in.
//!
//! Nothing is converted, so nothing is lost: neither the digits of a large number, nor the order of members, nor a
//! member that occurs twice.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object, in order, repeated names included.
pub(crate) struct Members<'a>(Vec<(Name<'a>, &'a RawValue)>);

/// A member's name; borrowed where it holds no escape.
pub(crate) struct Name<'a>(Cow<'a, str>);

impl<'a> Members<'a> {
    /// The members of `json`, if it is an object.
    pub(crate) fn of(json: &'a RawValue) -> Option<Self> {
        Self::parse(json.get())
    }

    /// The members of `text`, if it is one JSON object and nothing else.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// All members.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (&*name.0, *value))
    }

    /// The last member of that name, which is the one that a parser would keep.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(other, _)| other.0 == name).map(|(_, value)| *value)
    }

    /// The member of that name as text: a string, or a number's digits. Meta writes ids either way.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(text)
    }

    /// Whether any of the names occurs more than once.
    pub(crate) fn repeats(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.0.iter().filter(|(other, _)| other.0 == *name).count() > 1)
    }
}

/// A string's text or a number's digits, if there are any.
pub(crate) fn text(json: &RawValue) -> Option<String> {
    let text = match json.get().as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json.get()).ok()?,
        b'-' | b'0'..=b'9' => json.get().to_owned(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// The elements of a list, if it is one.
pub(crate) fn elements(json: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json.get()).ok()
}

/// Writes `"name":value,`.
pub(crate) fn write_member(out: &mut String, name: &str, value: &str) {
    out.push_str(&serde_json::Value::from(name).to_string());
    out.push(':');
    out.push_str(value);
    out.push(',');
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(Name<'de>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Object).map(Members)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }

        deserializer.deserialize_str(Text).map(Name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn values_keep_their_text_and_members_their_order() {
        let members = Members::parse(r#"{"b" : 12345678901234567890123, "a": [1e999 ], "b": null}"#).unwrap();
        let all: Vec<_> = members.iter().map(|(name, value)| (name.to_owned(), value.get())).collect();
        assert_eq!(all, [("b".into(), "12345678901234567890123"), ("a".into(), "[1e999 ]"), ("b".into(), "null")]);
        assert!(members.repeats(&["a", "b"]));
        assert!(!members.repeats(&["a", "c"]));
        assert_eq!(members.get("b").map(RawValue::get), Some("null"));
    }

    #[test]
    fn an_id_is_text_whether_meta_quotes_it_or_not() {
        let members =
            Members::parse(r#"{"a": 16505551234, "b": "16505551234", "c": "", "d": {}, "e": "\u0041"}"#).unwrap();
        assert_eq!(members.text("a").as_deref(), Some("16505551234"));
        assert_eq!(members.text("b").as_deref(), Some("16505551234"));
        assert_eq!(members.text("e").as_deref(), Some("A"));
        assert_eq!((members.text("c"), members.text("d"), members.text("x")), (None, None, None));
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in ["", "[]", "1", "\"a\"", "{", "{}x", "{\"a\":}", "{\"a\":01}"] {
            assert!(Members::parse(text).is_none(), "{text}");
        }
        assert!(elements(serde_json::from_str::<&RawValue>("{}").unwrap()).is_none());
    }
}
