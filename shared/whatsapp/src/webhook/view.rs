//! Reading JSON that may be anything: every step that fails gives nothing, and never an error.

use domain::Timestamp;
use serde_json::Value;

/// A place in a JSON value that may not be there.
#[derive(Clone, Copy)]
pub(crate) struct View<'a>(Option<&'a Value>);

impl<'a> View<'a> {
    /// The whole value.
    pub(crate) fn new(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// The member of that name.
    pub(crate) fn at(self, name: &str) -> Self {
        Self(self.0.and_then(|value| value.get(name)))
    }

    /// The elements, if it is a list.
    pub(crate) fn list(self) -> impl Iterator<Item = View<'a>> {
        self.elements().iter().map(Self::new)
    }

    /// The elements as they are, if it is a list.
    pub(crate) fn elements(self) -> &'a [Value] {
        self.0.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The value itself; null where there is none.
    pub(crate) fn value(self) -> Value {
        self.0.cloned().unwrap_or_default()
    }

    /// Whether it is an object.
    pub(crate) fn is_object(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }

    /// A string, even an empty one.
    pub(crate) fn words(self) -> Option<String> {
        self.0.and_then(Value::as_str).map(str::to_owned)
    }

    /// A string that is not empty, or a number's digits: Meta writes ids and numbers either way.
    pub(crate) fn text(self) -> Option<String> {
        match self.0? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The text as a type that cannot be wrong.
    pub(crate) fn parsed<T: TryFrom<String>>(self) -> Option<T> {
        T::try_from(self.text()?).ok()
    }

    /// A whole number, quoted or not.
    pub(crate) fn integer(self) -> Option<i64> {
        match self.0? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A finite number, quoted or not.
    pub(crate) fn float(self) -> Option<f64> {
        let number = match self.0? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite())
    }

    /// True or false, quoted or not.
    pub(crate) fn flag(self) -> Option<bool> {
        match self.0? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A moment. Meta documents seconds since 1970; what would lie after the year 5138 is taken as milliseconds, since a
    /// moment that far off would hold a service window open for ever.
    pub(crate) fn moment(self) -> Option<Timestamp> {
        let number = self.integer()?;
        Some(if number > 100_000_000_000 {
            Timestamp::from_micros(number.saturating_mul(1_000))
        } else {
            Timestamp::from_seconds(number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_read_whether_quoted_or_not() {
        let value = json!({"a": 5, "b": "5", "c": 5.5, "d": " 5.5", "e": "NaN", "f": "x", "g": true, "h": "true"});
        let view = View::new(&value);
        assert_eq!((view.at("a").integer(), view.at("b").integer(), view.at("c").integer()), (Some(5), Some(5), None));
        assert_eq!((view.at("c").float(), view.at("d").float(), view.at("e").float()), (Some(5.5), Some(5.5), None));
        assert_eq!((view.at("g").flag(), view.at("h").flag(), view.at("f").flag()), (Some(true), Some(true), None));
        assert_eq!((view.at("a").text(), view.at("g").text()), (Some("5".into()), None));
    }

    #[test]
    fn a_moment_is_in_seconds_and_milliseconds_are_recognised() {
        let moment = |value: Value| View::new(&value).moment();
        assert_eq!(moment(json!("1700000000")), Some(Timestamp::from_seconds(1_700_000_000)));
        assert_eq!(moment(json!(1_700_000_000_123_i64)), Some(Timestamp::from_micros(1_700_000_000_123_000)));
        assert_eq!(moment(json!("soon")), None);
        assert_eq!(moment(json!(-5)), Some(Timestamp::from_micros(0)));
    }

    #[test]
    fn a_path_that_is_not_there_gives_nothing() {
        let value = json!({"a": [1]});
        let view = View::new(&value);
        assert_eq!(view.at("x").at("y").text(), None);
        assert_eq!(view.at("a").at("y").list().count(), 0);
        assert_eq!(view.at("a").list().count(), 1);
        assert_eq!(view.at("x").value(), Value::Null);
    }
}
