//! The demo owner signs in with a link that the program prints: without Firebase, and from this machine alone.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use domain::identity::VerifiedIdentity;
use domain::{Email, OrganizationId};
use flow::access::sessions::Client;
use flow::access::{SignedIn, claim, sign_in};
use flow::audit::Actor;
use flow::platform::Platform;
use identity::AccessTokens;
use secrecy::ExposeSecret;
use std::net::SocketAddr;

/// Links that sign the demo owner in, one at a time: a link is good once, and then the next one is printed.
#[derive(Clone)]
pub struct SignInLinks(Arc<Links>);

struct Links {
    platform: Platform,
    tokens: AccessTokens,
    organization: OrganizationId,
    base_url: String,
    code: Mutex<String>,
}

impl SignInLinks {
    /// Makes the demo owner an owner of the organization, and their first link.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn new(
        platform: &Platform,
        tokens: AccessTokens,
        organization: &OrganizationId,
        base_url: &str,
    ) -> anyhow::Result<Self> {
        claim(platform, &Actor::system(), organization, &owner(platform)).await?;
        let code = Mutex::new(code(platform));
        Ok(Self(Arc::new(Links {
            platform: platform.clone(),
            tokens,
            organization: organization.clone(),
            base_url: base_url.to_owned(),
            code,
        })))
    }

    /// The link that is good now.
    pub fn link(&self) -> String {
        let code = self.0.code.lock().unwrap_or_else(PoisonError::into_inner);
        format!("{}/sign-in/{code}", self.0.base_url)
    }

    /// The route behind the links.
    pub fn router(&self) -> Router {
        Router::new().route("/sign-in/{code}", get(open)).with_state(self.clone())
    }

    /// Takes a code, if it is the one that is good now, and prints the next link.
    fn take(&self, presented: &str) -> bool {
        {
            let mut code = self.0.code.lock().unwrap_or_else(PoisonError::into_inner);
            if *code != presented {
                return false;
            }
            *code = self::code(&self.0.platform);
        }
        println!("The demo owner signed in. The next sign-in: {}", self.link());
        true
    }
}

fn code(platform: &Platform) -> String {
    let mut bytes = [0; 16];
    platform.entropy.fill(&mut bytes);
    HEXLOWER.encode(&bytes)
}

/// The person that the demo's organization belongs to. The address is one that nobody can have.
fn owner(platform: &Platform) -> VerifiedIdentity {
    VerifiedIdentity {
        issuer: "local".to_owned(),
        subject: "owner".to_owned(),
        email: Email::parse("owner@porfin.invalid").ok(),
        email_verified: true,
        name: Some("Demo owner".to_owned()),
        auth_time: platform.clock.now(),
    }
}

async fn open(
    State(links): State<SignInLinks>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(code): Path<String>,
) -> Response {
    if !peer.ip().to_canonical().is_loopback() || !links.take(&code) {
        return page(
            StatusCode::NOT_FOUND,
            "This link is not good, or not any more",
            "<p>The program has printed the one that is.</p>",
        );
    }
    let Links { platform, tokens, organization, .. } = links.0.as_ref();
    let client = Client { description: Some("sign-in link".to_owned()), ..Client::default() };
    match sign_in(platform, &owner(platform), None, None, Some(organization), &client).await {
        Ok(signed) => signed_in(tokens, &signed),
        Err(error) => {
            tracing::error!(error = %flow::causes::Causes(&error), "the demo owner could not sign in");
            page(StatusCode::SERVICE_UNAVAILABLE, "That did not work", "<p>The program's log says why.</p>")
        }
    }
}

fn signed_in(tokens: &AccessTokens, signed: &SignedIn) -> Response {
    let token = tokens.mint(&signed.member, &signed.organization, &signed.session.id);
    let body = format!(
        "<p>This is your access token, good for ten minutes. Paste it under <b>Authorize</b>, <i>access_token</i>, on \
         <a href=\"/docs/\">the API's page</a>, or send it as <code>Authorization: Bearer …</code>.</p>\
         <textarea readonly rows=\"6\" cols=\"80\">{access}</textarea>\
         <p>This is your refresh token: <code>POST /api/v1/auth/refresh</code> exchanges it for the next two.</p>\
         <textarea readonly rows=\"2\" cols=\"80\">{refresh}</textarea>",
        access = token.text.expose_secret(),
        refresh = signed.refresh_token.expose_secret(),
    );
    page(StatusCode::OK, "You are signed in as the demo owner", &body)
}

/// What is shown holds our own texts and tokens alone, which have no characters that HTML reads.
fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1>{body}"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}
