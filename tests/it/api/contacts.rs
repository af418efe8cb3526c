//! Contacts are made, changed and found.

use domain::inbound::InboundContent;
use serde_json::{Value, json};

use super::world::{Answer, NUMBER, OTHER_KEY, World, open_request, request};

async fn post(world: &World, path: &str, body: &Value) -> Answer {
    world.post(&format!("/api/v1{path}"), body).await
}

async fn get(world: &World, path: &str) -> Value {
    world.get(&format!("/api/v1{path}")).await.json()
}

async fn change(world: &World, id: &str, body: &Value) -> Answer {
    let request = request("PATCH", &format!("/api/v1/contacts/{id}")).header("if-match", "*");
    world.ask(request.header("content-type", "application/json"), &body.to_string()).await
}

async fn make(world: &World, phone: &str, name: &str) -> String {
    let made = post(world, "/contacts", &json!({"phone": phone, "name": name})).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    made.json()["id"].as_str().unwrap().to_owned()
}

/// The names on every page of a list.
async fn names(world: &World, query: &str) -> Vec<String> {
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(world, &format!("/contacts?{query}&limit=2{cursor}")).await;
        let listed = page["data"].as_array().unwrap().iter();
        names.extend(listed.map(|one| one["name"].as_str().unwrap_or_default().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    names.sort();
    names
}

#[tokio::test]
async fn both_forms_of_a_brazilian_number_are_one_contact() {
    let world = World::new().await;
    let id = make(&world, "+5511987650001", "Ana").await;
    let again = post(&world, "/contacts", &json!({"phone": "+551187650001"})).await;
    assert_eq!(again.problem(409, "already_exists")["id"], id.as_str());
    // Nobody else's is in the way.
    let body = json!({"phone": "+5511987650001"}).to_string();
    let theirs = open_request("POST", "/api/v1/contacts").header("x-api-key", OTHER_KEY);
    let theirs = world.ask(theirs.header("content-type", "application/json"), &body).await;
    assert_eq!(theirs.status, 201);
    assert_ne!(theirs.json()["id"], id.as_str());
}

#[tokio::test]
async fn who_writes_is_the_contact_that_was_made_before() {
    let world = World::new().await;
    let id = make(&world, "+5511900000007", "Dona Ana").await;
    let conversation = world.writes(NUMBER, 7, "oi").await;
    let shown = get(&world, &format!("/conversations/{conversation}")).await;
    assert_eq!((&shown["contact"]["id"], &shown["contact"]["name"]), (&json!(id), &json!("Dona Ana")));
    let shown = get(&world, &format!("/contacts/{id}")).await;
    assert_eq!(shown["whatsapp_name"], "Cliente 7");
    assert_eq!((change(&world, &id, &json!({"name": null})).await).json()["name"], "Cliente 7");
}

#[tokio::test]
async fn a_creation_that_is_repeated_makes_one_contact() {
    let world = World::new().await;
    let body = json!({"phone": "+5511987650001", "name": "Ana"}).to_string();
    let ask = async || {
        let request = request("POST", "/api/v1/contacts").header("idempotency-key", "ana-1");
        world.ask(request.header("content-type", "application/json"), &body).await
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_eq!(first.json(), second.json());
}

#[tokio::test]
async fn what_no_contact_can_be_is_refused_with_its_place() {
    let world = World::new().await;
    post(&world, "/attributes", &json!({"key": "age", "label": "Idade", "type": "number"})).await;
    for (body, pointer) in [
        (json!({"phone": "11987650001"}), "/phone"),
        (json!({"phone": "+55"}), "/phone"),
        (json!({"phone": "+5511987650001", "name": " "}), "/name"),
        (json!({"phone": "+5511987650001", "language": "português"}), "/language"),
        (json!({"phone": "+5511987650001", "tags": ["a", ";"]}), "/tags/1"),
        (json!({"phone": "+5511987650001", "attributes": {"age": "ten"}}), "/attributes/age"),
        (json!({"phone": "+5511987650001", "attributes": {"size": 1}}), "/attributes/size"),
        (json!({"phone": "+5511987650001", "attributes": {"Age": 1}}), "/attributes/Age"),
        (json!({"phone": "+5511987650001", "color": 1}), "/color"),
    ] {
        assert_eq!(post(&world, "/contacts", &body).await.pointers(422, "invalid_body"), [pointer], "{body}");
    }
    let tags: Vec<String> = (0..51).map(|n| format!("t{n}")).collect();
    let body = json!({"phone": "+5511987650001", "tags": tags});
    assert_eq!(post(&world, "/contacts", &body).await.pointers(422, "invalid_body"), ["/tags"]);
    assert_eq!(get(&world, "/contacts").await["data"], json!([]));
}

#[tokio::test]
async fn a_change_is_made_to_what_was_read() {
    let world = World::new().await;
    let id = make(&world, "+5511987650001", "Ana").await;
    let path = format!("/api/v1/contacts/{id}");
    let tag = world.get(&path).await.header("etag").to_owned();
    let ask = async |tag: &str, body: Value| {
        let request = request("PATCH", &path).header("if-match", tag).header("content-type", "application/json");
        world.ask(request, &body.to_string()).await
    };
    assert_eq!(ask(&tag, json!({"tags": ["VIP"]})).await.json()["tags"], json!(["VIP"]));
    ask(&tag, json!({"tags": []})).await.problem(412, "precondition_failed");
    let bare = request("PATCH", &path).header("content-type", "application/json");
    world.ask(bare, "{}").await.problem(428, "precondition_required");
    assert_eq!(get(&world, &format!("/contacts/{id}")).await["tags"], json!(["VIP"]));
}

#[tokio::test]
async fn contacts_are_found_by_what_is_known_of_them() {
    let world = World::new().await;
    for (key, kind) in [("city", "text"), ("spent", "number")] {
        post(&world, "/attributes", &json!({"key": key, "label": key, "type": kind})).await;
    }
    for (n, name, tags, city) in [
        (1, "João da Silva", json!(["VIP", "bolos"]), "São Paulo"),
        (2, "Joana Silveira", json!(["vip"]), "Santos"),
        (3, "Maria Fernanda Souza", json!([]), "São Paulo"),
        (4, "Zé", json!(["bolos"]), "Itu"),
    ] {
        let phone = format!("+551198765000{n}");
        let body = json!({"phone": phone, "name": name, "tags": tags, "attributes": {"city": city, "spent": n}});
        assert_eq!(post(&world, "/contacts", &body).await.status, 201);
        world.wait(domain::Span::from_seconds(1));
    }
    let (joao, joana, maria, ze) = ("João da Silva", "Joana Silveira", "Maria Fernanda Souza", "Zé");
    for (query, found) in [
        ("", vec![joana, joao, maria, ze]),
        ("name=JO", vec![joana, joao]),
        ("name=joao", vec![joao]),
        ("name=silv", vec![joana, joao]),
        ("name=silva%20jo%C3%A3o", vec![joao]),
        ("name=fernandinha", vec![maria]),
        ("name=ze", vec![ze]),
        ("name=z", vec![]),
        ("name=ernanda", vec![]),
        ("phone=%2B5511987650003", vec![maria]),
        ("phone=%2B551187650003", vec![maria]),
        ("phone=0003", vec![maria]),
        ("phone=87650004", vec![ze]),
        ("tag=vip", vec![joana, joao]),
        ("tag=Bolos&tag=vip", vec![joao]),
        ("attribute=city:sao%20paulo", vec![joao, maria]),
        ("attribute=spent:2", vec![joana]),
        ("attribute=city:S%C3%A3o%20Paulo&tag=vip", vec![joao]),
        ("blocked=true", vec![]),
        ("blocked=false", vec![joana, joao, maria, ze]),
        ("takes_marketing=true", vec![]),
        ("language=pt_BR", vec![]),
    ] {
        assert_eq!(names(&world, query).await, found, "{query}");
    }
    for (query, parameter) in [
        ("name=", "/name"),
        ("phone=12", "/phone"),
        ("tag=%3B", "/tag"),
        ("attribute=city", "/attribute"),
        ("attribute=size:1", "/attribute"),
        ("attribute=spent:much", "/attribute"),
        ("blocked=yes", "/blocked"),
        ("cursor=AAAA", "/cursor"),
        ("sort=name", "/sort"),
    ] {
        let refused = world.get(&format!("/api/v1/contacts?{query}")).await;
        assert_eq!(refused.pointers(400, "invalid_parameter"), [parameter], "{query}");
    }
}

#[tokio::test]
async fn what_changes_is_found_anew_and_not_where_it_was() {
    let world = World::new().await;
    let id = make(&world, "+5511987650001", "Ana").await;
    change(&world, &id, &json!({"name": "Beatriz", "tags": ["novo"], "blocked": true})).await;
    assert_eq!(names(&world, "name=ana").await, Vec::<String>::new());
    assert_eq!(names(&world, "name=beat&tag=novo&blocked=true").await, ["Beatriz"]);
}

#[tokio::test]
async fn nobody_answers_a_contact_who_is_blocked_and_nothing_is_sent_to_them() {
    let world = World::new().await;
    let conversation = world.writes(NUMBER, 7, "oi").await;
    let id = get(&world, &format!("/conversations/{conversation}")).await["contact"]["id"].clone();
    change(&world, id.as_str().unwrap(), &json!({"blocked": true})).await;
    let sent = world.answers(&conversation, "one", &super::world::text("Olá!")).await;
    sent.problem(409, "contact_blocked");
    world.writes(NUMBER, 7, "alô?").await;
    let path = flow::records::conversation_path(&world.bakery, &conversation);
    let document = world.platform.documents.get(&path).await.unwrap().unwrap();
    let read = flow::records::read_conversation(&world.platform, &document).unwrap();
    assert_eq!(read.open.len(), 1, "what they wrote before waits, what came since asks for nothing");
    let listed = get(&world, &format!("/conversations/{conversation}/messages")).await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2, "and is kept");
    change(&world, id.as_str().unwrap(), &json!({"blocked": false})).await;
    let sent = world.answers(&conversation, "two", &super::world::text("Olá!")).await;
    assert_eq!(sent.status, 201);
}

#[tokio::test]
async fn one_person_keeps_what_was_known_of_both() {
    let world = World::new().await;
    let known = make(&world, "+5511900000007", "Dona Ana").await;
    change(&world, &known, &json!({"tags": ["VIP"]})).await;
    let consent = json!({"purpose": "marketing", "granted": true, "place": "shop", "evidence": "Sim, quero."});
    post(&world, &format!("/contacts/{known}/consents"), &consent).await;
    // Somebody writes under a user id alone, and later shows their number as well.
    let person = |phone: Option<&str>| domain::inbound::Person {
        user_id: "BR.42".parse().ok(),
        phone: phone.and_then(|phone| domain::Phone::parse(phone).ok()),
        wa_id: phone.map(str::to_owned),
        name: Some("Ana".to_owned()),
        ..domain::inbound::Person::default()
    };
    let text = |body: &str| InboundContent::Text { body: body.to_owned() };
    let conversation = world.is_sent(NUMBER, "wamid.a", person(None), text("oi")).await;
    let hidden = get(&world, &format!("/conversations/{conversation}")).await["contact"]["id"].clone();
    world.wait(domain::Span::from_minutes(1));
    world.is_sent(NUMBER, "wamid.b", person(Some("5511900000007")), text("sou eu")).await;
    let one = get(&world, &format!("/contacts/{known}")).await;
    assert_eq!(one, get(&world, &format!("/contacts/{}", hidden.as_str().unwrap())).await);
    assert_eq!((&one["name"], &one["tags"]), (&json!("Dona Ana"), &json!(["VIP"])));
    assert_eq!((&one["takes_marketing"], &one["merged_from"]), (&json!(true), &json!([known])));
    assert_eq!(names(&world, "name=ana").await, ["Dona Ana"], "found once");
    let history = get(&world, &format!("/contacts/{}/consents", hidden.as_str().unwrap())).await;
    assert_eq!(history["data"][0]["evidence"], "Sim, quero.");
}

#[tokio::test]
async fn an_attribute_that_is_retired_is_shown_nowhere_and_comes_back_with_its_values() {
    let world = World::new().await;
    let new = json!({"key": "city", "label": "Cidade", "type": "text"});
    post(&world, "/attributes", &new).await;
    let body = json!({"phone": "+5511987650001", "attributes": {"city": "Itu"}});
    let id = post(&world, "/contacts", &body).await.json()["id"].as_str().unwrap().to_owned();
    post(&world, "/attributes", &new).await.json();
    let other = json!({"key": "city", "label": "Cidade", "type": "number"});
    post(&world, "/attributes", &other).await.problem(409, "already_exists");
    let removed = world.ask(request("DELETE", "/api/v1/attributes/city"), "").await;
    assert_eq!(removed.status, 204);
    assert_eq!(get(&world, &format!("/contacts/{id}")).await["attributes"], json!({}));
    assert_eq!(get(&world, "/attributes").await["data"], json!([]));
    world.get("/api/v1/attributes/city").await.problem(404, "not_found");
    assert_eq!(post(&world, "/attributes", &other).await.pointers(422, "invalid_body"), ["/type"]);
    assert_eq!(post(&world, "/attributes", &new).await.status, 201);
    assert_eq!(get(&world, &format!("/contacts/{id}")).await["attributes"], json!({"city": "Itu"}));
}
