use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::with_body;

/// The response that a function's answer stands for (payload version 2.0). An answer without `statusCode` is itself the
/// body of a 200, as JSON. `None`: it is no response at all.
pub(super) fn response(answer: &[u8]) -> Option<Response> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    if answer.get("statusCode").is_none() {
        let body = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
        let mut response = with_body(StatusCode::OK, body.into_bytes());
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        return Some(response);
    }
    let status = StatusCode::from_u16(answer["statusCode"].as_u64()?.try_into().ok()?).ok()?;
    let body = answer["body"].as_str().unwrap_or_default();
    let body = match answer["isBase64Encoded"].as_bool() {
        Some(true) => STANDARD.decode(body).ok()?,
        _ => body.as_bytes().to_vec(),
    };
    let mut response = with_body(status, body);
    let headers = response.headers_mut();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?);
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        headers.append("set-cookie", HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    // The gateway writes its own: the body's length is known here and not there.
    headers.remove("content-length");
    Some(response)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    async fn read(answer: &Value) -> Option<(u16, Vec<u8>)> {
        let response = response(answer.to_string().as_bytes())?;
        let status = response.status().as_u16();
        Some((status, axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()))
    }

    #[tokio::test]
    async fn bodies_are_text_or_base64() {
        assert_eq!(read(&json!({"statusCode": 201, "body": "olá"})).await, Some((201, "olá".into())));
        let encoded = json!({"statusCode": 200, "body": "//4=", "isBase64Encoded": true});
        assert_eq!(read(&encoded).await, Some((200, vec![0xff, 0xfe])));
        assert_eq!(read(&json!({"statusCode": 204})).await, Some((204, vec![])));
        assert_eq!(read(&json!({"a": 1})).await, Some((200, b"{\"a\":1}".to_vec())));
    }

    #[test]
    fn headers_and_cookies_are_handed_on() {
        let answer = json!({"statusCode": 200, "headers": {"X-A": "1"}, "cookies": ["a=1", "b=2"]});
        let response = response(answer.to_string().as_bytes()).unwrap();
        assert_eq!(response.headers()["x-a"], "1");
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    }

    #[test]
    fn what_is_no_response_is_none() {
        for wrong in
            [json!({"statusCode": "ok"}), json!({"statusCode": 99}), json!({"statusCode": 200, "headers": {"a b": ""}})]
        {
            assert!(response(wrong.to_string().as_bytes()).is_none(), "{wrong}");
        }
        assert!(response(b"not json").is_none());
    }
}
