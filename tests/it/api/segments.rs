//! Selections of contacts.

use serde_json::{Value, json};

use super::world::{Answer, World, request};

async fn post(world: &World, path: &str, body: &Value) -> Answer {
    world.post(&format!("/api/v1{path}"), body).await
}

async fn people(world: &World, count: usize) {
    for n in 0..count {
        let tags = if n % 3 == 0 { json!(["third"]) } else { json!([]) };
        let body = json!({"phone": format!("+55119876{n:05}"), "name": format!("Cliente {n}"), "tags": tags});
        assert_eq!(post(world, "/contacts", &body).await.status, 201);
        world.wait(domain::Span::from_seconds(1));
    }
}

#[tokio::test]
async fn a_preview_shows_the_newest_and_says_whether_they_are_all() {
    let world = World::new().await;
    people(&world, 25).await;
    let few = post(&world, "/segments/preview", &json!({"condition": {"tag": "third"}})).await.json();
    assert_eq!((&few["looked_at"], &few["complete"]), (&json!(25), &json!(true)));
    assert_eq!(few["contacts"].as_array().unwrap().len(), 9);
    assert_eq!(few["contacts"][0]["name"], "Cliente 24");
    let many = post(&world, "/segments/preview", &json!({"condition": {"blocked": false}})).await.json();
    assert_eq!((many["contacts"].as_array().unwrap().len(), &many["complete"]), (20, &json!(false)));
}

#[tokio::test]
async fn a_count_is_exact() {
    let world = World::new().await;
    people(&world, 40).await;
    let body = json!({"name": "Third", "condition": {"not": {"tag": "third"}}});
    let made = post(&world, "/segments", &body).await.json();
    let path = format!("/segments/{}/count", made["id"].as_str().unwrap());
    let task = world.ask(request("POST", &format!("/api/v1{path}")), "").await;
    assert_eq!(task.status, 202);
    let task = task.json();
    assert_eq!((&task["state"], &task["progress"]), (&json!("running"), &json!(0.0)));
    world.works_on(&task).await;
    let done = world.get(&format!("/api/v1/tasks/{}", task["id"].as_str().unwrap())).await.json();
    assert_eq!((&done["state"], &done["count"]["people"]), (&json!("completed"), &json!(26)));
    let told = world.get("/api/v1/events?types=task.finished").await.json();
    assert_eq!(told["data"][0]["data"]["task_id"], task["id"], "{told}");
}

#[tokio::test]
async fn a_day_is_compared_however_it_is_written() {
    let world = World::new().await;
    post(&world, "/attributes", &json!({"key": "born", "label": "Nascimento", "type": "date"})).await;
    for (n, born) in [(1, "1990-05-01"), (2, "2010-12-31")] {
        let body = json!({"phone": format!("+551198765000{n}"), "attributes": {"born": born}});
        assert_eq!(post(&world, "/contacts", &body).await.status, 201);
    }
    let older = json!({"attribute": {"key": "born", "operator": "less_than", "value": "31/03/2000"}});
    let shown = post(&world, "/segments/preview", &json!({"condition": older})).await.json();
    assert_eq!(shown["contacts"].as_array().unwrap().len(), 1, "{shown}");
    let made = post(&world, "/segments", &json!({"name": "Older", "condition": older})).await.json();
    assert_eq!(made["condition"]["attribute"]["value"], "2000-03-31");
    for value in ["31/03/00", "!!!"] {
        let asked = json!({"condition": {"attribute": {"key": "born", "operator": "equals", "value": value}}});
        let refused = post(&world, "/segments/preview", &asked).await;
        assert_eq!(refused.pointers(422, "invalid_body"), ["/condition/attribute/value"], "{value}");
    }
}

#[tokio::test]
async fn conditions_that_cannot_be_are_pointed_at() {
    let world = World::new().await;
    for (condition, pointer) in [
        (json!({"attribute": {"key": "city", "operator": "is_set"}}), "/condition/attribute/key"),
        (json!({"any": [{"tag": "a"}, {"phone_prefix": "+55"}]}), "/condition/any/1/phone_prefix"),
        (json!({"tag": ";"}), "/condition/tag"),
        (json!({"all": [], "any": []}), "/condition"),
        (json!({"everybody": true}), "/condition"),
    ] {
        let refused = post(&world, "/segments", &json!({"name": "x", "condition": condition})).await;
        assert_eq!(refused.pointers(422, "invalid_body"), [pointer], "{condition}");
    }
    assert_eq!(world.get("/api/v1/segments").await.json()["data"], json!([]));
}

#[tokio::test]
async fn a_segment_is_changed_as_it_was_read_and_removed() {
    let world = World::new().await;
    let made = post(&world, "/segments", &json!({"name": "All", "condition": {"all": []}})).await.json();
    let path = format!("/api/v1/segments/{}", made["id"].as_str().unwrap());
    let tag = world.get(&path).await.header("etag").to_owned();
    let change = async |body: Value| {
        let request = request("PATCH", &path).header("if-match", &tag).header("content-type", "application/json");
        world.ask(request, &body.to_string()).await
    };
    let changed = change(json!({"condition": {"tag": "VIP"}})).await.json();
    assert_eq!((&changed["name"], &changed["condition"]), (&json!("All"), &json!({"tag": "VIP"})));
    change(json!({"name": "Other"})).await.problem(412, "precondition_failed");
    assert_eq!(world.ask(request("DELETE", &path), "").await.status, 204);
    world.get(&path).await.problem(404, "not_found");
}
