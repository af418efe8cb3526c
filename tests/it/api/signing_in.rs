//! Signing in, going on and out; members, invitations and keys through HTTP.

use domain::access::Role;
use domain::{Span, Timestamp};
use serde_json::{Value, json};

use super::world::{Answer, KEY, OPERATOR_KEY, OWNER, World, open_request, request, signed_request};

const ME: &str = "/api/v1/auth/me";

async fn ask(world: &World, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    let request = signed_request(method, &format!("/api/v1{path}"), token).header("content-type", "application/json");
    world.ask(request, &if body.is_null() { String::new() } else { body.to_string() }).await
}

async fn get(world: &World, path: &str, token: &str) -> Answer {
    ask(world, "GET", path, token, &Value::Null).await
}

async fn refresh(world: &World, token: &Value) -> Answer {
    let request = open_request("POST", "/api/v1/auth/refresh").header("content-type", "application/json");
    world.ask(request, &json!({"refresh_token": token}).to_string()).await
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn the_owners_first_sign_in_makes_the_first_organization() {
    let world = World::new().await;
    let signed = world.signs_in(OWNER, None).await;
    assert_eq!(signed.status, 201);
    let (signed, again) = (signed.json(), world.signs_in(OWNER, None).await.json());
    assert_eq!((&signed["role"], &signed["organization_id"]), (&json!("owner"), &again["organization_id"]));
    assert_eq!(again["organizations"].as_array().unwrap().len(), 1);
    let me = get(&world, "/auth/me", text(&signed["access_token"])).await.json();
    assert_eq!((&me["member"]["email"], &me["session_id"]), (&json!(OWNER), &signed["session_id"]));
    assert_eq!(me["permissions"].as_array().unwrap().len(), domain::access::Permission::ALL.len());
    let organization = get(&world, "/organization", text(&signed["access_token"])).await.json();
    assert_eq!((&organization["id"], &organization["plan"]), (&signed["organization_id"], &json!("free")));
}

#[tokio::test]
async fn who_belongs_nowhere_gets_nothing() {
    let world = World::new().await;
    world.signs_in("stranger@elsewhere.example", None).await.problem(403, "no_membership");
    let wrong = world.signs_in("stranger@elsewhere.example", Some("pinv_none")).await;
    assert_eq!(wrong.pointers(409, "invitation_invalid"), ["/invitation"]);
}

#[tokio::test]
async fn an_invited_person_comes_in_once_and_with_their_own_address() {
    let world = World::new().await;
    let owner = world.person(Role::Owner).await;
    let body = json!({"email": "ana@padaria.example", "role": "agent"});
    let invited = ask(&world, "POST", "/invitations", &owner, &body).await;
    assert_eq!(invited.status, 201);
    let invited = invited.json();
    let listed = get(&world, "/invitations", &owner).await.json();
    assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["token"]), (&invited["id"], &Value::Null));
    let token = text(&invited["token"]);
    world.signs_in("bia@padaria.example", Some(token)).await.problem(409, "invitation_invalid");
    let ana = world.signs_in("ana@padaria.example", Some(token)).await.json();
    assert_eq!((&ana["role"], &ana["organization_id"]), (&json!("agent"), &json!(world.bakery)));
    assert!(get(&world, "/invitations", &owner).await.json()["data"].as_array().unwrap().is_empty());
    world.signs_in("bia@padaria.example", Some(token)).await.problem(409, "invitation_invalid");
    let members = get(&world, "/members", text(&ana["access_token"])).await.json();
    assert_eq!(members["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_with_the_next_request() {
    let world = World::new().await;
    let (owner, admin) = (world.person(Role::Owner).await, world.person(Role::Admin).await);
    let me = get(&world, "/auth/me", &admin).await.json();
    let path = format!("/members/{}", text(&me["member"]["id"]));
    let body = json!({"role": "viewer"});
    ask(&world, "PATCH", &path, &owner, &body).await.problem(428, "precondition_required");
    let tag = get(&world, &path, &owner).await.header("etag").to_owned();
    let with = |tag: &str| {
        signed_request("PATCH", &format!("/api/v1{path}"), &owner)
            .header("if-match", tag)
            .header("content-type", "application/json")
    };
    world.ask(with("\"other\""), &body.to_string()).await.problem(412, "precondition_failed");
    let changed = world.ask(with(&tag), &body.to_string()).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["role"]), (200, &json!("viewer")));
    world.ask(with(&tag), &body.to_string()).await.problem(412, "precondition_failed");
    let refused = ask(&world, "POST", "/invitations", &admin, &json!({"email": "a@b.example", "role": "viewer"})).await;
    refused.problem(403, "forbidden");
    assert_eq!(ask(&world, "DELETE", &path, &owner, &Value::Null).await.status, 204);
    get(&world, "/auth/me", &admin).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let world = World::new().await;
    let owner = world.person(Role::Owner).await;
    let me = get(&world, "/auth/me", &owner).await.json();
    let path = format!("/members/{}", text(&me["member"]["id"]));
    ask(&world, "DELETE", &path, &owner, &Value::Null).await.problem(409, "last_owner");
}

