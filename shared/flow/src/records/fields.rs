//! Fields of a document or item: written and read with their types, personal ones sealed.

use domain::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::platform::Platform;
use crate::ports::{Fields, Value};

/// A record that cannot be read: a field is missing, of another type, or cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the record {at} cannot be read: {reason} ({field})")]
pub struct RecordError {
    at: String,
    field: String,
    reason: &'static str,
}

/// Collects the fields of a record.
pub struct FieldWriter<'a> {
    platform: &'a Platform,
    at: &'a str,
    fields: Fields,
}

impl<'a> FieldWriter<'a> {
    /// Fields for the record at this path or key, to which sealed ones are bound.
    pub fn new(platform: &'a Platform, at: &'a str) -> Self {
        Self { platform, at, fields: Fields::new() }
    }

    /// A field, if there is a value for it.
    #[must_use]
    pub fn put(mut self, name: &str, value: impl IntoValue) -> Self {
        if let Some(value) = value.into_value() {
            self.fields.insert(name.to_owned(), value);
        }
        self
    }

    /// A personal text, sealed.
    #[must_use]
    pub fn sealed(mut self, name: &str, text: Option<&str>) -> Self {
        if let Some(text) = text {
            let context = context(self.at, name);
            let sealed = self.platform.sealer.seal(self.platform.entropy.as_ref(), &context, text.as_bytes());
            self.fields.insert(name.to_owned(), Value::Text(sealed));
        }
        self
    }

    /// A personal value, sealed as JSON.
    #[must_use]
    pub fn sealed_json<T: Serialize>(self, name: &str, value: Option<&T>) -> Self {
        let text = value.and_then(|value| serde_json::to_string(value).ok());
        self.sealed(name, text.as_deref())
    }

    /// A value without personal data, as JSON text.
    #[must_use]
    pub fn json<T: Serialize>(self, name: &str, value: &T) -> Self {
        let text = serde_json::to_string(value).ok();
        self.put(name, text)
    }

    /// All of them.
    pub fn done(self) -> Fields {
        self.fields
    }
}

/// Values that a field can hold; `None` leaves it out.
pub trait IntoValue {
    /// The value.
    fn into_value(self) -> Option<Value>;
}

macro_rules! into_value {
    ($($from:ty => |$v:ident| $to:expr;)*) => {$(
        impl IntoValue for $from {
            fn into_value(self) -> Option<Value> {
                let $v = self;
                Some($to)
            }
        }
    )*};
}

into_value! {
    bool => |v| Value::Bool(v);
    i64 => |v| Value::Int(v);
    u32 => |v| Value::Int(i64::from(v));
    Timestamp => |v| Value::Time(v);
    &str => |v| Value::Text(v.to_owned());
    String => |v| Value::Text(v);
    Vec<Value> => |v| Value::Array(v);
    Value => |v| v;
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Option<Value> {
        self.and_then(IntoValue::into_value)
    }
}

/// Reads the fields of a record.
pub struct FieldReader<'a> {
    platform: &'a Platform,
    at: &'a str,
    fields: &'a Fields,
}

impl<'a> FieldReader<'a> {
    /// The fields of the record at this path or key.
    pub fn new(platform: &'a Platform, at: &'a str, fields: &'a Fields) -> Self {
        Self { platform, at, fields }
    }

    fn error(&self, field: &str, reason: &'static str) -> RecordError {
        RecordError { at: self.at.to_owned(), field: field.to_owned(), reason }
    }

    /// The error of a record whose own id is malformed.
    pub fn malformed_id(&self) -> RecordError {
        self.malformed("id")
    }

    /// The error of a field that holds no value of its type.
    pub fn malformed(&self, field: &str) -> RecordError {
        self.error(field, "malformed")
    }

    /// The error of a field that must be there.
    pub fn missing(&self, field: &str) -> RecordError {
        self.error(field, "missing")
    }

    fn required<T>(&self, name: &str, value: Option<T>) -> Result<T, RecordError> {
        value.ok_or_else(|| self.error(name, "missing"))
    }

