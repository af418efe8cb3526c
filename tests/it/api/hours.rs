//! When the business is open, and what it says when it is not.

use domain::Span;
use serde_json::{Value, json};

use super::world::{NUMBER, World, request};

/// Open from eight to noon on every day. The world begins at seven minutes past eight in São Paulo.
fn mornings() -> Value {
    json!(vec![vec![json!({"from": 480, "until": 720})]; 7])
}

async fn open(world: &World, query: &str) -> Value {
    world.get(&format!("/api/v1/business-hours{query}")).await.json()
}

async fn change(world: &World, path: &str, body: &Value) -> Value {
    let answer = world.patch(path, body).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
    answer.json()
}

#[tokio::test]
async fn a_business_says_whether_it_is_open_and_when_that_changes() {
    let world = World::new().await;
    let shown = open(&world, "").await;
    assert_eq!((&shown["is_open"], &shown["closes_at"], &shown["hours"]), (&json!(true), &Value::Null, &Value::Null));
    let holiday = json!([{"date": "2026-11-19", "openings": []}]);
    let changed =
        change(&world, "/api/v1/organization", &json!({"hours": mornings(), "hours_exceptions": holiday})).await;
    assert_eq!((&changed["hours"], &changed["hours_exceptions"]), (&mornings(), &holiday));
    let shown = open(&world, "").await;
    let noon = json!("2026-11-18T15:00:00Z");
    assert_eq!((&shown["is_open"], &shown["closes_at"], &shown["opens_at"]), (&json!(true), &noon, &Value::Null));
    world.wait(Span::from_hours(4));
    let shown = open(&world, "").await;
    let after_the_holiday = json!("2026-11-20T11:00:00Z");
    assert_eq!((&shown["is_open"], &shown["opens_at"]), (&json!(false), &after_the_holiday));
    assert_eq!((&shown["time_zone"], &shown["phone_number_id"]), (&json!("America/Sao_Paulo"), &Value::Null));
}

#[tokio::test]
async fn a_number_has_hours_of_its_own_where_it_says_so() {
    let world = World::new().await;
    let away = json!({"text": "Fechado."});
    change(&world, "/api/v1/organization", &json!({"hours": mornings(), "away_message": away})).await;
    let of_number = format!("?phone_number_id={NUMBER}");
    assert_eq!(open(&world, &of_number).await["hours"], mornings());
    let nights = json!(vec![vec![json!({"from": 1200, "until": 1440})]; 7]);
    let path = format!("/api/v1/numbers/{NUMBER}");
    let own = json!({"enabled": true, "text": "A loja 2 fechou.", "translations": {"en": "Shop 2 is closed."},
                     "silences_assistant": true});
    let changed = change(&world, &path, &json!({"hours": nights, "away_message": own})).await;
    assert_eq!((&changed["hours"], &changed["away_message"]), (&nights, &own));
    let shown = open(&world, &of_number).await;
    assert_eq!((&shown["is_open"], &shown["away_message"]), (&json!(false), &own));
    assert_eq!(open(&world, "").await["away_message"]["text"], "Fechado.");
    change(&world, &path, &json!({"hours": null, "away_message": null})).await;
    let shown = open(&world, &of_number).await;
    assert_eq!((&shown["hours"], &shown["away_message"]["text"]), (&mornings(), &json!("Fechado.")));
    world.get("/api/v1/business-hours?phone_number_id=2002").await.problem(404, "not_found");
    let refused = world.get("/api/v1/business-hours?phone_number_id=").await;
    assert_eq!(refused.pointers(400, "invalid_parameter"), ["/phone_number_id"]);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_where_it_stands() {
    let world = World::new().await;
    let twice = json!([{"date": "2026-12-25", "openings": []}, {"date": "2026-12-25", "openings": []}]);
    for path in ["/api/v1/organization".to_owned(), format!("/api/v1/numbers/{NUMBER}")] {
        for (body, pointer) in [
            (json!({"away_message": {"text": " "}}), "/away_message/text"),
            (json!({"away_message": {"text": "a", "translations": {"es": ""}}}), "/away_message/translations/es"),
            (json!({"away_message": {"text": "a", "translations": {"xx": "b"}}}), "/away_message/translations"),
            (json!({"away_message": ["a"]}), "/away_message"),
            (json!({"hours_exceptions": twice}), "/hours_exceptions"),
            (json!({"hours_exceptions": [{"date": "2026-02-30", "openings": []}]}), "/hours_exceptions"),
        ] {
            let refused = world.patch(&path, &body).await.pointers(422, "invalid_body");
            assert!(refused.len() == 1 && refused[0].starts_with(pointer), "{body}: {refused:?}");
        }
    }
    for (most, is_right) in [(json!(0), false), (json!(1_001), false), (json!(3), true), (Value::Null, true)] {
        let body = json!({"distribution": {"strategy": "round_robin", "most_open": most}});
        let answer = world.patch("/api/v1/organization", &body).await;
        assert_eq!(answer.status == 200, is_right, "{most}");
        if !is_right {
            assert_eq!(answer.pointers(422, "invalid_body"), ["/distribution/most_open"]);
        }
    }
}

#[tokio::test]
async fn who_writes_while_it_is_closed_is_told_so_in_their_language() {
    let world = World::new().await;
    let away = json!({"text": "Fechado.", "translations": {"en": "We are closed."}});
    let never = json!(vec![Vec::<Value>::new(); 7]);
    change(&world, "/api/v1/organization", &json!({"hours": never, "away_message": away})).await;
    let texts = async |id: &domain::ConversationId| {
        let page = world.get(&format!("/api/v1/conversations/{id}/messages")).await.json();
        let messages = page["data"].as_array().unwrap().iter();
        messages.map(|one| one["content"]["body"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let ours = world.writes(NUMBER, 1, "oi").await;
    assert_eq!(texts(&ours).await, ["Fechado.", "oi"]);
    let shown = world.get(&format!("/api/v1/conversations/{ours}")).await.json();
    assert_eq!(shown["last_message"]["origin"], "program");
    let theirs = json!({"phone": "+5511900000002", "language": "en_US"});
    assert_eq!(world.post("/api/v1/contacts", &theirs).await.status, 201);
    let english = world.writes(NUMBER, 2, "hi").await;
    assert_eq!(texts(&english).await, ["We are closed.", "hi"]);
    let path = format!("/api/v1/conversations/{english}/close");
    world.ask(request("POST", &path), "").await;
    world.writes(NUMBER, 2, "hello?").await;
    assert_eq!(texts(&english).await.len(), 3, "once, also where it was closed since");
}
