use std::collections::BTreeMap;

use domain::Timestamp;
use flow::limits::OPERATION;
use flow::ports::{Document, Fields, Value, Version};
use googleapis_tonic_google_firestore_v1::google::firestore::v1 as proto;
use prost_types::Timestamp as Time;
use proto::value::ValueType;

use crate::failure::Failure;
use crate::names::Names;

/// A value as it is sent.
pub(crate) fn to_proto(value: Value) -> proto::Value {
    let value_type = match value {
        Value::Bool(v) => ValueType::BooleanValue(v),
        Value::Int(v) => ValueType::IntegerValue(v),
        Value::Double(v) => ValueType::DoubleValue(v),
        Value::Time(v) => ValueType::TimestampValue(to_time(v)),
        Value::Text(v) => ValueType::StringValue(v),
        Value::Bytes(v) => ValueType::BytesValue(v),
        Value::Array(v) => ValueType::ArrayValue(proto::ArrayValue { values: v.into_iter().map(to_proto).collect() }),
        Value::Map(v) => ValueType::MapValue(proto::MapValue { fields: to_fields(v) }),
    };
    proto::Value { value_type: Some(value_type) }
}

/// Fields as they are sent.
pub(crate) fn to_fields(fields: Fields) -> BTreeMap<String, proto::Value> {
    fields.into_iter().map(|(name, value)| (name, to_proto(value))).collect()
}

/// A document as it was read.
pub(crate) fn document(names: &Names, found: proto::Document) -> Result<Document, Failure> {
    let path = names.path(&found.name).ok_or(Failure::Garbled("a document of another database"))?;
    let version =
        found.update_time.map(|time| version(&time)).ok_or(Failure::Garbled("a document without a version"))?;
    let mut fields = from_fields(found.fields)?;
    fields.remove(OPERATION);
    Ok(Document { path, fields, version })
}

/// The version of a document that was last written then. No two writes of a document have the same time.
pub(crate) fn version(time: &Time) -> Version {
    Version(format!("{}.{:09}", time.seconds, time.nanos))
}

/// When the document of this version was written; nothing if it is a version of another store's.
pub(crate) fn written_at(version: &Version) -> Option<Time> {
    let (seconds, nanos) = version.0.split_once('.')?;
    Some(Time { seconds: seconds.parse().ok()?, nanos: nanos.parse().ok()? })
}

fn from_fields(fields: impl IntoIterator<Item = (String, proto::Value)>) -> Result<Fields, Failure> {
    fields
        .into_iter()
        // Null is how somebody else writes that there is nothing.
        .filter(|(_, value)| !matches!(value.value_type, Some(ValueType::NullValue(_))))
        .map(|(name, value)| Ok((name, from_proto(value)?)))
        .collect()
}

fn from_proto(value: proto::Value) -> Result<Value, Failure> {
    Ok(match value.value_type {
        Some(ValueType::BooleanValue(v)) => Value::Bool(v),
        Some(ValueType::IntegerValue(v)) => Value::Int(v),
        Some(ValueType::DoubleValue(v)) => Value::Double(v),
        Some(ValueType::TimestampValue(v)) => Value::Time(from_time(&v)),
        Some(ValueType::StringValue(v)) => Value::Text(v),
        Some(ValueType::BytesValue(v)) => Value::Bytes(v),
        Some(ValueType::ArrayValue(v)) => Value::Array(v.values.into_iter().map(from_proto).collect::<Result<_, _>>()?),
        Some(ValueType::MapValue(v)) => Value::Map(from_fields(v.fields)?),
        _ => return Err(Failure::Garbled("a value of a type that is never written")),
    })
}

fn to_time(at: Timestamp) -> Time {
    let nanos = i32::try_from(at.micros() % 1_000_000).unwrap_or_default() * 1_000;
    Time { seconds: at.micros() / 1_000_000, nanos }
}

fn from_time(time: &Time) -> Timestamp {
    Timestamp::from_micros(time.seconds.saturating_mul(1_000_000).saturating_add(i64::from(time.nanos) / 1_000))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use flow::ports::DocPath;

    use super::*;

    fn found(fields: impl IntoIterator<Item = (&'static str, ValueType)>) -> Result<Document, Failure> {
        let names = Names::new("a-project", "(default)").unwrap();
        let found = |(name, value): (&str, ValueType)| (name.to_owned(), proto::Value { value_type: Some(value) });
        let found = proto::Document {
            name: format!("{}/notes/a", names.root),
            fields: fields.into_iter().map(found).collect(),
            create_time: None,
            update_time: Some(Time { seconds: 1_795_000_000, nanos: 1_000 }),
        };
        document(&names, found)
    }

    #[test]
    fn a_null_that_somebody_else_wrote_is_an_absent_field() {
        let read = found([("null", ValueType::NullValue(0)), ("n", ValueType::IntegerValue(1))]).unwrap();
        assert_eq!(read.fields, Fields::from([("n".to_owned(), Value::Int(1))]));
        assert_eq!(read.path, DocPath::from("notes/a"));
    }

    #[test]
    fn a_value_of_another_type_is_not_left_out_in_silence() {
        let reference = || ValueType::ReferenceValue("projects/a-project".into());
        assert!(matches!(found([("to", reference())]), Err(Failure::Garbled(_))));
        let list = proto::ArrayValue { values: vec![proto::Value { value_type: Some(ValueType::NullValue(0)) }] };
        assert!(matches!(found([("list", ValueType::ArrayValue(list))]), Err(Failure::Garbled(_))));
    }

    #[test]
    fn a_version_leads_back_to_its_moment_and_another_stores_leads_nowhere() {
        let read = found([]).unwrap();
        assert_eq!(written_at(&read.version), Some(Time { seconds: 1_795_000_000, nanos: 1_000 }));
        assert_eq!(written_at(&Version("17".into())), None);
    }
}
