//! `POST /auth/session`: sign in.

use axum::extract::State;
use axum::http::Extensions;
use axum::response::Response;
use domain::OrganizationId;
use flow::access::{SignInError, sign_in};
use http::{HeaderMap, StatusCode};
use identity::VerifyError;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::{attempt, wrong};
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::signed_in::{SignedInAnswer, client, signed_in};
use crate::state::{ApiState, SignIn};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSession {
    /// Of Firebase Authentication.
    id_token: String,
    /// The token of an invitation to accept.
    #[serde(default)]
    invitation: Option<String>,
    /// For whom, if the person belongs to several; else the one that they joined last.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_organization_id, required = false)]
    organization_id: Option<OrganizationId>,
}

/// Sign in
///
/// Exchanges an ID token of Firebase Authentication for an access token, good for ten minutes, and a refresh token. Whoever was invited sends the invitation's token along.
#[utoipa::path(
    post,
    path = "/auth/session",
    tag = "Sign-in",
    request_body = NewSession,
    responses((status = 201, body = SignedInAnswer))
)]
pub(crate) async fn create_session(
    State(state): State<ApiState>,
    parameters: Parameters,
    extensions: Extensions,
    headers: HeaderMap,
    Json(new): Json<NewSession>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let Some(SignIn { verifier, owner }) = state.sign_in.as_deref() else {
        return Err(Problem::new(Code::SignInUnavailable).detail("This deployment names no Firebase project."));
    };
    attempt(&state, "sign-in", &extensions).await?;
    let identity = match verifier.verify(&new.id_token).await {
        Ok(identity) => identity,
        Err(VerifyError::Refused(refusal)) => {
            return Err(wrong(&state, &extensions, &refusal, "The ID token is not good, or not any more.").await);
        }
        Err(VerifyError::KeysUnavailable(error)) => return Err(Problem::from_error(Code::SignInUnavailable, error)),
    };
    let client = client(&headers, &extensions);
    let (invitation, organization) = (new.invitation.as_deref(), new.organization_id.as_ref());
    let signed = sign_in(&state.platform, &identity, owner.as_ref(), invitation, organization, &client).await;
    let signed = signed.map_err(|error| match error {
        SignInError::NoMembership => Problem::new(Code::NoMembership).detail("Ask somebody there to invite you."),
        SignInError::NotMember => Problem::new(Code::NoMembership),
        SignInError::Invitation(reason) => {
            tracing::info!(%reason, "an invitation was refused");
            Problem::new(Code::InvitationInvalid).field(Place::Body, "/invitation", "is not good, or not any more")
        }
        SignInError::Job(error) => error.into(),
    })?;
    entity::answer(StatusCode::CREATED, &signed_in(&state, &signed))
}
