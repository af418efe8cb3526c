//! Meta's errors: the envelope, and the codes with the HTTP status and title that Meta documents or that have been seen.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::simulator::{Shared, identity};

const HREF: &str = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/";

/// Code, HTTP status, title.
const CATALOGUE: &[(i64, u16, &str)] = &[
    (0, 401, "AuthException"),
    (1, 500, "API Unknown"),
    (2, 503, "API Service"),
    (3, 500, "API Method"),
    (4, 429, "API Too Many Calls"),
    (10, 403, "API Permission Denied"),
    (33, 400, "Parameter value is not valid"),
    (100, 400, "Invalid parameter"),
    (104, 401, "An access token is required to request this resource"),
    (190, 401, "Access token has expired"),
    (368, 403, "Temporarily blocked for policies violations"),
    (80_007, 429, "Rate limit issues"),
    (130_403, 403, "Business has blocked this user"),
    (130_429, 429, "Rate limit hit"),
    (130_472, 400, "User's number is part of an experiment"),
    (130_497, 403, "Business account is restricted from messaging users in this country"),
    (131_000, 500, "Something went wrong"),
    (131_005, 403, "Access denied"),
    (131_008, 400, "Required parameter is missing"),
    (131_009, 400, "Parameter value is not valid"),
    (131_016, 503, "Service unavailable"),
    (131_021, 400, "Recipient cannot be sender"),
    (131_026, 400, "Message undeliverable"),
    (131_030, 400, "Recipient phone number not in allowed list"),
    (131_031, 403, "Account has been locked"),
    (131_037, 400, "Display name approval is needed"),
    (131_042, 402, "Business eligibility payment issue"),
    (131_045, 500, "Incorrect certificate"),
    (131_047, 400, "Re-engagement message"),
    (131_048, 429, "Spam rate limit hit"),
    (131_049, 400, "Meta chose not to deliver"),
    (131_050, 400, "User has stopped marketing messages"),
    (131_051, 400, "Message type unknown"),
    (131_052, 400, "Media download error"),
    (131_053, 400, "Media upload error"),
    (131_055, 400, "Method not allowed"),
    (131_056, 429, "(Business Account, Consumer Account) pair rate limit hit"),
    (131_057, 503, "Account in maintenance mode"),
    (131_060, 400, "This message is currently unavailable"),
    (131_062, 400, "Business-scoped User ID (BSUID) recipients are not supported for this message"),
    (131_063, 400, "Marketing templates are disabled on Cloud API"),
    (132_000, 400, "Template param count mismatch"),
    (132_001, 404, "Template does not exist"),
    (132_005, 400, "Template hydrated text too long"),
    (132_007, 400, "Template format character policy violated"),
    (132_008, 400, "Template parameter format mismatch"),
    (132_012, 400, "Template parameter format mismatch"),
    (132_015, 400, "Template is paused"),
    (132_016, 400, "Template is disabled"),
    (132_018, 400, "Template validation error"),
    (132_068, 400, "Flow is blocked"),
    (132_069, 400, "Flow is throttled"),
    (133_004, 503, "Server temporarily unavailable"),
    (133_005, 400, "Two step verification PIN mismatch"),
    (133_006, 400, "Phone number re-verification needed"),
    (133_010, 400, "Phone number not registered"),
    (133_016, 429, "Too many registration attempts"),
    (135_000, 400, "Generic user error"),
    (137_000, 400, "Recipient identity key mismatch"),
];

/// Whether a code is about the token or what it may do.
pub(in crate::simulator) fn is_auth(code: i64) -> bool {
    matches!(code, 0 | 3 | 10 | 104 | 190 | 200..=299)
}

/// All codes of the catalogue.
#[cfg(test)]
pub(in crate::simulator) fn known_codes() -> impl Iterator<Item = i64> {
    CATALOGUE.iter().map(|(code, ..)| *code)
}

/// An error as webhooks carry it.
pub(in crate::simulator) fn error_object(code: i64) -> Value {
    let (_, title) = entry(code);
    json!({
        "code": code,
        "title": title,
        "message": title,
        "error_data": { "details": details(code) },
        "href": HREF,
    })
}

/// A refusal of Meta's.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct GraphError {
    status: StatusCode,
    kind: &'static str,
    code: i64,
    subcode: Option<u32>,
    message: String,
    details: Option<String>,
}

