use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};

use super::document::{FUNCTIONS, Function, Template, capitalized, listed, root, target};

/// An action and the logical name of what it is allowed on.
type Permission = (String, String);

/// `tests/actions.toml`: what each function calls.
fn calls() -> BTreeMap<String, BTreeSet<Permission>> {
    let text = fs::read_to_string(root().join("tests/actions.toml")).unwrap();
    let functions: BTreeMap<String, BTreeMap<String, Vec<String>>> = toml::from_str(&text).unwrap();
    let permissions = |actions: BTreeMap<String, Vec<String>>| {
        let each = actions.into_iter().flat_map(|(action, on)| on.into_iter().map(move |on| (action.clone(), on)));
        each.collect()
    };
    functions.into_iter().map(|(function, actions)| (function, permissions(actions))).collect()
}

/// What Lambda and other services do in the function's name.
fn follows(function: &Function<'_>, calls: &BTreeSet<Permission>) -> BTreeSet<Permission> {
    let calls_any = |action: &str| calls.iter().any(|(called, _)| called == action);
    let log = format!("{}Log", capitalized(function.name));
    let mut all = vec![("logs:CreateLogStream", log.clone()), ("logs:PutLogEvents", log)];
    // The event source mapping reads the queue with the function's role.
    for event in function.events("SQS") {
        let queue = target(&event["Queue"]).unwrap().to_owned();
        let reads = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
        all.extend(reads.map(|action| (action, queue.clone())));
    }
    // Secrets and objects are encrypted with our key, and services ask for it with the role of who calls them.
    if calls_any("secretsmanager:GetSecretValue") || calls_any("s3:GetObject") {
        all.push(("kms:Decrypt", "Key".to_owned()));
    }
    if calls_any("s3:PutObject") {
        all.push(("kms:GenerateDataKey", "Key".to_owned()));
    }
    // Without it, S3 answers the read of what is not there as if it were forbidden.
    if calls_any("s3:GetObject") {
        all.push(("s3:ListBucket", "Blobs".to_owned()));
    }
    all.into_iter().map(|(action, on)| (action.to_owned(), on)).collect()
}

fn role<'t>(template: &'t Template, function: &Function<'_>) -> &'t Value {
    template.properties(target(&function.properties()["Role"]).unwrap())
}

fn statements(role: &Value) -> Vec<&Value> {
    let policies = role["Policies"].as_array().unwrap();
    policies.iter().flat_map(|policy| listed(&policy["PolicyDocument"]["Statement"])).collect()
}

#[test]
fn each_role_allows_exactly_what_its_function_calls_and_what_follows() {
    let (template, calls) = (Template::read(), calls());
    assert_eq!(calls.keys().map(String::as_str).collect::<BTreeSet<_>>(), FUNCTIONS.into());
    for function in template.functions() {
        let mut allowed = BTreeSet::new();
        for statement in statements(role(&template, &function)) {
            assert_eq!(statement["Effect"], "Allow", "{}", function.name);
            for action in listed(&statement["Action"]) {
                for resource in listed(&statement["Resource"]) {
                    let on = target(resource).unwrap_or_else(|| panic!("{}: {resource}", function.name));
                    let permission = (action.as_str().unwrap().to_owned(), on.to_owned());
                    assert!(allowed.insert(permission.clone()), "{}: {permission:?} twice", function.name);
                }
            }
        }
        let own = &calls[function.name];
        let needed: BTreeSet<Permission> = own.union(&follows(&function, own)).cloned().collect();
        assert_eq!(allowed, needed, "{}", function.name);
    }
}

#[test]
fn no_role_names_more_than_it_means() {
    let template = Template::read();
    let mut roles = BTreeSet::new();
    for function in template.functions() {
        let role = role(&template, &function);
        assert!(roles.insert(target(&function.properties()["Role"]).unwrap()), "{} shares a role", function.name);
        for statement in statements(role) {
            for action in listed(&statement["Action"]) {
                assert!(!action.as_str().unwrap().contains('*'), "{}: {action}", function.name);
            }
            for resource in listed(&statement["Resource"]) {
                let is_object = resource["Fn::Sub"] == "${Blobs.Arn}/*";
                assert!(is_object || !resource.to_string().contains('*'), "{}: {resource}", function.name);
            }
        }
        // Only Lambda itself may put on the role, and what it needs in the network is not for the function's code.
        let trusted = &role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"];
        assert_eq!(trusted, &json!({"Service": "lambda.amazonaws.com"}), "{}", function.name);
        let in_network = function.properties().get("VpcConfig").is_some();
        let more = if in_network { json!([{"Ref": "NetworkPolicy"}]) } else { Value::Null };
        assert_eq!(role["ManagedPolicyArns"], more, "{}", function.name);
    }
    let network = &template.properties("NetworkPolicy")["PolicyDocument"]["Statement"];
    let [allow, deny] = listed(network)[..] else { panic!("two statements") };
    assert!(listed(&allow["Action"]).iter().all(|action| action.as_str().unwrap().starts_with("ec2:")));
    assert_eq!((&deny["Effect"], &deny["Action"]), (&json!("Deny"), &json!("ec2:*")));
    assert!(deny["Condition"]["ArnLike"]["lambda:SourceFunctionArn"].is_array());
}

#[test]
fn an_object_is_what_calls_on_objects_are_allowed_on() {
    let template = Template::read();
    for function in template.functions() {
        for statement in statements(role(&template, &function)) {
            for action in listed(&statement["Action"]) {
                let action = action.as_str().unwrap();
                if action.starts_with("s3:") {
                    let of_bucket = action == "s3:ListBucket";
                    let expected = if of_bucket {
                        json!({"Fn::GetAtt": "Blobs.Arn"})
                    } else {
                        json!({"Fn::Sub": "${Blobs.Arn}/*"})
                    };
                    assert_eq!(statement["Resource"], expected, "{}: {action}", function.name);
                }
            }
        }
    }
}
