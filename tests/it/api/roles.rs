//! Every operation of the document, as every role, over what is one's own, another organization's and nobody's.

use std::collections::BTreeMap;

use domain::Span;
use domain::access::{Permission, Role};
use serde_json::{Value, json};

use super::world::{Answer, KEY, NUMBER, OPERATOR_KEY, OTHER_KEY, OTHER_NUMBER, World, open_request, signed_request};

/// The id of a note that is nobody's.
const NOTE: &str = "note_aaaaaaaaaaaaaaaaaaaaaaaaaa";
/// The id of a message that is nobody's.
const MESSAGE: &str = "msg_aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// An operation, as the document has it.
struct Operation {
    id: String,
    method: String,
    path: String,
    permission: String,
    /// What its body is, and of which type.
    body: Option<(String, String)>,
}

fn operations() -> Vec<Operation> {
    let document = api::openapi("/api/v1");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = operation.pointer("/requestBody/content").and_then(Value::as_object);
            let body = content.and_then(|content| content.iter().next()).map(|(kind, content)| {
                let text = content["example"].as_str().map(str::to_owned);
                (kind.clone(), text.unwrap_or_else(|| content["example"].to_string()))
            });
            operations.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                permission: operation["x-permission"].as_str().unwrap().to_owned(),
                body,
            });
        }
    }
    operations
}