#[tokio::test]
async fn a_session_goes_on_with_each_refresh_token_once_and_ends_when_one_is_used_again() {
    let world = World::new().await;
    let signed = world.signs_in(OWNER, None).await.json();
    let next = refresh(&world, &signed["refresh_token"]).await;
    assert_eq!(next.status, 200);
    let next = next.json();
    world.wait(Span::from_seconds(10));
    let same = refresh(&world, &signed["refresh_token"]).await.json();
    assert_eq!(same["refresh_token"], next["refresh_token"]);
    world.wait(Span::from_micros(1));
    refresh(&world, &signed["refresh_token"]).await.problem(401, "unauthorized");
    for token in [&next["access_token"], &signed["access_token"]] {
        get(&world, "/auth/me", text(token)).await.problem(401, "unauthorized");
    }
    refresh(&world, &next["refresh_token"]).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn an_access_token_is_good_for_ten_minutes() {
    let world = World::new().await;
    let signed = world.signs_in(OWNER, None).await.json();
    let until: Timestamp = text(&signed["access_token_expires_at"]).to_owned().try_into().unwrap();
    world.clock.set(until - Span::from_seconds(1));
    assert_eq!(get(&world, "/auth/me", text(&signed["access_token"])).await.status, 200);
    world.wait(Span::from_seconds(1));
    get(&world, "/auth/me", text(&signed["access_token"])).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_sign_out_ends_the_access_token_too() {
    let world = World::new().await;
    let (first, second) = (world.signs_in(OWNER, None).await.json(), world.signs_in(OWNER, None).await.json());
    let token = text(&second["access_token"]);
    let listed = get(&world, "/auth/sessions", token).await.json();
    let current: Vec<_> = listed["data"].as_array().unwrap().iter().map(|session| session["current"].clone()).collect();
    assert_eq!(current, [json!(true), json!(false)]);
    let path = format!("/auth/sessions/{}", text(&first["session_id"]));
    assert_eq!(ask(&world, "DELETE", &path, token, &Value::Null).await.status, 204);
    ask(&world, "DELETE", &path, token, &Value::Null).await.problem(404, "not_found");
    get(&world, "/auth/me", text(&first["access_token"])).await.problem(401, "unauthorized");
    assert_eq!(ask(&world, "DELETE", "/auth/sessions", token, &Value::Null).await.status, 204);
    get(&world, "/auth/me", token).await.problem(401, "unauthorized");
    refresh(&world, &second["refresh_token"]).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn who_signs_in_is_counted_and_nobody_signs_in_uncounted() {
    let world = World::new().await;
    for _ in 0..10 {
        assert_eq!(world.signs_in(OWNER, None).await.status, 201);
    }
    world.signs_in(OWNER, None).await.problem(429, "too_many_attempts");
    let mut world = World::new().await;
    world.platform.limiter = std::sync::Arc::new(super::faults::Gone);
    world.signs_in(OWNER, None).await.problem(503, "unavailable");
}

#[tokio::test]
async fn a_credential_is_one_and_of_the_right_kind() {
    let world = World::new().await;
    let owner = world.person(Role::Owner).await;
    for request in [
        signed_request("GET", ME, &owner).header("x-api-key", KEY),
        signed_request("GET", ME, OPERATOR_KEY),
        signed_request("GET", ME, &owner[1..]),
        signed_request("GET", ME, &world.id_token(OWNER)),
        open_request("GET", ME).header("authorization", format!("Basic {owner}")),
        open_request("GET", ME).header("authorization", &owner),
    ] {
        world.ask(request, "").await.problem(401, "unauthorized");
    }
    world.ask(request("GET", ME), "").await.problem(403, "forbidden");
    assert_eq!(
        world.ask(open_request("GET", ME).header("authorization", format!("bearer {owner}")), "").await.status,
        200
    );
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_until_it_is_revoked() {
    let world = World::new().await;
    let admin = world.person(Role::Admin).await;
    let body = json!({"name": "Orders", "scopes": ["conversations:read"], "ip_ranges": ["192.0.2.0/24"]});
    let made = ask(&world, "POST", "/api-keys", &admin, &body).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let path = format!("/api-keys/{}", text(&made["id"]));
    let with = |key: &str, path: &str| open_request("GET", &format!("/api/v1{path}")).header("x-api-key", key);
    let first = text(&made["secret"]).to_owned();
    assert_eq!(world.ask(with(&first, "/conversations"), "").await.status, 200);
    world.ask(with(&first, "/members"), "").await.problem(403, "forbidden");
    let elsewhere: std::net::SocketAddr = "198.51.100.9:80".parse().unwrap();
    let far = with(&first, "/conversations").extension(axum::extract::ConnectInfo(elsewhere));
    world.ask(far, "").await.problem(401, "unauthorized");

    let rotated = ask(&world, "POST", &format!("{path}/rotate"), &admin, &Value::Null).await.json();
    let second = text(&rotated["secret"]).to_owned();
    for key in [&first, &second] {
        assert_eq!(world.ask(with(key, "/conversations"), "").await.status, 200);
    }
    world.wait(Span::from_hours(7 * 24));
    let admin = text(&world.signs_in("admin@padaria.example", None).await.json()["access_token"]).to_owned();
    world.ask(with(&first, "/conversations"), "").await.problem(401, "unauthorized");
    assert_eq!(world.ask(with(&second, "/conversations"), "").await.status, 200);
    let revoked = ask(&world, "DELETE", &path, &admin, &Value::Null).await.json();
    assert!(revoked["revoked_at"].is_string() && revoked["secret"].is_null());
    world.ask(with(&second, "/conversations"), "").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_key_that_is_in_use_is_changed_as_it_was_read() {
    let world = World::new().await;
    let made =
        world.post("/api/v1/api-keys", &json!({"name": "Orders", "scopes": ["conversations:read"]})).await.json();
    let path = format!("/api/v1/api-keys/{}", text(&made["id"]));
    let read = world.get(&path).await;
    // That it was used is noted on it.
    world.wait(Span::from_minutes(10));
    let used = open_request("GET", "/api/v1/conversations").header("x-api-key", text(&made["secret"]));
    assert_eq!(world.ask(used, "").await.status, 200);
    assert!(world.get(&path).await.json()["last_used_at"].is_string());
    let change = request("PATCH", &path).header("content-type", "application/json");
    let change = change.header("if-match", read.header("etag"));
    assert_eq!(world.ask(change, &json!({"name": "Invoices"}).to_string()).await.status, 200);
    let change = request("PATCH", &path).header("content-type", "application/json");
    let change = change.header("if-match", read.header("etag"));
    world.ask(change, &json!({"name": "Bills"}).to_string()).await.problem(412, "precondition_failed");
}

#[tokio::test]
async fn nobody_makes_a_key_that_may_more_than_they_may() {
    let world = World::new().await;
    let admin = world.person(Role::Admin).await;
    let narrow = json!({"name": "Narrow", "scopes": ["api_keys:write"]});
    let narrow = ask(&world, "POST", "/api-keys", &admin, &narrow).await.json();
    let wide = json!({"name": "Wide", "scopes": ["messages:send"]}).to_string();
    let request = open_request("POST", "/api/v1/api-keys").header("x-api-key", text(&narrow["secret"]));
    world.ask(request.header("content-type", "application/json"), &wide).await.problem(403, "forbidden");
    let unknown = json!({"name": "Wrong", "scopes": ["conversations:read", "everything"]});
    let refused = ask(&world, "POST", "/api-keys", &admin, &unknown).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/scopes/1"]);
}

#[tokio::test]
async fn a_creation_with_an_idempotency_key_happens_once() {
    let world = World::new().await;
    let admin = world.person(Role::Admin).await;
    let create = async |key: &str, name: &str| {
        let request = signed_request("POST", "/api/v1/api-keys", &admin).header("content-type", "application/json");
        let body = json!({"name": name, "scopes": ["events:read"]}).to_string();
        world.ask(request.header("idempotency-key", key), &body).await
    };
    let first = create("one", "Orders").await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (201, ""));
    world.wait(Span::from_minutes(5));
    let again = create("one", "Orders").await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.json(), first.json());
    create("one", "Invoices").await.problem(409, "idempotency_key_reused");
    create("", "Invoices").await.problem(400, "idempotency_key_invalid");
    create("two", "").await.problem(422, "invalid_body");
    assert_eq!(create("two", "Invoices").await.status, 201);
    let listed = get(&world, "/api-keys", &admin).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_idempotency_key_is_its_callers_own() {
    let world = World::new().await;
    let (owner, admin) = (world.signs_in(OWNER, None).await.json(), world.person(Role::Admin).await);
    assert!(owner["access_token"].is_string());
    let body = json!({"name": "Orders", "scopes": ["api_keys:write", "events:read"]}).to_string();
    let create = async |request: axum::http::request::Builder| {
        let request = request.header("content-type", "application/json").header("idempotency-key", "one");
        world.ask(request, &body).await
    };
    let first = create(signed_request("POST", "/api/v1/api-keys", &admin)).await;
    assert_eq!(first.status, 201);
    // Somebody else with the very same request makes a key of their own.
    let other = create(request("POST", "/api/v1/api-keys")).await;
    assert_eq!((other.status.as_u16(), other.header("idempotency-replayed")), (201, ""));
    assert_ne!(other.json()["secret"], first.json()["secret"]);
    // And who may not give those scopes gets no secret that somebody else was given.
    let narrow = json!({"name": "Narrow", "scopes": ["api_keys:write"]});
    let narrow = world.post("/api/v1/api-keys", &narrow).await.json();
    let narrow = open_request("POST", "/api/v1/api-keys").header("x-api-key", narrow["secret"].as_str().unwrap());
    create(narrow).await.problem(403, "forbidden");
}

#[tokio::test]
async fn settings_change_as_they_were_read_and_null_is_not_absent() {
    let world = World::new().await;
    let admin = world.person(Role::Admin).await;
    let change = async |body: Value| {
        let tag = get(&world, "/organization", &admin).await.header("etag").to_owned();
        let request = signed_request("PATCH", "/api/v1/organization", &admin).header("if-match", format!("W/{tag}"));
        world.ask(request.header("content-type", "application/json"), &body.to_string()).await
    };
    let day = json!([{"from": 480, "until": 1080}]);
    let hours = json!([day, day, day, day, day, [], []]);
    let changed = change(json!({"name": "Padaria da Praça", "language": "es", "hours": hours})).await.json();
    assert_eq!((&changed["name"], &changed["hours"]), (&json!("Padaria da Praça"), &hours));
    assert_eq!(change(json!({"time_zone": "America/Bahia"})).await.json()["hours"], hours);
    assert_eq!(change(json!({"hours": null})).await.json()["hours"], Value::Null);
    for (wrong, pointer) in [
        (json!({"time_zone": "Mars/Base"}), "/time_zone"),
        (json!({"name": ""}), "/name"),
        (json!({"hours": [[]]}), "/hours"),
        (json!({"plan": "enterprise"}), "/plan"),
    ] {
        assert_eq!(change(wrong.clone()).await.pointers(422, "invalid_body"), [pointer], "{wrong}");
    }
}

#[tokio::test]
async fn the_keys_of_access_tokens_are_public() {
    let world = World::new().await;
    let keys = world.ask(open_request("GET", "/.well-known/jwks.json"), "").await.json();
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["crv"]), (&json!("OKP"), &json!("Ed25519")));
    assert!(keys["keys"][0].get("d").is_none());
}
