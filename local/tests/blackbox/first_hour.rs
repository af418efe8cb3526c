//! What somebody does who has just started the program: with the links that it prints and the API alone.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::callers::{sign_in_link, token_behind};
use crate::endpoint::Endpoint;
use crate::wait::PATIENCE;
use crate::webhook::Customer;
use crate::world::World;

/// A person at a browser, who has an access token once they are signed in.
struct Somebody<'w> {
    world: &'w World,
    http: Client,
    token: String,
}

impl<'w> Somebody<'w> {
    /// Opens a link that signs them in.
    async fn signs_in(world: &'w World, link: &str) -> Result<Self, StatusCode> {
        let http = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let token = token_behind(&http, link).await?;
        Ok(Self { world, http, token })
    }

    async fn asks(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method, self.world.url(&format!("/api/v1{path}"))).bearer_auth(&self.token);
        let request = request.header("idempotency-key", self.world.unique().to_string());
        let request = if body.is_null() { request } else { request.json(&body) };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn does(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.asks(method, path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }
}

#[tokio::test]
async fn an_owner_answers_a_customer_invites_somebody_and_is_told_by_a_webhook() {
    let world = World::without_model().await;
    let owner = Somebody::signs_in(&world, &sign_in_link(&world, 1).await).await.unwrap();
    assert_eq!(owner.does(Method::GET, "/auth/me", Value::Null).await["member"]["role"], "owner");

    // A webhook is told of what happens from now on.
    let endpoint = Endpoint::up(&[204]);
    let made = owner.does(Method::POST, "/webhook-endpoints", json!({"url": endpoint.url})).await;
    let secret = made["secret"].as_str().unwrap();

    // A customer writes, and the owner answers.
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.says(&ana, "oi").await;
    world.meta.accepts(ana.address(), 1).await;
    let told = endpoint.told("message.received", secret).await;
    let conversation = told["data"]["conversation_id"].as_str().unwrap();
    let answer = json!({"content": {"type": "text", "body": "Oi, Ana! Sou eu mesma."}});
    let sent = owner.does(Method::POST, &format!("/conversations/{conversation}/messages"), answer).await;
    world.meta.accepts(ana.address(), 2).await;
    assert_eq!(sent["origin"], "person");

    // Whoever is invited joins with the token, and may do what their role allows.
    let invited =
        owner.does(Method::POST, "/invitations", json!({"email": "bia@padaria.example", "role": "agent"})).await;
    let link = world.url(&format!("/join/{}", invited["token"].as_str().unwrap()));
    let bia = Somebody::signs_in(&world, &link).await.unwrap();
    assert_eq!(bia.does(Method::GET, "/auth/me", Value::Null).await["member"]["role"], "agent");
    bia.does(Method::POST, &format!("/conversations/{conversation}/take-over"), Value::Null).await;
    let (status, refused) = bia.asks(Method::GET, "/api-keys", Value::Null).await;
    assert_eq!((status, &refused["code"]), (403, &json!("forbidden")));
    let members = owner.does(Method::GET, "/members", Value::Null).await;
    assert_eq!(members["data"].as_array().unwrap().len(), 2, "{members}");
    endpoint.told("conversation.updated", secret).await;
    endpoint.tried(1).await;
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let world = World::without_model().await;
    let link = sign_in_link(&world, 1).await;
    let owner = Somebody::signs_in(&world, &link).await.unwrap();
    assert_eq!(Somebody::signs_in(&world, &link).await.err(), Some(StatusCode::NOT_FOUND));
    // The next one was printed.
    Somebody::signs_in(&world, &sign_in_link(&world, 2).await).await.unwrap();

    let invite = json!({"email": "bia@padaria.example", "role": "viewer"});
    let first = owner.does(Method::POST, "/invitations", invite.clone()).await;
    let second = owner.does(Method::POST, "/invitations", invite).await;
    let join = |token: &str| world.url(&format!("/join/{token}"));
    let (first, second) = (first["token"].as_str().unwrap(), second["token"].as_str().unwrap());
    for wrong in [first, "pin_x", &second[..second.len() - 1]] {
        assert_eq!(Somebody::signs_in(&world, &join(wrong)).await.err(), Some(StatusCode::NOT_FOUND), "{wrong}");
    }
    Somebody::signs_in(&world, &join(second)).await.unwrap();
    assert_eq!(Somebody::signs_in(&world, &join(second)).await.err(), Some(StatusCode::NOT_FOUND));
}
