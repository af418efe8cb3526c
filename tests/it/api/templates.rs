//! Message templates over HTTP.

use domain::Span;
use domain::template::{Status, TemplateStatus};
use serde_json::{Value, json};
use tests::business::{Trouble, listed};

use super::world::{Answer, KEY, NUMBER, World, open_request, request};

const WABA: &str = "9009";

fn wanted(name: &str) -> Value {
    json!({"name": name, "language": "pt_BR", "category": "utility", "components": [
        {"type": "BODY", "text": "Oi {{1}}, seu pedido {{2}} está pronto.", "example": {"body_text": [["Lia", "17"]]}},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Obrigada"}]},
    ]})
}

async fn change(world: &World, path: &str, tag: &str, body: &Value) -> Answer {
    let request = request("PATCH", path).header("if-match", tag).header("content-type", "application/json");
    world.ask(request, &body.to_string()).await
}

async fn delete(world: &World, path: &str) -> Answer {
    world.ask(request("DELETE", path), "").await
}

#[tokio::test]
async fn a_template_is_submitted_read_and_listed() {
    let world = World::new().await;
    let answer = world.post("/api/v1/templates", &wanted("pedido_pronto")).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.bytes));
    let made = answer.json();
    assert_eq!(
        (&made["status"], &made["category"], &made["quality"]),
        (&json!("pending"), &json!("utility"), &json!("unknown"))
    );
    assert_eq!(made["variables"], json!({"header": [], "header_media": null, "body": ["1", "2"], "buttons": []}));
    assert_eq!(made["business_account_id"], WABA);
    let path = format!("/api/v1/templates/{}", made["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.json(), made);
    assert_eq!(world.get("/api/v1/templates").await.json()["data"], json!([made]));
    let history = world.get(&format!("{path}/history")).await.json();
    let said: Vec<_> = history["data"].as_array().unwrap().iter().map(|change| change["what"].clone()).collect();
    assert!(said.contains(&json!("status")) && said.contains(&json!("category")), "{history}");
    world.post("/api/v1/templates", &wanted("pedido_pronto")).await.problem(409, "template_exists");
}

#[tokio::test]
async fn the_same_key_submits_once() {
    let world = World::new().await;
    world.business.next(Trouble::AnswerLost);
    let submit = async || {
        let request = request("POST", "/api/v1/templates").header("idempotency-key", "t-1");
        world.ask(request.header("content-type", "application/json"), &wanted("pedido_pronto").to_string()).await
    };
    let lost = submit().await;
    lost.problem(503, "meta_unavailable");
    assert_eq!(lost.header("retry-after"), "10");
    let made = submit().await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    let again = submit().await;
    assert_eq!((again.json(), again.header("idempotency-replayed")), (made.json(), "true"));
    assert_eq!(world.business.templates_of(WABA).len(), 1);
}

#[tokio::test]
async fn every_field_that_breaks_a_limit_of_metas_is_pointed_at() {
    let world = World::new().await;
    let body = json!({"name": "Pedido", "language": "brasileiro", "category": "utility", "components": [
        {"type": "HEADER", "format": "TEXT", "text": "a".repeat(61)},
        {"type": "BODY", "text": "{{1}}"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "a".repeat(26)}]},
    ]});
    let answer = world.post("/api/v1/templates", &body).await;
    let expected = ["/name", "/language", "/components/0/text", "/components/1/text", "/components/2/buttons/0/text"];
    assert_eq!(answer.pointers(422, "invalid_body"), expected);
    let mut other = wanted("a");
    other["colour"] = json!("red");
    assert_eq!(world.post("/api/v1/templates", &other).await.pointers(422, "invalid_body"), ["/colour"]);
    let mut elsewhere = wanted("a");
    elsewhere["business_account_id"] = json!("9010");
    let answer = world.post("/api/v1/templates", &elsewhere).await;
    assert_eq!(answer.pointers(422, "invalid_body"), ["/business_account_id"]);
    assert!(world.business.calls().is_empty());
}

#[tokio::test]
async fn what_meta_refuses_is_said_with_its_code_and_its_words() {
    let world = World::new().await;
    world.business.next(Trouble::Refuse(190));
    let problem = world.post("/api/v1/templates", &wanted("a")).await.problem(409, "meta_refused");
    assert_eq!(problem["meta"]["code"], 190);
    assert_eq!(problem["detail"], "(#190) in Meta's words");
    assert!(problem["meta"]["explanation"].as_str().is_some_and(|text| text.len() > 20));
    world.business.next(Trouble::Silent);
    world.post("/api/v1/templates/sync", &json!({})).await.problem(503, "meta_unavailable");
}

