//! How it misbehaves when the plan says so.

use reqwest::Method;

use super::*;

/// A place in which Ana's window is open.
async fn with_plan(rules: Value) -> Place {
    let mut place = Place::new().await;
    place.says(ANA, "oi").await;
    place.hook().await;
    place.plans(rules).await;
    place
}

async fn accepted(place: &Place) -> Value {
    place.acceptances().await["by_callback_data"].clone()
}

#[tokio::test]
async fn a_dropped_answer_leaves_the_caller_without_a_byte_and_the_message_accepted() {
    let mut place = with_plan(json!([{"match": {"nth": 1}, "action": {"type": "drop_answer_after_accept"}}])).await;
    let path = format!("{NUMBER}/messages");
    let answer = place.graph(Method::POST, &path).json(&text_to(ANA, "in_a")).send().await;
    assert!(answer.is_err_and(|error| !error.is_connect() && !error.is_timeout()));
    assert_eq!(accepted(&place).await, json!({"in_a": 1}));
    assert_eq!(place.statuses(1).await[0]["biz_opaque_callback_data"], "in_a");
    place.sends_text(ANA, "in_b").await;
}

#[tokio::test]
async fn a_hanging_answer_never_comes_whether_the_message_was_accepted_or_not() {
    let place = with_plan(json!([
        {"match": {"nth": 1}, "action": {"type": "hang"}},
        {"match": {"nth": 2}, "action": {"type": "hang", "accepted": false}},
    ]))
    .await;
    let path = format!("{NUMBER}/messages");
    for data in ["in_a", "in_b"] {
        let send = place.graph(Method::POST, &path).json(&text_to(ANA, data)).timeout(Duration::from_millis(400));
        assert!(send.send().await.is_err_and(|error| error.is_timeout()));
    }
    assert_eq!(accepted(&place).await, json!({"in_a": 1}));
    let (hanging, url) = (place.http.clone(), format!("{}/simulator/graph/v25.0/{path}", place.base));
    place.plans(json!([{"action": {"type": "hang"}}])).await;
    let call =
        tokio::spawn(
            async move { hanging.post(url).bearer_auth(TOKEN).json(&text_to(ANA, "in_c")).send().await.is_err() },
        );
    place.sees(ANA, |screen| screen["messages"].as_array().unwrap().len() == 3).await;
    place.ends().await;
    assert!(timeout(PATIENCE, call).await.expect("the end of the program ends the hanging").unwrap());
}

#[tokio::test]
async fn errors_refuse_the_message_with_metas_code_and_status() {
    let place = with_plan(json!([
        {"match": {"nth": 1}, "action": {"type": "error", "code": 130_429}},
        {"match": {"nth": 2}, "action": {"type": "error", "code": 131_056}},
        {"match": {"nth": 3}, "action": {"type": "http_500_json"}},
        {"match": {"nth": 4}, "action": {"type": "error", "code": 4_242_424}},
    ]))
    .await;
    for (status, code) in [(429, 130_429), (429, 131_056), (500, 1), (400, 4_242_424)] {
        let answer = place.sends(&text_to(ANA, "in_a")).await;
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], code);
    }
    assert_eq!(accepted(&place).await, json!({}));
    place.sends_text(ANA, "in_a").await;
}

#[tokio::test]
async fn a_refused_token_refuses_every_graph_call_until_the_plan_changes() {
    let place = with_plan(json!([{"action": {"type": "error", "code": 190}}])).await;
    for answer in [place.sends(&text_to(ANA, "in_a")).await, place.graph(Method::GET, NUMBER).send().await.unwrap()] {
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], 190);
    }
    assert_eq!(place.own(Method::DELETE, "faults").send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(place.graph(Method::GET, NUMBER).send().await.unwrap().status(), StatusCode::OK);
    place.sends_text(ANA, "in_a").await;
}

#[tokio::test]
async fn gateways_truncation_and_redirects_answer_in_no_form_of_metas() {
    let place = with_plan(json!([
        {"match": {"nth": 1}, "action": {"type": "http_502_html"}},
        {"match": {"nth": 2}, "action": {"type": "http_502_html", "accepted": true}},
        {"match": {"nth": 3}, "action": {"type": "truncate_answer"}},
        {"match": {"nth": 4}, "action": {"type": "redirect"}},
    ]))
    .await;
    for (data, status) in [("in_a", 502), ("in_b", 502), ("in_c", 200), ("in_d", 307)] {
        let answer = place.sends(&text_to(ANA, data)).await;
        assert_eq!(answer.status().as_u16(), status);
        if status == 307 {
            assert!(answer.headers()["location"].to_str().unwrap().ends_with(&format!("{NUMBER}/messages")));
        }
        let text = answer.text().await.unwrap();
        assert!(serde_json::from_str::<Value>(&text).is_err(), "{text}");
    }
    assert_eq!(accepted(&place).await, json!({"in_b": 1, "in_c": 1}));
}

#[tokio::test]
async fn a_delayed_send_is_accepted_even_when_the_caller_gave_up() {
    let place =
        with_plan(json!([{"match": {"to": "+55 11 90000-0001"}, "action": {"type": "delay", "ms": 10_000}}])).await;
    let path = format!("{NUMBER}/messages");
    let began = place.clock.now();
    place.sends_text(ANA, "in_a").await;
    assert!(place.clock.now().since(began) >= Span::from_seconds(10));
    let given_up = place.graph(Method::POST, &path).json(&text_to(ANA, "in_b")).timeout(Duration::from_millis(100));
    assert!(given_up.send().await.is_err());
    place.sees(ANA, |screen| screen["messages"].as_array().unwrap().len() == 3).await;
    assert_eq!(accepted(&place).await, json!({"in_a": 1, "in_b": 1}));
}

