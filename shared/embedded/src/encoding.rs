//! Values as bytes: self-describing, and ordered as the values are.
//!
//! One encoding serves two uses. In an index key the bytes' order is the values' order, and no encoded value is the
//! beginning of another, so that values can stand one after the other in a key. In a stored record the same bytes are
//! read back. Texts and bytes end with `00 01` and write a zero of their own as `00 ff`.

use domain::Timestamp;
use flow::ports::{Fields, Value};

const BOOL: u8 = 0x10;
const INT: u8 = 0x20;
const DOUBLE: u8 = 0x28;
const TIME: u8 = 0x30;
const TEXT: u8 = 0x40;
const BYTES: u8 = 0x50;
const ARRAY: u8 = 0x60;
const MAP: u8 = 0x70;
/// Ends a list or a map, and begins a field of a map.
const END: u8 = 0x00;
const FIELD: u8 = 0x01;
/// Above every byte that an encoded value or text begins with.
pub(crate) const ABOVE: u8 = 0xff;
/// How deep lists and maps may lie in each other when they are read back; what is written is checked before.
const DEEPEST: u32 = 64;

/// Stored bytes that are none of ours.
#[derive(Debug, thiserror::Error)]
#[error("stored bytes cannot be read: {0}")]
pub(crate) struct Malformed(pub &'static str);

/// The byte that all values of this value's type begin with.
pub(crate) fn tag(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => BOOL,
        Value::Int(_) => INT,
        Value::Double(_) => DOUBLE,
        Value::Time(_) => TIME,
        Value::Text(_) => TEXT,
        Value::Bytes(_) => BYTES,
        Value::Array(_) => ARRAY,
        Value::Map(_) => MAP,
    }
}

/// Appends a value.
pub(crate) fn put_value(out: &mut Vec<u8>, value: &Value) {
    out.push(tag(value));
    match value {
        Value::Bool(v) => out.push(u8::from(*v)),
        Value::Int(v) => put_i64(out, *v),
        Value::Double(v) => put_f64(out, *v),
        Value::Time(v) => put_i64(out, v.micros()),
        Value::Text(v) => put_bytes(out, v.as_bytes()),
        Value::Bytes(v) => put_bytes(out, v),
        Value::Array(v) => {
            v.iter().for_each(|element| put_value(out, element));
            out.push(END);
        }
        Value::Map(v) => put_fields(out, v),
    }
}

/// Appends a text without a type.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_bytes(out, text.as_bytes());
}

/// Fields as they are stored.
pub(crate) fn encode_fields(fields: &Fields) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    put_fields(&mut out, fields);
    out
}

/// Reads stored fields back.
pub(crate) fn decode_fields(mut bytes: &[u8]) -> Result<Fields, Malformed> {
    let fields = take_fields(&mut bytes, DEEPEST)?;
    if bytes.is_empty() { Ok(fields) } else { Err(Malformed("bytes after the end")) }
}

/// Takes a value off the front.
pub(crate) fn take_value(bytes: &mut &[u8]) -> Result<Value, Malformed> {
    take_value_at(bytes, DEEPEST)
}

fn put_fields(out: &mut Vec<u8>, fields: &Fields) {
    for (name, value) in fields {
        out.push(FIELD);
        put_text(out, name);
        put_value(out, value);
    }
    out.push(END);
}

/// With the sign bit turned, the bytes of an integer order as the integers do.
fn put_i64(out: &mut Vec<u8>, v: i64) {
    out.extend_from_slice(&(v.cast_unsigned() ^ (1 << 63)).to_be_bytes());
}

/// Positive doubles order by their bits, negative ones the other way round; both zeros are one value.
fn put_f64(out: &mut Vec<u8>, v: f64) {
    let bits = if v == 0.0 { 0 } else { v.to_bits() };
    let ordered = if bits >> 63 == 0 { bits ^ (1 << 63) } else { !bits };
    out.extend_from_slice(&ordered.to_be_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        out.push(*byte);
        if *byte == 0 {
            out.push(0xff);
        }
    }
    out.extend_from_slice(&[0, 1]);
}

fn take_value_at(bytes: &mut &[u8], depth: u32) -> Result<Value, Malformed> {
    let deeper = depth.checked_sub(1).ok_or(Malformed("nested too deep"))?;
    Ok(match take_byte(bytes)? {
        BOOL => Value::Bool(take_byte(bytes)? != 0),
        INT => Value::Int(take_i64(bytes)?),
        DOUBLE => Value::Double(take_f64(bytes)?),
        TIME => Value::Time(Timestamp::from_micros(take_i64(bytes)?)),
        TEXT => Value::Text(take_text(bytes)?),
        BYTES => Value::Bytes(take_bytes(bytes)?),
        ARRAY => {
            let mut elements = Vec::new();
            while bytes.first() != Some(&END) {
                elements.push(take_value_at(bytes, deeper)?);
            }
            take_byte(bytes)?;
            Value::Array(elements)
        }
        MAP => Value::Map(take_fields(bytes, deeper)?),
        _ => return Err(Malformed("unknown type")),
    })
}

