use axum::routing::MethodRouter;
use domain::access::Permission;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{RefOr, Schema};

use crate::problem::Code;
use crate::state::ApiState;

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Open,
    /// Every person who has signed in.
    SignedIn,
    /// Whoever holds this permission in the organization of their credential.
    Allowed(Permission),
    /// Whoever runs the deployment.
    Operator,
}

/// An endpoint: what it does, who may call it, and all that it may answer. A route can only be made of one, so that there
/// is none without a decision about who may call it.
pub(crate) struct Endpoint {
    pub access: Access,
    /// Whether it creates something, and so once for each `Idempotency-Key`.
    pub creates: bool,
    /// What it may answer besides what follows from its access, its parameters and its body.
    pub codes: Vec<Code>,
    pub schemas: Vec<(String, RefOr<Schema>)>,
    pub paths: Paths,
    pub router: MethodRouter<ApiState>,
}

/// What `utoipa_axum::routes!` makes of a handler.
type Routes = (Vec<(String, RefOr<Schema>)>, Paths, MethodRouter<ApiState>);

impl Endpoint {
    /// One that everybody may call.
    pub fn open(routes: Routes) -> Self {
        Self::new(Access::Open, routes)
    }

    /// One for every person who has signed in.
    pub fn signed_in(routes: Routes) -> Self {
        Self::new(Access::SignedIn, routes)
    }

    /// One for whoever runs the deployment.
    pub fn operator(routes: Routes) -> Self {
        Self::new(Access::Operator, routes)
    }

    /// One for whoever holds this permission.
    pub fn allowed(permission: Permission, routes: Routes) -> Self {
        Self::new(Access::Allowed(permission), routes)
    }

    fn new(access: Access, (schemas, paths, router): Routes) -> Self {
        Self { access, creates: false, codes: Vec::new(), schemas, paths, router }
    }

    /// It creates something: once for each `Idempotency-Key` that it is given.
    #[must_use]
    pub fn creates(mut self) -> Self {
        self.creates = true;
        self.may_answer([Code::IdempotencyKeyInvalid, Code::IdempotencyKeyReused, Code::IdempotencyInProgress])
    }

    /// It changes what its caller must have read.
    #[must_use]
    pub fn changes(self) -> Self {
        self.may_answer([Code::PreconditionRequired, Code::PreconditionFailed])
    }

    /// Problems of its own that it may answer with.
    #[must_use]
    pub fn may_answer(mut self, codes: impl IntoIterator<Item = Code>) -> Self {
        self.codes.extend(codes);
        self
    }
}
