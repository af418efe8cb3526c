//! Conversations and messages are read, page by page, by their own organization.

use domain::delivery::DeliveryStatus;
use domain::inbound::InboundContent;
use domain::intent::SuppressionReason;
use domain::{Span, Wamid};
use flow::ports::{Precondition, Write};
use flow::records::{Message, inbound_message_id, message_path, read_message, write_message};
use serde_json::{Value, json};

use super::world::{NUMBER, OTHER_KEY, OTHER_NUMBER, World, open_request, request, text};

#[tokio::test]
async fn a_conversation_shows_who_wrote_what_and_until_when_an_answer_is_free() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi, tem bolo?").await;
    let answer = world.get(&format!("/api/v1/conversations/{id}")).await;
    assert_eq!(answer.status, 200);
    let shown = answer.json();
    let (contact, message) = (shown["contact"]["id"].clone(), shown["last_message"]["id"].clone());
    assert!(contact.as_str().unwrap().starts_with("ct_") && message.as_str().unwrap().starts_with("msg_"));
    let now = world.platform.clock.now();
    let expected = json!({
        "id": id.as_str(),
        "number": {"phone_number_id": NUMBER},
        "contact": {"id": contact, "name": "Cliente 1", "phone": "+5511900000001", "username": null},
        "state": "assistant",
        "attention": null,
        "take_over_until": null,
        "window": {"open": true, "until": (now + Span::from_hours(24)).to_string()},
        "assistant_id": null,
        "team_id": null,
        "assignee_id": null,
        "labels": [],
        "unread": 1,
        "episode": {
            "number": 1, "opened_at": now.to_string(), "respond_by": null, "first_response_at": null, "ended_at": null,
        },
        "last_message": {
            "id": message, "direction": "inbound", "type": "text", "text": "oi, tem bolo?", "origin": "customer",
            "status": "received", "at": now.to_string(),
        },
        "created_at": now.to_string(),
    });
    assert_eq!(shown, expected);
    assert_eq!(world.get("/api/v1/conversations").await.json(), json!({"data": [expected], "next_cursor": null}));

    world.wait(Span::from_hours(24));
    let later = world.get(&format!("/api/v1/conversations/{id}")).await.json();
    assert_eq!(later["window"]["open"], false);
}

#[tokio::test]
async fn a_message_shows_all_that_is_known_of_it() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let page = world.get(&format!("/api/v1/conversations/{id}/messages")).await.json();
    let shown = &page["data"][0];
    let now = world.platform.clock.now().to_string();
    let expected = json!({
        "id": shown["id"], "direction": "inbound", "type": "text",
        "content": {"type": "text", "body": "oi"},
        "origin": "customer", "status": "received", "times": {"received": now}, "at": now,
        "whatsapp_id": shown["whatsapp_id"], "reply_to": null, "answers": [], "error": null, "suppression": null,
        "pricing": null, "edited": null, "deleted_at": null, "reactions": [], "media": null,
    });
    assert_eq!(*shown, expected);
    assert!(shown["whatsapp_id"].as_str().unwrap().starts_with("wamid."));
    assert_eq!(page["next_cursor"], Value::Null);
}