/// Whose credential asks.
enum Credential<'a> {
    Nobody,
    Person(&'a str),
    ApiKey(&'a str),
}

async fn call(world: &World, operation: &Operation, path: &str, credential: &Credential<'_>) -> Answer {
    let request = match credential {
        Credential::Nobody => open_request(&operation.method, path),
        Credential::Person(token) => signed_request(&operation.method, path, token),
        Credential::ApiKey(key) => open_request(&operation.method, path).header("x-api-key", *key),
    };
    let request = request.header("if-match", "*").header("idempotency-key", world.platform.nonce());
    match &operation.body {
        Some((kind, body)) => world.ask(request.header("content-type", kind), body).await,
        None => world.ask(request, "").await,
    }
}

/// One thing of each kind that a path can name, by the path's first word.
async fn things(world: &World, key: &str, number: &str) -> BTreeMap<&'static str, String> {
    let post = async |path: &str, body: Value| {
        let request = open_request("POST", &format!("/api/v1{path}")).header("x-api-key", key);
        world.ask(request.header("content-type", "application/json"), &body.to_string()).await.json()
    };
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let conversation = world.writes(number, 7, "oi").await;
    let invited = post("/invitations", json!({"email": "nova@padaria.example", "role": "viewer"})).await;
    let made = post("/api-keys", json!({"name": "Thing", "scopes": ["events:read"]})).await;
    let endpoint = post("/webhook-endpoints", json!({"url": "https://shop.example/porfin"})).await;
    let contact = post("/contacts", json!({"phone": "+5511987650007"})).await;
    let attribute = if key == KEY { "ours" } else { "theirs" };
    post("/attributes", json!({"key": attribute, "label": "Of one alone", "type": "text"})).await;
    let segment = post("/segments", json!({"name": "Everybody", "condition": {"all": []}})).await;
    let import = post("/contact-imports", json!({})).await;
    let export = post("/contact-exports", json!({})).await;
    let test = post(&format!("/webhook-endpoints/{}/test", id(&endpoint)), json!({})).await;
    let assistant = post("/assistants", json!({"name": "Thing"})).await;
    let text = post("/knowledge", json!({"title": "Thing", "text": "Of which they know."})).await;
    let reply = post("/canned-replies", json!({"shortcut": "thing", "title": "Thing", "text": "Oi!"})).await;
    let team = post("/teams", json!({"name": "Thing"})).await;
    let rule = json!({"name": "Thing", "when": {"type": "ad"}, "then": [{"type": "close"}]});
    let rule = post("/routing-rules", rule).await;
    let body = json!({"type": "BODY", "text": "Bom dia, chegou o pão!"});
    let template = json!({"name": "thing", "language": "pt_BR", "category": "utility", "components": [body]});
    let template = post("/templates", template).await;
    let listed =
        open_request("GET", &format!("/api/v1/conversations/{conversation}/messages")).header("x-api-key", key);
    let message = id(&world.ask(listed, "").await.json()["data"][0]);
    let stored = open_request("POST", "/api/v1/media").header("x-api-key", key).header("content-type", "text/plain");
    let media = id(&world.ask(stored, "Thing").await.json());
    let organization = if key == KEY { &world.bakery } else { &world.florist };
    flow::feed::sequence(&world.platform, organization).await.unwrap();
    BTreeMap::from([
        ("conversations", conversation.to_string()),
        ("contacts", id(&contact)),
        ("attributes", attribute.to_owned()),
        ("segments", id(&segment)),
        ("contact-imports", id(&import)),
        ("contact-exports", id(&export)),
        ("tasks", id(&import)),
        ("invitations", id(&invited)),
        ("api-keys", id(&made)),
        ("webhook-endpoints", id(&endpoint)),
        ("webhook-deliveries", test["delivery_id"].as_str().unwrap().to_owned()),
        ("assistants", id(&assistant)),
        ("knowledge", id(&text)),
        ("canned-replies", id(&reply)),
        ("teams", id(&team)),
        ("routing-rules", id(&rule)),
        ("templates", id(&template)),
        ("numbers", number.to_owned()),
        ("messages", message),
        ("media", media),
        ("unknown-sends", "msg_aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        ("operator", organization.to_string()),
        ("members", "mem_aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        ("auth", "ses_aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned()),
    ])
}

/// The path with what it names.
fn naming(operation: &Operation, things: &BTreeMap<&str, String>) -> String {
    let word = operation.path.split('/').nth(3).unwrap_or_default();
    let path = operation.path.replace("{part}", "1").replace("{note}", NOTE).replace("{message}", MESSAGE);
    let path = path.replace("{dimension}", "team");
    match things.get(word) {
        Some(id) => path.replace("{id}", id),
        None => path,
    }
}

#[tokio::test]
async fn every_operation_is_open_to_exactly_the_roles_that_it_says() {
    for role in Role::ALL {
        let world = World::new().await;
        world.person(role).await;
        let things = things(&world, KEY, NUMBER).await;
        for operation in operations().iter().filter(|operation| operation.permission != "none") {
            // An operation before may have ended the session, and a minute lets all limits go.
            world.wait(Span::from_minutes(1));
            let signed = world.signs_in(&format!("{}@padaria.example", role.as_str()), None).await.json();
            let token = Credential::Person(signed["access_token"].as_str().unwrap());
            let path = naming(operation, &things);
            let status = call(&world, operation, &path, &token).await.status.as_u16();
            let may = match operation.permission.as_str() {
                "operator" => {
                    assert_eq!(status, 401, "{} as {role:?}", operation.id);
                    continue;
                }
                "signed_in" => true,
                name => role.allows(Permission::parse(name).unwrap()),
            };
            assert_eq!(status != 403, may, "{} as {role:?} answers {status}", operation.id);
            assert!(status < 500 && status != 401, "{} as {role:?} answers {status}", operation.id);
        }
    }
}

#[tokio::test]
async fn without_a_credential_and_with_an_operators_nothing_of_an_organization_opens() {
    let world = World::new().await;
    let things = things(&world, KEY, NUMBER).await;
    for operation in operations() {
        let path = naming(&operation, &things);
        let nobody = call(&world, &operation, &path, &Credential::Nobody).await.status.as_u16();
        let operator = call(&world, &operation, &path, &Credential::Person(OPERATOR_KEY)).await.status.as_u16();
        match operation.permission.as_str() {
            "none" => {}
            "operator" => assert_eq!((nobody, operator == 401), (401, false), "{}", operation.id),
            _ => assert_eq!((nobody, operator), (401, 401), "{}", operation.id),
        }
    }
}

#[tokio::test]
async fn a_key_without_the_scope_is_refused_whatever_it_asks_for() {
    let world = World::new().await;
    let things = things(&world, KEY, NUMBER).await;
    for operation in operations() {
        let Some(permission) = Permission::parse(&operation.permission) else { continue };
        let others: Vec<_> = Permission::ALL.iter().filter(|other| **other != permission).map(|p| p.as_str()).collect();
        let body = json!({"name": "All but one", "scopes": others}).to_string();
        let request = open_request("POST", "/api/v1/api-keys").header("x-api-key", KEY);
        let made = world.ask(request.header("content-type", "application/json"), &body).await.json();
        let secret = made["secret"].as_str().unwrap();
        let path = naming(&operation, &things);
        call(&world, &operation, &path, &Credential::ApiKey(secret)).await.problem(403, "forbidden");
        let path = format!("/api/v1/api-keys/{}", made["id"].as_str().unwrap());
        assert_eq!(world.ask(open_request("DELETE", &path).header("x-api-key", KEY), "").await.status, 200);
        world.wait(Span::from_minutes(1));
    }
}

#[tokio::test]
async fn what_belongs_to_another_organization_is_not_there_in_any_operation() {
    let world = World::new().await;
    let mine = things(&world, KEY, NUMBER).await;
    let theirs = things(&world, OTHER_KEY, OTHER_NUMBER).await;
    assert!(theirs.keys().all(|kind| mine.contains_key(kind)));
    let nobodys = |id: &str| mine.keys().map(|kind| (*kind, id.to_owned())).collect();
    let named = operations().into_iter().filter(|operation| operation.path.contains("{id}"));
    for operation in named.filter(|operation| Permission::parse(&operation.permission).is_some()) {
        for path in
            [naming(&operation, &theirs), naming(&operation, &nobodys("x")), naming(&operation, &nobodys("a%2Fb"))]
        {
            let answer = call(&world, &operation, &path, &Credential::ApiKey(KEY)).await;
            answer.problem(404, "not_found");
        }
        world.wait(Span::from_minutes(1));
    }
}

#[tokio::test]
async fn what_one_organization_has_is_as_it_was_after_all_that_another_tried() {
    let world = World::new().await;
    let theirs = things(&world, OTHER_KEY, OTHER_NUMBER).await;
    let look = async || {
        let mut seen = Vec::new();
        for path in [
            "conversations",
            "contacts",
            "attributes",
            "segments",
            "tasks",
            "members",
            "invitations",
            "api-keys",
            "organization",
            "assistants",
            "knowledge",
            "canned-replies",
            "teams",
            "routing-rules",
        ] {
            let request = open_request("GET", &format!("/api/v1/{path}")).header("x-api-key", OTHER_KEY);
            let mut shown = world.ask(request, "").await.json();
            shown["data"].as_array_mut().into_iter().flatten().for_each(|one| one["last_used_at"] = Value::Null);
            seen.push(shown);
        }
        seen
    };
    let before = look().await;
    for operation in operations() {
        let path = naming(&operation, &theirs);
        call(&world, &operation, &path, &Credential::ApiKey(KEY)).await;
        world.wait(Span::from_seconds(1));
    }
    assert_eq!(look().await, before);
}
