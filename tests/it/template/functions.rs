use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{FUNCTIONS, Function, Template, capitalized, listed, root, target};

/// `tests/variables.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variables {
    every: BTreeSet<String>,
    lambda: BTreeSet<String>,
    emulators: BTreeMap<String, String>,
    secret: BTreeSet<String>,
    functions: BTreeMap<String, BTreeSet<String>>,
}

impl Variables {
    fn read() -> Self {
        toml::from_str(&fs::read_to_string(root().join("tests/variables.toml")).unwrap()).unwrap()
    }
}

/// The variables that a function gets, those of `Globals` included.
fn environment(template: &Template, function: &Function<'_>) -> BTreeMap<String, Value> {
    let of = |value: &Value| value.as_object().unwrap().clone().into_iter().collect::<BTreeMap<_, _>>();
    let mut variables = of(template.at("/Globals/Function/Environment/Variables"));
    variables.extend(of(&function.properties()["Environment"]["Variables"]));
    variables
}

#[test]
fn each_functions_environment_holds_exactly_the_variables_that_it_reads() {
    let (template, variables) = (Template::read(), Variables::read());
    assert_eq!(variables.functions.keys().map(String::as_str).collect::<BTreeSet<_>>(), FUNCTIONS.into());
    for function in template.functions() {
        let given: BTreeSet<String> = environment(&template, &function).into_keys().collect();
        let read: BTreeSet<String> = variables.every.union(&variables.functions[function.name]).cloned().collect();
        assert_eq!(given, read, "{}", function.name);
        let not_ours = variables.lambda.iter().chain(variables.emulators.keys()).collect::<BTreeSet<_>>();
        assert!(given.iter().all(|name| !not_ours.contains(name)), "{}", function.name);
    }
}

#[test]
fn a_secret_variable_is_a_reference_to_the_member_of_that_name() {
    let (template, variables) = (Template::read(), Variables::read());
    let mut seen = BTreeSet::new();
    for function in template.functions() {
        for (name, value) in environment(&template, &function) {
            if variables.secret.contains(&name) {
                let reference = value["Fn::Sub"].as_str().unwrap_or_default();
                let secret = reference.strip_prefix("secret:${").and_then(|rest| rest.split_once("}#"));
                let (secret, member) = secret.unwrap_or_else(|| panic!("{}: {name} is {value}", function.name));
                assert_eq!(member, name, "{}", function.name);
                assert_eq!(template.at(&format!("/Resources/{secret}/Type")), "AWS::SecretsManager::Secret", "{name}");
                seen.insert(name);
            } else {
                assert!(!value.to_string().contains("secret:"), "{}: {name} is no secret", function.name);
            }
        }
    }
    assert_eq!(seen, variables.secret);
}

#[test]
fn only_what_reads_the_cache_is_in_the_network() {
    let template = Template::read();
    for function in template.functions() {
        let reads_cache = environment(&template, &function).contains_key("REDIS_URL");
        assert_eq!(function.properties().get("VpcConfig").is_some(), reads_cache, "{}", function.name);
    }
}

#[test]
fn each_function_is_built_with_the_feature_that_makes_it_run_in_lambda() {
    let template = Template::read();
    for function in template.functions() {
        let (name, properties) = (function.name, function.properties());
        assert_eq!(properties["CodeUri"], format!("functions/{name}"));
        assert_eq!(properties["FunctionName"]["Fn::Sub"], format!("${{AWS::StackName}}-{name}"));
        let metadata = &function.resource["Metadata"];
        assert_eq!(metadata, &json!({"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": name}}));
    }
    let globals = template.at("/Globals/Function");
    assert_eq!((&globals["Runtime"], &globals["Handler"]), (&json!("provided.al2023"), &json!("bootstrap")));
    // SAM passes cargo-lambda no flags, so the feature stands in the workspace.
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(root().join("Cargo.toml")).unwrap()).unwrap();
    assert_eq!(manifest["workspace"]["metadata"]["lambda"]["build"]["features"], toml::Value::from(vec!["lambda"]));
    let folders = fs::read_dir(root().join("functions")).unwrap();
    let folders: BTreeSet<String> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(folders, FUNCTIONS.map(str::to_owned).into(), "every function of the workspace is deployed");
}

#[test]
fn a_new_version_takes_over_gradually_and_gives_back_when_the_functions_own_alarm_rings() {
    let template = Template::read();
    assert_eq!(template.at("/Globals/Function/AutoPublishAlias"), "live");
    let gradual = json!({"Fn::And": [{"Condition": "IsProd"}, {"Condition": "GivesBack"}]});
    assert_eq!(template.at("/Conditions/IsGradual"), &gradual);
    assert_eq!(template.at("/Parameters/GiveBack/Default"), "on");
    for function in template.functions() {
        let (name, properties) = (function.name, function.properties());
        let preference = &properties["DeploymentPreference"];
        assert_eq!(
            preference["Type"]["Fn::If"],
            json!(["IsGradual", "Canary10Percent5Minutes", "AllAtOnce"]),
            "{name}"
        );
        let [condition, alarms, otherwise] = &listed(&preference["Alarms"]["Fn::If"])[..] else { panic!("{name}") };
        assert_eq!((*condition, *otherwise), (&json!("GivesBack"), &json!([{"Ref": "AWS::NoValue"}])), "{name}");
        let alarms: BTreeSet<&str> = listed(alarms).into_iter().filter_map(target).collect();
        assert!(alarms.len() <= 10, "{name}: CodeDeploy looks at ten");
        // Of its own: a crash or a timeout, a panic that is caught, and for a consumer what it leaves in its queue.
        let consumes = !function.events("SQS").is_empty();
        let needed = ["Errors", "Broken"].into_iter().chain(consumes.then_some("TriedAgain"));
        for alarm in needed.map(|what| format!("{}{what}Alarm", capitalized(name))) {
            assert!(alarms.contains(alarm.as_str()), "{name}: {alarm} does not give back");
        }
        for alarm in alarms {
            assert_eq!(looks_at(&template, alarm), BTreeSet::from([name.to_owned()]), "{name}: {alarm}");
        }
    }
}

