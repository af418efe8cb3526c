//! A function for the harness' own tests: it answers a request with what it saw of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::{Body, Error, Request, Response, run, service_fn};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(answer)).await
}

async fn answer(request: Request) -> Result<Response<Body>, Error> {
    let (parts, body) = request.into_parts();
    match parts.uri.path() {
        "/fails" => return Err("it fails".into()),
        "/binary" => {
            let response = Response::builder().header("content-type", "application/octet-stream");
            return Ok(response.body(Body::Binary(vec![0xff, 0xfe]))?);
        }
        _ => {}
    }
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let seen = json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": parts.uri.query(),
        "headers": headers,
        "body": STANDARD.encode(&body[..]),
    });
    let response = Response::builder().status(202).header("set-cookie", "a=1").header("set-cookie", "b=2");
    Ok(response.header("content-type", "application/json").body(Body::Text(seen.to_string()))?)
}
