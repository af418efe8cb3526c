//! Meta's side: what Graph takes, refuses and tells.

use reqwest::Method;

use super::*;

fn error(answer: &Value) -> i64 {
    assert!(answer["error"]["fbtrace_id"].is_string(), "{answer}");
    answer["error"]["code"].as_i64().unwrap()
}

#[tokio::test]
async fn an_accepted_message_is_sent_delivered_and_read_and_every_status_carries_our_data() {
    let mut place = Place::new().await;
    place.says(ANA, "oi").await;
    place.hook().await;
    let answer: Value = place.sends(&text_to(ANA, "in_a")).await.json().await.unwrap();
    assert_eq!(answer["messaging_product"], "whatsapp");
    assert_eq!(answer["contacts"][0], json!({"input": format!("+{ANA}"), "wa_id": ANA}));
    // POSTs that are under way together may pass each other.
    let mut statuses = place.statuses(3).await;
    statuses.sort_by_key(|status| status["status"].to_string());
    let words: Vec<&str> = statuses.iter().map(|status| status["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["delivered", "read", "sent"]);
    for status in &statuses {
        assert_eq!(status["id"], answer["messages"][0]["id"]);
        assert_eq!(status["recipient_id"], ANA);
        assert_eq!(status["biz_opaque_callback_data"], "in_a");
        assert!(status["timestamp"].as_str().unwrap().parse::<i64>().is_ok());
        assert!(status.get("conversation").is_none());
    }
    let free =
        json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"});
    assert_eq!((&statuses[0]["pricing"], &statuses[2]["pricing"]), (&free, &free));
    assert!(statuses[1].get("pricing").is_none());
    let screen = place.screen(ANA, 0, 0).await;
    assert_eq!(screen["messages"][1]["status"], "read");
}

#[tokio::test]
async fn a_reaction_gets_no_status_but_sent() {
    let mut place = Place::new().await;
    let id = place.says(ANA, "oi").await;
    place.hook().await;
    let reaction = json!({"messaging_product": "whatsapp", "to": ANA, "type": "reaction", "reaction": {"message_id": id, "emoji": "👍"}});
    assert_eq!(place.sends(&reaction).await.status(), StatusCode::OK);
    place.sends_text(ANA, "in_b").await;
    let statuses = place.statuses(4).await;
    let of_reaction = statuses.iter().filter(|status| status.get("biz_opaque_callback_data").is_none());
    assert_eq!(of_reaction.map(|status| status["status"].clone()).collect::<Vec<_>>(), ["sent"]);
    let unknown = json!({"messaging_product": "whatsapp", "to": ANA, "type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}});
    assert_eq!(error(&place.sends(&unknown).await.json().await.unwrap()), 131_009);
}

#[tokio::test]
async fn outside_the_24_hours_a_text_is_accepted_and_then_fails_and_a_template_goes_through() {
    let mut place = Place::new().await;
    place.says(ANA, "oi").await;
    place.hook().await;
    place.clock.jump(Span::from_hours(24));
    place.sends_text(ANA, "in_a").await;
    let status = place.statuses(1).await.remove(0);
    assert_eq!((&status["status"], &status["errors"][0]["code"]), (&json!("failed"), &json!(131_047)));
    assert_eq!((&status["recipient_id"], status.get("recipient_user_id")), (&json!(ANA), None));
    let mut template = json!({
        "messaging_product": "whatsapp", "to": ANA, "type": "template", "biz_opaque_callback_data": "in_b",
        "template": {"name": "pedido_pronto", "language": {"code": "pt_BR"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "42"}]},
        ]},
    });
    let answer: Value = place.sends(&template).await.json().await.unwrap();
    assert_eq!(answer["messages"][0]["message_status"], "accepted");
    let sent = place.change(|change| {
        let status = change.pointer("/value/statuses/0")?;
        (status["status"] == "sent").then(|| status["pricing"].clone())
    });
    let pricing = sent.await;
    assert_eq!((&pricing["category"], &pricing["billable"]), (&json!("utility"), &json!(true)));
    let shown = place.screen(ANA, 0, 0).await["messages"][1]["rendered"]["body"].clone();
    assert_eq!(shown, "Olá, Ana! Seu pedido 42 está pronto para retirada.");
    template["template"]["components"][0]["parameters"].as_array_mut().unwrap().pop();
    let refused = place.sends(&template).await;
    assert_eq!(error(&refused.json().await.unwrap()), 132_000);
    template["template"]["name"] = "never_made".into();
    let refused = place.sends(&template).await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    assert_eq!(error(&refused.json().await.unwrap()), 132_001);
}

#[tokio::test]
async fn a_stranger_can_be_reached_by_template_only_and_an_unknown_user_id_not_at_all() {
    let mut place = Place::new().await;
    place.sends_text(ANA, "in_a").await;
    assert_eq!(place.statuses(1).await[0]["errors"][0]["code"], 131_047);
    let send = json!({"messaging_product": "whatsapp", "recipient": "BR.1", "text": {"body": "oi"}});
    assert_eq!(place.sends(&send).await.status(), StatusCode::OK);
    let status = place.statuses(1).await.remove(0);
    assert_eq!((&status["errors"][0]["code"], &status["recipient_user_id"]), (&json!(131_026), &json!("BR.1")));
}

#[tokio::test]
async fn what_meta_refuses_at_once_is_refused_in_metas_envelope_and_counts_as_not_accepted() {
    let place = Place::new().await;
    place.says(ANA, "oi").await;
    let mut no_product = text_to(ANA, "in_a");
    no_product.as_object_mut().unwrap().remove("messaging_product");
    let mut no_recipient = text_to(ANA, "in_a");
    no_recipient.as_object_mut().unwrap().remove("to");
    let no_file = json!({"messaging_product": "whatsapp", "to": ANA, "type": "image", "image": {"id": "1"}});
    for (body, status, code) in [
        (no_product, 400, 100),
        (no_recipient, 400, 100),
        (text_to("551130000000", "in_a"), 400, 131_021),
        (no_file, 400, 100),
        (json!([]), 400, 100),
    ] {
        let answer = place.sends(&body).await;
        assert_eq!(answer.status().as_u16(), status, "{body}");
        assert_eq!(error(&answer.json().await.unwrap()), code, "{body}");
    }
    assert_eq!(place.acceptances().await["total"], 0);
}

#[tokio::test]
async fn graph_wants_its_token_and_says_when_an_object_does_not_exist() {
    let place = Place::new().await;
    let url = format!("{}/simulator/graph/v25.0/{NUMBER}/messages", place.base);
    let none = place.http.post(&url).json(&text_to(ANA, "in_a")).send().await.unwrap();
    assert_eq!(none.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(error(&none.json().await.unwrap()), 104);
    let wrong = place.http.post(&url).bearer_auth("another").json(&text_to(ANA, "in_a")).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(error(&wrong.json().await.unwrap()), 190);
    let other = place.graph(Method::POST, "999/messages").json(&text_to(ANA, "in_a")).send().await.unwrap();
    let other: Value = other.json().await.unwrap();
    assert_eq!((error(&other), &other["error"]["error_subcode"]), (100, &json!(33)));
    for path in [format!("{NUMBER}/nothing"), format!("../25/{NUMBER}")] {
        assert_eq!(error(&place.graph(Method::GET, &path).send().await.unwrap().json().await.unwrap()), 2500, "{path}");
    }
}

#[tokio::test]
async fn graph_shows_the_number_and_only_fields_that_exist() {
    let place = Place::new().await;
    let get =
        async |path: String| -> Value { place.graph(Method::GET, &path).send().await.unwrap().json().await.unwrap() };
    let number = get(NUMBER.to_owned()).await;
    assert_eq!((&number["id"], &number["verified_name"]), (&json!(NUMBER), &json!("Padaria")));
    let chosen = get(format!("{NUMBER}?fields=quality_rating,name_status")).await;
    assert_eq!(chosen, json!({"quality_rating": "GREEN", "name_status": "APPROVED", "id": NUMBER}));
    assert_eq!(error(&get(format!("{NUMBER}?fields=shoe_size")).await), 100);
    assert_eq!(get(format!("{ACCOUNT}/phone_numbers")).await["data"][0]["id"], NUMBER);
    assert_eq!(get(ACCOUNT.to_owned()).await["id"], ACCOUNT);
    let post = async |path: String, body: Value| -> Value {
        place.graph(Method::POST, &path).json(&body).send().await.unwrap().json().await.unwrap()
    };
    let success = json!({"success": true});
    assert_eq!(
        post(format!("{NUMBER}/register"), json!({"messaging_product": "whatsapp", "pin": "123456"})).await,
        success
    );
    assert_eq!(
        error(&post(format!("{NUMBER}/register"), json!({"messaging_product": "whatsapp", "pin": "12345a"})).await),
        131_009
    );
    let empty = place.graph(Method::POST, &format!("{ACCOUNT}/subscribed_apps")).send().await.unwrap();
    assert_eq!(empty.json::<Value>().await.unwrap(), success);
}

#[tokio::test]
async fn a_new_template_is_approved_with_a_webhook_and_the_list_has_pages() {
    let mut place = Place::new().await;
    let path = format!("{ACCOUNT}/message_templates");
    let body = json!({"name": "volte_sempre", "language": "pt_BR", "category": "MARKETING", "components": [{"type": "BODY", "text": "Volte sempre, {{nome}}!"}]});
    let made: Value = place.graph(Method::POST, &path).json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(made["status"], "PENDING");
    let again: Value = place.graph(Method::POST, &path).json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!((error(&again), &again["error"]["error_subcode"]), (100, &json!(2_388_024)));
    let hook = place.hook().await.json();
    assert!(hook["entry"][0]["time"].is_i64(), "fields of the account tell the time: {hook}");
    let value = &hook["entry"][0]["changes"][0]["value"];
    assert_eq!((&value["event"], &value["message_template_name"]), (&json!("APPROVED"), &json!("volte_sempre")));
    assert_eq!(value["message_template_id"].to_string(), made["id"].as_str().unwrap());

    let mut names = Vec::new();
    let mut next = format!("{path}?limit=2&fields=name,status");
    loop {
        let page: Value = place.graph(Method::GET, &next).send().await.unwrap().json().await.unwrap();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= 2 && data.iter().all(|one| one["status"] == "APPROVED"));
        names.extend(data.iter().map(|one| one["name"].as_str().unwrap().to_owned()));
        let Some(address) = page["paging"]["next"].as_str() else { break };
        next = address.split("/v25.0/").nth(1).unwrap().to_owned();
    }
    assert_eq!(names, ["pedido_pronto", "novidade_da_semana", "hello_world", "volte_sempre"]);

    place.says(ANA, "oi").await;
    let send = json!({"messaging_product": "whatsapp", "to": ANA, "type": "template", "template": {"name": "volte_sempre", "language": {"code": "pt_BR"}, "components": [{"type": "body", "parameters": [{"type": "text", "parameter_name": "nome", "text": "Ana"}]}]}});
    assert_eq!(place.sends(&send).await.status(), StatusCode::OK);
    let deleted = place.graph(Method::DELETE, &format!("{path}?name=volte_sempre")).send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::OK);
    assert_eq!(error(&place.sends(&send).await.json().await.unwrap()), 132_001);
}

