//! Stands in for Meta where a developer has none: takes every message and every file, and shows the messages.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::Router;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Serves on the listener, for ever.
pub(crate) async fn serve(listener: TcpListener) -> std::io::Result<()> {
    let router = Router::new()
        .route("/{version}/{number}/messages", post(take))
        .route("/{version}/{number}/media", post(async || Json(json!({"id": "1"}))));
    axum::serve(listener, router).await
}

async fn take(Json(body): Json<Value>) -> Json<Value> {
    if body["status"] == "read" {
        return Json(json!({"success": true}));
    }
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let to = body["to"].as_str().or(body["recipient"].as_str()).unwrap_or_default();
    let kind = body["type"].as_str().unwrap_or_default();
    let content = body["text"]["body"].as_str().map_or_else(|| body[kind].to_string(), str::to_owned);
    println!("\nWhatsApp to {to}: {content}\n");
    let id = format!("wamid.HARNESS{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let contact = json!({"input": to, "wa_id": to.trim_start_matches('+')});
    Json(json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": id}]}))
}
