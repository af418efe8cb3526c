//! API Gateway's HTTP API: requests become events of payload version 2.0, and what functions answer becomes responses.

mod answer;
mod event;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use boot::SystemClock;
use flow::causes::Causes;
use flow::ports::Clock;
use http::StatusCode;
use serde_json::json;
use tokio::net::TcpListener;

use self::event::Origin;
use crate::{Failure, Invoke, id};

/// The largest body that API Gateway takes, in bytes.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// How long API Gateway waits for a function.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which function takes a request: the first whose path is the request's, or `None` for every path.
#[derive(Clone)]
pub struct Route {
    /// A path, without wildcards. `None` is `ANY /{proxy+}`.
    pub path: Option<String>,
    /// The function behind it.
    pub function: Arc<dyn Invoke>,
}

impl Route {
    fn key(&self) -> String {
        format!("ANY {}", self.path.as_deref().unwrap_or("/{proxy+}"))
    }
}

/// Serves the routes on the listener, for ever.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, routes: Vec<Route>) -> std::io::Result<()> {
    let router = Router::new().fallback(take).with_state(Arc::new(routes));
    axum::serve(listener, router).await
}

async fn take(State(routes): State<Arc<Vec<Route>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(route) = routes.iter().find(|route| route.path.as_deref().is_none_or(|path| path == parts.uri.path()))
    else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let origin = Origin { route: route.key(), id: id::hex(), at: SystemClock.now() };
    let event = event::of_request(&parts, &body, route.path.is_none(), &origin).to_string();
    match tokio::time::timeout(PATIENCE, route.function.invoke(event.into())).await {
        Ok(Ok(answer)) => {
            answer::response(&answer).unwrap_or_else(|| message(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL))
        }
        Ok(Err(Failure::TooLarge)) => message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long"),
        Ok(Err(failure)) => {
            tracing::warn!(error = %Causes(&failure), "a function did not answer a request");
            message(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL)
        }
        Err(_) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

const INTERNAL: &str = "Internal Server Error";

/// What API Gateway says itself.
fn message(status: StatusCode, text: &str) -> Response {
    (status, axum::Json(json!({"message": text}))).into_response()
}

/// A response with this body.
fn with_body(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
}