    /// A text, if it is there.
    ///
    /// # Errors
    /// When it is of another type. So for all of these.
    pub fn optional_text(&self, name: &str) -> Result<Option<&'a str>, RecordError> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.error(name, "not a text")),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// When it is missing or of another type. So for all of these.
    pub fn text(&self, name: &str) -> Result<&'a str, RecordError> {
        self.required(name, self.optional_text(name)?)
    }

    /// An integer, if it is there.
    ///
    /// # Errors
    /// As above.
    pub fn optional_int(&self, name: &str) -> Result<Option<i64>, RecordError> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Value::Int(number)) => Ok(Some(*number)),
            Some(_) => Err(self.error(name, "not an integer")),
        }
    }

    /// An integer.
    ///
    /// # Errors
    /// As above.
    pub fn int(&self, name: &str) -> Result<i64, RecordError> {
        self.required(name, self.optional_int(name)?)
    }

    /// A flag; absent is false.
    ///
    /// # Errors
    /// As above.
    pub fn flag(&self, name: &str) -> Result<bool, RecordError> {
        match self.fields.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.error(name, "not a flag")),
        }
    }

    /// A moment, if it is there.
    ///
    /// # Errors
    /// As above.
    pub fn optional_time(&self, name: &str) -> Result<Option<Timestamp>, RecordError> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Value::Time(at)) => Ok(Some(*at)),
            Some(_) => Err(self.error(name, "not a moment")),
        }
    }

    /// A moment.
    ///
    /// # Errors
    /// As above.
    pub fn time(&self, name: &str) -> Result<Timestamp, RecordError> {
        self.required(name, self.optional_time(name)?)
    }

    /// A list; absent is empty.
    ///
    /// # Errors
    /// As above.
    pub fn list(&self, name: &str) -> Result<&'a [Value], RecordError> {
        match self.fields.get(name) {
            None => Ok(&[]),
            Some(Value::Array(values)) => Ok(values),
            Some(_) => Err(self.error(name, "not a list")),
        }
    }

    /// The 32 bytes of a hash, if they are there.
    ///
    /// # Errors
    /// As above.
    pub fn hash(&self, name: &str) -> Result<Option<[u8; 32]>, RecordError> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Value::Bytes(bytes)) => {
                bytes.as_slice().try_into().map(Some).map_err(|_| self.error(name, "not a hash"))
            }
            Some(_) => Err(self.error(name, "not bytes")),
        }
    }

    /// A list of texts of a type's own, such as ids; absent is empty.
    ///
    /// # Errors
    /// As above, and when a text is no such value.
    pub fn ids<T: TryFrom<String>>(&self, name: &str) -> Result<Vec<T>, RecordError> {
        let id = |value: &Value| match value {
            Value::Text(text) => T::try_from(text.clone()).ok(),
            _ => None,
        };
        self.list(name)?.iter().map(|value| id(value).ok_or_else(|| self.malformed(name))).collect()
    }

    /// A text that is one of a type's own, such as an id.
    ///
    /// # Errors
    /// As above, and when the text is no such value.
    pub fn parsed<T: TryFrom<String>>(&self, name: &str) -> Result<T, RecordError> {
        self.required(name, self.optional_parsed(name)?)
    }

    /// As [`Self::parsed`], if it is there.
    ///
    /// # Errors
    /// As above.
    pub fn optional_parsed<T: TryFrom<String>>(&self, name: &str) -> Result<Option<T>, RecordError> {
        self.optional_text(name)?
            .map(|text| T::try_from(text.to_owned()).map_err(|_| self.error(name, "malformed")))
            .transpose()
    }

    /// A name that stands for a value, read by `parse`.
    ///
    /// # Errors
    /// As above.
    pub fn named<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, RecordError> {
        self.optional_text(name)?
            .map(|text| parse(text).ok_or_else(|| self.error(name, "not a known name")))
            .transpose()
    }

    /// A personal text, opened, if it is there.
    ///
    /// # Errors
    /// As above, and when it cannot be opened.
    pub fn sealed(&self, name: &str) -> Result<Option<String>, RecordError> {
        let Some(sealed) = self.optional_text(name)? else { return Ok(None) };
        let plain = self
            .platform
            .sealer
            .open(&context(self.at, name), sealed)
            .map_err(|_| self.error(name, "cannot be opened"))?;
        String::from_utf8(plain).map(Some).map_err(|_| self.error(name, "not text"))
    }

    /// A personal text of a type's own, opened, if it is there.
    ///
    /// # Errors
    /// As above.
    pub fn sealed_parsed<T: TryFrom<String>>(&self, name: &str) -> Result<Option<T>, RecordError> {
        self.sealed(name)?.map(|text| T::try_from(text).map_err(|_| self.error(name, "malformed"))).transpose()
    }

    /// A personal value, opened and read from JSON, if it is there.
    ///
    /// # Errors
    /// As above.
    pub fn sealed_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, RecordError> {
        self.sealed(name)?
            .map(|text| serde_json::from_str(&text).map_err(|_| self.error(name, "malformed")))
            .transpose()
    }

    /// A value from JSON text, if it is there.
    ///
    /// # Errors
    /// As above.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, RecordError> {
        self.optional_text(name)?
            .map(|text| serde_json::from_str(text).map_err(|_| self.error(name, "malformed")))
            .transpose()
    }
}

fn context(at: &str, field: &str) -> String {
    format!("{at}#{field}")
}
