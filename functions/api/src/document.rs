//! The OpenAPI document, made from the endpoints that the router serves: who may call each, all that it may answer, and
//! examples that were recorded from real answers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::endpoint::{Access, Endpoint};
use crate::problem::{Code, Problem, ProblemBody};

/// Requests and answers of a run of every operation, by its id: a test records them and holds the file to the code.
static EXAMPLES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../examples.json")).unwrap_or_default());

/// The request id of examples.
const REQUEST_ID: &str = "req_aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// The document of these endpoints, each given with the path that it is served under.
pub(crate) fn document<'a>(endpoints: impl IntoIterator<Item = (&'a str, &'a Endpoint)>) -> Value {
    let mut document = OpenApi::default();
    let mut described = Vec::new();
    for (prefix, endpoint) in endpoints {
        let components = document.components.get_or_insert_default();
        components.schemas.extend(endpoint.schemas.iter().cloned());
        for (path, item) in &endpoint.paths.paths {
            described.push((format!("{prefix}{path}"), endpoint, json!(item)));
        }
    }
    let mut schemas = Vec::new();
    ProblemBody::schemas(&mut schemas);
    schemas.push((ProblemBody::name().into_owned(), ProblemBody::schema()));
    document.components.get_or_insert_default().schemas.extend(schemas);

    let mut document = json!(frame(document));
    let mut paths = Map::new();
    for (path, endpoint, mut item) in described {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            describe(endpoint, method, operation);
        }
        let known = paths.entry(path).or_insert_with(|| json!({}));
        if let (Some(known), Value::Object(item)) = (known.as_object_mut(), item) {
            known.extend(item);
        }
    }
    document["paths"] = Value::Object(paths);
    let problem = |code: Code| (code.name().to_owned(), json!({"value": Problem::new(code).body(REQUEST_ID)}));
    document["components"]["examples"] = Code::ALL.into_iter().map(problem).collect::<Map<_, _>>().into();
    document["components"]["securitySchemes"] = json!({
        "access_token": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "The access token of a person who has signed in.",
        },
        "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A program's key."},
        "operator_key": {
            "type": "http", "scheme": "bearer", "description": "The key of whoever runs the deployment.",
        },
    });
    document
}

fn frame(document: OpenApi) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Porfin")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("../about.md")))
        .license(Some(License::new("See LICENSE")))
        .build();
    let components = document.components.unwrap_or_else(|| ComponentsBuilder::new().build());
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Adds to an operation what follows from its endpoint.
fn describe(endpoint: &Endpoint, method: &str, operation: &mut Value) {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let (permission, security, needs) = match endpoint.access {
        Access::Open => ("none", json!([]), "Open to everybody.".to_owned()),
        Access::SignedIn => ("signed_in", json!([{"access_token": []}]), "Needs a sign-in, of any role.".to_owned()),
        Access::Operator => ("operator", json!([{"operator_key": []}]), "Needs an operator's key.".to_owned()),
        Access::Allowed(permission) => {
            let (name, role) = (permission.as_str(), permission.least_role().as_str());
            let needs = format!("Needs `{name}`: the role of {role} or more, or a key with it.");
            (name, json!([{"access_token": []}, {"api_key": []}]), needs)
        }
    };
    let said = operation["description"].as_str().unwrap_or_default();
    operation["description"] = json!(format!("{said}\n\n{needs}").trim());
    operation["security"] = security;
    operation["x-permission"] = json!(permission);
    for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if response["description"].as_str().unwrap_or_default().is_empty() {
            response["description"] = json!("Done.");
        }
    }
    let is_json = operation.pointer("/responses/200/content/application~1json").is_some();
    if method == "get" && is_json && matches!(endpoint.access, Access::SignedIn | Access::Allowed(_)) {
        operation["responses"]["200"]["headers"]["ETag"] = json!({"schema": {"type": "string"}});
        operation["responses"]["304"] = json!({"description": "As it was when it had this `ETag`."});
    }
    if endpoint.creates {
        let parameters = operation["parameters"].take();
        let mut parameters = parameters.as_array().cloned().unwrap_or_default();
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "A text of your own, 1 to 255 printable ASCII characters: the same request with the same key is \
                            carried out once and answered alike, for 120 days.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
        }));
        operation["parameters"] = json!(parameters);
    }
    for (status, codes) in by_status(endpoint, operation) {
        operation["responses"][status] = response(&codes);
    }
    let example = &EXAMPLES[&id];
    if !example["request"].is_null() {
        let contents = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut);
        contents.into_iter().flatten().for_each(|(_, content)| content["example"] = example["request"].clone());
    }
    let answers = example["responses"].as_object().into_iter().flatten();
    for (status, body) in answers {
        let contents = operation.pointer_mut(&format!("/responses/{status}/content"));
        for (_, content) in contents.and_then(Value::as_object_mut).into_iter().flatten() {
            content["example"] = body.clone();
        }
    }
}

/// The problems that an operation may answer with, by their status.
fn by_status(endpoint: &Endpoint, operation: &Value) -> BTreeMap<String, Vec<Code>> {
    let mut codes = vec![Code::InvalidParameter, Code::Internal, Code::Unavailable];
    match endpoint.access {
        Access::Open => {}
        Access::Operator => codes.extend([Code::Unauthorized, Code::TooManyAttempts]),
        Access::SignedIn | Access::Allowed(_) => {
            codes.extend([Code::Unauthorized, Code::Forbidden, Code::RateLimited, Code::TooManyAttempts]);
        }
    }
    if operation.get("requestBody").is_some() {
        codes.extend([Code::MalformedBody, Code::BodyTooLarge, Code::UnsupportedMediaType, Code::InvalidBody]);
    }
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    if parameters.into_iter().any(|parameter| parameter["in"] == "path") {
        codes.push(Code::NotFound);
    }
    codes.extend(&endpoint.codes);
    let mut by_status: BTreeMap<String, Vec<Code>> = BTreeMap::new();
    for code in codes {
        let known = by_status.entry(code.status().as_str().to_owned()).or_default();
        if !known.contains(&code) {
            known.push(code);
        }
    }
    by_status
}

/// What a status says where it is a problem: one example for each of its codes.
fn response(codes: &[Code]) -> Value {
    let says = codes.iter().map(|code| format!("`{}`: {}", code.name(), code.title())).collect::<Vec<_>>();
    let example = |code: &Code| {
        let at = format!("#/components/examples/{}", code.name());
        (code.name().to_owned(), json!({"$ref": at}))
    };
    let examples: Map<String, Value> = codes.iter().map(example).collect();
    let schema = json!({"$ref": format!("#/components/schemas/{}", ProblemBody::name())});
    json!({
        "description": says.join("; "),
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
    })
}
