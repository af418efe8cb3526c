use std::any::Any;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE32_NOPAD;
use flow::causes::Causes;
use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::caller::X_API_KEY;
use crate::idempotency::{IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED};
use crate::problem::{Code, Problem};
use crate::rate::{RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::state::ApiState;

/// The id of a request, for whoever handles it.
#[derive(Clone)]
pub(crate) struct RequestId(pub String);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer carries, unless its route says otherwise.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Goes around every route: gives the request an id, writes problems down, adds the headers, and logs the request once.
pub(crate) async fn conduct(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let id = request_id(&state, &request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let begun = state.platform.clock.now();

    let mut response = next.run(request).await;

    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = &problem {
        *response.body_mut() = Body::from(problem.body(&id).to_string());
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }

    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let status = response.status().as_u16();
    let duration_ms = state.platform.clock.now().since(begun).micros() / 1000;
    match problem.as_ref().and_then(Problem::cause) {
        Some(cause) => tracing::error!(
            request.id = id,
            http.method = %method,
            http.route = route,
            http.status = status,
            duration_ms,
            error = %Causes(cause),
            "a request failed"
        ),
        None => tracing::debug!(
            request.id = id,
            http.method = %method,
            http.route = route,
            http.status = status,
            duration_ms,
            "a request was answered"
        ),
    }
    response
}

/// What browsers are told: pages of these origins may call the API, with credentials in headers and never in cookies.
/// Without origins, browsers let no page but our own.
pub(crate) fn cors(origins: &[HeaderValue]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let asked = [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::IF_RANGE,
        header::RANGE,
        IDEMPOTENCY_KEY,
        X_API_KEY,
        X_REQUEST_ID,
    ];
    let answered = [
        header::CONTENT_DISPOSITION,
        header::CONTENT_RANGE,
        header::ETAG,
        header::RETRY_AFTER,
        IDEMPOTENCY_REPLAYED,
        RATE_LIMIT,
        RATE_LIMIT_POLICY,
        X_REQUEST_ID,
    ];
    let methods = [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE];
    let cors = CorsLayer::new().allow_origin(AllowOrigin::list(origins.iter().cloned())).allow_methods(methods);
    Some(cors.allow_headers(asked).expose_headers(answered).max_age(Duration::from_secs(600)))
}

/// The caller's id of the request, if it is fit for a header and a log, else one of ours.
fn request_id(state: &ApiState, request: &Request) -> String {
    let given = request.headers().get(X_REQUEST_ID).and_then(|id| id.to_str().ok());
    let fit = |id: &&str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    match given.filter(fit) {
        Some(id) => id.to_owned(),
        None => format!("req_{}", BASE32_NOPAD.encode(&state.platform.entropy.bits()).to_ascii_lowercase()),
    }
}

/// What a panic is answered; the panic hook has logged where it happened.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> http::Response<Body> {
    Problem::new(Code::Internal).into_response()
}

/// What a path is answered that no route has.
pub(crate) async fn not_found() -> Problem {
    Problem::new(Code::NotFound).detail("No route has this path.")
}

/// What a method is answered that the path does not have; the `Allow` header says which it has.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed)
}
