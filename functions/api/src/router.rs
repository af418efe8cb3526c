use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::conduct::{conduct, method_not_allowed, not_found, panicked};
use crate::endpoints::{
    create_message, get_conversation, hand_back, health, list_conversations, list_messages, take_over,
};
use crate::keys::guard;
use crate::state::ApiState;

/// Every route of the API, with its fallbacks: a program mounts it whole, as the fallback service of a router of its
/// own if it has other routes. The address of a client is taken from API Gateway's request, or from
/// `axum::extract::ConnectInfo<SocketAddr>`.
pub fn router(state: ApiState) -> Router {
    let version_1 = Router::new()
        .route("/conversations", get(list_conversations::handler))
        .route("/conversations/{id}", get(get_conversation::handler))
        .route("/conversations/{id}/messages", get(list_messages::handler).post(create_message::handler))
        .route("/conversations/{id}/take-over", post(take_over::handler))
        .route("/conversations/{id}/hand-back", post(hand_back::handler))
        .route_layer(from_fn_with_state(state.clone(), guard));
    Router::new()
        .route("/health", get(health::handler))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .nest(&state.settings.prefix, version_1)
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), conduct))
        .with_state(state)
}