impl GraphError {
    /// The error with this code, in Meta's usual words.
    pub(in crate::simulator) fn of(code: i64) -> Self {
        let (status, title) = entry(code);
        let message = if is_auth(code) { title.to_owned() } else { format!("(#{code}) {title}") };
        let details = (!is_auth(code)).then(|| details(code).to_owned());
        Self { status, kind: "OAuthException", code, subcode: None, message, details }
    }

    /// The error with this code, and what exactly is wrong.
    pub(super) fn detailed(code: i64, details: impl Into<String>) -> Self {
        Self { details: Some(details.into()), ..Self::of(code) }
    }

    /// 100: a parameter of the call is wrong.
    pub(super) fn parameter(details: impl Into<String>) -> Self {
        Self::detailed(100, details)
    }

    /// 100 with a subcode.
    pub(super) fn with_subcode(self, subcode: u32) -> Self {
        Self { subcode: Some(subcode), ..self }
    }

    pub(in crate::simulator) fn bad_token() -> Self {
        Self { message: "Invalid OAuth access token - Cannot parse access token".into(), ..Self::of(190) }
    }

    pub(in crate::simulator) fn no_token() -> Self {
        Self::of(104)
    }

    pub(super) fn unknown_path(path: &str) -> Self {
        let message = format!("Unknown path components: {path}");
        let status = StatusCode::BAD_REQUEST;
        Self { status, kind: "OAuthException", code: 2500, subcode: None, message, details: None }
    }

    pub(super) fn no_such_object(method: &Method, node: &str) -> Self {
        let method = method.as_str().to_ascii_lowercase();
        let message = format!(
            "Unsupported {method} request. Object with ID '{node}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation."
        );
        let status = StatusCode::BAD_REQUEST;
        Self { status, kind: "GraphMethodException", code: 100, subcode: Some(33), message, details: None }
    }

    pub(super) fn no_such_field(field: &str) -> Self {
        let message = format!("(#100) Tried accessing nonexisting field ({field})");
        Self { message, details: None, ..Self::of(100) }
    }

    /// Meta's code.
    #[cfg(test)]
    pub(super) fn code(&self) -> i64 {
        self.code
    }

    fn body(&self, trace: &str) -> Value {
        let mut error = json!({ "message": self.message, "type": self.kind, "code": self.code });
        if let Some(details) = &self.details {
            error["error_data"] = json!({ "messaging_product": "whatsapp", "details": details });
        }
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        error["fbtrace_id"] = trace.into();
        json!({ "error": error })
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes a [`GraphError`] out, with a new trace id.
pub(super) async fn render(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<GraphError>() else { return response };
    let body = error.body(&identity::trace(&*shared.entropy));
    *response.body_mut() = Body::from(body.to_string());
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    if error.status == StatusCode::UNAUTHORIZED {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("OAuth \"Facebook Platform\" \"invalid_token\""),
        );
    }
    response
}

fn entry(code: i64) -> (StatusCode, &'static str) {
    let known = CATALOGUE.iter().find(|(known, ..)| *known == code);
    let (status, title) = match known {
        Some((_, status, title)) => (*status, *title),
        None if is_auth(code) => (403, "API Permission"),
        None => (400, "Something went wrong"),
    };
    (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), title)
}

/// What Meta would add, in our words.
fn details(code: i64) -> &'static str {
    match code {
        131_026 => "The message cannot be delivered to this person.",
        131_047 => "More than 24 hours have passed since the customer last wrote to this number.",
        131_051 => "Message type is currently not supported.",
        131_056 => "Too many messages from this number to the same person in a short time.",
        130_429 => "This number sends faster than its throughput allows.",
        132_001 => "There is no approved template with this name in this language.",
        _ => "The simulated WhatsApp refused this call.",
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn an_error_has_metas_envelope() {
        let error = GraphError::of(131_056);
        assert_eq!(error.status, StatusCode::TOO_MANY_REQUESTS);
        let body = error.body("Atrace");
        let error = &body["error"];
        assert_eq!(error["code"], 131_056);
        assert!(error["message"].as_str().is_some_and(|message| message.starts_with("(#131056) ")));
        assert_eq!(error["type"], "OAuthException");
        assert_eq!(error["fbtrace_id"], "Atrace");
        assert!(error["error_data"]["details"].is_string());
    }

    #[test]
    fn no_code_stands_twice_in_the_catalogue() {
        let mut codes: Vec<i64> = CATALOGUE.iter().map(|(code, ..)| *code).collect();
        codes.dedup();
        assert_eq!(codes.len(), CATALOGUE.len());
        assert!(codes.iter().skip_while(|code| **code != 130_403).is_sorted());
    }
}
