//! One text for one JSON value, whatever the order of its members.

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Longer JSON stands for itself: sorting megabytes would take longer than the webhook may.
const SHORT: usize = 64 * 1_024;

/// A digest of the JSON that does not change when members are ordered or spaced differently. Text that is no JSON, or
/// very long, stands for itself.
pub(crate) fn digest(json: &str) -> String {
    let value = (json.len() <= SHORT).then(|| serde_json::from_str(json).ok()).flatten();
    let Some(value) = value else { return HEXLOWER.encode(&Sha256::digest(json)) };
    let mut canonical = String::with_capacity(json.len());
    write_sorted(&mut canonical, &value);
    HEXLOWER.encode(&Sha256::digest(canonical))
}

/// Writes the value with the members of every object in order of their names.
fn write_sorted(out: &mut String, value: &Value) {
    match value {
        Value::Array(elements) => {
            out.push('[');
            for element in elements {
                write_sorted(out, element);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut ordered: Vec<(&String, &Value)> = members.iter().collect();
            ordered.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in ordered {
                write_text(out, name);
                write_sorted(out, value);
            }
            out.push('}');
        }
        Value::String(text) => write_text(out, text),
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// A text with its length before it, so that no two values run together.
fn write_text(out: &mut String, text: &str) {
    out.push_str(&text.len().to_string());
    out.push('"');
    out.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_spaces_do_not_matter_and_values_do() {
        assert_eq!(digest(r#"{"a":{"c":1,"b":[1,2]},"d":null}"#), digest(r#"{"d":null, "a":{"b":[1,2],"c":1}}"#));
        assert_ne!(digest(r#"{"a":[1,2]}"#), digest(r#"{"a":[2,1]}"#));
        assert_ne!(digest("1e999"), digest("1e998"));
        assert_ne!(digest(r#"["1","2"]"#), digest(r#"["12"]"#));
        assert_ne!(digest(r#"{"a":"1"}"#), digest(r#"{"a":1}"#));
    }
}
