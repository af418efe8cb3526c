//! What is asked about what the organization is connected with, and by whoever runs the deployment.

use domain::Span;
use domain::line::LineReport;
use domain::template::{Quality, Status, TemplateStatus};
use serde_json::{Value, json};

use super::super::world::{NUMBER, OPERATOR_KEY, World, request, signed_request};
use super::Recorded;

/// Being told of what happens.
pub(super) async fn webhooks(world: &World, recorded: &mut Recorded) {
    let post = async |path: &str, body: &Value| world.post(&format!("/api/v1{path}"), body).await;
    let get = async |path: &str| world.get(&format!("/api/v1{path}")).await;
    recorded.answer("list_events", None, &get("/events?limit=3").await);
    let body = json!({
        "url": "https://shop.example/porfin", "description": "Order system", "types": ["message.received"],
    });
    let made = recorded.answer("create_webhook_endpoint", Some(&body), &post("/webhook-endpoints", &body).await);
    let path = format!("/webhook-endpoints/{}", made["id"].as_str().unwrap());
    recorded.answer("list_webhook_endpoints", None, &get("/webhook-endpoints").await);
    recorded.answer("get_webhook_endpoint", None, &get(&path).await);
    let body = json!({"types": []});
    let change = request("PATCH", &format!("/api/v1{path}")).header("if-match", "*");
    let change = change.header("content-type", "application/json");
    recorded.answer("change_webhook_endpoint", Some(&body), &world.ask(change, &body.to_string()).await);
    let empty = json!({});
    recorded.answer("rotate_webhook_secret", None, &post(&format!("{path}/rotate-secret"), &empty).await);
    recorded.answer("test_webhook_endpoint", None, &post(&format!("{path}/test"), &empty).await);
    flow::feed::sequence(&world.platform, &world.bakery).await.unwrap();
    let listed = get(&format!("{path}/deliveries")).await;
    let listed = recorded.answer("list_webhook_deliveries", None, &listed);
    let delivery = listed["data"][0]["id"].as_str().unwrap().to_owned();
    let again = post(&format!("/webhook-deliveries/{delivery}/replay"), &empty).await;
    recorded.answer("replay_webhook_delivery", None, &again);
    let body = json!({"since": world.platform.clock.now().to_string()});
    let again = post(&format!("{path}/replay-failed"), &body).await;
    recorded.answer("replay_failed_deliveries", Some(&body), &again);
    let removed = world.ask(request("DELETE", &format!("/api/v1{path}")), "").await;
    recorded.answer("remove_webhook_endpoint", None, &removed);
}

/// Messages of which nobody knows whether they were sent.
pub(super) async fn unknown_sends(world: &World, recorded: &mut Recorded) {
    let id = world.unknown_send(3).await;
    let path = format!("/api/v1/unknown-sends/{id}");
    recorded.answer("list_unknown_sends", None, &world.get("/api/v1/unknown-sends").await);
    recorded.answer("trace_message", None, &world.get(&format!("/api/v1/trace?id={id}")).await);
    let again = request("POST", &format!("{path}/send-again")).header("idempotency-key", "again-1");
    recorded.answer("send_again", None, &world.ask(again, "").await);
    let body = json!({"outcome": "not_sent"});
    recorded.answer("resolve_unknown_send", Some(&body), &world.post(&format!("{path}/resolve"), &body).await);
}

