use std::error::Error;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use domain::Span;
use domain::outbound::ContentError;
use domain::template::Violation;
use flow::access::AccessError;
use flow::dead_letters::KeptError;
use flow::job::JobError;
use flow::webhooks::{EndpointError, ReplayError};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// What went wrong, by the stable name that programs look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Unauthorized,
    Forbidden,
    TooManyAttempts,
    RateLimited,
    NotFound,
    MethodNotAllowed,
    InvalidParameter,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotencyInProgress,
    PreconditionRequired,
    PreconditionFailed,
    WindowClosed,
    MalformedBody,
    InvalidBody,
    UnsupportedMediaType,
    BodyTooLarge,
    NoMembership,
    InvitationInvalid,
    PlanLimit,
    LimitReached,
    NameTaken,
    InUse,
    NotPublished,
    LastOwner,
    SignInUnavailable,
    EventsGone,
    EndpointDisabled,
    OutcomeKnown,
    AlreadyExists,
    WrongState,
    ContactBlocked,
    TemplateExists,
    TemplateNotEditable,
    TemplateUnusable,
    NoNumber,
    NumberTaken,
    NoToken,
    MetaRefused,
    MetaUnavailable,
    NoConsent,
    MediaPending,
    MediaUnavailable,
    RangeNotSatisfiable,
    NotReady,
    Unavailable,
    Internal,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 48] = [
        Self::Unauthorized,
        Self::Forbidden,
        Self::TooManyAttempts,
        Self::RateLimited,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::InvalidParameter,
        Self::IdempotencyKeyRequired,
        Self::IdempotencyKeyInvalid,
        Self::IdempotencyKeyReused,
        Self::IdempotencyInProgress,
        Self::PreconditionRequired,
        Self::PreconditionFailed,
        Self::WindowClosed,
        Self::MalformedBody,
        Self::InvalidBody,
        Self::UnsupportedMediaType,
        Self::BodyTooLarge,
        Self::NoMembership,
        Self::InvitationInvalid,
        Self::PlanLimit,
        Self::LimitReached,
        Self::NameTaken,
        Self::InUse,
        Self::NotPublished,
        Self::LastOwner,
        Self::SignInUnavailable,
        Self::EventsGone,
        Self::EndpointDisabled,
        Self::OutcomeKnown,
        Self::AlreadyExists,
        Self::WrongState,
        Self::ContactBlocked,
        Self::TemplateExists,
        Self::TemplateNotEditable,
        Self::TemplateUnusable,
        Self::NoNumber,
        Self::NumberTaken,
        Self::NoToken,
        Self::MetaRefused,
        Self::MetaUnavailable,
        Self::NoConsent,
        Self::MediaPending,
        Self::MediaUnavailable,
        Self::RangeNotSatisfiable,
        Self::NotReady,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Its status, name and title.
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Unauthorized => (S::UNAUTHORIZED, "unauthorized", "A valid credential is required"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "The credential does not allow this"),
            Self::TooManyAttempts => (S::TOO_MANY_REQUESTS, "too_many_attempts", "Too many attempts"),
            Self::RateLimited => (S::TOO_MANY_REQUESTS, "rate_limited", "Too many requests"),
            Self::NotFound => (S::NOT_FOUND, "not_found", "There is nothing here"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method_not_allowed", "This method is not allowed here"),
            Self::InvalidParameter => (S::BAD_REQUEST, "invalid_parameter", "A query parameter is not valid"),
            Self::IdempotencyKeyRequired => {
                (S::BAD_REQUEST, "idempotency_key_required", "An Idempotency-Key header is required")
            }
            Self::IdempotencyKeyInvalid => {
                (S::BAD_REQUEST, "idempotency_key_invalid", "The Idempotency-Key header is not valid")
            }
            Self::IdempotencyKeyReused => {
                (S::CONFLICT, "idempotency_key_reused", "The Idempotency-Key was used for another request")
            }
            Self::IdempotencyInProgress => {
                (S::CONFLICT, "idempotency_in_progress", "The first request with this Idempotency-Key is still at work")
            }
            Self::PreconditionRequired => {
                (S::PRECONDITION_REQUIRED, "precondition_required", "An If-Match header is required")
            }
            Self::PreconditionFailed => (S::PRECONDITION_FAILED, "precondition_failed", "It was changed meanwhile"),
            Self::WindowClosed => (S::CONFLICT, "window_closed", "The 24-hour window is closed"),
            Self::MalformedBody => (S::BAD_REQUEST, "malformed_body", "The body is not JSON"),
            Self::InvalidBody => (S::UNPROCESSABLE_ENTITY, "invalid_body", "The body is not valid"),
            Self::UnsupportedMediaType => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The body is of another type")
            }
            Self::BodyTooLarge => (S::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large"),
            Self::NoMembership => (S::FORBIDDEN, "no_membership", "You belong to no such organization"),
            Self::InvitationInvalid => {
                (S::CONFLICT, "invitation_invalid", "The invitation is not good, or not any more")
            }
            Self::PlanLimit => (S::CONFLICT, "plan_limit", "The organization's plan allows no more of these"),
            Self::LimitReached => (S::CONFLICT, "limit_reached", "An organization can have no more of these"),
            Self::NameTaken => (S::CONFLICT, "name_taken", "Another one has this name already"),
            Self::InUse => (S::CONFLICT, "in_use", "Something else needs it"),
            Self::NotPublished => (S::CONFLICT, "not_published", "The assistant was not published, or is archived"),
            Self::LastOwner => (S::CONFLICT, "last_owner", "An organization always has an owner"),
            Self::SignInUnavailable => {
                (S::SERVICE_UNAVAILABLE, "sign_in_unavailable", "Nobody can sign in at the moment")
            }
            Self::EventsGone => (S::GONE, "events_gone", "This is not kept any more"),
            Self::EndpointDisabled => (S::CONFLICT, "endpoint_disabled", "The endpoint is switched off"),
            Self::OutcomeKnown => (S::CONFLICT, "outcome_known", "It is known what became of the message"),
            Self::AlreadyExists => (S::CONFLICT, "already_exists", "It is there already"),
            Self::WrongState => (S::CONFLICT, "wrong_state", "It is in no state for this"),
            Self::ContactBlocked => (S::CONFLICT, "contact_blocked", "The contact is blocked"),
            Self::TemplateExists => {
                (S::CONFLICT, "template_exists", "There is a template of this name in this language")
            }
            Self::TemplateNotEditable => (S::CONFLICT, "template_not_editable", "The template cannot be changed now"),
            Self::TemplateUnusable => (S::CONFLICT, "template_unusable", "WhatsApp does not send this template now"),
            Self::NoNumber => (S::CONFLICT, "no_number", "No number is connected for this"),
            Self::NumberTaken => (S::CONFLICT, "number_taken", "The number or its account cannot be connected"),
            Self::NoToken => (S::CONFLICT, "no_token", "The number has no access token"),
            Self::MetaRefused => (S::CONFLICT, "meta_refused", "Meta refused"),
            Self::MetaUnavailable => (S::SERVICE_UNAVAILABLE, "meta_unavailable", "Meta does not answer"),
            Self::NoConsent => (S::CONFLICT, "no_consent", "The contact takes no marketing"),
            Self::MediaPending => (S::CONFLICT, "media_pending", "The file is not here yet"),
            Self::MediaUnavailable => (S::GONE, "media_unavailable", "The file cannot be had any more"),
            Self::RangeNotSatisfiable => {
                (S::RANGE_NOT_SATISFIABLE, "range_not_satisfiable", "The file has no such bytes, or too many")
            }
            Self::NotReady => (S::SERVICE_UNAVAILABLE, "not_ready", "A dependency does not answer"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "Please try again in a moment"),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side"),
        }
    }
}

