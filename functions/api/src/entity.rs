use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::problem::{Code, Problem};

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Answers a read with JSON and an `ETag` of its bytes, or with 304 where the caller has them already.
pub(crate) fn read(request: &HeaderMap, value: &impl Serialize) -> Result<Response, Problem> {
    read_as(request, value, value)
}

/// The same, where the `ETag` is of what can be changed, and not of what changes by itself.
pub(crate) fn read_as(
    request: &HeaderMap,
    value: &impl Serialize,
    changeable: &impl Serialize,
) -> Result<Response, Problem> {
    let (bytes, tag) = (bytes(value)?, tag(&bytes(changeable)?));
    let mut response = match names(request, &header::IF_NONE_MATCH, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => json(StatusCode::OK, bytes),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Refuses a change of what is not as the caller has read it: `If-Match` must name the `ETag` of what it is now.
pub(crate) fn must_match(request: &HeaderMap, now: &impl Serialize) -> Result<(), Problem> {
    if !request.contains_key(header::IF_MATCH) {
        let detail = "Send the ETag of what you have read in If-Match.";
        return Err(Problem::new(Code::PreconditionRequired).detail(detail));
    }
    match names(request, &header::IF_MATCH, &tag(&bytes(now)?)) {
        true => Ok(()),
        false => Err(Problem::new(Code::PreconditionFailed).detail("It was changed since. Read it again.")),
    }
}

/// Whether this header names the tag. On its way a tag may have become a weak one, where the body was compressed.
pub(crate) fn names(request: &HeaderMap, header: &HeaderName, tag: &str) -> bool {
    let known = request.get_all(header).iter().filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|value| value.split(',')).map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..16]))
}

/// Answers with JSON.
pub(crate) fn answer(status: StatusCode, value: &impl Serialize) -> Result<Response, Problem> {
    Ok(json(status, bytes(value)?))
}

/// Answers that it is done, and nothing else.
pub(crate) fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn bytes(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|error| Problem::from_error(Code::Internal, error))
}

fn json(status: StatusCode, bytes: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, JSON)], Body::from(bytes)).into_response()
}
