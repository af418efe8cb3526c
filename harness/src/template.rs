//! `template.yaml`: what is deployed, as far as it concerns the functions.

use std::collections::BTreeMap;
use std::time::Duration;

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// A function as the template declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// Its name, which is its binary's.
    pub name: String,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// Its memory, in MB.
    pub memory: u32,
    /// Its variables, those of all functions included; with the value where that is a plain text.
    pub variables: BTreeMap<String, Option<String>>,
    /// What invokes it.
    pub triggers: Vec<Trigger>,
}

/// What invokes a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// Requests for a path, or for all that no other function has.
    Http {
        /// The path.
        path: Option<String>,
    },
    /// Messages of a queue.
    Queue {
        /// The queue, such as `inbound`.
        queue: String,
        /// How many messages a batch has at most.
        batch: usize,
        /// How many batches are handled at once at most.
        concurrency: usize,
    },
    /// A schedule.
    Schedule,
}

/// What is not as the template should be.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is no YAML.
    #[error("template.yaml cannot be read")]
    Yaml(#[from] saphyr::ScanError),
    /// It is not what AWS SAM takes.
    #[error("template.yaml: {0}")]
    Shape(String),
}

/// Reads the functions of a template.
///
/// # Errors
/// [`TemplateError`].
pub fn functions(text: &str) -> Result<Vec<Declared>, TemplateError> {
    let documents = Yaml::load_from_str(text)?;
    let template = documents.first().map(plain).unwrap_or_default();
    let resources = template["Resources"].as_object().ok_or_else(|| TemplateError::Shape("no resources".to_owned()))?;
    let functions = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    functions
        .map(|(name, resource)| {
            declared(&template["Globals"]["Function"], resource)
                .ok_or_else(|| TemplateError::Shape(format!("{name} is not declared as a function of this project")))
        })
        .collect()
}

fn declared(globals: &Value, resource: &Value) -> Option<Declared> {
    let properties = &resource["Properties"];
    let all = [globals, properties].into_iter().filter_map(|from| from["Environment"]["Variables"].as_object());
    let variables = all.flatten().map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned)));
    Some(Declared {
        name: resource["Metadata"]["BuildProperties"]["Binary"].as_str()?.to_owned(),
        timeout: Duration::from_secs(properties["Timeout"].as_u64()?),
        memory: properties["MemorySize"].as_u64()?.try_into().ok()?,
        variables: variables.collect(),
        triggers: properties["Events"].as_object()?.values().map(trigger).collect::<Option<_>>()?,
    })
}

fn trigger(event: &Value) -> Option<Trigger> {
    let properties = &event["Properties"];
    match event["Type"].as_str()? {
        "HttpApi" => Some(Trigger::Http { path: properties["Path"].as_str().map(str::to_owned) }),
        "SQS" => Some(Trigger::Queue {
            queue: properties["Queue"]["Fn::GetAtt"].as_str()?.strip_suffix("Queue.Arn")?.to_lowercase(),
            batch: properties["BatchSize"].as_u64()?.try_into().ok()?,
            concurrency: properties["ScalingConfig"]["MaximumConcurrency"].as_u64()?.try_into().ok()?,
        }),
        "Schedule" => Some(Trigger::Schedule),
        _ => None,
    }
}

/// The template as JSON, with CloudFormation's short forms written out.
fn plain(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(values) => values.iter().map(plain).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries.iter().filter_map(|(key, value)| Some((key.as_str()?.to_owned(), plain(value))));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tag, value) => {
            let name = if tag.suffix == "Ref" { "Ref".to_owned() } else { format!("Fn::{}", tag.suffix) };
            json!({name: plain(value)})
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const OURS: &str = include_str!("../../template.yaml");

    #[test]
    fn the_functions_of_the_template_are_found() {
        let functions = functions(OURS).unwrap();
        let of = |name: &str| functions.iter().find(|function| function.name == name).unwrap();
        assert_eq!(functions.len(), 10);
        assert_eq!(of("webhook").triggers, [Trigger::Http { path: Some("/webhooks/whatsapp".to_owned()) }]);
        assert_eq!(of("api").triggers, [Trigger::Http { path: None }]);
        assert_eq!(of("upkeep").triggers, [Trigger::Schedule]);
        assert!(matches!(&of("inbox").triggers[..], [Trigger::Queue { queue, batch: 1, .. }] if queue == "inbound"));
        assert_eq!(of("inbox").timeout, Duration::from_secs(60));
        let variables = &of("api").variables;
        assert_eq!(variables["API_V1_PREFIX"].as_deref(), Some("/api/v1"));
        assert_eq!(variables["PORFIN_ITEMS_TABLE"], None);
        assert!(variables.contains_key("APP_ENV"), "those of all functions are there");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        assert!(functions("a: [").is_err() && functions("a: 1").is_err());
        assert!(functions("Resources: {A: {Type: 'AWS::Serverless::Function'}}").is_err());
    }
}