impl Code {
    pub fn status(self) -> StatusCode {
        self.parts().0
    }

    pub fn name(self) -> &'static str {
        self.parts().1
    }

    pub fn title(self) -> &'static str {
        self.parts().2
    }
}

/// An error, as RFC 9457 has it.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "says how a problem is written")]
pub(crate) struct ProblemBody {
    /// A name of the kind of problem.
    #[schema(example = "urn:porfin:problem:not_found")]
    r#type: String,
    title: String,
    status: u16,
    /// What is wrong this time.
    detail: String,
    /// The stable name that programs look at.
    #[schema(example = "not_found")]
    code: String,
    request_id: String,
    /// The fields that are wrong.
    errors: Vec<WrongField>,
}

/// A field that is wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says how a problem is written")]
struct WrongField {
    /// `body`, `query` or `header`.
    r#in: String,
    /// A JSON pointer into the body, or `/` and a name.
    pointer: String,
    detail: String,
}

/// Where a field that is wrong stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Body,
    Query,
    Header,
}

/// An error as the API answers it (RFC 9457). It travels as an extension of the response until the conduct around all
/// routes writes it down together with the request's id.
#[derive(Clone)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Clone)]
struct Parts {
    code: Code,
    detail: Option<String>,
    errors: Vec<Value>,
    more: Map<String, Value>,
    headers: HeaderMap,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    pub fn new(code: Code) -> Self {
        let headers = HeaderMap::new();
        Self(Box::new(Parts { code, detail: None, errors: Vec::new(), more: Map::new(), headers, cause: None }))
    }

