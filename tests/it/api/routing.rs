//! Routing rules are managed and tried out.

use domain::inbound::InboundContent;
use domain::{RuleId, Span};
use serde_json::{Value, json};

use super::world::{NUMBER, OTHER_NUMBER, World, request};

const PATH: &str = "/api/v1/routing-rules";

fn rule(name: &str, when: &Value, then: &Value) -> Value {
    json!({"name": name, "when": when, "then": then})
}

/// A rule that answers what holds this word with its name.
fn answers(word: &str) -> Value {
    rule(word, &json!({"type": "text", "contains": [word]}), &json!([{"type": "reply", "text": word}]))
}

async fn make(world: &World, rule: &Value) -> String {
    let made = world.post(PATH, rule).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn names(world: &World) -> Vec<String> {
    let listed = world.get(PATH).await.json();
    listed["data"].as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn rules_stand_in_one_order_which_is_changed_at_once() {
    let world = World::new().await;
    let (a, b, c) =
        (make(&world, &answers("a")).await, make(&world, &answers("b")).await, make(&world, &answers("c")).await);
    assert_eq!(names(&world).await, ["a", "b", "c"]);
    world.wait(Span::from_seconds(1));
    let order = |ids: &[&str]| json!({"ids": ids});
    let ordered = world.post(&format!("{PATH}/reorder"), &order(&[&c, &a, &b])).await.json();
    assert_eq!(ordered["data"][0]["id"], c.as_str());
    assert_eq!(names(&world).await, ["c", "a", "b"]);
    let stranger = RuleId::from_bits([9; 16]);
    for wrong in [order(&[&a, &b]), order(&[&a, &b, &b]), order(&[&a, &b, stranger.as_str()]), order(&[])] {
        let refused = world.post(&format!("{PATH}/reorder"), &wrong).await;
        assert_eq!(refused.pointers(422, "invalid_body"), ["/ids"]);
    }
    world.wait(Span::from_seconds(1));
    assert_eq!(world.delete(&format!("{PATH}/{a}")).await.status, 204);
    world.delete(&format!("{PATH}/{a}")).await.problem(404, "not_found");
    assert_eq!(names(&world).await, ["c", "b"]);
    let log = world.get("/api/v1/audit-log?limit=2").await.json();
    let actions: Vec<_> = log["data"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["rule.deleted", "rules.reordered"]);
}

#[tokio::test]
async fn those_who_make_rules_at_once_lose_none() {
    let world = World::new().await;
    let made = futures::future::join_all(["a", "b", "c", "d"].map(|word| make_owned(&world, word))).await;
    assert_eq!((made.len(), names(&world).await.len()), (4, 4));
}

async fn make_owned(world: &World, word: &str) -> String {
    make(world, &answers(word)).await
}

#[tokio::test]
async fn a_rule_is_changed_as_it_was_read() {
    let world = World::new().await;
    let path = format!("{PATH}/{}", make(&world, &answers("a")).await);
    let tag = world.get(&path).await.header("etag").to_owned();
    let changed = world.patch(&path, &json!({"enabled": false, "goes_on": true})).await.json();
    assert_eq!(
        (&changed["enabled"], &changed["goes_on"], &changed["name"]),
        (&json!(false), &json!(true), &json!("a"))
    );
    let late = request("PATCH", &path).header("if-match", tag).header("content-type", "application/json");
    world.ask(late, r#"{"enabled": true}"#).await.problem(412, "precondition_failed");
    assert_eq!(world.get(&path).await.json(), changed);
}

#[tokio::test]
async fn a_rule_that_cannot_be_is_refused_at_its_field() {
    let world = World::new().await;
    let reply = json!([{"type": "reply", "text": "Oi!"}]);
    let cases = [
        (rule("a", &json!({"type": "all", "of": []}), &reply), "/when/of"),
        (
            rule("a", &json!({"type": "any", "of": [{"type": "text", "contains": ["?"]}]}), &reply),
            "/when/of/0/contains/0",
        ),
        (rule("a", &json!({"type": "ad"}), &json!([])), "/then"),
        (rule("a", &json!({"type": "ad"}), &json!([{"type": "reply", "text": ""}])), "/then/0/text"),
        (rule("a", &json!({"type": "sometimes"}), &reply), "/when/type"),
        (rule("a", &json!({"type": "ad", "of": []}), &reply), "/when"),
        (rule("a", &json!({"type": "ad"}), &json!([{"type": "label", "label": "vip"}])), "/then/0/type"),
    ];
    for (body, pointer) in cases {
        assert_eq!(world.post(PATH, &body).await.pointers(422, "invalid_body"), [pointer], "{body}");
    }
    assert_eq!(names(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_rule_names_only_assistants_that_are_published_and_holds_them() {
    let world = World::new().await;
    let assistant = world.post("/api/v1/assistants", &json!({"name": "Noite"})).await.json()["id"].clone();
    let path = format!("/api/v1/assistants/{}", assistant.as_str().unwrap());
    let body = rule(
        "noite",
        &json!({"type": "hours", "open": false}),
        &json!([{"type": "assistant", "assistant_id": assistant}]),
    );
    assert_eq!(world.post(PATH, &body).await.pointers(422, "invalid_body"), ["/then/0/assistant_id"]);
    assert_eq!(world.post(&format!("{path}/publish"), &json!({})).await.status, 200);
    let id = make(&world, &body).await;
    let refused = world.delete(&path).await.problem(409, "in_use");
    assert!(refused["detail"].as_str().unwrap().contains(&id), "{refused}");
    assert_eq!(world.delete(&format!("{PATH}/{id}")).await.status, 204);
    assert_eq!(world.delete(&path).await.status, 204);
}

#[tokio::test]
async fn an_organization_has_a_hundred_rules_at_most() {
    let world = World::new().await;
    for n in 0..100 {
        make(&world, &answers(&format!("n{n}"))).await;
        world.wait(Span::from_seconds(1));
    }
    world.wait(Span::from_minutes(1));
    world.post(PATH, &answers("more")).await.problem(409, "limit_reached");
}

#[tokio::test]
async fn all_rules_together_fit_into_one_document() {
    let world = World::new().await;
    let words: Vec<String> = (0..50).map(|n| format!("{n:0200}")).collect();
    let condition = json!({"type": "text", "contains": words});
    let large = |name: &str, conditions: usize| {
        let when = json!({"type": "any", "of": vec![condition.clone(); conditions]});
        rule(name, &when, &json!([{"type": "close"}]))
    };
    let path = format!("{PATH}/{}", make(&world, &large("one", 28)).await);
    world.post(PATH, &large("two", 28)).await.problem(409, "limit_reached");
    let small = format!("{PATH}/{}", make(&world, &large("two", 1)).await);
    let when = large("two", 28)["when"].clone();
    world.patch(&small, &json!({"when": when})).await.problem(409, "limit_reached");
    assert_eq!(world.delete(&path).await.status, 204);
    assert_eq!(world.patch(&small, &json!({"when": when})).await.status, 200);
}

#[tokio::test]
async fn rules_are_tried_on_what_customers_wrote_and_change_nothing() {
    let world = World::new().await;
    let one = world.writes(NUMBER, 1, "quanto custa o bolo?").await;
    world.wait(Span::from_seconds(10));
    world.writes(NUMBER, 2, "oi").await;
    world.wait(Span::from_seconds(10));
    let tap = InboundContent::Choice { id: Some("PAY".into()), title: "Pagar".into(), description: None };
    world.sends(NUMBER, 2, "wamid.tap", tap, None).await;
    let before = world.get("/api/v1/conversations").await.json();

    let rules = json!([
        rule(
            "Bolos",
            &json!({"type": "all", "of": [
                {"type": "text", "contains": ["bolo"]}, {"type": "not", "of": {"type": "keyword", "is": ["menu"]}}
            ]}),
            &json!([{"type": "person"}])
        ),
        rule("Pagar", &json!({"type": "button", "is": ["PAY"]}), &json!([{"type": "close"}])),
    ]);
    let tried = world.post(&format!("{PATH}/dry-run"), &json!({"rules": rules})).await.json();
    let seen: Vec<_> = tried["data"].as_array().unwrap().iter().map(|tried| tried["matches"].clone()).collect();
    assert_eq!(seen.len(), 3);
    assert_eq!(
        (&seen[0][0]["position"], &seen[0][0]["name"], &seen[0][0]["rule_id"]),
        (&json!(1), &json!("Pagar"), &Value::Null)
    );
    assert_eq!(seen[1], json!([]), "nothing is for it");
    assert_eq!(
        seen[2][0]["because"],
        json!([
            {"condition": "text", "absent": false, "value": "bolo"},
            {"condition": "keyword", "absent": true, "value": null},
        ])
    );
    assert_eq!(seen[2][0]["then"], json!([{"type": "person"}]));
    assert_eq!(world.get("/api/v1/conversations").await.json(), before);
    assert_eq!(names(&world).await, [""; 0]);

    let id = make(&world, &answers("bolo")).await;
    let body = json!({"conversation_id": one, "limit": 5});
    let tried = world.post(&format!("{PATH}/dry-run"), &body).await.json();
    assert_eq!((&tried["data"][0]["matches"][0]["rule_id"], tried["data"].as_array().unwrap().len()), (&json!(id), 1));
    let theirs = world.writes(OTHER_NUMBER, 1, "bolo").await;
    let refused = world.post(&format!("{PATH}/dry-run"), &json!({"conversation_id": theirs})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/conversation_id"]);
    let wrong = json!({"rules": [rule("a", &json!({"type": "any", "of": []}), &json!([{"type": "close"}]))]});
    let refused = world.post(&format!("{PATH}/dry-run"), &wrong).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/rules/0/when/of"]);
    let refused = world.post(&format!("{PATH}/dry-run"), &json!({"limit": 101})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/limit"]);
}
