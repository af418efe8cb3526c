use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// `template.yaml` with CloudFormation's short forms written out: `!Ref X` as `{"Ref": "X"}`, `!Sub` and the others below
/// `Fn::`.
pub(super) struct Template(Value);

/// A function, with what `Globals` adds to it.
pub(super) struct Function<'t> {
    /// Its name in the workspace, such as `webhook`.
    pub name: &'static str,
    /// What the template says of it.
    pub resource: &'t Value,
}

/// The functions of the workspace, in the order of the flow.
pub(super) const FUNCTIONS: [&str; 10] =
    ["webhook", "inbox", "reply", "send", "status", "feed", "deliver", "task", "upkeep", "api"];

impl Template {
    pub fn read() -> Self {
        let text = fs::read_to_string(root().join("template.yaml")).unwrap();
        let documents = Yaml::load_from_str(&text).unwrap();
        assert_eq!(documents.len(), 1, "one document");
        Self(plain(&documents[0]))
    }

    /// What lies at a JSON pointer.
    pub fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The resources of a type, by their logical names.
    pub fn of_type(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let resources = self.0["Resources"].as_object().unwrap();
        let of_kind = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
        of_kind.map(|(name, resource)| (name.as_str(), &resource["Properties"])).collect()
    }

    /// The properties of a resource that must be there.
    pub fn properties(&self, name: &str) -> &Value {
        let properties = self.at(&format!("/Resources/{name}/Properties"));
        assert!(properties.is_object(), "the template has no {name}");
        properties
    }

    /// The functions of the workspace, each under its logical name, such as `WebhookFunction`.
    pub fn functions(&self) -> impl Iterator<Item = Function<'_>> {
        FUNCTIONS.into_iter().map(|name| {
            let resource = self.at(&format!("/Resources/{}Function", capitalized(name)));
            assert_eq!(resource["Type"], "AWS::Serverless::Function", "{name}");
            Function { name, resource }
        })
    }
}

impl<'t> Function<'t> {
    pub fn properties(&self) -> &'t Value {
        &self.resource["Properties"]
    }

    /// Its events of a type.
    pub fn events(&self, kind: &str) -> Vec<&'t Value> {
        let events = self.properties()["Events"].as_object().unwrap();
        events.values().filter(|event| event["Type"] == kind).map(|event| &event["Properties"]).collect()
    }

    pub fn timeout(&self) -> u64 {
        self.properties()["Timeout"].as_u64().unwrap()
    }
}

/// The logical name that a value points to: `!Ref Name`, `!GetAtt Name.Arn` or `!Sub ${Name.Arn}/*`.
pub(super) fn target(value: &Value) -> Option<&str> {
    let attribute = |text: &'static str| value[text].as_str();
    attribute("Ref")
        .or_else(|| attribute("Fn::GetAtt")?.split('.').next())
        .or_else(|| attribute("Fn::Sub")?.strip_prefix("${")?.split(['.', '}']).next())
}

/// A value that may stand alone or in a list.
pub(super) fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Null => Vec::new(),
        value => vec![value],
    }
}

/// `inbox` as it begins a logical name: `Inbox`.
pub(super) fn capitalized(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn plain(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(scalar) => match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(value) => json!(value),
            Scalar::Integer(value) => json!(value),
            Scalar::FloatingPoint(value) => json!(value.into_inner()),
            Scalar::String(value) => json!(value),
        },
        Yaml::Sequence(values) => values.iter().map(plain).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.as_str().unwrap().to_owned(), plain(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tag, value) => {
            let name = tag.suffix.as_str();
            let name = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
            Value::Object(Map::from_iter([(name, plain(value))]))
        }
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => panic!("not in a template: {yaml:?}"),
    }
}

#[test]
fn short_forms_are_written_out() {
    let yaml = Yaml::load_from_str("a: !Sub '${B.Arn}/*'\nc: [!Ref D, !GetAtt E.Arn, 7, 'on', on]").unwrap();
    let expected =
        json!({ "a": {"Fn::Sub": "${B.Arn}/*"}, "c": [{"Ref": "D"}, {"Fn::GetAtt": "E.Arn"}, 7, "on", "on"] });
    let value = plain(&yaml[0]);
    assert_eq!(value, expected);
    assert_eq!(target(&value["a"]), Some("B"));
    assert_eq!(listed(&value["c"]).into_iter().filter_map(target).collect::<Vec<_>>(), ["D", "E"]);
}