/// The functions whose metrics or lines an alarm looks at.
fn looks_at(template: &Template, alarm: &str) -> BTreeSet<String> {
    let watched = template.properties(alarm).to_string();
    let measured = FUNCTIONS.into_iter().filter(|name| watched.contains(&format!("${{AWS::StackName}}-{name}:live")));
    let filters = template.of_type("AWS::Logs::MetricFilter").into_values().filter(|filter| {
        let metric = filter["MetricTransformations"][0]["MetricName"].as_str().unwrap();
        watched.contains(&format!("\"MetricName\":\"{metric}\""))
    });
    let logged = filters.map(|filter| target(&filter["LogGroupName"]).unwrap().trim_end_matches("Log").to_lowercase());
    measured.map(str::to_owned).chain(logged).collect()
}

/// What a hash of these properties leads to in a deployment is tried with SAM itself, by `xtask/versions.py`.
#[test]
fn every_deployment_differs_in_a_functions_description_and_in_where_its_code_lies() {
    let template = Template::read();
    for function in template.functions() {
        let (name, properties) = (function.name, function.properties());
        assert_eq!(
            properties["AutoPublishAliasAllProperties"], true,
            "{name}: memory or a variable makes a version too"
        );
        let description = properties["Description"]["Fn::Sub"].as_str().unwrap();
        assert!(description.ends_with(" (${Revision})"), "{name}: Lambda takes no version in which nothing differs");
    }
    let guide = fs::read_to_string(root().join("docs/DEPLOY.md")).unwrap();
    let deploys: Vec<&str> = guide.lines().filter(|line| line.contains("sam deploy --")).collect();
    let [line] = deploys[..] else { panic!("defined once, and used by its name: {deploys:?}") };
    assert!(line.contains("--s3-prefix \"porfin-prod/$now\""), "{line}");
    assert!(guide.contains("Revision=\"$now\" \"$@\""), "the guide's `deploy` names no Revision");
}

#[test]
fn a_new_deployment_reads_no_queue_before_its_secrets_are_there() {
    let template = Template::read();
    assert_eq!(template.at("/Parameters/Work/Default"), "off");
    assert_eq!(template.at("/Conditions/IsWorking"), &json!({"Fn::Equals": [{"Ref": "Work"}, "on"]}));
}

#[test]
fn every_log_has_an_end() {
    let template = Template::read();
    let groups = template.of_type("AWS::Logs::LogGroup");
    for (name, group) in &groups {
        assert!(!group["RetentionInDays"].is_null(), "{name} is kept for ever");
    }
    for function in template.functions() {
        let group = target(&function.properties()["LoggingConfig"]["LogGroup"]).unwrap();
        let name = groups[group]["LogGroupName"]["Fn::Sub"].as_str().unwrap();
        assert_eq!(name, format!("/aws/lambda/${{AWS::StackName}}-{}", function.name));
    }
    assert!(groups.contains_key(target(&template.properties("Api")["AccessLogSettings"]["DestinationArn"]).unwrap()));
}

#[test]
fn the_access_log_holds_nothing_of_what_is_asked() {
    let format = Template::read().properties("Api")["AccessLogSettings"]["Format"].clone();
    let format = format.as_str().unwrap();
    let line: Value = serde_json::from_str(format).unwrap();
    for value in line.as_object().unwrap().values() {
        let value = value.as_str().unwrap();
        assert!(value.starts_with("$context."), "{value}");
        for said in ["path", "querystring", "header", "body", "authorizer"] {
            assert!(!value.to_lowercase().contains(said), "{value} may hold an id, a key or a text");
        }
    }
}

#[test]
fn the_gateway_waits_for_longer_than_a_function_takes() {
    let template = Template::read();
    let mut routes = BTreeMap::new();
    for function in template.functions() {
        for event in function.events("HttpApi") {
            let route = match event["Path"].as_str() {
                Some(path) => format!("{} {path}", event["Method"].as_str().unwrap()),
                None => "$default".to_owned(),
            };
            let waits = event["TimeoutInMillis"].as_u64().unwrap();
            assert!(waits > function.timeout() * 1_000 && waits <= 30_000, "{route}: {waits} ms");
            routes.insert(route, function.name);
        }
    }
    assert_eq!(routes, BTreeMap::from([("$default".into(), "api"), ("ANY /webhooks/whatsapp".into(), "webhook")]));
    let own_settings = template.properties("Api")["RouteSettings"].as_object().unwrap();
    assert!(own_settings.keys().all(|route| routes.contains_key(route)), "settings for a route that is not there");
}
