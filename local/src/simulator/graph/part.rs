//! Reading a part of a call's JSON as Meta checks it: missing is 131008, of a wrong form 131009, too long 100.

use serde_json::{Map, Value};

use super::GraphError;

/// An object inside the call, and where it is, for Meta's messages.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    object: &'a Map<String, Value>,
    name: &'a str,
}

impl<'a> Part<'a> {
    /// The object itself.
    pub(super) fn new(object: &'a Map<String, Value>, name: &'a str) -> Self {
        Self { object, name }
    }

    /// A value that is an object.
    pub(super) fn of(value: &'a Value, name: &'a str) -> Result<Self, GraphError> {
        let object = value.as_object();
        object.map(|object| Self { object, name }).ok_or_else(|| invalid(&format!("{name} must be an object.")))
    }

    /// The object under this key.
    pub(super) fn part(self, key: &'a str) -> Result<Part<'a>, GraphError> {
        match self.object.get(key) {
            Some(Value::Object(object)) => Ok(Part { object, name: key }),
            Some(_) => Err(invalid(&format!("{} must be an object.", self.name_of(key)))),
            None => Err(self.missing(key)),
        }
    }

    /// The object under this key, if it is there.
    pub(super) fn optional_part(self, key: &'a str) -> Result<Option<Part<'a>>, GraphError> {
        if self.has(key) { self.part(key).map(Some) } else { Ok(None) }
    }

    /// The text under this key: not empty, and of at most so many characters.
    pub(super) fn text(self, key: &str, most: usize) -> Result<&'a str, GraphError> {
        let text = match self.object.get(key) {
            Some(Value::String(text)) => text,
            Some(_) => return Err(invalid(&format!("{} must be a string.", self.name_of(key)))),
            None => return Err(self.missing(key)),
        };
        if text.is_empty() {
            return Err(self.missing(key));
        }
        if text.chars().count() > most {
            let length = format!("Param {} must be at most {most} characters long.", self.name_of(key));
            return Err(GraphError::parameter(length));
        }
        Ok(text)
    }

    /// The text under this key, if it is there.
    pub(super) fn optional_text(self, key: &str, most: usize) -> Result<Option<&'a str>, GraphError> {
        if self.has(key) { self.text(key, most).map(Some) } else { Ok(None) }
    }

    /// The list under this key, with so many elements.
    pub(super) fn list(self, key: &str, least: usize, most: usize) -> Result<&'a [Value], GraphError> {
        match self.object.get(key) {
            Some(Value::Array(list)) if (least..=most).contains(&list.len()) => Ok(list),
            Some(Value::Array(_)) => {
                Err(invalid(&format!("{} must have {least} to {most} elements.", self.name_of(key))))
            }
            Some(_) => Err(invalid(&format!("{} must be a list.", self.name_of(key)))),
            None => Err(self.missing(key)),
        }
    }

    /// The value under this key.
    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    /// Whether something stands under this key.
    pub(super) fn has(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn name_of(self, key: &str) -> String {
        format!("{}['{key}']", self.name)
    }

    fn missing(self, key: &str) -> GraphError {
        GraphError::detailed(131_008, format!("Param {} is missing.", self.name_of(key)))
    }
}

/// 131009: a value is there, but not of the right form.
pub(super) fn invalid(details: &str) -> GraphError {
    GraphError::detailed(131_009, details)
}
