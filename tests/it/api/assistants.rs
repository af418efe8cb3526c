//! Assistants and what they know are managed.

use domain::{AssistantId, NumberId, Plan, Span};
use flow::audit::Actor;
use flow::ports::TurnRole;
use flow::{assistants, organization, setup};
use serde_json::{Value, json};

use super::world::{Answer, NUMBER, OTHER_KEY, World, open_request, request};

const PATH: &str = "/api/v1/assistants";
const KNOWLEDGE: &str = "/api/v1/knowledge";

async fn create(world: &World) -> String {
    let made = world.post(PATH, &json!({"name": "Tica"})).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    format!("{PATH}/{}", made.json()["id"].as_str().unwrap())
}

async fn act(world: &World, path: &str, action: &str, body: &Value) -> Answer {
    world.post(&format!("{path}/{action}"), body).await
}

async fn learns(world: &World, body: &Value) -> String {
    let made = world.post(KNOWLEDGE, body).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    format!("{KNOWLEDGE}/{}", made.json()["id"].as_str().unwrap())
}

/// The bakery's number answers with this assistant.
async fn answers_on_the_number(world: &World, path: &str) {
    let number: NumberId = NUMBER.parse().unwrap();
    let document = world.platform.documents.get(&flow::records::number_path(&number)).await.unwrap().unwrap();
    let (mut known, token) = flow::records::read_number(&world.platform, &document).unwrap();
    known.assistant = Some(path.rsplit('/').next().unwrap().parse().unwrap());
    setup::connect_number(&world.platform, &known, token.as_ref()).await.unwrap();
}

#[tokio::test]
async fn a_name_is_enough_for_an_assistant_and_the_rest_is_usual_in_its_language() {
    let world = World::new().await;
    let made = world.post(PATH, &json!({"name": "Tica"})).await.json();
    assert_eq!((&made["language"], &made["model"]), (&json!("pt"), &json!("a-usual-model")));
    assert_eq!(made["texts"]["thanks"], "Por nada! Se precisar de mais alguma coisa, é só chamar.");
    assert_eq!((&made["published"], &made["has_unpublished_changes"]), (&Value::Null, &json!(true)));
    world.wait(Span::from_seconds(1));
    let body =
        json!({"name": "Tess", "language": "en", "texts": {"thanks": "Any time."}, "hand_off": {"by_model": false}});
    let made = world.post(PATH, &body).await.json();
    assert_eq!(
        (&made["texts"]["thanks"], &made["texts"]["greeting"]),
        (&json!("Any time."), &json!("Hi! I am the virtual assistant. How can I help?"))
    );
    assert_eq!(
        (&made["hand_off"]["by_model"], &made["hand_off"]["phrases"][0]),
        (&json!(false), &json!("talk to a person"))
    );
    let listed = world.get(PATH).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    assert_eq!(listed["data"][0]["id"], made["id"], "the newest first");
}

