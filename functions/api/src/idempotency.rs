//! `Idempotency-Key`: the same request with the same key has its effect once and the same answer every time.

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use domain::Span;
use flow::causes::Causes;
use flow::idempotency::{Answer, Begun, begin, keep, release};
use flow::platform::Platform;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::body;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::state::ApiState;

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub(crate) const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request that must have one.
pub(crate) struct RequiredKey(pub String);

impl<S: Sync> FromRequestParts<S> for RequiredKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        given(&parts.headers)?.map(|key| Self(key.to_owned())).ok_or_else(|| {
            let detail = "Send an Idempotency-Key header: a text of your own, the same when you repeat the request.";
            Problem::new(Code::IdempotencyKeyRequired).detail(detail)
        })
    }
}

/// The platform for what creates something: where the request has a key, what it makes has the same id and secret however
/// often it is made.
#[derive(Clone)]
pub(crate) struct Creating(pub Platform);

impl FromRequestParts<ApiState> for Creating {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(parts.extensions.get().cloned().unwrap_or_else(|| Self(Platform::clone(&state.platform))))
    }
}

/// The key, if there is one: 1 to 255 printable ASCII characters, given once.
fn given(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else { return Ok(None) };
    let text = key.to_str().ok().filter(|text| (1..=255).contains(&text.len()) && !text.contains('\t'));
    text.filter(|_| given.next().is_none()).map(Some).ok_or_else(|| {
        let reason = "must be one text of 1 to 255 printable ASCII characters";
        Problem::new(Code::IdempotencyKeyInvalid).field(Place::Header, "/Idempotency-Key", reason)
    })
}

/// Goes around what creates something: with a key, it does so once. Where nothing was created, the key is free again.
pub(crate) async fn once(State(state): State<ApiState>, request: Request, next: Next) -> Result<Response, Problem> {
    let Some(key) = given(request.headers())?.map(ToOwned::to_owned) else { return Ok(next.run(request).await) };
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &state).await?;
    let bytes = body::read_any(Request::from_parts(parts.clone(), body)).await?;
    let fingerprint = fingerprint(&parts, &bytes);
    let claim = match begin(&state.platform, &caller.organization, &caller.actor.who, &key, &fingerprint).await? {
        Begun::First(claim) => claim,
        Begun::Answered(answer) => return again(answer),
        Begun::AtWork => return Err(Problem::new(Code::IdempotencyInProgress).retry_after(Span::from_seconds(1))),
        Begun::Reused => return Err(Problem::new(Code::IdempotencyKeyReused)),
    };
    parts.extensions.insert(Creating(claim.platform(&state.platform)));
    let (parts, body) = next.run(Request::from_parts(parts, Body::from(bytes))).await.into_parts();
    if !parts.status.is_success() {
        release(&state.platform, &claim).await?;
        return Ok(Response::from_parts(parts, body));
    }
    let bytes = axum::body::to_bytes(body, usize::MAX).await;
    let bytes = bytes.map_err(|error| Problem::from_error(Code::Internal, error))?;
    let answer = Answer { status: parts.status.as_u16(), body: String::from_utf8_lossy(&bytes).into_owned() };
    if let Err(error) = keep(&state.platform, &claim, &answer).await {
        tracing::warn!(error = %Causes(&error), "the answer to an Idempotency-Key was not kept");
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// All that a request asks for: the method, the path with its query, and the body.
fn fingerprint(parts: &Parts, body: &[u8]) -> String {
    let mut digest = Sha256::new();
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    for part in [parts.method.as_str().as_bytes(), path.as_bytes(), body] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    HEXLOWER.encode(&digest.finalize())
}

fn again(answer: Answer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(answer.status).map_err(|error| Problem::from_error(Code::Internal, error))?;
    let mut response = (status, answer.body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, entity::JSON);
    response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
