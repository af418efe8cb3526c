//! `/openapi.json`, and `/docs` to read it and try it out in a browser: everything comes from this program.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Where the document is.
const DOCUMENT: &str = "/openapi.json";

/// The page's scripts are files of its own; it sets styles from its scripts and draws icons from data.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     frame-ancestors 'none'",
);

/// The routes of the documentation.
pub(crate) fn docs(document: Value) -> Router<ApiState> {
    let document = Arc::new(document);
    let config = Config::new([DOCUMENT])
        .display_request_duration(true)
        .persist_authorization(false)
        .default_models_expand_depth(0)
        .validator_url("none");
    let page = Router::from(SwaggerUi::new("/docs").config(config)).layer(from_fn(allow_the_page));
    let read = async move |parameters: Parameters, headers: HeaderMap| -> Result<Response, Problem> {
        parameters.end()?;
        entity::read(&headers, document.as_ref())
    };
    page.route(DOCUMENT, get(read))
}

async fn allow_the_page(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}