#[tokio::test]
async fn what_an_assistant_cannot_be_is_refused_at_its_field() {
    let world = World::new().await;
    let body = json!({
        "name": "", "instructions": "x".repeat(8_001), "model": "a b",
        "texts": {"thanks": " "}, "hand_off": {"phrases": ["ok", "?"]},
    });
    let pointers = ["/name", "/instructions", "/model", "/texts/thanks", "/hand_off/phrases/1"];
    assert_eq!(world.post(PATH, &body).await.pointers(422, "invalid_body"), pointers);
    assert_eq!(world.post(PATH, &json!({"name": "T", "x": 1})).await.pointers(422, "invalid_body"), ["/x"]);
    let path = create(&world).await;
    let refused = world.patch(&path, &json!({"texts": {"thanks": ""}})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/texts/thanks"]);
}

#[tokio::test]
async fn a_draft_is_changed_as_it_was_read_and_published_as_the_next_version() {
    let world = World::new().await;
    let path = create(&world).await;
    let tag = world.get(&path).await.header("etag").to_owned();
    let change = |tag: &str, name: &str| {
        let request = request("PATCH", &path).header("if-match", tag).header("content-type", "application/json");
        (request, json!({"name": name}).to_string())
    };
    let (asked, body) = change(&tag, "Tita");
    assert_eq!(world.ask(asked, &body).await.json()["name"], "Tita");
    let (asked, body) = change(&tag, "Toca");
    world.ask(asked, &body).await.problem(412, "precondition_failed");
    let without = request("PATCH", &path).header("content-type", "application/json");
    world.ask(without, &body).await.problem(428, "precondition_required");

    let first = act(&world, &path, "publish", &json!({})).await.json();
    assert_eq!((&first["published"]["version"], &first["has_unpublished_changes"]), (&json!(1), &json!(false)));
    let again = act(&world, &path, "publish", &json!({})).await.json();
    assert_eq!(again["published"], first["published"], "nothing new to publish");
    let drafted = world.patch(&path, &json!({"instructions": "Seja breve."})).await.json();
    assert_eq!((&drafted["published"], &drafted["has_unpublished_changes"]), (&first["published"], &json!(true)));
    act(&world, &path, "publish", &json!({})).await.json();
    let back = act(&world, &path, "roll-back", &json!({"version": 1})).await.json();
    assert_eq!((&back["published"]["version"], &back["instructions"]), (&json!(3), &json!("Seja breve.")));
    assert_eq!(back["has_unpublished_changes"], true, "the draft stays");
    let versions = world.get(&format!("{path}/versions")).await.json()["data"].clone();
    let seen: Vec<_> =
        versions.as_array().unwrap().iter().map(|v| (v["version"].clone(), v["repeats"].clone())).collect();
    assert_eq!(seen, [(json!(3), json!(1)), (json!(2), Value::Null), (json!(1), Value::Null)]);
    assert_eq!((&versions[0]["instructions"], &versions[1]["instructions"]), (&json!(""), &json!("Seja breve.")));
    assert_eq!(versions[0]["by"]["type"], "api_key");
    let refused = act(&world, &path, "roll-back", &json!({"version": 9})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/version"]);

    flow::feed::sequence(&world.platform, &world.bakery).await.unwrap();
    let told = world.get("/api/v1/events?types=assistant.published").await.json();
    let told: Vec<_> = told["data"].as_array().unwrap().iter().map(|entry| entry["data"]["version"].clone()).collect();
    assert_eq!(told, [json!(1), json!(2), json!(3)]);
    let log = world.get("/api/v1/audit-log?action=assistant.published").await.json();
    assert_eq!(log["data"][0]["details"], json!({"version": "3", "repeats": "1"}));
}

#[tokio::test]
async fn the_last_hundred_versions_are_kept() {
    let world = World::new().await;
    let path = create(&world).await;
    let id: AssistantId = path.rsplit('/').next().unwrap().parse().unwrap();
    let (platform, bakery, actor) = (&world.platform, &world.bakery, Actor::system());
    for n in 1..=102 {
        let change = assistants::AssistantChange { instructions: Some(format!("{n}")), ..Default::default() };
        assistants::change(platform, bakery, &actor, &id, None, change).await.unwrap();
        assistants::publish(platform, bakery, &actor, &id).await.unwrap();
    }
    let page = world.get(&format!("{path}/versions?limit=60")).await.json();
    let rest = format!("{path}/versions?limit=60&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = world.get(&rest).await.json()["data"].clone();
    assert_eq!((&page["data"][0]["version"], rest.as_array().unwrap().len()), (&json!(102), 40));
    assert_eq!(rest[39]["version"], 3);
    let gone = act(&world, &path, "roll-back", &json!({"version": 2})).await;
    assert_eq!(gone.pointers(422, "invalid_body"), ["/version"]);
    assert_eq!(world.delete(&path).await.status, 204);
    world.get(&format!("{path}/versions")).await.problem(404, "not_found");
    let version = flow::records::version_path(bakery, &id, 50);
    assert!(platform.documents.get(&version).await.unwrap().is_none(), "they go with it");
}

#[tokio::test]
async fn an_assistant_is_not_removed_while_something_needs_it() {
    let world = World::new().await;
    let path = create(&world).await;
    let id = path.rsplit('/').next().unwrap().to_owned();
    answers_on_the_number(&world, &path).await;
    let refused = world.delete(&path).await.problem(409, "in_use");
    assert!(refused["detail"].as_str().unwrap().contains(NUMBER), "{refused}");
    world.wait(Span::from_seconds(1));
    let other = create(&world).await;
    let other_id = other.rsplit('/').next().unwrap().to_owned();
    let text = learns(&world, &json!({"title": "T", "text": "T.", "assistants": [other_id]})).await;
    let refused = world.delete(&other).await.problem(409, "in_use");
    assert!(refused["detail"].as_str().unwrap().contains(text.rsplit('/').next().unwrap()), "{refused}");
    assert_eq!(world.patch(&text, &json!({"assistants": []})).await.json()["assistants"], json!([]));
    assert_eq!(world.delete(&other).await.status, 204);
    world.get(&other).await.problem(404, "not_found");
    // It may be archived all the same: then nobody answers.
    assert_eq!(world.patch(&path, &json!({"archived": true})).await.json()["archived"], true);
    assert_eq!(world.get(PATH).await.json()["data"][0]["id"], id);
}

#[tokio::test]
async fn who_assigns_an_assistant_loses_to_who_removes_or_archives_it_meanwhile() {
    let world = World::new().await;
    let path = create(&world).await;
    let id: AssistantId = path.rsplit('/').next().unwrap().parse().unwrap();
    let (platform, bakery) = (&world.platform, &world.bakery);
    assert!(assistants::published(platform, bakery, &id).await.unwrap().is_none(), "never published");
    act(&world, &path, "publish", &json!({})).await.json();
    let in_charge = assistants::published(platform, bakery, &id).await.unwrap().unwrap();
    assert_eq!((in_charge.version, in_charge.assistant.settings.name.as_str()), (1, "Tica"));
    platform.documents.commit(vec![in_charge.still]).await.unwrap();
    assert_eq!(world.get(&path).await.json()["published"]["version"], 1, "it is as it was");
    for undo in [json!({"archived": false}), Value::Null] {
        let in_charge = assistants::published(platform, bakery, &id).await.unwrap().unwrap();
        match undo.is_null() {
            true => assert_eq!(world.delete(&path).await.status, 204),
            false => assert_eq!(world.patch(&path, &json!({"archived": true})).await.status, 200),
        }
        assert!(assistants::published(platform, bakery, &id).await.unwrap().is_none());
        let lost = platform.documents.commit(vec![in_charge.still]).await;
        assert!(matches!(lost, Err(flow::ports::StoreError::Conflict)), "{lost:?}");
        if !undo.is_null() {
            assert_eq!(world.patch(&path, &undo).await.json()["archived"], false);
        }
    }
}

#[tokio::test]
async fn an_assistant_that_is_tried_out_says_what_it_would_say_and_from_what() {
    let world = World::new().await;
    let path = create(&world).await;
    let text =
        learns(&world, &json!({"title": "Horário", "text": "Abrimos de segunda a sábado, das 6h às 20h."})).await;
    act(&world, &path, "ask", &json!({"question": "oi"})).await.problem(409, "not_published");
    let body = json!({
        "question": "Qual é o horário de vocês?", "draft": true,
        "history": [{"role": "customer", "text": "oi"}, {"role": "business", "text": "Oi!"}],
    });
    let asked = act(&world, &path, "ask", &body).await.json();
    assert_eq!(
        (&asked["answer"], &asked["outcome"]),
        (&json!("Você disse: Qual é o horário de vocês?"), &json!("answered"))
    );
    assert_eq!((&asked["reason"], &asked["version"]), (&Value::Null, &Value::Null));
    assert_eq!(asked["model"], json!({"name": "a-usual-model", "input_tokens": 120, "output_tokens": 9}));
    let source = &asked["sources"][0];
    assert_eq!((&source["title"], &source["quoted"]), (&json!("Horário"), &json!(false)));
    assert_eq!(source["knowledge_id"], text.rsplit('/').next().unwrap());
    assert!(source["text"].as_str().unwrap().contains("6h às 20h") && source["score"].as_f64().unwrap() > 0.0);
    let [prompt] = &world.model.prompts()[..] else { panic!("one prompt") };
    assert!(prompt.instructions.contains("6h às 20h"), "the model is given the passage");
    let turns: Vec<_> = prompt.turns.iter().map(|turn| (turn.role, turn.text.as_str())).collect();
    assert_eq!(
        turns,
        [(TurnRole::Customer, "oi"), (TurnRole::Business, "Oi!"), (TurnRole::Customer, "Qual é o horário de vocês?")]
    );

    act(&world, &path, "publish", &json!({})).await.json();
    let asked = act(&world, &path, "ask", &json!({"question": "quero falar com um atendente"})).await.json();
    assert_eq!(
        (&asked["outcome"], &asked["version"], &asked["model"]),
        (&json!("handed_over"), &json!(1), &Value::Null)
    );
    assert_eq!(asked["reason"], json!({"code": "phrase", "detail": "falar com um atendente"}));
    let asked = act(&world, &path, "ask", &json!({"question": "quero reclamar"})).await.json();
    assert_eq!(asked["reason"], json!({"code": "model", "detail": "a complaint"}));
    assert_eq!(world.get("/api/v1/conversations").await.json()["data"], json!([]), "nothing is recorded");
}

#[tokio::test]
async fn a_question_that_cannot_be_asked_is_refused_and_too_many_are() {
    let world = World::new().await;
    let path = create(&world).await;
    let body = json!({"question": " ", "draft": true, "history": [{"role": "customer", "text": ""}]});
    let refused = act(&world, &path, "ask", &body).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/question", "/history/0/text"]);
    let said = json!({"role": "customer", "text": "oi"});
    let body = json!({"question": "oi", "draft": true, "history": vec![said; 31]});
    assert_eq!(act(&world, &path, "ask", &body).await.pointers(422, "invalid_body"), ["/history"]);
    let body = json!({"question": "oi", "draft": true});
    for n in 0..30 {
        world.wait(Span::from_millis(1_200));
        assert_eq!(act(&world, &path, "ask", &body).await.status, 200, "{n}");
    }
    let refused = act(&world, &path, "ask", &body).await;
    refused.problem(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() <= 60);
    world.wait(Span::from_minutes(1));
    assert_eq!(act(&world, &path, "ask", &body).await.status, 200);
}

#[tokio::test]
async fn a_text_is_written_changed_and_removed() {
    let world = World::new().await;
    world.wait(Span::from_seconds(1));
    let path = learns(&world, &json!({"title": "Horário", "text": "Abrimos às 6h."})).await;
    let shown = world.get(&path).await.json();
    assert_eq!(
        (&shown["status"], &shown["enabled"], &shown["assistants"]),
        (&json!("ready"), &json!(true), &json!([]))
    );
    world.wait(Span::from_seconds(1));
    let changed = world.patch(&path, &json!({"enabled": false, "text": "Abrimos às 7h."})).await.json();
    assert_eq!(
        (&changed["status"], &changed["text"], &changed["title"]),
        (&json!("disabled"), &json!("Abrimos às 7h."), &json!("Horário"))
    );
    assert_eq!(world.get(KNOWLEDGE).await.json()["data"], json!([changed]));
    let refused = world.post(KNOWLEDGE, &json!({"title": "a\nb", "text": "x".repeat(10_001)})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/title", "/text"]);
    let stranger = AssistantId::from_bits([9; 16]);
    let refused = world.patch(&path, &json!({"assistants": [stranger.as_str()]})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/assistants/0"]);
    let theirs = open_request("POST", PATH).header("x-api-key", OTHER_KEY).header("content-type", "application/json");
    let theirs = world.ask(theirs, r#"{"name": "Flora"}"#).await.json()["id"].clone();
    let refused = world.patch(&path, &json!({"assistants": [theirs]})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/assistants/0"]);
    world.wait(Span::from_seconds(1));
    assert_eq!(world.delete(&path).await.status, 204);
    world.delete(&path).await.problem(404, "not_found");
    let log = world.get("/api/v1/audit-log?limit=3").await.json();
    let actions: Vec<_> = log["data"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["knowledge.deleted", "knowledge.changed", "knowledge.created"]);
}

#[tokio::test]
async fn there_are_as_many_texts_at_most_as_the_plan_allows_and_one_that_goes_makes_place() {
    let world = World::new().await;
    let operator = Actor::operator();
    organization::change_plan(&world.platform, &operator, &world.bakery, Plan::Free).await.unwrap();
    let mut last = String::new();
    for n in 0..Plan::Free.limits().knowledge_texts {
        last = learns(&world, &json!({"title": format!("{n}"), "text": "Um texto."})).await;
        world.wait(Span::from_seconds(1));
    }
    world.wait(Span::from_minutes(1));
    let more = json!({"title": "more", "text": "Um texto."});
    world.post(KNOWLEDGE, &more).await.problem(409, "plan_limit");
    assert_eq!(world.delete(&last).await.status, 204);
    learns(&world, &more).await;
    world.post(KNOWLEDGE, &more).await.problem(409, "plan_limit");
}

#[tokio::test]
async fn those_who_write_texts_at_once_stay_within_the_plan() {
    let world = World::new().await;
    organization::change_plan(&world.platform, &Actor::operator(), &world.bakery, Plan::Free).await.unwrap();
    let most = Plan::Free.limits().knowledge_texts as usize;
    for n in 0..most - 2 {
        learns(&world, &json!({"title": format!("{n}"), "text": "Um texto."})).await;
        world.wait(Span::from_seconds(1));
    }
    world.wait(Span::from_minutes(1));
    let body = json!({"title": "at once", "text": "Um texto."});
    let made = futures::future::join_all((0..8).map(|_| world.post(KNOWLEDGE, &body))).await;
    assert_eq!(made.iter().filter(|answer| answer.status == 201).count(), 2);
    let listed = world.get(&format!("{KNOWLEDGE}?limit=100")).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), most);
}

#[tokio::test]
async fn all_texts_together_have_an_end() {
    let world = World::new().await;
    let long = "a ".repeat(5_000);
    let mut path = String::new();
    for n in 0..100 {
        path = learns(&world, &json!({"title": format!("{n}"), "text": long})).await;
        world.wait(Span::from_seconds(1));
    }
    world.wait(Span::from_minutes(1));
    world.post(KNOWLEDGE, &json!({"title": "more", "text": "a"})).await.problem(409, "limit_reached");
    assert_eq!(world.patch(&path, &json!({"text": "a"})).await.status, 200, "a shorter one always fits");
    learns(&world, &json!({"title": "more", "text": "a"})).await;
    world.patch(&path, &json!({"text": long})).await.problem(409, "limit_reached");
}

#[tokio::test]
async fn an_assistant_that_is_made_again_with_its_key_is_the_same() {
    let world = World::new().await;
    let ask = || request("POST", PATH).header("idempotency-key", "one").header("content-type", "application/json");
    let made = world.ask(ask(), r#"{"name": "Tica"}"#).await.json();
    let again = world.ask(ask(), r#"{"name": "Tica"}"#).await;
    assert_eq!((again.header("idempotency-replayed"), again.json()["id"].clone()), ("true", made["id"].clone()));
    assert_eq!(world.get(PATH).await.json()["data"].as_array().unwrap().len(), 1);
}
