//! Conversations that need a person are given to the people of a team.

use std::collections::BTreeMap;

use domain::access::Role;
use domain::{ConversationId, Email, MemberId, Span};
use flow::access::{invitations, members};
use flow::audit::{Actor, Who};
use flow::ports::{Precondition, Write};
use flow::records::{member_path, write_member};
use flow::upkeep::tick;
use futures::future::join_all;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::world::{NUMBER, World, signed_request};

/// Somebody of the bakery, and their access token.
async fn somebody(world: &World, name: &str, role: Role) -> (String, String) {
    let email = format!("{name}@padaria.example");
    let actor = Actor { who: Who::Operator, request_id: String::new(), address: None };
    let address = Email::parse(&email).unwrap();
    let invited = invitations::create(&world.platform, &actor, &world.bakery, &address, role).await.unwrap();
    let signed = world.signs_in(&email, Some(invited.token.expose_secret())).await.json();
    (text(&signed["member_id"]), text(&signed["access_token"]))
}

async fn agents(world: &World, names: &[&str]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for name in names {
        all.push(somebody(world, name, Role::Agent).await);
        world.wait(Span::from_seconds(10));
    }
    all
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn team(world: &World, members: &[&(String, String)], distribution: Value) -> String {
    let members: Vec<&str> = members.iter().map(|(id, _)| id.as_str()).collect();
    let body = json!({"name": "Balcão", "members": members, "distribution": distribution});
    let made = world.post("/api/v1/teams", &body).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    text(&made.json()["id"])
}

/// What customers write goes to this team.
async fn everything_goes_to(world: &World, team: &str) -> String {
    let rule = json!({"name": "Tudo", "when": {"type": "message_type", "is": ["text"]},
                      "then": [{"type": "team", "team_id": team}]});
    let made = world.post("/api/v1/routing-rules", &rule).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    text(&made.json()["id"])
}

async fn shown(world: &World, id: &ConversationId) -> Value {
    world.get(&format!("/api/v1/conversations/{id}")).await.json()
}

/// Who looks after how many of these; "null": nobody.
async fn loads(world: &World, ids: &[ConversationId]) -> BTreeMap<String, usize> {
    let mut loads = BTreeMap::new();
    for id in ids {
        let shown = shown(world, id).await;
        let who = shown["assignee_id"].as_str().unwrap_or("null").to_owned();
        *loads.entry(who).or_insert(0) += 1;
    }
    world.wait(Span::from_minutes(1));
    loads
}

async fn all_at_once(world: &World, count: u32) -> Vec<ConversationId> {
    join_all((1..=count).map(|customer| world.writes(NUMBER, customer, "oi"))).await
}

async fn availability(world: &World, token: &str, availability: &str) {
    let request = signed_request("POST", "/api/v1/auth/me/availability", token);
    let request = request.header("content-type", "application/json");
    let answer = world.ask(request, &json!({"availability": availability}).to_string()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["availability"]), (200, &json!(availability)));
}

async fn upkeep(world: &World) {
    world.wait(Span::from_minutes(6));
    tick(&world.platform, world.business.as_ref()).await;
}

#[tokio::test]
async fn people_take_turns_and_no_turn_is_taken_twice_however_many_come_at_once() {
    let world = World::new().await;
    let all = agents(&world, &["ana", "bia", "caio"]).await;
    let team = team(&world, &[&all[0], &all[1], &all[2]], json!({"strategy": "round_robin"})).await;
    everything_goes_to(&world, &team).await;
    for round in 0..3 {
        let ids = join_all((1..=6).map(|n| world.writes(NUMBER, 100 * round + n, "oi"))).await;
        let loads = loads(&world, &ids).await;
        assert_eq!(loads.into_values().collect::<Vec<_>>(), [2, 2, 2], "round {round}");
    }
}