#[tokio::test]
async fn a_list_is_narrowed_down_and_paged_by_name() {
    let world = World::new().await;
    for n in 0..5 {
        let mut one = listed(&format!("{}", 100 + n), &format!("t_{n}"), "Bom dia, tudo bem?");
        if n == 3 {
            one.status = Status::of(TemplateStatus::Paused);
        }
        if n == 4 {
            "en_US".clone_into(&mut one.language);
        }
        world.business.has(WABA, one);
    }
    let synced = world.post("/api/v1/templates/sync", &json!({})).await.json();
    assert_eq!(synced, json!({"added": 5, "updated": 0, "deleted": 0, "unreadable": 0, "complete": true}));
    let names = async |query: &str| {
        let page = world.get(&format!("/api/v1/templates?{query}")).await.json();
        let names: Vec<_> = page["data"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        (json!(names), page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(names("status=paused").await.0, json!(["t_3"]));
    assert_eq!(names("status=approved&language=pt_BR&category=utility").await.0, json!(["t_0", "t_1", "t_2"]));
    assert_eq!(names("language=en_US").await.0, json!(["t_4"]));
    assert_eq!(names("name=t_2").await.0, json!(["t_2"]));
    assert_eq!(names("category=marketing").await.0, json!([]));
    let (first, next) = names("limit=3").await;
    assert_eq!(first, json!(["t_0", "t_1", "t_2"]));
    assert_eq!(names(&format!("limit=3&cursor={}", next.unwrap())).await, (json!(["t_3", "t_4"]), None));
    for query in ["status=PAUSED!", "name=T", "cursor=x", "limit=0", "colour=red"] {
        world.get(&format!("/api/v1/templates?{query}")).await.problem(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn a_change_needs_what_was_read_and_what_meta_allows() {
    let world = World::new().await;
    world.business.has(WABA, listed("77", "oi", "Bom dia, tudo bem?"));
    world.post("/api/v1/templates/sync", &json!({})).await.json();
    let id = world.get("/api/v1/templates").await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/templates/{id}");
    let body = json!({"components": [{"type": "BODY", "text": "Boa tarde, tudo bem?"}]});
    let request = request("PATCH", &path).header("content-type", "application/json");
    world.ask(request, &body.to_string()).await.problem(428, "precondition_required");
    change(&world, &path, "\"other\"", &body).await.problem(412, "precondition_failed");
    let read = world.get(&path).await;
    let category = json!({"category": "marketing"});
    change(&world, &path, read.header("etag"), &category).await.problem(409, "template_not_editable");
    let changed = change(&world, &path, read.header("etag"), &body).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["status"]), (200, &json!("pending")));
    let again = change(&world, &path, "*", &json!({"components": [{"type": "BODY", "text": "Boa noite!"}]})).await;
    assert!(again.problem(409, "template_not_editable")["detail"].as_str().unwrap().contains("pending"));
    assert_eq!(delete(&world, &path).await.status, 204);
    assert_eq!(delete(&world, &path).await.status, 204);
    assert_eq!(world.get(&path).await.json()["status"], "deleted");
    let log = world.get("/api/v1/audit-log").await.json();
    let actions: Vec<_> = log["data"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert!(
        actions.contains(&json!("template.changed")) && actions.contains(&json!("template.deleted")),
        "{actions:?}"
    );
}

#[tokio::test]
async fn a_preview_shows_the_text_and_what_to_send() {
    let world = World::new().await;
    let made = world.post("/api/v1/templates", &wanted("pedido_pronto")).await.json();
    let path = format!("/api/v1/templates/{}/preview", made["id"].as_str().unwrap());
    let shown = world.post(&path, &json!({"body": {"1": "Lia", "2": "17"}})).await.json();
    assert_eq!(shown["body"], "Oi Lia, seu pedido 17 está pronto.");
    assert_eq!((&shown["buttons"][0]["type"], &shown["complete"]), (&json!("quick_reply"), &json!(true)));
    let wrong = world.post(&path, &json!({"body": {"1": "Lia", "3": "x"}, "media": {"id": "1"}})).await;
    assert_eq!(wrong.pointers(422, "invalid_body"), ["/media", "/body/2", "/body/3"]);
    assert_eq!(world.post(&path, &json!({"footer": {}})).await.pointers(422, "invalid_body"), ["/footer"]);

    // What it says to send is taken as it is, and refused while Meta has the template paused.
    let conversation = world.writes(NUMBER, 1, "oi").await;
    let content = json!({"type": "template", "name": "pedido_pronto", "language": "pt_BR", "category": "utility",
                         "components": shown["components"]});
    let body = json!({ "content": content });
    assert_eq!(world.answers(&conversation, "one", &body).await.status, 201);
    let meta_id = made["whatsapp_id"].as_str().unwrap();
    world.business.change(meta_id, |template| template.status = Status::of(TemplateStatus::Paused));
    world.wait(Span::from_minutes(5));
    world.post("/api/v1/templates/sync", &json!({})).await.json();
    let refused = world.answers(&conversation, "two", &body).await.problem(409, "template_unusable");
    assert!(refused["detail"].as_str().unwrap().contains("paused"), "{refused}");
    assert_eq!(world.answers(&conversation, "one", &body).await.status, 201, "what was taken stays taken");
}

#[tokio::test]
async fn what_meta_has_as_marketing_is_sent_as_nothing_else() {
    let world = World::new().await;
    let made = world.post("/api/v1/templates", &wanted("novidades")).await.json();
    let meta_id = made["whatsapp_id"].as_str().unwrap();
    world.business.change(meta_id, |template| {
        template.status = Status::of(TemplateStatus::Approved);
        template.category = Some(domain::template::Category::Marketing);
    });
    world.wait(Span::from_minutes(5));
    world.post("/api/v1/templates/sync", &json!({})).await.json();
    let conversation = world.writes(NUMBER, 1, "oi").await;
    let content = |category: &str| json!({"content": {"type": "template", "name": "novidades", "language": "pt_BR", "category": category}});
    let refused = world.answers(&conversation, "one", &content("utility")).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/content/category"]);
    assert_eq!(world.answers(&conversation, "two", &content("marketing")).await.status, 201);
}

#[tokio::test]
async fn without_a_number_there_is_nowhere_to_submit_to() {
    let world = World::new().await;
    let number = flow::records::number_path(&NUMBER.parse().unwrap());
    let gone = flow::ports::Write::Delete { path: number, precondition: flow::ports::Precondition::None };
    world.platform.documents.commit(vec![gone]).await.unwrap();
    let request = open_request("POST", "/api/v1/templates").header("x-api-key", KEY);
    let answer = world.ask(request.header("content-type", "application/json"), &wanted("a").to_string()).await;
    answer.problem(409, "no_number");
}
