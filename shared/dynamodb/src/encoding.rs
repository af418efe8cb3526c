use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use flow::ports::{Fields, Item, ItemKey, Value};

use crate::table::{EXPIRES_AT, EXPIRES_AT_MICROS, FIELD, KEY, VERSION};

/// The attributes of an item of the table.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// An item that this crate did not write.
#[derive(Debug, thiserror::Error)]
#[error("the attribute {0:?} of an item is missing or malformed")]
pub(crate) struct Malformed(String);

pub(crate) fn encode_item(key: &ItemKey, version: u64, fields: &Fields, expires_at: Option<Timestamp>) -> Attributes {
    let mut item = encode_key(key);
    item.insert(VERSION.into(), number(version));
    item.extend(fields.iter().map(|(name, value)| (field_name(name), encode(value))));
    if let Some([seconds, micros]) = expires_at.map(encode_expiry) {
        item.insert(EXPIRES_AT.into(), seconds);
        item.insert(EXPIRES_AT_MICROS.into(), micros);
    }
    item
}

pub(crate) fn encode_key(key: &ItemKey) -> Attributes {
    Attributes::from([(KEY.into(), AttributeValue::S(key.as_str().into()))])
}

/// The time to live, in seconds and in microseconds.
pub(crate) fn encode_expiry(at: Timestamp) -> [AttributeValue; 2] {
    let seconds = at.micros() / 1_000_000 + i64::from(at.micros() % 1_000_000 > 0);
    [number(seconds), number(at.micros())]
}

pub(crate) fn field_name(name: &str) -> String {
    format!("{FIELD}{name}")
}

pub(crate) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn decode_item(mut item: Attributes) -> Result<Item, Malformed> {
    let key = decode_key(&mut item)?;
    let mut taken = |name: &str| item.remove(name);
    let version = taken(VERSION).and_then(|value| value.as_n().ok()?.parse().ok()).ok_or_else(|| malformed(VERSION))?;
    taken(EXPIRES_AT);
    let expires_at = match taken(EXPIRES_AT_MICROS) {
        None => None,
        Some(AttributeValue::N(micros)) => {
            Some(Timestamp::from_micros(micros.parse().map_err(|_| malformed(EXPIRES_AT_MICROS))?))
        }
        Some(_) => return Err(malformed(EXPIRES_AT_MICROS)),
    };
    let fields = item.into_iter().map(|(name, value)| {
        let field = name.strip_prefix(FIELD).map(str::to_owned);
        let value = decode(value);
        field.zip(value).ok_or_else(|| malformed(&name))
    });
    Ok(Item { key, fields: fields.collect::<Result<_, _>>()?, version, expires_at })
}

pub(crate) fn decode_key(item: &mut Attributes) -> Result<ItemKey, Malformed> {
    match item.remove(KEY) {
        Some(AttributeValue::S(key)) => Ok(ItemKey::from(key)),
        _ => Err(malformed(KEY)),
    }
}

fn malformed(name: &str) -> Malformed {
    Malformed(name.into())
}

/// Numbers of the service are decimal, with 38 digits and smaller exponents than a double has. So only integers are
/// numbers. No value is a set, so that one with a single element tells a moment (of a number) and a double (of a text,
/// which reads back as the very same double).
fn encode(value: &Value) -> AttributeValue {
    match value {
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Int(int) => number(int),
        Value::Double(double) => AttributeValue::Ss(vec![format!("{double:?}")]),
        Value::Time(at) => AttributeValue::Ns(vec![at.micros().to_string()]),
        Value::Text(text) => AttributeValue::S(text.clone()),
        Value::Bytes(bytes) => AttributeValue::B(Blob::new(bytes.clone())),
        Value::Array(elements) => AttributeValue::L(elements.iter().map(encode).collect()),
        Value::Map(fields) => {
            AttributeValue::M(fields.iter().map(|(name, value)| (name.clone(), encode(value))).collect())
        }
    }
}

fn decode(value: AttributeValue) -> Option<Value> {
    Some(match value {
        AttributeValue::Bool(flag) => Value::Bool(flag),
        AttributeValue::N(int) => Value::Int(int.parse().ok()?),
        AttributeValue::Ss(double) => Value::Double(only(double)?.parse().ok()?),
        AttributeValue::Ns(micros) => Value::Time(Timestamp::from_micros(only(micros)?.parse().ok()?)),
        AttributeValue::S(text) => Value::Text(text),
        AttributeValue::B(bytes) => Value::Bytes(bytes.into_inner()),
        AttributeValue::L(elements) => Value::Array(elements.into_iter().map(decode).collect::<Option<_>>()?),
        AttributeValue::M(fields) => {
            let fields = fields.into_iter().map(|(name, value)| Some((name, decode(value)?)));
            Value::Map(fields.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

fn only(set: Vec<String>) -> Option<String> {
    <[String; 1]>::try_from(set).ok().map(|[element]| element)
}