#[tokio::test]
async fn nobody_is_given_more_than_the_team_says_and_the_others_wait_in_their_order() {
    for strategy in ["least_busy", "round_robin"] {
        let world = World::new().await;
        let all = agents(&world, &["ana", "bia"]).await;
        let team = team(&world, &[&all[0], &all[1]], json!({"strategy": strategy, "most_open": 2})).await;
        everything_goes_to(&world, &team).await;
        let mut ids = all_at_once(&world, 4).await;
        for customer in 5..=6 {
            world.wait(Span::from_seconds(30));
            ids.push(world.writes(NUMBER, customer, "oi").await);
        }
        let given = loads(&world, &ids).await;
        assert_eq!(given.get("null"), Some(&2), "{strategy}: {given:?}");
        assert!(given.values().all(|count| *count == 2), "{strategy}: {given:?}");
        let waits = shown(&world, &ids[4]).await;
        let queue = (&waits["team_id"], &waits["assignee_id"], &waits["attention"]);
        assert_eq!(queue, (&json!(team), &Value::Null, &json!("hand_over")));
        // Who closes one is given the one that has waited longest.
        let closed = shown(&world, &ids[0]).await;
        world.post(&format!("/api/v1/conversations/{}/close", ids[0]), &json!({})).await;
        assert_eq!(shown(&world, &ids[4]).await["assignee_id"], closed["assignee_id"]);
        assert_eq!(shown(&world, &ids[5]).await["assignee_id"], Value::Null);
        // More room lets the next in.
        let distribution = json!({"distribution": {"strategy": strategy, "most_open": 3}});
        assert_eq!(world.patch(&format!("/api/v1/teams/{team}"), &distribution).await.status, 200);
        assert_ne!(shown(&world, &ids[5]).await["assignee_id"], Value::Null);
    }
}

#[tokio::test]
async fn who_is_away_or_may_not_answer_is_given_nothing_until_they_are_there() {
    let world = World::new().await;
    let all = agents(&world, &["ana", "bia"]).await;
    let viewer = somebody(&world, "vera", Role::Viewer).await;
    let team = team(&world, &[&all[0], &all[1], &viewer], json!({"strategy": "round_robin"})).await;
    everything_goes_to(&world, &team).await;
    availability(&world, &all[0].1, "away").await;
    let ids = all_at_once(&world, 3).await;
    assert_eq!(loads(&world, &ids).await, BTreeMap::from([(all[1].0.clone(), 3)]));
    world.signs_in("bia@padaria.example", None).await;
    let bia = text(&world.signs_in("bia@padaria.example", None).await.json()["access_token"]);
    availability(&world, &bia, "away").await;
    let waits = world.writes(NUMBER, 9, "oi").await;
    assert_eq!(shown(&world, &waits).await["assignee_id"], Value::Null);
    assert_eq!(loads(&world, &ids).await, BTreeMap::from([(all[1].0.clone(), 3)]), "what she has stays with her");
    let ana = text(&world.signs_in("ana@padaria.example", None).await.json()["access_token"]);
    availability(&world, &ana, "available").await;
    assert_eq!(shown(&world, &waits).await["assignee_id"], json!(all[0].0));
    let log = world.get("/api/v1/audit-log?action=member.availability_changed").await.json();
    assert_eq!(log["data"].as_array().unwrap().len(), 3, "{log}");
}

#[tokio::test]
async fn a_team_by_hand_gives_nothing_out() {
    let world = World::new().await;
    let all = agents(&world, &["ana"]).await;
    let team = team(&world, &[&all[0]], json!({"strategy": "manual"})).await;
    everything_goes_to(&world, &team).await;
    let id = world.writes(NUMBER, 1, "oi").await;
    upkeep(&world).await;
    let waits = shown(&world, &id).await;
    assert_eq!((&waits["team_id"], &waits["assignee_id"]), (&json!(team), &Value::Null));
    let body = json!({"distribution": {"strategy": "least_busy"}});
    assert_eq!(world.patch(&format!("/api/v1/teams/{team}"), &body).await.status, 200);
    assert_eq!(shown(&world, &id).await["assignee_id"], json!(all[0].0));
}

#[tokio::test]
async fn what_nobody_was_given_because_of_a_crash_upkeep_gives_out() {
    let world = World::new().await;
    let all = agents(&world, &["ana"]).await;
    let team = team(&world, &[&all[0]], json!({"strategy": "least_busy"})).await;
    everything_goes_to(&world, &team).await;
    availability(&world, &all[0].1, "away").await;
    let id = world.writes(NUMBER, 1, "oi").await;
    // She is there again, and whoever noted it died before the queue was looked at.
    let member: MemberId = all[0].0.parse().unwrap();
    let found = members::get(&world.platform, &world.bakery, &member).await.unwrap().unwrap();
    let there = flow::records::Member { availability: domain::team::Availability::Available, ..found.value };
    let write = Write::Set {
        path: member_path(&world.bakery, &member),
        fields: write_member(&world.platform, &there),
        precondition: Precondition::None,
    };
    world.platform.documents.commit(vec![write]).await.unwrap();
    assert_eq!(shown(&world, &id).await["assignee_id"], Value::Null);
    upkeep(&world).await;
    assert_eq!(shown(&world, &id).await["assignee_id"], json!(all[0].0));
}