#[tokio::test]
async fn what_was_quoted_edited_deleted_and_reacted_to_is_shown_on_the_message() {
    let world = World::new().await;
    let said = |body: &str| InboundContent::Text { body: body.to_owned() };
    let first: Wamid = "wamid.first".parse().unwrap();
    let id = world.sends(NUMBER, 1, "wamid.first", said("um bolo"), None).await;
    let edit = InboundContent::Edit { target: Some(first.clone()), content: Some(Box::new(said("dois bolos"))) };
    world.sends(NUMBER, 1, "wamid.edit", edit, None).await;
    let reaction = |emoji: &str, target: &Wamid| InboundContent::Reaction {
        target: Some(target.clone()),
        emoji: (!emoji.is_empty()).then(|| emoji.to_owned()),
    };
    world.sends(NUMBER, 1, "wamid.smile", reaction("🙂", &first), None).await;
    world.sends(NUMBER, 1, "wamid.quote", said("esse"), Some(first.clone())).await;
    let quote: Wamid = "wamid.quote".parse().unwrap();
    world.sends(NUMBER, 1, "wamid.gone", InboundContent::Revoke { target: Some(quote.clone()) }, None).await;
    world.sends(NUMBER, 1, "wamid.heart", reaction("❤", &quote), None).await;
    let now = world.platform.clock.now().to_string();
    world.wait(Span::from_seconds(1));
    world.sends(NUMBER, 1, "wamid.none", reaction("", &quote), None).await;

    let page = world.get(&format!("/api/v1/conversations/{id}/messages")).await.json();
    let shown = |wamid: &Wamid| {
        let message = inbound_message_id(&world.platform, &NUMBER.parse().unwrap(), wamid);
        page["data"].as_array().unwrap().iter().find(|shown| shown["id"] == message.as_str()).unwrap().clone()
    };
    assert_eq!(shown(&first)["edited"], json!({"at": now, "content": {"type": "text", "body": "dois bolos"}}));
    assert_eq!(shown(&first)["reactions"], json!([{"by": "customer", "emoji": "🙂", "at": now}]));
    assert_eq!(shown(&quote)["reply_to"], json!({"id": shown(&first)["id"], "whatsapp_id": "wamid.first"}));
    assert_eq!((&shown(&quote)["deleted_at"], &shown(&quote)["reactions"]), (&json!(now), &json!([])));
    assert_eq!(page["data"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn a_quoted_message_that_was_never_recorded_keeps_its_whatsapp_id() {
    let world = World::new().await;
    let content = InboundContent::Text { body: "esse".to_owned() };
    let id = world.sends(NUMBER, 1, "wamid.a", content, Some("wamid.older".parse().unwrap())).await;
    let page = world.get(&format!("/api/v1/conversations/{id}/messages")).await.json();
    assert_eq!(page["data"][0]["reply_to"], json!({"id": null, "whatsapp_id": "wamid.older"}));
}

#[tokio::test]
async fn why_a_message_was_not_delivered_is_said_in_plain_words() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let sent = world.answers(&id, "k", &text("olá")).await.json();
    let path = message_path(&world.bakery, &id, &sent["id"].as_str().unwrap().parse().unwrap());
    let written = world.platform.documents.get(&path).await.unwrap().unwrap();
    let queued = read_message(&world.platform, &written).unwrap();
    let becomes = async |message: Message| {
        let fields = write_message(&world.platform, &path, &message);
        let write = Write::Set { path: path.clone(), fields, precondition: Precondition::MustExist };
        world.platform.documents.commit(vec![write]).await.unwrap();
        let page = world.get(&format!("/api/v1/conversations/{id}/messages")).await.json();
        page["data"][0].clone()
    };
    let mut explanations = std::collections::HashSet::new();
    let mut is_said = |explanation: &Value| {
        let words = ["pt", "en", "es"].map(|language| explanation[language].as_str().unwrap().to_owned());
        assert!(words.iter().all(|words| words.len() > 20), "{explanation}");
        assert!(words.into_iter().all(|words| explanations.insert(words)), "{explanation}");
    };
    for code in [0, 131_026, 131_047, 999_999] {
        let failed = Message { status: DeliveryStatus::Failed, error_code: Some(code), ..queued.clone() };
        let shown = becomes(failed).await;
        assert_eq!((&shown["status"], &shown["error"]["code"]), (&json!("failed"), &json!(code)));
        is_said(&shown["error"]["explanation"]);
    }
    for reason in ["taken_over", "stopped", "window_closed", "expired", "restore", "no_number"] {
        let suppression = SuppressionReason::parse(reason);
        let shown = becomes(Message { status: DeliveryStatus::Suppressed, suppression, ..queued.clone() }).await;
        assert_eq!((&shown["status"], &shown["suppression"]["reason"]), (&json!("suppressed"), &json!(reason)));
        is_said(&shown["suppression"]["explanation"]);
    }
}

/// Every entry of a list, page by page, and how many pages it took.
async fn walk(world: &World, path: &str, limit: u32) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = world.get(&format!("{path}{separator}limit={limit}{cursor}")).await.json();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit as usize);
        ids.extend(data.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (ids, pages),
        }
    }
}

