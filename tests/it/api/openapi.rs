//! The OpenAPI document: committed, and its examples are what the API really answers.

mod recording;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use domain::Span;
use domain::access::Role;
use domain::inbound::{InboundContent, MediaKind};
use serde_json::{Map, Value, json};

use self::recording::{analytics, control, dead_letters, numbers, templates, unknown_sends, webhooks};
use super::world::{Answer, NUMBER, OWNER, World, open_request, request, signed_request, text};

/// Set to write the files anew (`cargo xtask openapi`); without it they must be as the code makes them.
const WRITE: &str = "PORFIN_WRITE_OPENAPI";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Writes a file, or holds it to the code.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "tells a test to write, and is no setting of the program")]
fn is_committed(path: &str, value: &Value) {
    let file = root().join(path);
    let made = format!("{value:#}\n");
    if std::env::var_os(WRITE).is_some() {
        fs::write(file, made).unwrap();
        return;
    }
    let committed = fs::read_to_string(file).unwrap_or_default();
    assert!(committed == made, "{path} is not what the code makes: run `cargo xtask openapi`");
}

/// What was asked and answered, by operation.
#[derive(Default)]
struct Recorded(BTreeMap<&'static str, (Option<Value>, Map<String, Value>)>);

impl Recorded {
    fn answer(&mut self, operation: &'static str, asked: Option<&Value>, answer: &Answer) -> Value {
        let shown = match answer.header("content-type") {
            "application/json" => answer.json(),
            "" => Value::Null,
            _ => String::from_utf8(answer.bytes.clone()).unwrap().into(),
        };
        assert!(answer.status.is_success(), "{operation}: {shown}");
        let known = self.0.entry(operation).or_default();
        known.0 = known.0.take().or_else(|| asked.cloned());
        known.1.insert(answer.status.as_u16().to_string(), shown.clone());
        shown
    }

    fn into_json(self) -> Value {
        let shown = |(request, responses): (Option<Value>, Map<String, Value>)| match request {
            Some(request) => json!({"request": request, "responses": responses}),
            None => json!({"responses": responses}),
        };
        Value::Object(self.0.into_iter().map(|(id, recorded)| (id.to_owned(), shown(recorded))).collect())
    }
}

/// Calls every operation once; what it answers.
async fn every_operation() -> Recorded {
    let (world, mut recorded) = (World::new().await, Recorded::default());
    let id = world.writes(NUMBER, 1, "Vocês têm bolo de cenoura hoje?").await;
    let path = format!("/api/v1/conversations/{id}");
    recorded.answer("list_conversations", None, &world.get("/api/v1/conversations").await);
    let body = text("Temos sim! Quer que eu separe um?");
    recorded.answer("create_message", Some(&body), &world.answers(&id, "order-1", &body).await);
    recorded.answer("list_messages", None, &world.get(&format!("{path}/messages")).await);
    recorded.answer("take_over", None, &world.ask(request("POST", &format!("{path}/take-over")), "").await);
    recorded.answer("hand_back", None, &world.ask(request("POST", &format!("{path}/hand-back")), "").await);
    recorded.answer("get_conversation", None, &world.get(&path).await);
    messages(&world, &mut recorded).await;
    media(&world, &mut recorded).await;
    desk(&world, &mut recorded, &path).await;
    contacts(&world, &mut recorded).await;
    segments(&world, &mut recorded).await;
    files(&world, &mut recorded).await;
    people(&world, &mut recorded).await;
    keys(&world, &mut recorded).await;
    assistants(&world, &mut recorded).await;
    canned_replies(&world, id.as_str(), &mut recorded).await;
    routing(&world, &mut recorded).await;
    webhooks(&world, &mut recorded).await;
    unknown_sends(&world, &mut recorded).await;
    templates(&world, &mut recorded).await;
    numbers(&world, &mut recorded).await;
    analytics(&world, &mut recorded).await;
    control(&world, &mut recorded).await;
    dead_letters(&world, &mut recorded).await;
    recorded.answer("get_jwks", None, &world.get("/.well-known/jwks.json").await);
    recorded.answer("get_health", None, &world.get("/health").await);
    recorded.answer("get_liveness", None, &world.get("/health/live").await);
    recorded.answer("get_readiness", None, &world.operator_gets("/health/ready").await);
    recorded
}

/// Messages to somebody who did not write.
async fn messages(world: &World, recorded: &mut Recorded) {
    let body = json!({"phone_number_id": NUMBER, "to": {"phone": "+5511987650044"}, "content": {
        "type": "template", "name": "pedido_pronto", "language": "pt_BR", "category": "utility", "components": [],
    }});
    let request = request("POST", "/api/v1/messages").header("content-type", "application/json");
    let sent = world.ask(request.header("idempotency-key", "order-17-ready"), &body.to_string()).await;
    let sent = recorded.answer("create_direct_message", Some(&body), &sent);
    let path = format!("/api/v1/messages/{}", sent["id"].as_str().unwrap());
    recorded.answer("get_message", None, &world.get(&path).await);
}

/// A file that is stored, and one that a customer sends.
async fn media(world: &World, recorded: &mut Recorded) {
    let file = "Pão francês, 12 por R$ 10\n";
    let request = request("POST", "/api/v1/media?filename=ofertas.txt").header("content-type", "text/plain");
    let stored = recorded.answer("upload_media", Some(&json!(file)), &world.ask(request, file).await);
    let path = format!("/api/v1/media/{}", stored["id"].as_str().unwrap());
    recorded.answer("get_media", None, &world.get(&path).await);
    let content = format!("{path}/content");
    recorded.answer("get_media_content", None, &world.get(&content).await);
    recorded.answer("get_media_content", None, &beginning(world, &content).await);
    world.line.files.lock().unwrap().insert("900100".to_owned(), (b"Lista: bolo, cravo\n".to_vec(), None));
    let content = InboundContent::Media {
        kind: MediaKind::Document,
        id: Some("900100".to_owned()),
        mime_type: Some("text/plain".to_owned()),
        sha256: None,
        caption: None,
        filename: Some("lista.txt".to_owned()),
        voice: false,
        animated: false,
    };
    let id = world.sends(NUMBER, 3, "wamid.FILE", content, None).await;
    world.fetches_files().await;
    let listed = format!("/api/v1/conversations/{id}/messages");
    let message = world.get(&listed).await.json()["data"][0]["id"].clone();
    let path = format!("{listed}/{}/media", message.as_str().unwrap());
    recorded.answer("get_message_media", None, &world.get(&path).await);
    recorded.answer("get_message_media", None, &beginning(world, &path).await);
    // So much is asked for here that a minute goes by.
    world.wait(Span::from_minutes(1));
}

/// The first bytes of a file.
async fn beginning(world: &World, path: &str) -> Answer {
    world.ask(request("GET", path).header("range", "bytes=0-3"), "").await
}

/// People sign in, look around, change and leave.
async fn people(world: &World, recorded: &mut Recorded) {
    let signed = world.signs_in(OWNER, None).await;
    let asked = json!({"id_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6Ii4uLiJ9..."});
    let signed = recorded.answer("create_session", Some(&asked), &signed);
    let asked = json!({"refresh_token": signed["refresh_token"]});
    let open = open_request("POST", "/api/v1/auth/refresh").header("content-type", "application/json");
    let signed = recorded.answer("refresh_session", Some(&asked), &world.ask(open, &asked.to_string()).await);
    let token = signed["access_token"].as_str().unwrap();
    let ask = async |method: &str, path: &str, body: &Value, tag: &str| {
        let request = signed_request(method, &format!("/api/v1{path}"), token).header("if-match", tag);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        world.ask(request.header("content-type", "application/json"), &body).await
    };
    let none = Value::Null;
    recorded.answer("get_me", None, &ask("GET", "/auth/me", &none, "").await);
    recorded.answer("list_sessions", None, &ask("GET", "/auth/sessions", &none, "").await);
    recorded.answer("get_organization", None, &ask("GET", "/organization", &none, "").await);
    let weekday = json!([{"from": 480, "until": 720}, {"from": 780, "until": 1080}]);
    let hours = json!([weekday, weekday, weekday, weekday, weekday, [{"from": 480, "until": 780}], []]);
    let away = json!({"text": "Estamos fechados agora. Respondemos assim que abrirmos.",
                      "translations": {"en": "We are closed right now. We will answer as soon as we open."}});
    let holidays = json!([{"date": "2026-12-24", "openings": [{"from": 480, "until": 720}]},
                          {"date": "2026-12-25", "openings": []}]);
    let body = json!({"name": "Padaria da Praça", "time_zone": "America/Sao_Paulo", "hours": hours,
                      "hours_exceptions": holidays, "away_message": away,
                      "distribution": {"strategy": "least_busy", "most_open": 20}});
    recorded.answer("change_organization", Some(&body), &ask("PATCH", "/organization", &body, "*").await);
    recorded.answer("get_business_hours", None, &ask("GET", "/business-hours", &none, "").await);
    let body = json!({"availability": "available"});
    recorded.answer("set_availability", Some(&body), &ask("POST", "/auth/me/availability", &body, "").await);
    let body = json!({"email": "ana@padaria.example", "role": "agent"});
    let invited = recorded.answer("create_invitation", Some(&body), &ask("POST", "/invitations", &body, "").await);
    recorded.answer("list_invitations", None, &ask("GET", "/invitations", &none, "").await);
    let ana = world.signs_in("ana@padaria.example", invited["token"].as_str()).await.json();
    let member = format!("/members/{}", ana["member_id"].as_str().unwrap());
    recorded.answer("list_members", None, &ask("GET", "/members", &none, "").await);
    recorded.answer("get_member", None, &ask("GET", &member, &none, "").await);
    let body = json!({"role": "supervisor"});
    recorded.answer("change_member", Some(&body), &ask("PATCH", &member, &body, "*").await);
    recorded.answer("remove_member", None, &ask("DELETE", &member, &none, "").await);
    let body = json!({"email": "bia@padaria.example", "role": "viewer"});
    let other = ask("POST", "/invitations", &body, "").await.json();
    let other = format!("/invitations/{}", other["id"].as_str().unwrap());
    recorded.answer("revoke_invitation", None, &ask("DELETE", &other, &none, "").await);
    let session = world.signs_in(OWNER, None).await.json()["session_id"].clone();
    let session = format!("/auth/sessions/{}", session.as_str().unwrap());
    recorded.answer("end_session", None, &ask("DELETE", &session, &none, "").await);
    recorded.answer("end_sessions", None, &ask("DELETE", "/auth/sessions", &none, "").await);
}

/// What a team does with a conversation.
async fn desk(world: &World, recorded: &mut Recorded, path: &str) {
    let post = async |path: &str, body: &Value| world.post(path, body).await;
    let team = world.post("/api/v1/teams", &json!({"name": "Confeitaria", "members": []})).await.json();
    let body = json!({"team_id": team["id"], "member_id": null});
    recorded.answer("assign_conversation", Some(&body), &post(&format!("{path}/assign"), &body).await);
    let body = json!({"add": ["urgente"], "remove": []});
    recorded.answer("label_conversation", Some(&body), &post(&format!("{path}/labels"), &body).await);
    let body = json!({"text": "Já falei com a cozinha."});
    let note = recorded.answer("create_note", Some(&body), &post(&format!("{path}/notes"), &body).await);
    recorded.answer("list_notes", None, &world.get(&format!("{path}/notes")).await);
    let removed = world.ask(request("DELETE", &format!("{path}/notes/{}", note["id"].as_str().unwrap())), "").await;
    recorded.answer("remove_note", None, &removed);
    for (operation, does) in
        [("mark_conversation_read", "read"), ("close_conversation", "close"), ("reopen_conversation", "reopen")]
    {
        recorded.answer(operation, None, &world.ask(request("POST", &format!("{path}/{does}")), "").await);
    }
}

/// What is known of contacts.
async fn contacts(world: &World, recorded: &mut Recorded) {
    let post = async |path: &str, body: &Value| world.post(&format!("/api/v1{path}"), body).await;
    let get = async |path: &str| world.get(&format!("/api/v1{path}")).await;
    let change = async |path: &str, body: &Value| {
        let change = request("PATCH", &format!("/api/v1{path}")).header("if-match", "*");
        world.ask(change.header("content-type", "application/json"), &body.to_string()).await
    };
    let body = json!({"key": "shop", "label": "Loja", "type": "choice", "choices": ["Centro", "Zona Sul"]});
    recorded.answer("create_attribute", Some(&body), &post("/attributes", &body).await);
    let body = json!({"label": "Loja preferida"});
    recorded.answer("change_attribute", Some(&body), &change("/attributes/shop", &body).await);
    recorded.answer("get_attribute", None, &get("/attributes/shop").await);
    recorded.answer("list_attributes", None, &get("/attributes").await);
    let body = json!({
        "phone": "+5511987650002", "name": "Ana Souza", "language": "pt_BR", "tags": ["VIP"],
        "attributes": {"shop": "Centro"},
    });
    let made = recorded.answer("create_contact", Some(&body), &post("/contacts", &body).await);
    let path = format!("/contacts/{}", made["id"].as_str().unwrap());
    let body = json!({
        "purpose": "marketing", "granted": true, "place": "checkout form",
        "evidence": "Quero receber novidades por WhatsApp.", "legal_basis": "consent",
    });
    let consents = format!("{path}/consents");
    recorded.answer("record_consent", Some(&body), &post(&consents, &body).await);
    recorded.answer("list_consents", None, &get(&consents).await);
    let body = json!({"tags": ["VIP", "bolos"], "attributes": {"shop": "Zona Sul"}});
    recorded.answer("change_contact", Some(&body), &change(&path, &body).await);
    recorded.answer("get_contact", None, &get(&path).await);
    recorded.answer("list_contacts", None, &get("/contacts?name=ana&tag=vip&limit=2").await);
    let body = json!({"key": "old", "label": "Antigo", "type": "text"});
    post("/attributes", &body).await;
    let removed = world.ask(request("DELETE", "/api/v1/attributes/old"), "").await;
    recorded.answer("retire_attribute", None, &removed);
}

/// Selections of contacts.
async fn segments(world: &World, recorded: &mut Recorded) {
    let post = async |path: &str, body: &Value| world.post(&format!("/api/v1{path}"), body).await;
    let condition = json!({"all": [{"tag": "VIP"}, {"not": {"blocked": true}}]});
    let body = json!({"condition": condition});
    recorded.answer("preview_segment", Some(&body), &post("/segments/preview", &body).await);
    let body = json!({"name": "VIP", "condition": condition});
    let made = recorded.answer("create_segment", Some(&body), &post("/segments", &body).await);
    let path = format!("/segments/{}", made["id"].as_str().unwrap());
    let body = json!({"name": "Clientes VIP"});
    let change = request("PATCH", &format!("/api/v1{path}")).header("if-match", "*");
    let changed = world.ask(change.header("content-type", "application/json"), &body.to_string()).await;
    recorded.answer("change_segment", Some(&body), &changed);
    recorded.answer("get_segment", None, &world.get(&format!("/api/v1{path}")).await);
    recorded.answer("list_segments", None, &world.get("/api/v1/segments").await);
    let count = world.ask(request("POST", &format!("/api/v1{path}/count")), "").await;
    let count = recorded.answer("count_segment", None, &count);
    world.works_on(&count).await;
    let removed = world.ask(request("DELETE", &format!("/api/v1{path}")), "").await;
    recorded.answer("remove_segment", None, &removed);
}

/// Contacts from and into files.
async fn files(world: &World, recorded: &mut Recorded) {
    let post = async |path: &str, body: &Value| world.post(&format!("/api/v1{path}"), body).await;
    let body = json!({"columns": {"Cidade": "ignored"}, "country_code": "55", "tags": ["feira"]});
    let made = recorded.answer("create_contact_import", Some(&body), &post("/contact-imports", &body).await);
    let id = made["id"].as_str().unwrap();
    let file = "Nome;Celular;Cidade\nBia Lima;(11) 98765-0003;Santos\nCaio;sem número;Itu\n";
    let part = request("PUT", &format!("/api/v1/contact-imports/{id}/parts/1")).header("content-type", "text/csv");
    let part = world.ask(part, file).await;
    recorded.answer("put_contact_import_part", Some(&json!(file)), &part);
    let started = world.ask(request("POST", &format!("/api/v1/contact-imports/{id}/start")), "").await;
    let started = recorded.answer("start_contact_import", None, &started);
    world.works_on(&started).await;
    let errors = world.get(&format!("/api/v1/contact-imports/{id}/errors")).await;
    recorded.answer("list_row_errors", None, &errors);
    let body = json!({"condition": {"tag": "feira"}});
    let export = recorded.answer("create_contact_export", Some(&body), &post("/contact-exports", &body).await);
    world.works_on(&export).await;
    let path = format!("/api/v1/contact-exports/{}/parts/1", export["id"].as_str().unwrap());
    recorded.answer("get_contact_export_part", None, &world.get(&path).await);
    recorded.answer("list_tasks", None, &world.get("/api/v1/tasks?limit=2").await);
    recorded.answer("get_task", None, &world.get(&format!("/api/v1/tasks/{id}")).await);
    let other = post("/contact-imports", &json!({})).await.json();
    let path = format!("/api/v1/tasks/{}/cancel", other["id"].as_str().unwrap());
    recorded.answer("cancel_task", None, &world.ask(request("POST", &path), "").await);
}

/// Keys of programs.
async fn keys(world: &World, recorded: &mut Recorded) {
    let post = async |path: &str, body: &Value| world.post(&format!("/api/v1{path}"), body).await;
    let body = json!({
        "name": "Order system", "scopes": ["conversations:read", "messages:send"], "ip_ranges": ["203.0.113.0/24"],
    });
    let made = recorded.answer("create_api_key", Some(&body), &post("/api-keys", &body).await);
    let path = format!("/api/v1/api-keys/{}", made["id"].as_str().unwrap());
    recorded.answer("list_api_keys", None, &world.get("/api/v1/api-keys").await);
    recorded.answer("get_api_key", None, &world.get(&path).await);
    let body = json!({"scopes": ["conversations:read"], "ip_ranges": []});
    let change = request("PATCH", &path).header("if-match", "*").header("content-type", "application/json");
    recorded.answer("change_api_key", Some(&body), &world.ask(change, &body.to_string()).await);
    recorded.answer("rotate_api_key", None, &world.ask(request("POST", &format!("{path}/rotate")), "").await);
    recorded.answer("revoke_api_key", None, &world.ask(request("DELETE", &path), "").await);
}

/// An assistant is made, learns, is tried out and published.
async fn assistants(world: &World, recorded: &mut Recorded) {
    let post = async |path: &str, body: &Value| world.post(&format!("/api/v1{path}"), body).await;
    let get = async |path: &str| world.get(&format!("/api/v1{path}")).await;
    let body = json!({"name": "Tica", "instructions": "Responda com simpatia e em no máximo três frases."});
    let made = recorded.answer("create_assistant", Some(&body), &post("/assistants", &body).await);
    let path = format!("/assistants/{}", made["id"].as_str().unwrap());
    let body = json!({
        "title": "Horário de funcionamento",
        "text": "Abrimos de segunda a sábado, das 6h às 20h. No domingo fechamos.",
    });
    let text = recorded.answer("create_knowledge_text", Some(&body), &post("/knowledge", &body).await);
    let text = format!("/knowledge/{}", text["id"].as_str().unwrap());
    recorded.answer("list_knowledge", None, &get("/knowledge").await);
    recorded.answer("get_knowledge_text", None, &get(&text).await);
    let body = json!({"question": "Vocês abrem no domingo?", "draft": true});
    recorded.answer("ask_assistant", Some(&body), &post(&format!("{path}/ask"), &body).await);
    recorded.answer("publish_assistant", None, &post(&format!("{path}/publish"), &json!({})).await);
    let body = json!({"texts": {"greeting": "Oi! Aqui é a Tica. Como posso ajudar?"}});
    let changed = world.patch(&format!("/api/v1{path}"), &body).await;
    recorded.answer("change_assistant", Some(&body), &changed);
    post(&format!("{path}/publish"), &json!({})).await.json();
    let body = json!({"version": 1});
    recorded.answer("roll_back_assistant", Some(&body), &post(&format!("{path}/roll-back"), &body).await);
    recorded.answer("list_assistant_versions", None, &get(&format!("{path}/versions?limit=2")).await);
    recorded.answer("list_assistants", None, &get("/assistants").await);
    recorded.answer("get_assistant", None, &get(&path).await);
    let body = json!({"text": "Abrimos todos os dias, das 6h às 20h."});
    recorded.answer("change_knowledge_text", Some(&body), &world.patch(&format!("/api/v1{text}"), &body).await);
    recorded.answer("remove_knowledge_text", None, &world.delete(&format!("/api/v1{text}")).await);
    recorded.answer("remove_assistant", None, &world.delete(&format!("/api/v1{path}")).await);
}

/// What else happens to a message.
async fn routing(world: &World, recorded: &mut Recorded) {
    let post = async |path: &str, body: &Value| world.post(&format!("/api/v1/routing-rules{path}"), body).await;
    let body = json!({
        "name": "Bolos", "when": {"type": "text", "contains": ["bolo"]},
        "then": [{"type": "reply", "text": "Temos bolos todos os dias!"}],
    });
    let made = recorded.answer("create_routing_rule", Some(&body), &post("", &body).await);
    let path = format!("/api/v1/routing-rules/{}", made["id"].as_str().unwrap());
    recorded.answer("list_routing_rules", None, &world.get("/api/v1/routing-rules").await);
    recorded.answer("get_routing_rule", None, &world.get(&path).await);
    let body = json!({"then": [{"type": "reply", "text": "Já chamo alguém."}, {"type": "person"}]});
    recorded.answer("change_routing_rule", Some(&body), &world.patch(&path, &body).await);
    let body = json!({"ids": [made["id"]]});
    recorded.answer("reorder_routing_rules", Some(&body), &post("/reorder", &body).await);
    let body = json!({"limit": 1});
    recorded.answer("dry_run_routing_rules", Some(&body), &post("/dry-run", &body).await);
    recorded.answer("remove_routing_rule", None, &world.delete(&path).await);
}

/// What people say again and again, and who is together in a team.
async fn canned_replies(world: &World, conversation: &str, recorded: &mut Recorded) {
    let post = async |path: &str, body: &Value| world.post(&format!("/api/v1{path}"), body).await;
    let get = async |path: &str| world.get(&format!("/api/v1{path}")).await;
    let body = json!({
        "shortcut": "frete", "title": "Quanto custa a entrega",
        "text": "Oi, {{contact.first_name}}! A entrega custa R$ 8.",
    });
    let made = recorded.answer("create_canned_reply", Some(&body), &post("/canned-replies", &body).await);
    let path = format!("/canned-replies/{}", made["id"].as_str().unwrap());
    recorded.answer("list_canned_replies", None, &get("/canned-replies").await);
    recorded.answer("get_canned_reply", None, &get(&path).await);
    let body = json!({"conversation_id": conversation});
    recorded.answer("render_canned_reply", Some(&body), &post(&format!("{path}/render"), &body).await);
    let body = json!({"text": "A entrega custa R$ 9."});
    recorded.answer("change_canned_reply", Some(&body), &world.patch(&format!("/api/v1{path}"), &body).await);
    recorded.answer("remove_canned_reply", None, &world.delete(&format!("/api/v1{path}")).await);

    let body = json!({"name": "Sales", "distribution": {"strategy": "round_robin", "most_open": 5}});
    let made = recorded.answer("create_team", Some(&body), &post("/teams", &body).await);
    let path = format!("/teams/{}", made["id"].as_str().unwrap());
    recorded.answer("list_teams", None, &get("/teams").await);
    world.person(Role::Agent).await;
    let members = get("/members").await.json()["data"].as_array().unwrap().clone();
    let body = json!({"members": [members[0]["id"]]});
    recorded.answer("change_team", Some(&body), &world.patch(&format!("/api/v1{path}"), &body).await);
    recorded.answer("get_team", None, &get(&path).await);
    recorded.answer("remove_team", None, &world.delete(&format!("/api/v1{path}")).await);
}

/// The operations of the document, by their ids.
fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|item| item.as_object().unwrap().values());
    operations.map(|operation| (operation["operationId"].as_str().unwrap().to_owned(), operation)).collect()
}

