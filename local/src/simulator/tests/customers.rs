//! What customers do and see.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use reqwest::Method;
use tower::ServiceExt;

use super::*;

#[tokio::test]
async fn what_a_customer_writes_arrives_as_a_signed_webhook_in_ascii() {
    let mut place = Place::new().await;
    let id = place.says(ANA, "Tem pão de queijo? 🧀").await;
    let hook = place.hook().await;
    assert!(hook.bytes.is_ascii());
    assert_eq!(hook.signature, crate::simulator::webhook::signature(&SecretString::from(SECRET), &hook.bytes));
    let body = hook.json();
    assert_eq!(body["object"], "whatsapp_business_account");
    assert_eq!(body["entry"][0]["id"], ACCOUNT);
    let change = &hook.changes()[0];
    assert_eq!(change["field"], "messages");
    let value = &change["value"];
    assert_eq!(value["metadata"]["phone_number_id"], NUMBER);
    assert_eq!(value["contacts"][0]["wa_id"], ANA);
    let message = &value["messages"][0];
    assert_eq!(message["from"], ANA);
    assert_eq!(message["id"], id.as_str());
    assert_eq!(message["text"]["body"], "Tem pão de queijo? 🧀");
    assert_eq!(message["from_user_id"], value["contacts"][0]["user_id"]);
    assert!(message["timestamp"].as_str().unwrap().parse::<i64>().is_ok(), "Meta writes times as text");
}

#[tokio::test]
async fn a_person_who_hides_their_number_is_known_by_user_id_alone() {
    let mut place = Place::new().await;
    let message = json!({"text": {"body": "oi"}, "hide_phone": true, "user_id": "BR.42", "username": "@ana", "profile_name": "Ana"});
    place.writes(ANA, &message).await;
    let hook = place.hook().await;
    let value = hook.changes()[0]["value"].clone();
    assert_eq!(value["contacts"][0], json!({"profile": {"name": "Ana", "username": "@ana"}, "user_id": "BR.42"}));
    assert!(value["messages"][0].get("from").is_none());
    assert!(!String::from_utf8_lossy(&hook.bytes).contains(ANA));
    let send = json!({"messaging_product": "whatsapp", "recipient": "BR.42", "text": {"body": "olá"}});
    let answer: Value = place.sends(&send).await.json().await.unwrap();
    assert_eq!(answer["contacts"][0], json!({"input": "BR.42", "user_id": "BR.42"}));
    let status = place.statuses(1).await.remove(0);
    assert_eq!((status.get("recipient_id"), &status["recipient_user_id"]), (None, &json!("BR.42")));
    assert_eq!(place.screen(ANA, 0, 0).await["messages"][1]["text"]["body"], "olá");
}

#[tokio::test]
async fn both_forms_of_a_brazilian_number_are_one_phone_and_each_shows_as_it_wrote() {
    let mut place = Place::new().await;
    place.says("5511987650001", "com nove").await;
    let with = place.hook().await.changes()[0]["value"].clone();
    place.says("551187650001", "sem nove").await;
    let without = place.hook().await.changes()[0]["value"].clone();
    assert_eq!(with["contacts"][0]["user_id"], without["contacts"][0]["user_id"]);
    assert_eq!(without["messages"][0]["from"], "551187650001");
    assert_eq!(place.screen("5511987650001", 0, 0).await["messages"].as_array().unwrap().len(), 2);
    let answer: Value = place.sends(&text_to("5511987650001", "in_a")).await.json().await.unwrap();
    assert_eq!(answer["contacts"][0], json!({"input": "+5511987650001", "wa_id": "551187650001"}));
}

