use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::problem::{Code, Problem};

/// Answers a read with JSON and an `ETag` of its bytes, or with 304 where the caller has them already.
pub(crate) fn read(request: &HeaderMap, value: &impl Serialize) -> Result<Response, Problem> {
    let bytes = bytes(value)?;
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..16]));
    let known = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known = known.flat_map(|value| value.split(',')).map(str::trim);
    let fresh = known.into_iter().any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag);
    let mut response = match fresh {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => json(StatusCode::OK, bytes),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Answers with JSON.
pub(crate) fn answer(status: StatusCode, value: &impl Serialize) -> Result<Response, Problem> {
    Ok(json(status, bytes(value)?))
}

fn bytes(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|error| Problem::from_error(Code::Internal, error))
}

fn json(status: StatusCode, bytes: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, kind)], Body::from(bytes)).into_response()
}
