//! `POST /invitations`: invite somebody.

use axum::response::Response;
use domain::Email;
use domain::access::Role;
use flow::access::invitations::{self, Invited};
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownInvitation};

/// Whom, and as what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvitation {
    #[schema(value_type = String, format = "email", max_length = 254, example = "ana@padaria.example")]
    email: Email,
    #[schema(schema_with = schema::role)]
    role: Role,
}

/// Invite somebody
///
/// The answer holds a token, once: hand it to the invited person, who signs in with it and the same e-mail address within 7 days. Whoever is invited again has the newer invitation alone.
#[utoipa::path(
    post,
    path = "/invitations",
    tag = "Members",
    request_body = NewInvitation,
    responses((status = 201, body = ShownInvitation<'static>))
)]
pub(crate) async fn create_invitation(
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<NewInvitation>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let NewInvitation { email, role } = new;
    let invited = invitations::create(&platform, &caller.actor, &caller.organization, &email, role).await?;
    let Invited { invitation, token } = invited;
    entity::answer(StatusCode::CREATED, &show::invitation(&invitation, Some(token.expose_secret())))
}