fn take_fields(bytes: &mut &[u8], depth: u32) -> Result<Fields, Malformed> {
    let mut fields = Fields::new();
    loop {
        match take_byte(bytes)? {
            END => return Ok(fields),
            FIELD => fields.insert(take_text(bytes)?, take_value_at(bytes, depth)?),
            _ => return Err(Malformed("neither a field nor the end")),
        };
    }
}

fn take_byte(bytes: &mut &[u8]) -> Result<u8, Malformed> {
    let (first, rest) = bytes.split_first().ok_or(Malformed("cut short"))?;
    *bytes = rest;
    Ok(*first)
}

fn take_u64(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let (first, rest) = bytes.split_first_chunk::<8>().ok_or(Malformed("cut short"))?;
    *bytes = rest;
    Ok(u64::from_be_bytes(*first))
}

fn take_i64(bytes: &mut &[u8]) -> Result<i64, Malformed> {
    Ok((take_u64(bytes)? ^ (1 << 63)).cast_signed())
}

fn take_f64(bytes: &mut &[u8]) -> Result<f64, Malformed> {
    let ordered = take_u64(bytes)?;
    Ok(f64::from_bits(if ordered >> 63 == 1 { ordered ^ (1 << 63) } else { !ordered }))
}

fn take_bytes(bytes: &mut &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::new();
    loop {
        let zero = bytes.iter().position(|byte| *byte == 0).ok_or(Malformed("cut short"))?;
        let (before, rest) = bytes.split_at(zero);
        out.extend_from_slice(before);
        match rest {
            [0, 0xff, rest @ ..] => {
                out.push(0);
                *bytes = rest;
            }
            [0, 1, rest @ ..] => {
                *bytes = rest;
                return Ok(out);
            }
            _ => return Err(Malformed("neither a zero nor the end")),
        }
    }
}

fn take_text(bytes: &mut &[u8]) -> Result<String, Malformed> {
    String::from_utf8(take_bytes(bytes)?).map_err(|_| Malformed("not UTF-8"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scalar() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            (-1e300..1e300).prop_map(Value::Double),
            (0..Timestamp::MAX.micros()).prop_map(|t| Value::Time(Timestamp::from_micros(t))),
            "[\\x00\\x01a-cé\u{10ffff}]{0,6}".prop_map(Value::Text),
            prop::collection::vec(prop_oneof![Just(0), Just(1), Just(0xff), any::<u8>()], 0..6).prop_map(Value::Bytes),
        ]
    }

    fn any_value() -> impl Strategy<Value = Value> {
        scalar().prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::btree_map("[a-c\\x00]{0,3}", inner, 0..4).prop_map(Value::Map),
            ]
        })
    }

    fn bytes(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        put_value(&mut out, value);
        out
    }

    fn order(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
        match (left, right) {
            (Value::Bool(l), Value::Bool(r)) => l.partial_cmp(r),
            (Value::Int(l), Value::Int(r)) => l.partial_cmp(r),
            (Value::Double(l), Value::Double(r)) => l.partial_cmp(r),
            (Value::Time(l), Value::Time(r)) => l.partial_cmp(r),
            (Value::Text(l), Value::Text(r)) => l.as_bytes().partial_cmp(r.as_bytes()),
            (Value::Bytes(l), Value::Bytes(r)) => l.partial_cmp(r),
            _ => None,
        }
    }

    proptest! {
        #[test]
        fn bytes_of_one_type_order_as_their_values(left in scalar(), right in scalar()) {
            if let Some(order) = order(&left, &right) {
                prop_assert_eq!(bytes(&left).cmp(&bytes(&right)), order);
            }
        }

        #[test]
        fn no_value_is_the_beginning_of_another(left in any_value(), right in any_value()) {
            prop_assert!(left == right || !bytes(&left).starts_with(&bytes(&right)));
        }

        #[test]
        fn a_value_is_read_back_and_what_follows_is_left(value in any_value(), rest in prop::collection::vec(any::<u8>(), 0..5)) {
            let mut encoded = bytes(&value);
            encoded.extend_from_slice(&rest);
            let mut cursor = encoded.as_slice();
            prop_assert_eq!(take_value(&mut cursor).ok(), Some(value));
            prop_assert_eq!(cursor, rest.as_slice());
        }

        #[test]
        fn bytes_that_are_none_of_ours_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(fields) = decode_fields(&bytes) {
                let again = decode_fields(&encode_fields(&fields)).map(|fields| encode_fields(&fields));
                prop_assert_eq!(again.ok(), Some(encode_fields(&fields)));
            }
        }
    }

    #[test]
    fn both_zeros_are_one_value() {
        assert_eq!(bytes(&Value::Double(0.0)), bytes(&Value::Double(-0.0)));
    }
}
