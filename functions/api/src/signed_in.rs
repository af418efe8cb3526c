//! What somebody who has signed in is given.

use domain::Timestamp;
use flow::access::SignedIn;
use flow::access::sessions::{Client, Session};
use http::{Extensions, HeaderMap, header};
use identity::AccessToken;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::request_id;
use crate::client::client_address;
use crate::schema;
use crate::show::{self, ShownMembership};
use crate::state::ApiState;
use domain::access::Role;

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    #[schema(schema_with = schema::time)]
    access_token_expires_at: Timestamp,
    /// Gives the next two. It is good once.
    refresh_token: String,
    #[schema(schema_with = schema::session_id)]
    session_id: String,
    /// When the session ends, if it is not refreshed before.
    #[schema(schema_with = schema::time)]
    session_expires_at: Timestamp,
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct SignedInAnswer {
    #[serde(flatten)]
    tokens: Tokens,
    #[schema(schema_with = schema::member_id)]
    member_id: String,
    #[schema(schema_with = schema::organization_id)]
    organization_id: String,
    #[schema(schema_with = schema::role)]
    role: Role,
    /// Every organization that the person belongs to: sign in again to be in another one.
    organizations: Vec<ShownMembership>,
}

/// What is answered to a sign-in.
pub(crate) fn signed_in(state: &ApiState, signed: &SignedIn) -> SignedInAnswer {
    let token = state.tokens.mint(&signed.member, &signed.organization, &signed.session.id);
    SignedInAnswer {
        tokens: tokens(&token, &signed.refresh_token, &signed.session),
        member_id: signed.member.to_string(),
        organization_id: signed.organization.to_string(),
        role: signed.role,
        organizations: signed.organizations.iter().map(show::membership).collect(),
    }
}

/// The tokens as they are shown to their person.
pub(crate) fn tokens(access: &AccessToken, refresh: &SecretString, session: &Session) -> Tokens {
    Tokens {
        access_token: access.text.expose_secret().to_owned(),
        access_token_expires_at: access.expires_at,
        refresh_token: refresh.expose_secret().to_owned(),
        session_id: session.id.to_string(),
        session_expires_at: session.expires_at,
    }
}

/// What somebody signs in with, and from where.
pub(crate) fn client(headers: &HeaderMap, extensions: &Extensions) -> Client {
    let description = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).map(ToOwned::to_owned);
    let address = client_address(extensions).map(|address| address.to_string());
    Client { description, address, request_id: request_id(extensions) }
}
