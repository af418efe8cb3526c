//! Conditions on contacts.

use domain::segment::Operator;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::{attribute_key, names, purpose, tag, text, time};

/// Conditions on contacts: an object with one key, which says what kind of condition it is.
pub(crate) fn condition() -> RefOr<Schema> {
    conditions(false)
}

/// The same, or null.
pub(crate) fn maybe_condition() -> RefOr<Schema> {
    conditions(true)
}

fn conditions(optional: bool) -> RefOr<Schema> {
    let kind = match optional {
        true => SchemaType::from_iter([Type::Object, Type::Null]),
        false => SchemaType::new(Type::Object),
    };
    let nested = || ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::Object).build()).build();
    let flag = || ObjectBuilder::new().schema_type(Type::Boolean).build();
    let operator = names(&Operator::ALL);
    let value = SchemaType::from_iter([Type::String, Type::Number, Type::Boolean]);
    let attribute = ObjectBuilder::new()
        .property("key", attribute_key())
        .property("operator", operator)
        .property("value", ObjectBuilder::new().schema_type(value).build())
        .required("key")
        .required("operator");
    let object = ObjectBuilder::new()
        .schema_type(kind)
        .property("all", nested())
        .property("any", nested())
        .property("not", ObjectBuilder::new().schema_type(Type::Object).build())
        .property("tag", tag().build())
        .property("attribute", attribute.build())
        .property("consented_to", purpose())
        .property("takes_marketing", flag())
        .property("blocked", flag())
        .property("language", text(false).build())
        .property("phone_prefix", text(false).pattern(Some("^[0-9]{1,15}$")).build())
        .property("created_since", time())
        .property("created_before", time());
    let says = "One condition: `all`, `any` and `not` hold further ones.";
    object.min_properties(Some(1)).max_properties(Some(1)).description(Some(says)).build().into()
}
