//! Signing in without Firebase, from this machine alone: the demo owner with a link that the program prints, and whoever they
//! invite with the invitation's token.

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
use flow::access::{SignInError, SignedIn, claim, invitations, sign_in};
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

    /// Where whoever was invited joins; their token follows.
    pub fn join(&self) -> String {
        format!("{}/join/", self.0.base_url)
    }

    /// The routes behind the links.
    pub fn router(&self) -> Router {
        Router::new().route("/sign-in/{code}", get(open)).route("/join/{token}", get(join)).with_state(self.clone())
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
    let name = Some("Demo owner".to_owned());
    VerifiedIdentity { name, ..person(platform, "owner", Email::parse("owner@porfin.invalid").ok()) }
}

/// Somebody whom this program takes for who they say they are.
fn person(platform: &Platform, subject: &str, email: Option<Email>) -> VerifiedIdentity {
    VerifiedIdentity {
        issuer: "local".to_owned(),
        subject: subject.to_owned(),
        email,
        email_verified: true,
        name: None,
        auth_time: platform.clock.now(),
    }
}

async fn open(
    State(links): State<SignInLinks>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(code): Path<String>,
) -> Response {
    if !is_this_machine(peer) || !links.take(&code) {
        return not_good("<p>The program has printed the one that is.</p>");
    }
    let Links { platform, organization, .. } = links.0.as_ref();
    let signed = sign_in(platform, &owner(platform), None, None, Some(organization), &client("sign-in link")).await;
    answer(&links, signed, "You are signed in as the demo owner")
}

/// Whoever holds an invitation's token is taken for whom it is for: nobody else could read the address's mail.
async fn join(
    State(links): State<SignInLinks>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
) -> Response {
    let not_good = || not_good("<p>It is good once, and for seven days. Ask for another invitation.</p>");
    if !is_this_machine(peer) {
        return not_good();
    }
    let platform = &links.0.platform;
    let invitation = match invitations::find(platform, &token).await {
        Ok(Some(invitation)) => invitation,
        Ok(None) => return not_good(),
        Err(error) => return answer(&links, Err(error.into()), ""),
    };
    let subject = format!("invited:{}", invitation.email.as_str());
    let invited = person(platform, &subject, Some(invitation.email));
    let signed = sign_in(platform, &invited, None, Some(&token), None, &client("invitation")).await;
    match signed {
        Err(SignInError::Invitation(_)) => not_good(),
        signed => answer(&links, signed, "You have joined"),
    }
}

fn is_this_machine(peer: SocketAddr) -> bool {
    peer.ip().to_canonical().is_loopback()
}

fn client(description: &str) -> Client {
    Client { description: Some(description.to_owned()), ..Client::default() }
}

fn not_good(why: &str) -> Response {
    page(StatusCode::NOT_FOUND, "This link is not good, or not any more", why)
}

fn answer(links: &SignInLinks, signed: Result<SignedIn, SignInError>, title: &str) -> Response {
    match signed {
        Ok(signed) => signed_in(&links.0.tokens, &signed, title),
        Err(error) => {
            tracing::error!(error = %flow::causes::Causes(&error), "somebody could not sign in");
            page(StatusCode::SERVICE_UNAVAILABLE, "That did not work", "<p>The program's log says why.</p>")
        }
    }
}

fn signed_in(tokens: &AccessTokens, signed: &SignedIn, title: &str) -> Response {
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
    page(StatusCode::OK, title, &body)
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
