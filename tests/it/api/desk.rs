//! What a team does with its conversations.

use domain::Span;
use domain::access::Role;
use serde_json::{Value, json};

use super::world::{NUMBER, World, request, signed_request, text};

async fn post(world: &World, path: &str, body: &Value) -> Value {
    let answer = world.post(&format!("/api/v1{path}"), body).await;
    assert!(answer.status.is_success(), "{path}: {}", String::from_utf8_lossy(&answer.bytes));
    answer.json()
}

async fn get(world: &World, path: &str) -> Value {
    world.get(&format!("/api/v1{path}")).await.json()
}

/// The ids on all pages of a list.
async fn listed(world: &World, query: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        world.wait(Span::from_seconds(5));
        let page = get(world, &format!("/conversations?limit=2&{query}{cursor}")).await;
        ids.extend(page["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// The id of somebody with this role, and their token.
async fn member(world: &World, role: Role) -> (String, String) {
    let token = world.person(role).await;
    let me = world.ask(signed_request("GET", "/api/v1/auth/me", &token), "").await.json();
    let members = get(world, "/members").await;
    let email = format!("{}@padaria.example", role.as_str());
    let found = members["data"].as_array().unwrap().iter().find(|one| one["email"] == email.as_str());
    (found.unwrap_or_else(|| panic!("{me} {members}"))["id"].as_str().unwrap().to_owned(), token)
}

#[tokio::test]
async fn conversations_are_found_by_who_looks_after_them_and_what_they_are_marked_with() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for customer in 1..=4 {
        ids.push(world.writes(NUMBER, customer, "oi").await.to_string());
        world.wait(Span::from_seconds(2));
    }
    let (ana, _) = member(&world, Role::Agent).await;
    let team = post(&world, "/teams", &json!({"name": "Balcão", "members": [ana]})).await["id"].clone();
    let team = team.as_str().unwrap();
    post(&world, &format!("/conversations/{}/assign", ids[0]), &json!({"member_id": ana})).await;
    let shown = post(&world, &format!("/conversations/{}/assign", ids[1]), &json!({"team_id": team})).await;
    assert_eq!((&shown["team_id"], &shown["assignee_id"]), (&json!(team), &json!(ana)), "the only one of the team");
    post(&world, &format!("/conversations/{}/labels", ids[1]), &json!({"add": ["Urgente", "bolo"]})).await;
    post(&world, &format!("/conversations/{}/labels", ids[2]), &json!({"add": ["urgente"]})).await;
    post(&world, &format!("/conversations/{}/read", ids[3]), &json!({})).await;
    post(&world, &format!("/conversations/{}/close", ids[2]), &json!({})).await;
    let pick = |wanted: &[usize]| wanted.iter().map(|n| ids[*n].clone()).collect::<Vec<_>>();
    for (query, wanted) in [
        ("".to_owned(), pick(&[3, 2, 1, 0])),
        (format!("assignee_id={ana}"), pick(&[1, 0])),
        ("assignee_id=none".to_owned(), pick(&[3, 2])),
        (format!("team_id={team}"), pick(&[1])),
        ("label=URGENTE".to_owned(), pick(&[2, 1])),
        ("label=urgente&label=bolo".to_owned(), pick(&[1])),
        ("unread=true".to_owned(), pick(&[1, 0])),
        ("unread=false".to_owned(), pick(&[3, 2])),
        ("state=closed".to_owned(), pick(&[2])),
        (format!("phone_number_id={NUMBER}"), pick(&[3, 2, 1, 0])),
        ("phone_number_id=5".to_owned(), vec![]),
        (format!("assignee_id={ana}&label=bolo&unread=true"), pick(&[1])),
        ("customer=cliente".to_owned(), pick(&[3, 2, 1, 0])),
        ("customer=0003".to_owned(), pick(&[2])),
        ("customer=cliente&label=bolo".to_owned(), pick(&[1])),
    ] {
        assert_eq!(listed(&world, &query).await, wanted, "{query}");
    }
    let contact = get(&world, &format!("/conversations/{}", ids[2])).await["contact"]["id"].clone();
    assert_eq!(listed(&world, &format!("contact_id={}", contact.as_str().unwrap())).await, pick(&[2]));
    for (query, parameter) in [("team_id=x", "/team_id"), ("assignee_id=x", "/assignee_id"), ("label=", "/label")] {
        let refused = world.get(&format!("/api/v1/conversations?{query}")).await;
        assert_eq!(refused.pointers(400, "invalid_parameter"), [parameter]);
    }
}

#[tokio::test]
async fn a_team_gives_a_conversation_to_whoever_looks_after_the_fewest() {
    let world = World::new().await;
    let (ana, _) = member(&world, Role::Agent).await;
    let (bia, _) = member(&world, Role::Supervisor).await;
    let team = post(&world, "/teams", &json!({"name": "Balcão", "members": [ana, bia]})).await["id"].clone();
    let mut loads = std::collections::BTreeMap::new();
    for customer in 1..=6 {
        let id = world.writes(NUMBER, customer, "oi").await;
        let shown = post(&world, &format!("/conversations/{id}/assign"), &json!({"team_id": team})).await;
        *loads.entry(shown["assignee_id"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(loads.into_values().collect::<Vec<_>>(), [3, 3]);
}

#[tokio::test]
async fn only_people_and_teams_of_the_organization_look_after_a_conversation() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let path = format!("/api/v1/conversations/{id}/assign");
    let nobody = json!({"member_id": format!("mem_{}", "a".repeat(26)), "team_id": format!("team_{}", "a".repeat(26))});
    let refused = world.post(&path, &nobody).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/team_id", "/member_id"]);
    assert_eq!(get(&world, &format!("/conversations/{id}")).await["assignee_id"], Value::Null);
}

#[tokio::test]
async fn whoever_answers_looks_after_it_and_has_read_it() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    world.writes(NUMBER, 1, "alô?").await;
    assert_eq!(get(&world, &format!("/conversations/{id}")).await["unread"], 2);
    let (ana, token) = member(&world, Role::Agent).await;
    let path = format!("/api/v1/conversations/{id}/messages");
    let answer = signed_request("POST", &path, &token).header("idempotency-key", "one");
    let answer = world.ask(answer.header("content-type", "application/json"), &text("Oi!").to_string()).await;
    assert_eq!(answer.status, 201);
    let shown = get(&world, &format!("/conversations/{id}")).await;
    assert_eq!((&shown["assignee_id"], &shown["unread"]), (&json!(ana), &json!(0)));
    // Handed back, nobody does.
    world.ask(request("POST", &format!("/api/v1/conversations/{id}/hand-back")), "").await;
    assert_eq!(get(&world, &format!("/conversations/{id}")).await["assignee_id"], Value::Null);
}

#[tokio::test]
async fn a_closed_conversation_opens_with_the_customers_next_message() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let (ana, token) = member(&world, Role::Agent).await;
    let path = format!("/api/v1/conversations/{id}");
    world.ask(signed_request("POST", &format!("{path}/take-over"), &token), "").await;
    let closed = post(&world, &format!("/conversations/{id}/close"), &json!({})).await;
    let nothing = (&json!("closed"), &Value::Null, &Value::Null);
    assert_eq!((&closed["state"], &closed["assignee_id"], &closed["attention"]), nothing);
    let opened = post(&world, &format!("/conversations/{id}/reopen"), &json!({})).await;
    assert_eq!(opened["state"], "assistant");
    post(&world, &format!("/conversations/{id}/close"), &json!({})).await;
    world.writes(NUMBER, 1, "mais uma coisa").await;
    let shown = get(&world, &format!("/conversations/{id}")).await;
    assert_eq!((&shown["state"], &shown["unread"]), (&json!("assistant"), &json!(1)), "{ana} has closed it");
    let events = get(&world, "/events?types=conversation.updated").await;
    assert!(events["data"].as_array().unwrap().iter().any(|one| one["data"]["state"] == "closed"), "{events}");
}

#[tokio::test]
async fn notes_are_for_the_team_alone() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let mut made = Vec::new();
    for n in 0..3 {
        let note = post(&world, &format!("/conversations/{id}/notes"), &json!({"text": format!("nota {n}")})).await;
        made.push(note["id"].as_str().unwrap().to_owned());
        world.wait(Span::from_seconds(1));
    }
    let texts = async || {
        let page = get(&world, &format!("/conversations/{id}/notes")).await;
        page["data"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(texts().await, ["nota 2", "nota 1", "nota 0"]);
    let path = format!("/api/v1/conversations/{id}/notes/{}", made[1]);
    assert_eq!(world.ask(request("DELETE", &path), "").await.status, 204);
    world.ask(request("DELETE", &path), "").await.problem(404, "not_found");
    assert_eq!(texts().await, ["nota 2", "nota 0"]);
    for text in ["", "  ", &"x".repeat(4_001)] {
        let refused = world.post(&format!("/api/v1/conversations/{id}/notes"), &json!({"text": text})).await;
        assert_eq!(refused.pointers(422, "invalid_body"), ["/text"]);
    }
    assert_eq!(get(&world, &format!("/conversations/{id}/messages")).await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_rule_marks_customers_and_hands_over_to_a_team() {
    let world = World::new().await;
    post(&world, "/attributes", &json!({"key": "wants", "label": "Quer", "type": "text"})).await;
    let (ana, _) = member(&world, Role::Agent).await;
    let team = post(&world, "/teams", &json!({"name": "Encomendas", "members": [ana]})).await["id"].clone();
    let rule = json!({
        "name": "Encomendas",
        "when": {"type": "all", "of": [
            {"type": "text", "contains": ["encomenda"]},
            {"type": "customer", "meets": {"not": {"tag": "bloqueio"}}},
        ]},
        "then": [
            {"type": "tag", "tag": "encomenda"},
            {"type": "attribute", "key": "wants", "value": "bolo"},
            {"type": "team", "team_id": team},
        ],
    });
    post(&world, "/routing-rules", &rule).await;
    let id = world.writes(NUMBER, 1, "Quero uma encomenda!").await;
    let shown = get(&world, &format!("/conversations/{id}")).await;
    assert_eq!((&shown["state"], &shown["team_id"], &shown["assignee_id"]), (&json!("person"), &team, &json!(ana)));
    let contact = get(&world, &format!("/contacts/{}", shown["contact"]["id"].as_str().unwrap())).await;
    assert_eq!((&contact["tags"], &contact["attributes"]), (&json!(["encomenda"]), &json!({"wants": "bolo"})));
    assert_eq!(get(&world, "/contacts?tag=encomenda").await["data"].as_array().unwrap().len(), 1);
    let unknown = |then: Value, when: Value| json!({"name": "x", "when": when, "then": [then]});
    let always = json!({"type": "first_message"});
    for (rule, pointer) in [
        (unknown(json!({"type": "attribute", "key": "size", "value": 1}), always.clone()), "/then/0"),
        (unknown(json!({"type": "attribute", "key": "wants", "value": 1}), always.clone()), "/then/0"),
        (unknown(json!({"type": "team", "team_id": format!("team_{}", "a".repeat(26))}), always), "/then/0/team_id"),
        (
            unknown(
                json!({"type": "person"}),
                json!({"type": "customer", "meets": {"attribute": {"key": "size", "operator": "is_set"}}}),
            ),
            "/when/meets/attribute/key",
        ),
    ] {
        let refused = world.post("/api/v1/routing-rules", &rule).await;
        assert_eq!(refused.pointers(422, "invalid_body"), [pointer], "{rule}");
    }
}
