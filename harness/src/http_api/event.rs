use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;
use http::request::Parts;
use serde_json::{Map, Value, json};

use crate::lambda::ACCOUNT;

/// What API Gateway knows of a request besides what was sent.
pub(super) struct Origin {
    pub route: String,
    pub id: String,
    pub at: Timestamp,
}

/// The event of a request, payload version 2.0 as AWS documents it: header names in lower case, what is there several
/// times joined by commas, cookies apart, and a body that is no text in base64.
pub(super) fn of_request(parts: &Parts, body: &[u8], is_proxy: bool, origin: &Origin) -> Value {
    let path = parts.uri.path();
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": origin.route,
        "rawPath": percent_decoded(path),
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers(parts),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "harness",
            "domainName": host,
            "domainPrefix": host.split(['.', ':']).next().unwrap_or_default(),
            "http": {
                "method": parts.method.as_str(),
                "path": percent_decoded(path),
                "protocol": format!("{:?}", parts.version),
                "sourceIp": "127.0.0.1",
                "userAgent": parts.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default(),
            },
            "requestId": origin.id,
            "routeKey": origin.route,
            "stage": "$default",
            "time": time(origin.at),
            "timeEpoch": origin.at.micros() / 1_000,
        },
        "isBase64Encoded": false,
    });
    let Some(fields) = event.as_object_mut() else { return event };
    insert_cookies(fields, parts);
    if let Some(query) = parts.uri.query().filter(|query| !query.is_empty()) {
        fields.insert("queryStringParameters".to_owned(), joined(url::form_urlencoded::parse(query.as_bytes())));
    }
    if is_proxy {
        fields.insert("pathParameters".to_owned(), json!({"proxy": percent_decoded(path.trim_start_matches('/'))}));
    }
    if !body.is_empty() {
        let text = std::str::from_utf8(body).ok().filter(|_| is_text(parts));
        fields.insert("isBase64Encoded".to_owned(), json!(text.is_none()));
        fields.insert("body".to_owned(), text.map_or_else(|| STANDARD.encode(body).into(), Value::from));
    }
    event
}

/// The headers without the cookies, and with those that the gateway adds.
fn headers(parts: &Parts) -> Value {
    let sent = parts.headers.iter().filter(|(name, _)| *name != "cookie");
    // Bytes that are no text are read one by one, as HTTP's old character set has them.
    let text =
        |value: &[u8]| String::from_utf8(value.to_vec()).unwrap_or_else(|_| value.iter().map(|&b| b as char).collect());
    let added = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-port", "443"), ("x-forwarded-proto", "https")];
    let added = added.map(|(name, value)| (name.to_owned(), value.to_owned()));
    joined(sent.map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).chain(added))
}

fn insert_cookies(fields: &mut Map<String, Value>, parts: &Parts) {
    let sent = parts.headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    let cookies: Vec<&str> = sent.flat_map(|value| value.split(';')).map(str::trim).collect();
    if !cookies.is_empty() {
        fields.insert("cookies".to_owned(), json!(cookies));
    }
}

/// Name and value; what is there several times is joined by commas.
fn joined<N: Into<String>, V: AsRef<str>>(pairs: impl Iterator<Item = (N, V)>) -> Value {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        all.entry(name.into())
            .and_modify(|known| {
                known.push(',');
                known.push_str(value.as_ref());
            })
            .or_insert_with(|| value.as_ref().to_owned());
    }
    json!(all)
}

/// Whether the content type is one whose bodies are handed on as text.
fn is_text(parts: &Parts) -> bool {
    let kind = parts.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("text/plain");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || ["application/json", "application/xml", "application/javascript"].contains(&kind.as_str())
        || kind.ends_with("+json")
}

/// The gateway decodes the path.
fn percent_decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// As `12/Mar/2026:19:03:58 +0000`.
fn time(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default();
    time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use http::Request;

    use super::*;

    fn event(request: http::request::Builder, body: &[u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let origin =
            Origin { route: "ANY /{proxy+}".into(), id: "1".into(), at: Timestamp::from_seconds(1_795_176_000) };
        of_request(&parts, body, true, &origin)
    }

    #[test]
    fn a_request_is_written_as_aws_documents_it() {
        let request = Request::post("/api/v1/a%20b?limit=2&tag=a&tag=b%26c")
            .header("Host", "api.example.com")
            .header("Content-Type", "application/json")
            .header("X-Many", "1")
            .header("X-Many", "2")
            .header("Cookie", "a=1; b=2")
            .header("Cookie", "c=3");
        let event = event(request, b"{}");
        assert_eq!((&event["version"], &event["routeKey"]), (&json!("2.0"), &json!("ANY /{proxy+}")));
        assert_eq!(
            (&event["rawPath"], &event["rawQueryString"]),
            (&json!("/api/v1/a b"), &json!("limit=2&tag=a&tag=b%26c"))
        );
        assert_eq!(event["queryStringParameters"], json!({"limit": "2", "tag": "a,b&c"}));
        assert_eq!((&event["headers"]["x-many"], &event["headers"]["cookie"]), (&json!("1,2"), &Value::Null));
        assert_eq!(event["cookies"], json!(["a=1", "b=2", "c=3"]));
        assert_eq!(event["pathParameters"], json!({"proxy": "api/v1/a b"}));
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{}"), &json!(false)));
        let context = &event["requestContext"];
        assert_eq!((&context["http"]["method"], &context["stage"]), (&json!("POST"), &json!("$default")));
        assert_eq!(
            (&context["time"], &context["timeEpoch"]),
            (&json!("20/Nov/2026:12:00:00 +0000"), &json!(1_795_176_000_000_i64))
        );
        assert_eq!((&context["domainName"], &context["domainPrefix"]), (&json!("api.example.com"), &json!("api")));
    }

    #[test]
    fn a_body_that_is_no_text_is_base64() {
        let json = || Request::post("/").header("Content-Type", "application/json");
        assert_eq!(event(json(), &[0xff, 0xfe])["body"], "//4=");
        assert_eq!(event(json(), &[0xff, 0xfe])["isBase64Encoded"], true);
        let picture = event(Request::post("/").header("Content-Type", "image/png"), b"abc");
        assert_eq!((&picture["body"], &picture["isBase64Encoded"]), (&json!("YWJj"), &json!(true)));
        assert!(event(json(), b"").get("body").is_none());
    }
}