#[tokio::test]
async fn statuses_can_be_late_missing_or_bad_news() {
    let mut place = with_plan(json!([
        {"match": {"nth": 1}, "action": {"type": "omit_statuses"}},
        {"match": {"nth": 2}, "action": {"type": "fail_later", "code": 131_049}},
        {"match": {"nth": 3}, "action": {"type": "delay_statuses", "ms": 600_000}},
    ]))
    .await;
    for data in ["in_a", "in_b", "in_c", "in_d"] {
        place.sends_text(ANA, data).await;
    }
    let mut seen: Vec<(String, String)> = Vec::new();
    let note = |seen: &mut Vec<(String, String)>, statuses: Vec<Value>| {
        seen.extend(statuses.iter().map(|status| {
            let text = |key: &str| status[key].as_str().unwrap().to_owned();
            (text("biz_opaque_callback_data"), text("status"))
        }));
    };
    note(&mut seen, place.statuses(4).await);
    seen.sort();
    let expected = [("in_b", "failed"), ("in_d", "delivered"), ("in_d", "read"), ("in_d", "sent")];
    assert_eq!(seen, expected.map(|(data, status)| (data.to_owned(), status.to_owned())));
    assert_eq!(place.screen(ANA, 0, 0).await["messages"][1]["status"], "read", "it arrived all the same");
    place.clock.jump(Span::from_minutes(10));
    seen.clear();
    note(&mut seen, place.statuses(3).await);
    assert!(seen.iter().all(|(data, _)| data == "in_c"), "{seen:?}");
}

#[tokio::test]
async fn webhooks_can_come_again_and_out_of_order() {
    let mut place = with_plan(json!([{"match": {"nth": 1}, "action": {"type": "duplicate_webhooks", "n": 2}}])).await;
    place.says(ANA, "três vezes").await;
    let first = place.hook().await;
    for _ in 0..2 {
        assert_eq!(place.hook().await.bytes, first.bytes);
    }
    place.plans(json!([{"action": {"type": "reorder_webhooks", "within_ms": 5_000}}])).await;
    let mut sent = Vec::new();
    for at in 0..12 {
        sent.push(place.says(ANA, &at.to_string()).await);
    }
    let mut arrived = Vec::new();
    while arrived.len() < sent.len() {
        let id = place.change(|change| Some(change.pointer("/value/messages/0/id")?.as_str()?.to_owned())).await;
        arrived.push(id);
    }
    assert_ne!(arrived, sent);
    arrived.sort();
    sent.sort();
    assert_eq!(arrived, sent, "each exactly once");
}

#[tokio::test]
async fn rules_count_and_a_plan_with_anything_unknown_is_refused() {
    let place = with_plan(json!([
        {"match": {"times": 2, "to": ANA}, "action": {"type": "error", "code": 131_000}},
        {"match": {"probability": 0.0}, "action": {"type": "error", "code": 131_016}},
        {"match": {"to": "5511900000009"}, "action": {"type": "error", "code": 131_026}},
    ]))
    .await;
    for expected in [500, 500, 200, 200] {
        assert_eq!(place.sends(&text_to(ANA, "in_a")).await.status().as_u16(), expected);
    }
    let plan: Value = place.own(Method::GET, "faults").send().await.unwrap().json().await.unwrap();
    let counts: Vec<(u64, u64)> = plan["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| (rule["matched"].as_u64().unwrap(), rule["acted"].as_u64().unwrap()))
        .collect();
    assert_eq!(counts, [(4, 2), (4, 0), (0, 0)]);
    for bad in [
        json!([]),
        json!({"rules": [], "x": 1}),
        json!({"rules": [{"action": {"type": "explode"}}]}),
        json!({"rules": [{"action": {"type": "hang", "x": 1}}]}),
        json!({"rules": [{"action": {"type": "redirect", "x": 1}}]}),
        json!({"rules": [{"match": {"from": "x"}, "action": {"type": "hang"}}]}),
        json!({"rules": [{"match": {"nth": 0}, "action": {"type": "hang"}}]}),
        json!({"rules": [{"match": {"probability": 1.5}, "action": {"type": "hang"}}]}),
        json!({"rules": [{"action": {"type": "delay", "ms": 600_001}}]}),
        json!({"rules": [{"action": {"type": "duplicate_webhooks", "n": 0}}]}),
    ] {
        let answer = place.own(Method::PUT, "faults").json(&bad).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
}

#[tokio::test]
async fn acceptances_are_counted_by_what_the_business_calls_them() {
    let place = with_plan(json!([])).await;
    for data in ["in_a", "in_b", "in_a"] {
        place.sends_text(ANA, data).await;
    }
    let counts = place.acceptances().await;
    assert_eq!((&counts["total"], &counts["most"]), (&json!(3), &json!(2)));
    assert_eq!(counts["by_callback_data"], json!({"in_a": 2, "in_b": 1}));
    place.own(Method::DELETE, "acceptances").send().await.unwrap();
    assert_eq!(place.acceptances().await["total"], 0);
}
