//! Canned replies and teams are managed.

use domain::access::Role;
use domain::{MemberId, Span};
use serde_json::{Value, json};

use super::world::{NUMBER, OTHER_NUMBER, World, signed_request};

const REPLIES: &str = "/api/v1/canned-replies";
const TEAMS: &str = "/api/v1/teams";

async fn writes(world: &World, shortcut: &str, text: &str) -> String {
    let made = world.post(REPLIES, &json!({"shortcut": shortcut, "title": "Título", "text": text})).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    format!("{REPLIES}/{}", made.json()["id"].as_str().unwrap())
}

async fn team(world: &World, body: &Value) -> String {
    let made = world.post(TEAMS, body).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    format!("{TEAMS}/{}", made.json()["id"].as_str().unwrap())
}

/// Somebody of this role, and their access token.
async fn member(world: &World, role: Role) -> (String, String) {
    let token = world.person(role).await;
    let me = world.ask(signed_request("GET", "/api/v1/auth/me", &token), "").await.json();
    (me["member"]["id"].as_str().unwrap().to_owned(), token)
}

#[tokio::test]
async fn a_shortcut_leads_to_one_canned_reply_whatever_its_case_and_accents() {
    let world = World::new().await;
    let path = writes(&world, "Frete-Grátis", "Oi!").await;
    let other = json!({"shortcut": "frete-gratis", "title": "T", "text": "T"});
    assert_eq!(world.post(REPLIES, &other).await.pointers(409, "name_taken"), ["/shortcut"]);
    // The same one written otherwise is its own; another leaves the name free.
    assert_eq!(world.patch(&path, &json!({"shortcut": "FRETE-gratis"})).await.json()["shortcut"], "FRETE-gratis");
    assert_eq!(world.patch(&path, &json!({"shortcut": "entrega"})).await.status, 200);
    let second = writes(&world, "frete-gratis", "Oi!").await;
    assert_eq!(world.patch(&second, &json!({"shortcut": "Entrega"})).await.pointers(409, "name_taken"), ["/shortcut"]);
    assert_eq!(world.delete(&path).await.status, 204);
    assert_eq!(world.patch(&second, &json!({"shortcut": "Entrega"})).await.status, 200);
    assert_eq!(world.get(REPLIES).await.json()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn of_those_who_take_a_shortcut_at_once_one_gets_it() {
    let world = World::new().await;
    let body = json!({"shortcut": "pix", "title": "T", "text": "T"});
    let made = futures::future::join_all((0..6).map(|_| world.post(REPLIES, &body))).await;
    assert_eq!(made.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(made.iter().filter(|answer| answer.status == 409).count(), 5);
}

#[tokio::test]
async fn a_canned_reply_that_cannot_be_is_refused_at_its_field() {
    let world = World::new().await;
    let body = json!({"shortcut": "duas palavras", "title": "", "text": "Oi, {{contact.nome}}"});
    assert_eq!(world.post(REPLIES, &body).await.pointers(422, "invalid_body"), ["/shortcut", "/title", "/text"]);
}

#[tokio::test]
async fn a_canned_reply_is_filled_in_for_the_customer_and_whoever_answers() {
    let world = World::new().await;
    let conversation = world.writes(NUMBER, 1, "oi").await;
    let text = "Oi, {{contact.first_name}} ({{contact.phone}})! {{member.name}}, da {{organization.name}}.";
    let path = format!("{}/render", writes(&world, "oi", text).await);
    let body = json!({"conversation_id": conversation});
    let filled = world.post(&path, &body).await.json();
    assert_eq!(filled["text"], "Oi, Cliente (+5511900000001)! {{member.name}}, da Padaria.");
    assert_eq!(filled["missing"], json!(["member.name"]), "a program has no name");
    let token = world.person(Role::Viewer).await;
    let asked = signed_request("POST", &path, &token).header("content-type", "application/json");
    let filled = world.ask(asked, &body.to_string()).await.json();
    assert_eq!(
        (&filled["text"], &filled["missing"]),
        (&json!("Oi, Cliente (+5511900000001)! Dona, da Padaria."), &json!([]))
    );
    let theirs = world.writes(OTHER_NUMBER, 1, "oi").await;
    let refused = world.post(&path, &json!({"conversation_id": theirs})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/conversation_id"]);
}

#[tokio::test]
async fn a_team_has_a_name_of_its_own_and_members_of_the_organization() {
    let world = World::new().await;
    let (ana, _) = member(&world, Role::Agent).await;
    let path = team(&world, &json!({"name": "Balcão", "members": [ana]})).await;
    assert_eq!(world.get(&path).await.json()["members"], json!([ana]));
    assert_eq!(world.post(TEAMS, &json!({"name": "BALCAO"})).await.pointers(409, "name_taken"), ["/name"]);
    let stranger = MemberId::from_bits([9; 16]);
    let body = json!({"name": "Vendas", "members": [ana, stranger.as_str()]});
    assert_eq!(world.post(TEAMS, &body).await.pointers(422, "invalid_body"), ["/members/1"]);
    let sales = team(&world, &json!({"name": "Vendas"})).await;
    assert_eq!(world.patch(&sales, &json!({"members": [ana, ana]})).await.json()["members"], json!([ana]));
    assert_eq!(world.patch(&sales, &json!({"name": "balcão"})).await.pointers(409, "name_taken"), ["/name"]);
    assert_eq!(world.delete(&path).await.status, 204);
    assert_eq!(world.patch(&sales, &json!({"name": "Balcão"})).await.json()["name"], "Balcão");
    assert_eq!(world.get(TEAMS).await.json()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_leaves_the_organization_leaves_its_teams() {
    let world = World::new().await;
    member(&world, Role::Owner).await;
    let ((ana, token), (rui, _)) = (member(&world, Role::Agent).await, member(&world, Role::Viewer).await);
    let (one, two) = (
        team(&world, &json!({"name": "One", "members": [ana, rui]})).await,
        team(&world, &json!({"name": "Two", "members": [ana]})).await,
    );
    let left = world.ask(signed_request("DELETE", &format!("/api/v1/members/{rui}"), &token), "").await;
    left.problem(403, "forbidden");
    assert_eq!(world.delete(&format!("/api/v1/members/{ana}")).await.status, 204);
    assert_eq!(world.get(&one).await.json()["members"], json!([rui]));
    assert_eq!(world.get(&two).await.json()["members"], json!([]));
}

#[tokio::test]
async fn nobody_is_put_into_a_team_while_they_leave() {
    for first in [true, false] {
        let world = World::new().await;
        member(&world, Role::Owner).await;
        let (ana, _) = member(&world, Role::Agent).await;
        let path = team(&world, &json!({"name": "One"})).await;
        let (leaves, joins) = (format!("/api/v1/members/{ana}"), json!({"members": [ana]}));
        let (left, joined) = match first {
            true => futures::future::join(world.delete(&leaves), world.patch(&path, &joins)).await,
            false => {
                let (joined, left) = futures::future::join(world.patch(&path, &joins), world.delete(&leaves)).await;
                (left, joined)
            }
        };
        assert_eq!(left.status, 204);
        assert!(matches!(joined.status.as_u16(), 200 | 412 | 422), "{}", joined.status);
        assert_eq!(world.get(&path).await.json()["members"], json!([]));
        world.wait(Span::from_seconds(1));
    }
}
