//! Everybody who calls the API: each role, a program, and whoever runs the deployment.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::meta::Meta;
use crate::wait::eventually;
use crate::webhook::now;
use crate::world::World;

/// The Firebase project that people sign in with.
pub const PROJECT: &str = "porfin-test";

/// Whose first sign-in makes an organization of their own, beside the one that the program comes with.
const NEWCOMER: &str = "dona@florista.example";

const ROLES: [&str; 5] = ["viewer", "agent", "supervisor", "admin", "owner"];

/// Somebody who calls the API.
#[derive(Debug, Clone)]
pub struct Caller {
    pub name: &'static str,
    /// A person's role and address.
    pub person: Option<(&'static str, String)>,
    /// The header that carries their credential, and what it says.
    pub credential: (&'static str, String),
    /// What the document calls that which they may do.
    pub permissions: BTreeSet<String>,
}

/// The organization that the program comes with, and who calls in its name.
pub struct Business {
    pub callers: Vec<Caller>,
    /// The access token of its first owner.
    pub owner: String,
    /// An organization that is none of its callers'.
    pub other_organization: String,
}

/// A world where people sign in, without the program.
pub fn with_people() -> World {
    let mut world = World::prepared(Meta::up(), None);
    // Only a development build looks at it, and nothing is asked of that address.
    world.set("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9");
    world.set("FIREBASE_PROJECT_ID", PROJECT);
    world.set("PORFIN_OWNER_EMAIL", NEWCOMER);
    world
}

/// Invites somebody of each role, and lets the organization do as much as any.
pub async fn everybody(world: &World) -> Business {
    let http = Client::builder().no_proxy().timeout(crate::wait::PATIENCE).build().unwrap();
    let file = world.home.local_json();
    let text = |member: &str| file[member].as_str().unwrap().to_owned();
    let (key, operator) = (text("api_key"), format!("Bearer {}", text("operator_key")));
    let plan = format!("/api/v1/operator/organizations/{}/plan", text("organization_id"));
    ask(http.post(world.url(&plan)).header("authorization", &operator).json(&json!({"plan": "enterprise"}))).await;

    let owner = token_behind(&http, &sign_in_link(world, 1).await).await.unwrap();
    let newcomer = sign_in(world, &http, NEWCOMER, None).await;
    let mut callers = Vec::new();
    for role in ROLES {
        callers.push(invited(world, &http, &owner, role).await);
    }
    let keys = ask(http.get(world.url("/api/v1/api-keys")).header("x-api-key", &key)).await;
    callers.push(Caller {
        name: "program",
        person: None,
        credential: ("X-API-Key", key),
        permissions: with(&keys["data"][0]["scopes"], &["none"]),
    });
    callers.push(Caller {
        name: "operator",
        person: None,
        credential: ("Authorization", operator),
        permissions: with(&Value::Null, &["none", "operator"]),
    });
    let other_organization = newcomer["organization_id"].as_str().unwrap().to_owned();
    Business { callers, owner, other_organization }
}

/// A link that signs the first owner in: the first, second or a later one that the program printed.
pub async fn sign_in_link(world: &World, nth: usize) -> String {
    let link = || async {
        let log = world.log.text();
        let (_, link) = log.match_indices("/sign-in/").nth(nth - 1).map(|(at, _)| log.split_at(at))?;
        // Whole, once the next line has begun.
        link.split_once('\n').map(|(link, _)| link.to_owned())
    };
    world.url(&eventually("a link", link).await)
}

/// The access token that the page behind a link shows.
pub async fn token_behind(http: &Client, link: &str) -> Result<String, StatusCode> {
    let page = http.get(link).send().await.unwrap();
    if page.status() != StatusCode::OK {
        return Err(page.status());
    }
    let page = page.text().await.unwrap();
    let (_, token) = page.split_once("<textarea").and_then(|(_, rest)| rest.split_once('>')).expect("a token");
    Ok(token.split('<').next().unwrap().to_owned())
}

async fn invited(world: &World, http: &Client, owner: &str, role: &'static str) -> Caller {
    let email = format!("{role}@padaria.example");
    let new = json!({"email": email, "role": role});
    let invitation = ask(http.post(world.url("/api/v1/invitations")).bearer_auth(owner).json(&new)).await;
    let signed_in = sign_in(world, http, &email, invitation["token"].as_str()).await;
    let token = signed_in["access_token"].as_str().unwrap();
    let me = ask(http.get(world.url("/api/v1/auth/me")).bearer_auth(token)).await;
    Caller {
        name: role,
        person: Some((role, email)),
        credential: ("Authorization", format!("Bearer {token}")),
        permissions: with(&me["permissions"], &["none", "signed_in"]),
    }
}

/// Signs in with what Firebase's emulator gives out: a token without a signature.
async fn sign_in(world: &World, http: &Client, email: &str, invitation: Option<&str>) -> Value {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let now: i64 = now().parse().unwrap();
    let claims = json!({
        "iss": format!("https://securetoken.google.com/{PROJECT}"), "aud": PROJECT, "sub": email, "email": email,
        "email_verified": true, "name": "Dona", "iat": now, "auth_time": now, "exp": now + 3_600,
        "firebase": {"sign_in_provider": "password"},
    });
    let token = format!("{}.{}.", part(json!({"alg": "none", "typ": "JWT"})), part(claims));
    let body = json!({"id_token": token, "invitation": invitation});
    ask(http.post(world.url("/api/v1/auth/session")).json(&body)).await
}

/// The JSON of a success.
async fn ask(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).unwrap()
}

fn with(permissions: &Value, more: &[&str]) -> BTreeSet<String> {
    let named = permissions.as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
    named.chain(more.iter().copied()).map(ToOwned::to_owned).collect()
}
