use axum::Router;
use axum::middleware::from_fn_with_state;
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::caller::guard;
use crate::conduct::{conduct, cors, method_not_allowed, not_found, panicked};
use crate::docs::docs;
use crate::document::document;
use crate::endpoint::Endpoint;
use crate::idempotency::once;
use crate::routes::{unversioned, version_1};
use crate::state::ApiState;

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
        let methods = methods.route_layer(from_fn_with_state((state.clone(), access), guard));
        paths.paths.keys().fold(router, |router, path| router.route(path, methods.clone()))
    })
}