    /// A problem whose cause is for the log, not for the caller.
    pub fn from_error(code: Code, cause: impl Error + Send + Sync + 'static) -> Self {
        let mut problem = Self::new(code);
        problem.0.cause = Some(Arc::new(cause));
        problem
    }

    /// What is wrong this time, in plain words.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// A field that is wrong; the pointer is a JSON pointer into the body, or `/` and a name.
    #[must_use]
    pub fn field(mut self, place: Place, pointer: &str, detail: &str) -> Self {
        let place = match place {
            Place::Body => "body",
            Place::Query => "query",
            Place::Header => "header",
        };
        self.0.errors.push(json!({"in": place, "pointer": pointer, "detail": detail}));
        self
    }

    /// Fields of the body that are wrong.
    #[must_use]
    pub fn fields(self, wrong: &[domain::wording::WrongField]) -> Self {
        wrong.iter().fold(self, |problem, field| {
            // What is wrong with the body as a whole has no place in it.
            let pointer = if field.pointer.is_empty() { "/" } else { &field.pointer };
            problem.field(Place::Body, pointer, &field.reason)
        })
    }

    /// Fields of a content that stands at `/content` of the body.
    #[must_use]
    pub fn contents(self, errors: &[ContentError]) -> Self {
        errors.iter().fold(self, |problem, error| {
            problem.field(Place::Body, &format!("/content{}", error.pointer), &error.reason)
        })
    }

    /// Fields of the body, by their pointers.
    #[must_use]
    pub fn violations(self, violations: &[Violation]) -> Self {
        violations
            .iter()
            .fold(self, |problem, violation| problem.field(Place::Body, &violation.pointer, &violation.reason))
    }

    /// A member of this problem's own.
    #[must_use]
    pub fn member(mut self, name: &str, value: Value) -> Self {
        self.0.more.insert(name.to_owned(), value);
        self
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.0.headers.extend(headers);
        self
    }

    /// When to try again, at least a second from now.
    #[must_use]
    pub fn retry_after(self, span: Span) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(span.seconds_up().max(1)))
    }

    /// What the log shall say, besides the request itself.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.cause.as_deref()
    }

    /// Its body.
    pub fn body(&self, request_id: &str) -> Value {
        let (status, code, title) = self.0.code.parts();
        let mut body = json!({
            "type": format!("urn:porfin:problem:{code}"),
            "title": title,
            "status": status.as_u16(),
            "detail": self.0.detail.as_deref().unwrap_or(title),
            "code": code,
            "request_id": request_id,
            "errors": self.0.errors,
        });
        if let Value::Object(members) = &mut body {
            members.extend(self.0.more.clone());
        }
        body
    }
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Retry(_) => Self::from_error(Code::Unavailable, error).retry_after(Span::from_seconds(1)),
            JobError::Fail(_) => Self::from_error(Code::Internal, error),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotFound => Self::new(Code::NotFound),
            AccessError::Forbidden => {
                Self::new(Code::Forbidden).detail("Your own role or key does not reach that far.")
            }
            AccessError::LastOwner => Self::new(Code::LastOwner),
            AccessError::PlanLimit(most) => Self::new(Code::PlanLimit).detail(format!("The plan allows {most}.")),
            AccessError::Changed => Self::new(Code::PreconditionFailed),
            AccessError::Invalid(reason) => Self::new(Code::InvalidBody).detail(reason),
            AccessError::Fields(wrong) => {
                Self::new(Code::InvalidBody).detail("The body has a field that is not valid.").fields(&wrong)
            }
            AccessError::Job(error) => error.into(),
        }
    }
}

impl From<KeptError> for Problem {
    fn from(error: KeptError) -> Self {
        match error {
            KeptError::NotFound => Self::new(Code::NotFound),
            KeptError::Job(error) => error.into(),
        }
    }
}

impl From<EndpointError> for Problem {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::NotFound => Self::new(Code::NotFound),
            EndpointError::Invalid(fields) => fields.iter().fold(Self::new(Code::InvalidBody), |problem, field| {
                problem.field(Place::Body, field.pointer, &field.reason)
            }),
            EndpointError::TooMany(most) => Self::new(Code::PlanLimit).detail(format!("The plan allows {most}.")),
            EndpointError::Changed => Self::new(Code::PreconditionFailed),
            EndpointError::Disabled => Self::new(Code::EndpointDisabled),
            EndpointError::Job(error) => error.into(),
        }
    }
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::NotFound => Self::new(Code::NotFound),
            ReplayError::Disabled => Self::new(Code::EndpointDisabled),
            ReplayError::Expired => Self::new(Code::EventsGone),
            ReplayError::Job(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.code.parts().0.into_response();
        response.headers_mut().extend(self.0.headers.clone());
        response.extensions_mut().insert(self);
        response
    }
}