#[tokio::test]
async fn what_somebody_looked_after_who_leaves_goes_back_to_the_queue() {
    let world = World::new().await;
    somebody(&world, "dona", Role::Owner).await;
    let all = agents(&world, &["ana", "bia"]).await;
    let team = team(&world, &[&all[0], &all[1]], json!({"strategy": "round_robin", "most_open": 3})).await;
    everything_goes_to(&world, &team).await;
    let ids = all_at_once(&world, 4).await;
    assert_eq!(loads(&world, &ids).await.into_values().collect::<Vec<_>>(), [2, 2]);
    assert_eq!(world.delete(&format!("/api/v1/members/{}", all[0].0)).await.status, 204);
    upkeep(&world).await;
    // Bia has room for one more; the other one waits for somebody.
    let after = loads(&world, &ids).await;
    assert_eq!(after, BTreeMap::from([(all[1].0.clone(), 3), ("null".to_owned(), 1)]));
    let (caio, _) = somebody(&world, "caio", Role::Agent).await;
    let body = json!({"members": [all[1].0, caio]});
    assert_eq!(world.patch(&format!("/api/v1/teams/{team}"), &body).await.status, 200);
    assert_eq!(loads(&world, &ids).await, BTreeMap::from([(all[1].0.clone(), 3), (caio, 1)]));
    for _ in 0..4 {
        upkeep(&world).await;
        world.wait(Span::from_minutes(10));
    }
    let path = flow::records::left_work_path(&world.bakery, &all[0].0.parse().unwrap());
    assert!(world.platform.documents.get(&path).await.unwrap().is_none(), "it is done");
}

#[tokio::test]
async fn a_team_that_a_rule_names_stays_and_what_a_removed_one_had_is_the_organizations() {
    let world = World::new().await;
    let all = agents(&world, &["ana", "bia"]).await;
    let team = team(&world, &[&all[0]], json!({"strategy": "least_busy", "most_open": 1})).await;
    let rule = everything_goes_to(&world, &team).await;
    let ids = all_at_once(&world, 2).await;
    let path = format!("/api/v1/teams/{team}");
    let refused = world.delete(&path).await.problem(409, "in_use");
    assert!(refused["detail"].as_str().unwrap().contains(&rule), "{refused}");
    assert_eq!(world.delete(&format!("/api/v1/routing-rules/{rule}")).await.status, 204);
    assert_eq!(world.delete(&path).await.status, 204);
    let body = json!({"distribution": {"strategy": "least_busy"}});
    assert_eq!(world.patch("/api/v1/organization", &body).await.status, 200);
    upkeep(&world).await;
    for id in &ids {
        assert_eq!(shown(&world, id).await["team_id"], Value::Null);
    }
    let after = loads(&world, &ids).await;
    assert_eq!(
        after,
        BTreeMap::from([(all[0].0.clone(), 1), (all[1].0.clone(), 1)]),
        "the one that waited is given out"
    );
    let gone = json!({"name": "x", "when": {"type": "first_message"}, "then": [{"type": "team", "team_id": team}]});
    let refused = world.post("/api/v1/routing-rules", &gone).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/then/0/team_id"]);
}

#[tokio::test]
async fn a_reopened_conversation_is_nobodys_until_it_needs_a_person_again() {
    let world = World::new().await;
    let all = agents(&world, &["ana", "bia"]).await;
    let team = team(&world, &[&all[0], &all[1]], json!({"strategy": "round_robin"})).await;
    let rule = everything_goes_to(&world, &team).await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let first = shown(&world, &id).await["assignee_id"].clone();
    world.post(&format!("/api/v1/conversations/{id}/close"), &json!({})).await;
    let opened = world.post(&format!("/api/v1/conversations/{id}/reopen"), &json!({})).await.json();
    assert_eq!((&opened["team_id"], &opened["assignee_id"]), (&Value::Null, &Value::Null));
    world.writes(NUMBER, 1, "mais uma coisa").await;
    let again = shown(&world, &id).await["assignee_id"].clone();
    assert!(again.is_string() && again != first, "it is the next one's turn: {first} {again}");
    world.delete(&format!("/api/v1/routing-rules/{rule}")).await;
}