#[tokio::test]
async fn conversations_page_to_the_end_newest_first_without_gaps_or_repeats() {
    let world = World::new().await;
    let mut expected = Vec::new();
    for customer in 0..7 {
        // The first three write in the same second: the id then decides.
        if customer > 2 {
            world.wait(Span::from_seconds(1));
        }
        expected.push(world.writes(NUMBER, customer, "oi").await.to_string());
    }
    expected[..3].sort_unstable();
    expected.reverse();
    for (limit, pages) in [(1, 7), (2, 4), (3, 3), (7, 1), (100, 1)] {
        let walked = walk(&world, "/api/v1/conversations", limit).await;
        assert_eq!(walked, (expected.clone(), pages), "limit {limit}");
    }
}

#[tokio::test]
async fn messages_page_to_the_end_newest_first_without_gaps_or_repeats() {
    let world = World::new().await;
    let mut id = None;
    for n in 0..7 {
        if n > 3 {
            world.wait(Span::from_seconds(1));
        }
        // Meta's times are whole seconds; within one, the order in which they were recorded counts.
        world.wait(Span::from_millis(1));
        id = Some(world.writes(NUMBER, 1, &format!("mensagem {n}")).await);
    }
    let path = format!("/api/v1/conversations/{}/messages", id.unwrap());
    let all = world.get(&path).await.json();
    let texts: Vec<_> = all["data"].as_array().unwrap().iter().map(|m| m["content"]["body"].clone()).collect();
    assert_eq!(texts, (0..7).rev().map(|n| json!(format!("mensagem {n}"))).collect::<Vec<_>>());
    let expected: Vec<_> =
        all["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect();
    for (limit, pages) in [(1, 7), (3, 3), (7, 1)] {
        assert_eq!(walk(&world, &path, limit).await, (expected.clone(), pages), "limit {limit}");
    }
}

#[tokio::test]
async fn conversations_are_filtered_by_who_answers_and_by_who_is_needed() {
    let world = World::new().await;
    let assistant = world.writes(NUMBER, 1, "oi").await.to_string();
    world.wait(Span::from_seconds(1));
    let person = world.writes(NUMBER, 2, "oi").await;
    world.wait(Span::from_seconds(1));
    let waiting = world.writes(NUMBER, 3, "oi").await;
    for id in [&person, &waiting] {
        assert_eq!(world.post(&format!("/api/v1/conversations/{id}/take-over"), &json!({})).await.status, 200);
    }
    world.wait(Span::from_seconds(1));
    assert_eq!(world.answers(&person, "k", &text("olá")).await.status, 201);
    let (person, waiting) = (person.to_string(), waiting.to_string());

    let listed = async |query: &str| walk(&world, &format!("/api/v1/conversations?{query}"), 1).await.0;
    assert_eq!(listed("state=assistant").await, [assistant.as_str()]);
    assert_eq!(listed("state=person").await, [person.clone(), waiting.clone()]);
    assert_eq!(listed("state=closed").await, [""; 0]);
    assert_eq!(listed("needs_person=true").await, [waiting.as_str()]);
    assert_eq!(listed("needs_person=false").await, [person.clone(), assistant]);
    assert_eq!(listed("needs_person=false&state=person").await, [person]);
    assert_eq!(listed("needs_person=true&state=person").await, [waiting]);
}

#[tokio::test]
async fn a_query_parameter_that_is_wrong_is_named() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    world.writes(NUMBER, 2, "oi").await;
    let page = world.get("/api/v1/conversations?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let lists = ["/api/v1/conversations".to_owned(), format!("/api/v1/conversations/{id}/messages")];
    for path in &lists {
        for (query, pointer) in [
            ("limit=0", "/limit"),
            ("limit=101", "/limit"),
            ("limit=-1", "/limit"),
            ("limit=", "/limit"),
            ("limit=ten", "/limit"),
            ("limit=1&limit=2", "/limit"),
            ("cursor=", "/cursor"),
            ("cursor=abc", "/cursor"),
            ("cursor=%00", "/cursor"),
            ("page=2", "/page"),
            ("a%2Fb=2", "/a~1b"),
        ] {
            let answer = world.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.pointers(400, "invalid_parameter"), [pointer], "{path}?{query}");
        }
    }
    for query in ["state=open", "needs_person=yes", "state="] {
        world.get(&format!("{}?{query}", lists[0])).await.problem(400, "invalid_parameter");
    }
    let foreign = format!("{}?cursor={cursor}", lists[1]);
    assert_eq!(world.get(&foreign).await.pointers(400, "invalid_parameter"), ["/cursor"]);
    world.get(&format!("/api/v1/conversations/{id}?expand=all")).await.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_read_that_the_caller_has_already_is_not_sent_again() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let path = format!("/api/v1/conversations/{id}");
    for path in [path.clone(), format!("{path}/messages"), "/api/v1/conversations".to_owned()] {
        let tag = world.get(&path).await.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = world.ask(request("GET", &path).header("if-none-match", known), "").await;
            assert_eq!((again.status.as_u16(), again.bytes.len(), again.header("etag")), (304, 0, tag.as_str()));
        }
        assert_eq!(world.ask(request("GET", &path).header("if-none-match", "\"x\""), "").await.status, 200);
    }
    let before = world.get(&path).await.header("etag").to_owned();
    world.wait(Span::from_seconds(1));
    world.writes(NUMBER, 1, "e café?").await;
    assert_ne!(world.get(&path).await.header("etag"), before);
}

