use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem, Update};
use domain::Timestamp;
use flow::ports::{Condition, ItemWrite};

use crate::encoding::{Attributes, encode_expiry, encode_item, encode_key, field_name, number};
use crate::table::{EXPIRES_AT, EXPIRES_AT_MICROS, KEY, VERSION};

/// A write as the service takes it, alone or in a transaction.
pub(crate) enum Request {
    Put { item: Attributes, terms: Terms },
    Check { key: Attributes, terms: Terms },
    Update { key: Attributes, change: String, terms: Terms },
}

/// A condition, with what its placeholders and those of an update stand for: any name may be a reserved word.
pub(crate) struct Terms {
    pub condition: String,
    pub names: HashMap<String, String>,
    pub values: Option<HashMap<String, AttributeValue>>,
}

impl Request {
    pub(crate) fn of(write: &ItemWrite) -> Self {
        match write {
            ItemWrite::Put { key, fields, expires_at, condition } => {
                let before = match condition {
                    Condition::Absent => 0,
                    Condition::Version(version) => *version,
                };
                let item = encode_item(key, before.saturating_add(1), fields, *expires_at);
                Self::Put { item, terms: Terms::of(*condition) }
            }
            ItemWrite::Check { key, condition } => Self::Check { key: encode_key(key), terms: Terms::of(*condition) },
            ItemWrite::Add { key, field, by, at_most, expires_at } => {
                let mut terms = Terms::of_addition(field, *by, *at_most);
                let change = terms.addition(*by, *expires_at);
                Self::Update { key: encode_key(key), change, terms }
            }
        }
    }

    /// The write as one of a transaction.
    pub(crate) fn in_transaction(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let one = TransactWriteItem::builder();
        Ok(match self {
            Self::Put { item, terms } => one.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(item))
                    .condition_expression(terms.condition)
                    .set_expression_attribute_names(Some(terms.names))
                    .set_expression_attribute_values(terms.values)
                    .build()?,
            ),
            Self::Check { key, terms } => one.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .condition_expression(terms.condition)
                    .set_expression_attribute_names(Some(terms.names))
                    .set_expression_attribute_values(terms.values)
                    .build()?,
            ),
            Self::Update { key, change, terms } => one.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression(change)
                    .condition_expression(terms.condition)
                    .set_expression_attribute_names(Some(terms.names))
                    .set_expression_attribute_values(terms.values)
                    .build()?,
            ),
        }
        .build())
    }
}

impl Terms {
    fn of(condition: Condition) -> Self {
        match condition {
            Condition::Absent => Self {
                condition: "attribute_not_exists(#key)".into(),
                names: HashMap::from([("#key".into(), KEY.into())]),
                values: None,
            },
            Condition::Version(version) => Self {
                condition: "#version = :version".into(),
                names: HashMap::from([("#version".into(), VERSION.into())]),
                values: Some(HashMap::from([(":version".into(), number(version))])),
            },
        }
    }

    /// The sum must be an integer of 64 bits and not above the limit; a field that is not there is 0. The bounds for what
    /// is there now may need more bits than an integer of the port has, and the service's numbers have them.
    fn of_addition(field: &str, by: i64, at_most: i64) -> Self {
        let (least, most) = (i128::from(i64::MIN) - i128::from(by), i128::from(at_most) - i128::from(by));
        let or_absent = if by <= at_most { "attribute_not_exists(#field) OR " } else { "" };
        Self {
            condition: format!("{or_absent}#field BETWEEN :least AND :most"),
            names: HashMap::from([("#field".into(), field_name(field))]),
            values: Some(HashMap::from([(":least".into(), number(least)), (":most".into(), number(most))])),
        }
    }

    /// The update that adds, counts the version, and sets or takes away the time to live.
    fn addition(&mut self, by: i64, expires_at: Option<Timestamp>) -> String {
        let names = [("#version", VERSION), ("#expires_at", EXPIRES_AT), ("#micros", EXPIRES_AT_MICROS)];
        self.names.extend(names.map(|(name, stands_for)| (name.into(), stands_for.into())));
        let values = self.values.get_or_insert_default();
        values.extend([(":zero", number(0)), (":one", number(1)), (":by", number(by))].map(named));
        let sums = "SET #field = if_not_exists(#field, :zero) + :by, #version = if_not_exists(#version, :zero) + :one";
        match expires_at.map(encode_expiry) {
            None => format!("{sums} REMOVE #expires_at, #micros"),
            Some([seconds, micros]) => {
                values.extend([(":expires_at", seconds), (":micros", micros)].map(named));
                format!("{sums}, #expires_at = :expires_at, #micros = :micros")
            }
        }
    }
}

fn named((name, value): (&str, AttributeValue)) -> (String, AttributeValue) {
    (name.to_owned(), value)
}