#[tokio::test]
async fn a_template_is_changed_and_decided_on_and_each_decision_is_told() {
    let mut place = Place::new().await;
    let id = "1000000000000001";
    let decide = async |place: &Place, decision: Value| {
        place.own(Method::PUT, &format!("templates/{id}")).json(&decision).send().await.unwrap().status()
    };
    assert_eq!(
        decide(&place, json!({"event": "PAUSED", "reason": "Too many complaints."})).await,
        StatusCode::NO_CONTENT
    );
    let value = place.hook().await.json()["entry"][0]["changes"][0].clone();
    assert_eq!(value["field"], "message_template_status_update");
    assert_eq!(
        (&value["value"]["event"], &value["value"]["reason"]),
        (&json!("PAUSED"), &json!("Too many complaints."))
    );
    let send = json!({"messaging_product": "whatsapp", "to": ANA, "type": "template", "template": {"name": "pedido_pronto", "language": {"code": "pt_BR"}}});
    assert_eq!(error(&place.sends(&send).await.json().await.unwrap()), 132_015);
    assert_eq!(decide(&place, json!({"quality": "RED"})).await, StatusCode::NO_CONTENT);
    assert_eq!(place.hook().await.json()["entry"][0]["changes"][0]["value"]["new_quality_score"], "RED");
    let body = json!({"category": "MARKETING", "components": [{"type": "BODY", "text": "Oi, tudo bem?"}]});
    let edited = place.graph(Method::POST, id).json(&body).send().await.unwrap();
    assert_eq!(edited.status(), StatusCode::OK);
    let approved = place.hook().await.json()["entry"][0]["changes"][0]["value"].clone();
    assert_eq!((&approved["event"], &approved["message_template_category"]), (&json!("APPROVED"), &json!("MARKETING")));
    let moved = place.graph(Method::POST, id).json(&json!({"category": "UTILITY"})).send().await.unwrap();
    assert_eq!(error(&moved.json().await.unwrap()), 100, "the category of what is approved stays");
    assert_eq!(decide(&place, json!({"colour": "red"})).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        place.own(Method::PUT, "templates/5").json(&json!({"quality": "RED"})).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn an_uploaded_file_can_be_sent_fetched_and_deleted() {
    let place = Place::new().await;
    place.says(ANA, "oi").await;
    let upload = async |mime_type: &str, bytes: Vec<u8>| -> Value {
        let file = reqwest::multipart::Part::bytes(bytes).file_name("a").mime_str(mime_type).unwrap();
        let form = reqwest::multipart::Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", mime_type.to_owned())
            .part("file", file);
        place
            .graph(Method::POST, &format!("{NUMBER}/media"))
            .multipart(form)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    let made = upload("image/png", vec![7; 3 * 1024 * 1024]).await;
    let id = made["id"].as_str().unwrap();
    let send = json!({"messaging_product": "whatsapp", "to": ANA, "type": "image", "image": {"id": id}});
    assert_eq!(place.sends(&send).await.status(), StatusCode::OK);
    assert_eq!(
        place.graph(Method::GET, id).send().await.unwrap().json::<Value>().await.unwrap()["file_size"],
        3 * 1024 * 1024
    );
    let deleted: Value = place.graph(Method::DELETE, id).send().await.unwrap().json().await.unwrap();
    assert_eq!(deleted, json!({"success": true}));
    assert_eq!(error(&place.graph(Method::GET, id).send().await.unwrap().json().await.unwrap()), 100);
    assert_eq!(error(&upload("image/png", vec![7; 5 * 1024 * 1024 + 1]).await), 131_053);
    assert_eq!(error(&upload("application/x-msdownload", vec![7]).await), 100);
}