#[tokio::test]
async fn what_belongs_to_another_organization_is_not_there() {
    let world = World::new().await;
    let theirs = world.writes(OTHER_NUMBER, 1, "flores?").await;
    let path = format!("/api/v1/conversations/{theirs}");
    let missing = world.get("/api/v1/conversations/cv_aaaaaaaaaaaaaaaaaaaaaaaaaa").await.problem(404, "not_found");
    for path in [path.clone(), format!("{path}/messages")] {
        let foreign = world.get(&path).await.problem(404, "not_found");
        assert_eq!((&foreign["detail"], &foreign["title"]), (&missing["detail"], &missing["title"]));
    }
    assert_eq!(world.get("/api/v1/conversations").await.json()["data"], json!([]));
    world.answers(&theirs, "k", &text("oi")).await.problem(404, "not_found");

    let owner = open_request("GET", &path).header("x-api-key", OTHER_KEY);
    assert_eq!(world.ask(owner, "").await.json()["state"], "assistant");
}

#[tokio::test]
async fn an_id_that_is_none_is_not_there() {
    let world = World::new().await;
    for id in
        ["1", "cv_short", "msg_aaaaaaaaaaaaaaaaaaaaaaaaaa", "CV_AAAAAAAAAAAAAAAAAAAAAAAAAA", "%ff", "%00", "a%2Fb"]
    {
        let path = format!("/api/v1/conversations/{id}");
        world.get(&path).await.problem(404, "not_found");
        world.get(&format!("{path}/messages")).await.problem(404, "not_found");
        for action in ["take-over", "hand-back"] {
            world.post(&format!("{path}/{action}"), &json!({})).await.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_type_of_the_feed_may_be_named_as_often_as_one_likes() {
    let world = World::new().await;
    world.writes(NUMBER, 1, "oi").await;
    let types = vec!["message.received"; 40].join(",");
    let read = world.get(&format!("/api/v1/events?types={types}")).await;
    assert_eq!(read.status, 200);
    assert_eq!(read.json()["data"].as_array().unwrap().len(), 1);
}
