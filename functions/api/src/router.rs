use axum::Router;
use axum::middleware::from_fn_with_state;
use domain::access::Permission;
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa_axum::routes;

use crate::conduct::{conduct, cors, method_not_allowed, not_found, panicked};
use crate::docs::docs;
use crate::document::document;
use crate::endpoint::{Access, Endpoint};
use crate::endpoints::{
    create_message, get_conversation, hand_back, health, list_conversations, list_messages, take_over,
};
use crate::idempotency::once;
use crate::keys::guard;
use crate::problem::Code;
use crate::state::ApiState;

/// The routes that are not of a version.
fn unversioned() -> Vec<Endpoint> {
    vec![
        Endpoint::open(routes!(health::get_health)),
        Endpoint::open(routes!(health::get_liveness)),
        Endpoint::open(routes!(health::get_readiness)).may_answer([Code::NotReady]),
    ]
}

/// Every route of version 1.
fn version_1() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::ConversationsRead, routes!(list_conversations::list_conversations)),
        Endpoint::allowed(P::ConversationsRead, routes!(get_conversation::get_conversation)),
        Endpoint::allowed(P::ConversationsWrite, routes!(take_over::take_over)),
        Endpoint::allowed(P::ConversationsWrite, routes!(hand_back::hand_back)),
        Endpoint::allowed(P::ConversationsRead, routes!(list_messages::list_messages)),
        Endpoint::allowed(P::MessagesSend, routes!(create_message::create_message)).may_answer([
            Code::IdempotencyKeyRequired,
            Code::IdempotencyKeyInvalid,
            Code::IdempotencyKeyReused,
            Code::WindowClosed,
        ]),
    ]
}

/// The OpenAPI document, with version 1 under this prefix.
pub fn openapi(prefix: &str) -> Value {
    let (unversioned, version_1) = (unversioned(), version_1());
    let unversioned = unversioned.iter().map(|endpoint| ("", endpoint));
    document(version_1.iter().map(|endpoint| (prefix, endpoint)).chain(unversioned))
}

/// Every route of the API, with its fallbacks: a program mounts it whole, as the fallback service of a router of its
/// own if it has other routes. The address of a client is taken from API Gateway's request, or from
/// `axum::extract::ConnectInfo<SocketAddr>`.
pub fn router(state: ApiState) -> Router {
    let router = Router::new()
        .merge(docs(openapi(&state.settings.prefix)))
        .merge(mount(&state, unversioned()))
        .nest(&state.settings.prefix, mount(&state, version_1()))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), conduct))
        .layer(CompressionLayer::new());
    let router = match cors(&state.settings.origins) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router.with_state(state)
}

/// A router of these endpoints, each behind its guard.
fn mount(state: &ApiState, endpoints: Vec<Endpoint>) -> Router<ApiState> {
    endpoints.into_iter().fold(Router::new(), |router, endpoint| {
        let Endpoint { access, creates, paths, router: methods, .. } = endpoint;
        let methods = match creates {
            true => methods.route_layer(from_fn_with_state(state.clone(), once)),
            false => methods,
        };
        let methods = match access {
            Access::Open => methods,
            Access::Allowed(permission) => methods.route_layer(from_fn_with_state((state.clone(), permission), guard)),
        };
        paths.paths.keys().fold(router, |router, path| router.route(path, methods.clone()))
    })
}
