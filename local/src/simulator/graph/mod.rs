//! Meta's Graph API, as far as the platform calls it: `graph/{version}/{node}` and `graph/{version}/{node}/{edge}`.

mod error;
mod interactive;
mod media;
mod message;
mod number;
mod part;
mod sends;
mod templates;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, OriginalUri, Path, Request, State};
use axum::http::Method;
use axum::http::header::HOST;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::{Map, Value, json};

#[cfg(test)]
pub(super) use error::known_codes;
pub(super) use error::{GraphError, error_object, is_auth};
pub(super) use media::Media;
pub(super) use templates::{Decision, Templates};

use super::{Shared, access};

const LARGEST_JSON: usize = 1024 * 1024;

/// All of Graph's routes.
pub(super) fn routes(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/download/{media}", get(media::download))
        .route("/{version}/{node}", any(node))
        .route("/{version}/{node}/{edge}", any(edge))
        .fallback(unknown_path)
        .layer(DefaultBodyLimit::max(media::LARGEST_FILE + LARGEST_JSON))
        .layer(middleware::from_fn_with_state(shared.clone(), authorize))
        .layer(middleware::from_fn_with_state(shared.clone(), error::render))
        .with_state(shared.clone())
}

/// Checks the token before anything else, as Meta does, and lets the fault plan refuse it.
async fn authorize(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Result<Response, GraphError> {
    access::access_token(&shared, request.headers())?;
    if let Some(code) = shared.world().faults.on_call(&*shared.entropy) {
        return Err(GraphError::of(code));
    }
    Ok(next.run(request).await)
}

async fn unknown_path(OriginalUri(uri): OriginalUri) -> GraphError {
    GraphError::unknown_path(uri.path())
}

/// One object: the number, the business account, a file, a template.
async fn node(
    State(shared): State<Arc<Shared>>,
    Path((version, node)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Result<Response, GraphError> {
    check_version(&version, uri.path())?;
    let query = Query::read(request.uri().query());
    if *request.method() == Method::GET && node == shared.settings.phone_number_id.as_str() {
        return number::show(&shared, &query).map(answer);
    }
    if *request.method() == Method::GET && node == shared.settings.waba_id {
        return Ok(answer(json!({ "id": node, "name": shared.settings.verified_name })));
    }
    if *request.method() == Method::GET
        && let Some(template) = shared.world().templates.show(&node)
    {
        return Ok(answer(template));
    }
    if *request.method() == Method::POST
        && let Ok(id) = node.parse::<u64>()
        && shared.world().templates.show(&node).is_some()
    {
        return templates::edit(&shared, id, &json_body(request).await?).map(answer);
    }
    if let Some(found) = media::object(&shared, request.method(), &node, &uri, request.headers()) {
        return Ok(answer(found));
    }
    Err(GraphError::no_such_object(request.method(), &node))
}

/// What belongs to an object.
async fn edge(
    State(shared): State<Arc<Shared>>,
    Path((version, node, edge)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Result<Response, GraphError> {
    check_version(&version, uri.path())?;
    let method = request.method().clone();
    let settings = &shared.settings;
    let query = Query::read(request.uri().query());
    let number = node == settings.phone_number_id.as_str();
    let account = node == settings.waba_id;
    match (&method, edge.as_str()) {
        (&Method::POST, "messages") if number => sends::post(&shared, uri.path(), &json_body(request).await?).await,
        (&Method::POST, "media") if number => media::upload(&shared, request).await.map(answer),
        (&Method::POST, "register") if number => number::register(&json_body(request).await?).map(answer),
        (&Method::POST, "deregister") if number => Ok(answer(json!({ "success": true }))),
        (&Method::GET, "phone_numbers") if account => number::list(&shared, &query).map(answer),
        (&Method::GET, "message_templates") if account => {
            let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
            shared.world().templates.list(&query, &format!("http://{host}{}", uri.path())).map(answer)
        }
        (&Method::POST, "message_templates") if account => {
            templates::create(&shared, &json_body(request).await?).map(answer)
        }
        (&Method::DELETE, "message_templates") if account => templates::delete(&shared, &query).map(answer),
        (&Method::POST, "subscribed_apps") if account => {
            number::subscribe(&json_body_or_none(request).await?).map(answer)
        }
        (&Method::GET, "subscribed_apps") if account => Ok(answer(number::subscriptions())),
        (&Method::DELETE, "subscribed_apps") if account => Ok(answer(json!({ "success": true }))),
        _ if number || account => Err(GraphError::unknown_path(uri.path())),
        _ => Err(GraphError::no_such_object(&method, &node)),
    }
}

fn answer(value: Value) -> Response {
    axum::Json(value).into_response()
}

/// A version is `v` and two numbers.
fn check_version(version: &str, path: &str) -> Result<(), GraphError> {
    let numbers = version.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match numbers {
        Some((major, minor)) if digits(major) && digits(minor) => Ok(()),
        _ => Err(GraphError::unknown_path(path)),
    }
}

async fn json_body(request: Request) -> Result<Map<String, Value>, GraphError> {
    let body = to_bytes(request.into_body(), LARGEST_JSON).await;
    let body = body.map_err(|_| GraphError::parameter("The body is longer than 1 MiB or broke off."))?;
    serde_json::from_slice(&body).map_err(|_| GraphError::parameter("The body must be a JSON object."))
}

async fn json_body_or_none(request: Request) -> Result<Map<String, Value>, GraphError> {
    let (parts, body) = request.into_parts();
    match to_bytes(body, LARGEST_JSON).await {
        Ok(bytes) if bytes.is_empty() => Ok(Map::new()),
        Ok(bytes) => json_body(Request::from_parts(parts, Body::from(bytes))).await,
        Err(_) => Err(GraphError::parameter("The body is longer than 1 MiB or broke off.")),
    }
}

/// The parameters of the address.
struct Query(Vec<(String, String)>);

impl Query {
    fn read(query: Option<&str>) -> Self {
        Self(url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The names in `fields`, if it is there.
    fn fields(&self) -> Option<Vec<&str>> {
        self.get("fields").map(|fields| fields.split(',').map(str::trim).filter(|name| !name.is_empty()).collect())
    }
}

/// Keeps the fields that were asked for, and `id`, which Graph always shows.
///
/// # Errors
/// Meta's 100 for a field that the object does not have.
fn chosen(object: &Map<String, Value>, fields: &[&str]) -> Result<Value, GraphError> {
    let mut out = Map::new();
    for field in fields {
        let value = object.get(*field).ok_or_else(|| GraphError::no_such_field(field))?;
        out.insert((*field).to_owned(), value.clone());
    }
    if let Some(id) = object.get("id") {
        out.insert("id".into(), id.clone());
    }
    Ok(Value::Object(out))
}