#[tokio::test]
async fn the_examples_are_what_the_api_answers() {
    is_committed("functions/api/examples.json", &every_operation().await.into_json());
}

#[test]
fn the_committed_document_is_what_the_code_makes() {
    is_committed("docs/openapi.json", &api::openapi("/api/v1"));
}

#[tokio::test]
async fn the_document_is_served_and_says_where_version_1_is() {
    let mut world = World::new().await;
    assert_eq!(world.get("/openapi.json").await.json(), api::openapi("/api/v1"));
    world.settings.prefix = "/v1".to_owned();
    let moved = world.get("/openapi.json").await.json();
    assert!(moved["paths"].as_object().unwrap().contains_key("/v1/conversations"));
}

#[tokio::test]
async fn every_operation_is_described_and_has_an_example_of_its_success() {
    let document = api::openapi("/api/v1");
    let recorded = every_operation().await.0;
    for (id, operation) in operations(&document) {
        assert!(operation["summary"].as_str().is_some_and(|said| said.len() > 5), "{id} has no summary");
        assert!(operation["tags"][0].is_string(), "{id} has no tag");
        assert_eq!(operation["security"] == json!([]), operation["x-permission"] == "none", "{id}");
        assert!(recorded.contains_key(id.as_str()), "{id} has no example");
        let responses = operation["responses"].as_object().unwrap();
        let successes = responses.iter().filter(|(status, _)| status.starts_with('2'));
        for (status, response) in successes.filter(|(status, _)| *status != "204") {
            let contents: Vec<_> = response["content"].as_object().unwrap().values().collect();
            assert!(contents[0]["example"] != Value::Null && contents.len() == 1, "{id} {status} has no example");
        }
        for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
            if status != "304" {
                let examples = response.pointer("/content/application~1problem+json/examples");
                assert!(examples.is_some_and(|examples| !examples.as_object().unwrap().is_empty()), "{id} {status}");
            }
        }
    }
}

#[tokio::test]
async fn the_documentation_page_needs_no_other_host() {
    let world = World::new().await;
    let moved = world.get("/docs").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (303, "/docs/"));
    let page = world.get("/docs/").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html"));
    let html = String::from_utf8(page.bytes.clone()).unwrap();
    assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
    assert!(page.header("content-security-policy").contains("connect-src 'self'"));
    let script = world.get("/docs/swagger-ui-bundle.js").await;
    assert_eq!(script.status, 200);
    assert!(script.bytes.len() > 100_000);
    let settings = world.get("/docs/swagger-initializer.js").await;
    assert!(String::from_utf8(settings.bytes).unwrap().contains("/openapi.json"));
}