#[tokio::test]
async fn a_file_that_a_customer_sends_can_be_fetched_from_meta_for_five_minutes() {
    let mut place = Place::new().await;
    place.writes(ANA, &json!({"type": "image", "image": {"caption": "a foto", "data": "AAECAw=="}})).await;
    let image = place.hook().await.changes()[0]["value"]["messages"][0]["image"].clone();
    assert_eq!((&image["caption"], &image["mime_type"]), (&json!("a foto"), &json!("image/jpeg")));
    assert!(image.get("data").is_none());
    let id = image["id"].as_str().unwrap();
    let found: Value = place.graph(Method::GET, id).send().await.unwrap().json().await.unwrap();
    assert_eq!(found["file_size"], 4);
    let url = found["url"].as_str().unwrap();
    let fetched = place.http.get(url).bearer_auth(TOKEN).send().await.unwrap();
    assert_eq!(fetched.bytes().await.unwrap().as_ref(), [0, 1, 2, 3]);
    assert_eq!(place.http.get(url).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    place.clock.jump(Span::from_minutes(5));
    assert_eq!(place.http.get(url).bearer_auth(TOKEN).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_waits_for_a_change_hears_of_it_at_once_and_of_nothing_else() {
    let place = Place::new().await;
    place.says(ANA, "oi").await;
    let seen = place.sees(ANA, |screen| screen["messages"][0]["status"] == "delivered").await;
    let revision = seen["revision"].as_u64().unwrap();
    let idle = place.screen(ANA, revision, 1).await;
    assert_eq!((&idle["revision"], &idle["messages"]), (&json!(revision), &json!([])));
    let both = async { tokio::join!(place.screen(ANA, revision, 30), place.sends_text(ANA, "in_a")) };
    let (changed, _) = timeout(Duration::from_secs(10), both).await.expect("at once");
    assert_eq!(changed["messages"][0]["from"], "business");
    assert_eq!(changed["messages"].as_array().unwrap().len(), 1, "only what changed");
}

#[tokio::test]
async fn typing_shows_until_the_answer_or_for_25_seconds_and_read_marks_all_before() {
    let mut place = Place::new().await;
    place.says(ANA, "oi").await;
    let second = place.says(ANA, "tudo bem?").await;
    place.hook().await;
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": second, "typing_indicator": {"type": "text"}});
    assert_eq!(place.sends(&read).await.json::<Value>().await.unwrap(), json!({"success": true}));
    let screen = place.screen(ANA, 0, 0).await;
    assert_eq!(screen["typing"], true);
    assert!(screen["messages"].as_array().unwrap().iter().all(|message| message["status"] == "read"));
    let revision = screen["revision"].as_u64().unwrap();
    place.clock.jump(Span::from_seconds(25));
    place.sees(ANA, |screen| screen["typing"] == false && screen["revision"].as_u64().unwrap() > revision).await;
    place.sends(&read).await;
    place.sends_text(ANA, "in_a").await;
    assert_eq!(place.screen(ANA, 0, 0).await["typing"], false);
    let unknown = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"});
    assert_eq!(place.sends(&unknown).await.json::<Value>().await.unwrap()["error"]["code"], 131_009);
}

#[tokio::test]
async fn the_screen_tells_how_far_the_customers_message_got() {
    let place = Place::with(Wishes { stranger_to_the_token: true, ..Wishes::default() }).await;
    let id = place.says(ANA, "oi").await;
    assert_eq!(place.screen(ANA, 0, 0).await["messages"][0]["status"], "sent");
    place.platform.knows_the_token.store(true, Ordering::SeqCst);
    place.sees(ANA, |screen| screen["messages"][0]["status"] == "delivered").await;
    place.sends(&json!({"messaging_product": "whatsapp", "status": "read", "message_id": id})).await;
    assert_eq!(place.screen(ANA, 0, 0).await["messages"][0]["status"], "read");
}

#[tokio::test]
async fn a_webhook_is_repeated_until_it_gets_a_200_and_what_waits_together_travels_together() {
    let answers = vec![StatusCode::INTERNAL_SERVER_ERROR, StatusCode::CREATED, StatusCode::BAD_GATEWAY];
    let mut place = Place::with(Wishes { answers, ..Wishes::default() }).await;
    place.says(ANA, "oi").await;
    let first = place.hook().await;
    for _ in 0..3 {
        assert_eq!(place.hook().await.bytes, first.bytes, "the same bytes again");
    }
    place.sees(ANA, |screen| screen["messages"][0]["status"] == "delivered").await;

    let mut place = Place::with(Wishes { stranger_to_the_token: true, ..Wishes::default() }).await;
    for words in ["um", "dois", "três"] {
        place.says(ANA, words).await;
    }
    place.platform.knows_the_token.store(true, Ordering::SeqCst);
    assert_eq!(place.hook().await.changes().len(), 3);
}

#[tokio::test]
async fn a_phone_keeps_its_last_messages_and_an_idle_phone_is_forgotten() {
    let limits = Limits { messages_per_phone: 3, phones: 2, ..Limits::default() };
    let place = Place::with(Wishes { limits: Some(limits), ..Wishes::default() }).await;
    for at in 0..5 {
        place.says(ANA, &at.to_string()).await;
    }
    let messages = place.screen(ANA, 0, 0).await["messages"].clone();
    let bodies: Vec<&str> =
        messages.as_array().unwrap().iter().map(|one| one["text"]["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["2", "3", "4"]);
    place.says("5511900000002", "oi").await;
    place.says("5511900000003", "oi").await;
    assert_eq!(place.screen(ANA, 0, 0).await["messages"], json!([]));

    let limits = Limits { messages: 4, ..Limits::default() };
    let place = Place::with(Wishes { limits: Some(limits), ..Wishes::default() }).await;
    for number in [ANA, "5511900000002", ANA, "5511900000003", ANA, ANA] {
        place.says(number, "oi").await;
    }
    let count = async |number| place.screen(number, 0, 0).await["messages"].as_array().unwrap().len();
    assert_eq!((count(ANA).await, count("5511900000002").await), (4, 0));
}

#[tokio::test]
async fn nothing_more_is_taken_when_too_many_webhooks_wait() {
    let limits = Limits { waiting_events: 2, ..Limits::default() };
    let place = Place::with(Wishes { limits: Some(limits), stranger_to_the_token: true, ..Wishes::default() }).await;
    place.says(ANA, "um").await;
    place.says(ANA, "dois").await;
    let path = format!("phones/{ANA}/messages");
    let refused = place.own(Method::POST, &path).json(&json!({"text": {"body": "três"}})).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(place.sends(&text_to(ANA, "in_a")).await.json::<Value>().await.unwrap()["error"]["code"], 131_016);
    assert_eq!(place.acceptances().await["total"], 0);
}

#[tokio::test]
async fn a_wrong_request_is_answered_with_a_problem_that_names_the_field() {
    let place = Place::new().await;
    let path = format!("phones/{ANA}/messages");
    let answer =
        place.own(Method::POST, &path).json(&json!({"type": "text", "text": {}, "x": 1})).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!((&problem["code"], &problem["status"]), (&json!("invalid_fields"), &json!(422)));
    assert!(problem["request_id"].is_string());
    let pointers: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/text/body", "/x"]);
    for (method, path, status) in [
        (Method::GET, "phones/abc/messages", 404),
        (Method::GET, "nothing", 404),
        (Method::DELETE, path.as_str(), 405),
        (Method::GET, &format!("{path}?wait=31"), 422),
        (Method::GET, &format!("{path}?limit=3"), 422),
    ] {
        let answer = place.own(method, path).header("X-Request-Id", "r-1").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap()["request_id"], "r-1");
    }
}

#[tokio::test]
async fn only_this_machine_with_the_right_key_may_use_it() {
    let place = Place::new().await;
    for path in ["phones/5511900000001/messages", "faults", "acceptances"] {
        let url = format!("{}/simulator/{path}", place.base);
        assert_eq!(place.http.get(&url).send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{path}");
        let wrong = place.http.get(&url).header("X-API-Key", "an api kez").send().await.unwrap();
        assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(place.own(Method::GET, path).send().await.unwrap().status(), StatusCode::OK, "{path}");
    }
    for (peer, status) in
        [("10.0.0.1:5", 403), ("[2001:db8::1]:5", 403), ("[::1]:5", 200), ("[::ffff:127.0.0.1]:5", 200)]
    {
        for path in ["/faults".to_owned(), format!("/graph/v25.0/{NUMBER}")] {
            let mut request = Request::get(&path)
                .header("X-API-Key", KEY)
                .header("Authorization", format!("Bearer {TOKEN}"))
                .body(Body::empty())
                .unwrap();
            let peer: SocketAddr = peer.parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = place.simulator.router().oneshot(request).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{peer} {path}");
        }
    }
    let nobody = Request::get("/faults").header("X-API-Key", KEY).body(Body::empty()).unwrap();
    let answer = place.simulator.router().oneshot(nobody).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN, "a server that does not tell the peer lets nobody in");
}