/// Templates are made, previewed, changed and deleted.
pub(super) async fn templates(world: &World, recorded: &mut Recorded) {
    let ask = async |method: &str, path: &str, body: &Value| {
        let request = request(method, &format!("/api/v1/templates{path}")).header("if-match", "*");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        world.ask(request.header("content-type", "application/json"), &body).await
    };
    let none = Value::Null;
    let text = json!({"type": "BODY", "text": "Oi {{1}}, seu pedido {{2}} está pronto.",
                      "example": {"body_text": [["Lia", "17"]]}});
    let reply = json!({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Obrigada"}]});
    let body = json!({"name": "order_ready", "language": "pt_BR", "category": "utility", "components": [text, reply]});
    let made = recorded.answer("create_template", Some(&body), &ask("POST", "", &body).await);
    let path = format!("/{}", made["id"].as_str().unwrap());
    world.business.change(made["whatsapp_id"].as_str().unwrap(), |template| {
        template.status = Status::of(TemplateStatus::Approved);
        template.quality = Some(Quality::Green);
    });
    world.wait(Span::from_minutes(2));
    recorded.answer("sync_templates", None, &ask("POST", "/sync", &none).await);
    recorded.answer("list_templates", None, &ask("GET", "", &none).await);
    recorded.answer("get_template", None, &ask("GET", &path, &none).await);
    recorded.answer("list_template_history", None, &ask("GET", &format!("{path}/history"), &none).await);
    let body = json!({"body": {"1": "Lia", "2": "17"}});
    recorded.answer("preview_template", Some(&body), &ask("POST", &format!("{path}/preview"), &body).await);
    let text = json!({"type": "BODY", "text": "Oi {{1}}! Seu pedido {{2}} já está pronto.",
                      "example": {"body_text": [["Lia", "17"]]}});
    let body = json!({"components": [text]});
    recorded.answer("change_template", Some(&body), &ask("PATCH", &path, &body).await);
    recorded.answer("delete_template", None, &ask("DELETE", &path, &none).await);
}

/// A number is connected, looked at, changed and disconnected.
pub(super) async fn numbers(world: &World, recorded: &mut Recorded) {
    let ask = async |method: &str, path: &str, body: &Value| {
        let request = request(method, &format!("/api/v1/numbers{path}")).header("if-match", "*");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        world.ask(request.header("content-type", "application/json"), &body).await
    };
    let report = LineReport {
        display: Some("+55 11 3000-0003".to_owned()),
        verified_name: Some("Padaria da Praça".to_owned()),
        quality: Some("GREEN".to_owned()),
        status: Some("CONNECTED".to_owned()),
        name_status: Some("APPROVED".to_owned()),
        tier: Some("TIER_2K".to_owned()),
        throughput: Some("STANDARD".to_owned()),
    };
    world.business.has_number("102290129340398", "106540352242922", report);
    let none = Value::Null;
    let body = json!({"phone_number_id": "106540352242922", "business_account_id": "102290129340398",
                      "access_token": "EAAG...", "label": "Loja 2"});
    recorded.answer("connect_number", Some(&body), &ask("POST", "", &body).await);
    recorded.answer("list_numbers", None, &ask("GET", "", &none).await);
    let path = "/106540352242922";
    recorded.answer("get_number", None, &ask("GET", path, &none).await);
    let body = json!({"label": "Loja da praça", "daily_quota": 500});
    recorded.answer("change_number", Some(&body), &ask("PATCH", path, &body).await);
    let body = json!({"pin": "123456"});
    recorded.answer("register_number", Some(&body), &ask("POST", &format!("{path}/register"), &body).await);
    recorded.answer("verify_number", None, &ask("POST", &format!("{path}/verify"), &none).await);
    recorded.answer("disconnect_number", None, &ask("DELETE", path, &none).await);
}

/// The brake, the log, and what operators do.
pub(super) async fn control(world: &World, recorded: &mut Recorded) {
    let body = json!({"on": true, "phone_number_id": NUMBER});
    recorded.answer("turn_kill_switch", Some(&body), &world.post("/api/v1/kill-switches", &body).await);
    recorded.answer("list_kill_switches", None, &world.get("/api/v1/kill-switches").await);
    recorded.answer("list_audit_entries", None, &world.get("/api/v1/audit-log?limit=2").await);
    let operate = async |path: &str, body: &Value| {
        let request = signed_request("POST", &format!("/api/v1/operator{path}"), OPERATOR_KEY);
        world.ask(request.header("content-type", "application/json"), &body.to_string()).await
    };
    let body = json!({"plan": "enterprise"});
    let changed = operate(&format!("/organizations/{}/plan", world.bakery), &body).await;
    recorded.answer("change_plan", Some(&body), &changed);
    let body = json!({"on": false});
    recorded.answer("turn_deployment_kill_switch", Some(&body), &operate("/kill-switch", &body).await);
    let read = world.operator_gets("/api/v1/operator/kill-switch").await;
    recorded.answer("get_deployment_kill_switch", None, &read);
    let read = world.operator_gets("/api/v1/operator/audit-log").await;
    recorded.answer("list_deployment_audit_entries", None, &read);
}

/// What could not be handled, and how the deployment stands.
pub(super) async fn dead_letters(world: &World, recorded: &mut Recorded) {
    let ask = async |method: &str, path: &str| {
        world.ask(signed_request(method, &format!("/api/v1/operator{path}"), OPERATOR_KEY), "").await
    };
    let post = async |path: &str, body: &Value| {
        let request = signed_request("POST", &format!("/api/v1/operator{path}"), OPERATOR_KEY);
        world.ask(request.header("content-type", "application/json"), &body.to_string()).await
    };
    for (operation, path) in
        [("replay_dead_letters", "/dead-letters/replay"), ("discard_dead_letters", "/dead-letters/discard")]
    {
        world.dead_letter().await;
        let listed = ask("GET", "/dead-letters?queue=deliver").await;
        let listed = recorded.answer("list_dead_letters", None, &listed);
        let body = json!({"queue": "deliver", "ids": [listed["data"][0]["id"]]});
        let done = recorded.answer(operation, Some(&body), &post(path, &body).await);
        assert_eq!(done["ids"], body["ids"], "{operation}");
    }
    world.quarantined().await;
    let listed = recorded.answer("list_quarantine", None, &ask("GET", "/quarantine").await);
    let path = format!("/quarantine/{}", listed["data"][0]["id"].as_str().unwrap());
    recorded.answer("replay_quarantined", None, &ask("POST", &format!("{path}/replay")).await);
    world.quarantined().await;
    let listed = ask("GET", "/quarantine").await.json();
    let path = format!("/quarantine/{}", listed["data"][0]["id"].as_str().unwrap());
    recorded.answer("discard_quarantined", None, &ask("DELETE", &path).await);
    world.unowned_event().await;
    let listed = recorded.answer("list_unowned_events", None, &ask("GET", "/unowned-events").await);
    let path = format!("/unowned-events/{}", listed["data"][0]["id"].as_str().unwrap());
    recorded.answer("discard_unowned_event", None, &ask("DELETE", &path).await);
    recorded.answer("get_metrics", None, &world.operator_gets("/metrics").await);
}

/// What came of it all, and what it cost.
pub(super) async fn analytics(world: &World, recorded: &mut Recorded) {
    let get = async |path: &str| world.get(&format!("/api/v1{path}")).await;
    for (operation, path) in [
        ("get_analytics", "/analytics?from=2026-11-01&to=2026-11-01"),
        ("get_analytics_breakdown", "/analytics/by/assistant"),
        ("export_analytics", "/analytics/export?from=2026-11-01&to=2026-11-02"),
        ("export_analytics_breakdown", "/analytics/by/number/export"),
        ("get_ledger", "/ledger"),
        ("export_ledger", "/ledger/export"),
        ("get_usage", "/usage"),
    ] {
        recorded.answer(operation, None, &get(path).await);
    }
    let asked = world.ask(request("POST", "/api/v1/analytics/recounts"), "").await;
    recorded.answer("recount_analytics", None, &asked);
}
