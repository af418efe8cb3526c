//! Figures, what things cost, and counting again.

use domain::delivery::{DeliveryStatus, Pricing};
use domain::inbound::{EventKind, InboundEvent, Person, StatusUpdate};
use domain::{EventId, MessageId, Phone, Plan, Span, Wamid};
use flow::audit::Actor;
use flow::ports::Precondition;
use flow::receive::Received;
use flow::records::{message_path, read_message, wamid_key, wamid_path, write_message, write_wamid_alias};
use flow::track::track;
use serde_json::{Value, json};

use super::world::{NUMBER, OTHER_KEY, World, open_request, text};

/// The clock of the tests begins at this day in São Paulo.
async fn today(world: &World) -> String {
    let zone = domain::TimeZone::parse("America/Sao_Paulo").unwrap();
    world.platform.clock.now().day_in(&zone).date
}

async fn get(world: &World, path: &str) -> Value {
    let answer = world.get(&format!("/api/v1{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
    answer.json()
}

/// Meta has taken a message and tells how far it got.
async fn meta_says(world: &World, message: &Value, status: DeliveryStatus, category: &str, kind: &str) {
    let conversation = message["conversation"].as_str().unwrap().parse().unwrap();
    let id: MessageId = message["id"].as_str().unwrap().parse().unwrap();
    let number = NUMBER.parse().unwrap();
    let wamid: Wamid = format!("wamid.out.{id}").parse().unwrap();
    let path = message_path(&world.bakery, &conversation, &id);
    let document = world.platform.documents.get(&path).await.unwrap().unwrap();
    let mut record = read_message(&world.platform, &document).unwrap();
    if record.wamid.is_none() {
        record.wamid = Some(wamid.clone());
        let alias = wamid_path(&world.bakery, &wamid_key(&world.platform, &number, &wamid));
        let named = flow::records::WamidAlias { conversation: conversation.clone(), message: id.clone() };
        let set = |path, fields| flow::ports::Write::Set { path, fields, precondition: Precondition::None };
        let fields = write_message(&world.platform, &path, &record);
        let alias_fields = write_wamid_alias(&world.platform, &alias, &named);
        world.platform.documents.commit(vec![set(path, fields), set(alias, alias_fields)]).await.unwrap();
    }
    let now = world.platform.clock.now();
    let phone = Phone::parse("+5511900000001").ok();
    let pricing = Pricing {
        model: Some("PMP".to_owned()),
        kind: Some(kind.to_owned()),
        category: Some(category.to_owned()),
        billable: Some(kind == "regular"),
    };
    let update = StatusUpdate {
        wamid,
        status: Some(status),
        at: now,
        intent: None,
        person: Person { phone, ..Person::default() },
        error: None,
        pricing: Some(pricing),
    };
    let kind = EventKind::Status(Box::new(update));
    let event = InboundEvent { waba_id: Some("9009".to_owned()), number: Some(number), kind, raw: json!({}) };
    let event_id = EventId::derived(&world.platform.id_key, &[id.as_str(), status.as_str()]);
    // Each status comes twice.
    for _ in 0..2 {
        track(&world.platform, &Received::new(event_id.clone(), now, event.clone())).await.unwrap();
    }
}

async fn answers(world: &World, conversation: &domain::ConversationId, key: &str, body: &Value) -> Value {
    let mut answer = world.answers(conversation, key, body).await.json();
    answer["conversation"] = json!(conversation.as_str());
    answer
}

#[tokio::test]
async fn a_day_is_counted_by_who_did_what_and_how_long_it_took() {
    let world = World::new().await;
    let day = today(&world).await;
    world.patch("/api/v1/organization", &json!({"first_response_seconds": 60})).await;
    let slow = world.writes(NUMBER, 1, "oi").await;
    let quick = world.writes(NUMBER, 2, "oi").await;
    assert_eq!(get(&world, "/conversations?unanswered=true").await["data"].as_array().unwrap().len(), 2);
    world.wait(Span::from_seconds(60));
    answers(&world, &quick, "1", &text("Bom dia!")).await;
    let shown = get(&world, &format!("/conversations/{quick}")).await["episode"].clone();
    assert_eq!(shown["number"], 1);
    assert!(shown["first_response_at"].is_string() && shown["respond_by"].is_string(), "{shown}");
    world.wait(Span::from_seconds(60));
    answers(&world, &slow, "2", &text("Bom dia!")).await;
    answers(&world, &slow, "3", &text("Em que posso ajudar?")).await;
    assert!(get(&world, "/conversations?unanswered=true").await["data"].as_array().unwrap().is_empty());
    world.wait(Span::from_seconds(180));
    assert_eq!(world.post(&format!("/api/v1/conversations/{slow}/close"), &json!({})).await.status, 200);

    let report = get(&world, &format!("/analytics?from={day}&to={day}")).await;
    assert_eq!(report["data"].as_array().unwrap().len(), 1);
    let total = &report["total"];
    assert_eq!(report["data"][0]["messages"], total["messages"]);
    assert_eq!((&total["messages"]["received"], &total["messages"]["person"]), (&json!(2), &json!(3)));
    assert_eq!((&total["delivery"]["written"], &total["delivery"]["queued"]), (&json!(3), &json!(3)));
    assert_eq!((&total["conversations"]["opened"], &total["conversations"]["resolved"]), (&json!(2), &json!(1)));
    assert_eq!(total["conversations"]["average_resolution_seconds"], 300);
    let first = &total["first_responses"];
    assert_eq!((&first["count"], &first["average_seconds"]), (&json!(2), &json!(90)));
    assert_eq!((&first["in_time"], &first["late"]), (&json!(1), &json!(1)));
    assert_eq!((&first["within"]["60"], &first["within"]["300"]), (&json!(1), &json!(1)));

    // By the hour, only the hours in which something happened have figures.
    let hours = get(&world, &format!("/analytics?from={day}&to={day}&interval=hour")).await;
    let busy = |one: &&Value| one["messages"]["received"] != 0;
    assert_eq!(hours["data"].as_array().unwrap().len(), 24);
    assert_eq!(hours["data"].as_array().unwrap().iter().filter(busy).count(), 1);
    assert_eq!(hours["total"], *total);

    // The number has all of it, another none.
    let of = |query: &str| format!("/analytics?from={day}&to={day}&{query}");
    assert_eq!(get(&world, &of(&format!("phone_number_id={NUMBER}"))).await["total"], *total);
    let other = get(&world, &of("phone_number_id=5")).await;
    assert_eq!(other["total"]["messages"]["received"], 0);
    let numbers = get(&world, &format!("/analytics/by/number?from={day}&to={day}")).await;
    assert_eq!((numbers["data"][0]["id"].as_str(), numbers["data"].as_array().unwrap().len()), (Some(NUMBER), 1));
    assert_eq!(numbers["data"][0]["messages"], total["messages"]);

    // Another organization sees none of it.
    let theirs = open_request("GET", "/api/v1/analytics").header("x-api-key", OTHER_KEY);
    assert_eq!(world.ask(theirs, "").await.json()["total"]["messages"]["received"], 0);
}

#[tokio::test]
async fn figures_come_as_a_table() {
    let world = World::new().await;
    world.writes(NUMBER, 1, "oi").await;
    let answer = world.get("/api/v1/analytics/export").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let table = String::from_utf8(answer.bytes).unwrap();
    let mut rows = table.lines();
    assert!(rows.next().unwrap().starts_with("start,received,assistant,person,"), "{table}");
    assert_eq!(rows.clone().count(), 7, "seven days");
    assert!(rows.next_back().unwrap().contains(",1,0,0,0,0,"), "{table}");
    let numbers = world.get("/api/v1/analytics/by/number/export").await;
    assert!(String::from_utf8(numbers.bytes).unwrap().contains(&format!("\n{NUMBER},1,")));
}

#[tokio::test]
async fn a_message_moves_on_in_the_funnel_and_is_charged_once_it_is_delivered() {
    let world = World::new().await;
    let conversation = world.writes(NUMBER, 1, "oi").await;
    let template =
        json!({"content": {"type": "template", "name": "oferta", "language": "pt_BR", "category": "marketing"}});
    let offer = answers(&world, &conversation, "1", &template).await;
    let reply = answers(&world, &conversation, "2", &text("Bom dia!")).await;
    meta_says(&world, &offer, DeliveryStatus::Sent, "marketing", "regular").await;
    meta_says(&world, &reply, DeliveryStatus::Sent, "service", "free_customer_service").await;
    let total = get(&world, "/analytics").await["total"].clone();
    assert_eq!((&total["delivery"]["sent"], &total["cost"]["charged_messages"]), (&json!(2), &json!(0)));
    world.wait(Span::from_seconds(5));
    meta_says(&world, &offer, DeliveryStatus::Read, "marketing", "regular").await;
    meta_says(&world, &offer, DeliveryStatus::Delivered, "marketing", "regular").await;
    meta_says(&world, &reply, DeliveryStatus::Delivered, "service", "free_customer_service").await;
    let total = get(&world, "/analytics").await["total"].clone();
    let funnel = &total["delivery"];
    assert_eq!((&funnel["written"], &funnel["delivered"], &funnel["read"]), (&json!(2), &json!(2), &json!(1)));
    assert_eq!((&funnel["queued"], &funnel["accepted"]), (&json!(0), &json!(2)));
    let cost = &total["cost"];
    assert_eq!((&cost["charged_messages"], &cost["free_messages"]), (&json!(1), &json!(1)));
    let ledger = get(&world, "/ledger").await;
    let lines = ledger["data"].as_array().unwrap();
    assert_eq!(lines.len(), 2, "{ledger}");
    let marketing = lines.iter().find(|line| line["messages"]["category"] == "marketing").unwrap();
    assert_eq!(marketing["messages"]["country"], "BR");
    assert_eq!((&marketing["messages"]["charged"], &marketing["messages"]["free"]), (&json!(1), &json!(0)));
    let price = marketing["cost"].clone();
    assert_eq!(ledger["total"], json!([price]));
    assert_eq!(price["amount_micros"], 62_500);
    assert_eq!(cost["by_category"][0]["amount_micros"], price["amount_micros"]);
    let usage = get(&world, "/usage").await;
    assert_eq!((&usage["charged_messages"], &usage["cost"]), (&json!(1), &json!([price])));
    let table = world.get("/api/v1/ledger/export?interval=month").await;
    let table = String::from_utf8(table.bytes).unwrap();
    assert!(table.contains(",messages,BR,marketing,1,0,0,,,,,USD,62500"), "{table}");
}

#[tokio::test]
async fn what_a_model_reads_and_writes_is_in_the_ledger_and_ends_with_the_plan() {
    let world = World::new().await;
    flow::organization::change_plan(&world.platform, &Actor::operator(), &world.bakery, Plan::Free).await.unwrap();
    let made = world.post("/api/v1/assistants", &json!({"name": "Tica"})).await.json();
    let path = format!("/api/v1/assistants/{}", made["id"].as_str().unwrap());
    world.post(&format!("{path}/publish"), &json!({})).await;
    let ask = json!({"question": "Vocês abrem domingo?"});
    let asked = world.post(&format!("{path}/ask"), &ask).await.json();
    let used = json!({"name": "a-usual-model", "input_tokens": 120, "output_tokens": 9});
    assert_eq!(asked["model"], used, "{asked}");
    let usage = get(&world, "/usage").await;
    assert_eq!((&usage["model_tokens"], &usage["model_tokens_limit"]), (&json!(0), &json!(1_000_000)));
    // It is counted as soon as it is looked at.
    let ledger = get(&world, "/ledger").await;
    let model = &ledger["data"][0]["model"];
    assert_eq!((&model["calls"], &model["tokens_read"], &model["tokens_written"]), (&json!(1), &json!(120), &json!(9)));
    assert_eq!(ledger["data"][0]["cost"], Value::Null, "a model that the price file does not know");
    assert_eq!(get(&world, "/usage").await["model_tokens"], 129);
    let assistants = get(&world, "/analytics/by/assistant").await;
    assert_eq!((&assistants["data"][0]["id"], &assistants["data"][0]["model"]["calls"]), (&made["id"], &json!(1)));

    // What is left of the month's tokens is used up.
    spend(&world, made["id"].as_str().unwrap(), 999_871, 1).await;
    get(&world, "/analytics").await;
    let prompts = world.model.prompts().len();
    let asked = world.post(&format!("{path}/ask"), &ask).await.json();
    assert_eq!(world.model.prompts().len(), prompts, "the model is asked no more");
    assert_eq!((&asked["outcome"], &asked["reason"]["code"]), (&json!("person_called"), &json!("plan_limit")));
    // The next month begins anew.
    world.wait(Span::from_hours(24 * 31));
    world.post(&format!("{path}/ask"), &ask).await;
    assert_eq!(world.model.prompts().len(), prompts + 1);
}

/// The nth answer of a model, that took so many tokens.
async fn spend(world: &World, assistant: &str, tokens: u32, n: u32) {
    let mut bits = [9; 16];
    bits[..4].copy_from_slice(&n.to_be_bytes());
    use flow::analytics::{Counted, CountedRecord};
    use flow::records::{ModelCall, WaitingEntry, feed_path, model_call_path, write_model_call, write_waiting_entry};
    let now = world.platform.clock.now();
    let call = ModelCall {
        id: domain::ModelCallId::from_bits(bits),
        at: now,
        model: "a-usual-model".to_owned(),
        assistant: assistant.parse().unwrap(),
        conversation: None,
        number: None,
        read: tokens,
        written: 0,
        cost: None,
    };
    let mut by = domain::figures::Counts::default();
    let measure = domain::figures::Measure::TokensRead(call.model.clone());
    by.add([&domain::figures::Slice::All], now, &measure, i64::from(tokens));
    let record = CountedRecord::ModelCall { sort: call.sort(), id: call.id.clone() };
    let id = domain::FeedId::from_bits(bits);
    let entry = WaitingEntry { id: id.clone(), at: now, change: None, counted: vec![Counted { record, by }] };
    let (path, feed) = (model_call_path(&world.bakery, &call.id), feed_path(&world.bakery, &id));
    let set = |path, fields| flow::ports::Write::Set { path, fields, precondition: Precondition::MustNotExist };
    let fields = write_model_call(&world.platform, &path, &call);
    let entry = write_waiting_entry(&world.platform, &feed, &entry);
    world.platform.documents.commit(vec![set(path, fields), set(feed, entry)]).await.unwrap();
}

#[tokio::test]
async fn counting_again_puts_right_what_was_lost_and_says_so() {
    let world = World::new().await;
    for customer in 1..=3 {
        let conversation = world.writes(NUMBER, customer, "oi").await;
        answers(&world, &conversation, "1", &text("Bom dia!")).await;
    }
    let before = get(&world, "/analytics").await;
    let recount = async || -> Value {
        let request = super::world::request("POST", "/api/v1/analytics/recounts");
        let task = world.ask(request, "").await;
        assert_eq!(task.status, 202, "{}", String::from_utf8_lossy(&task.bytes));
        world.works_on(&task.json()).await;
        get(&world, &format!("/tasks/{}", task.json()["id"].as_str().unwrap())).await
    };
    let task = recount().await;
    assert_eq!((&task["state"], &task["kind"]), (&json!("completed"), &json!("recount")), "{task}");
    assert_eq!((&task["recount"]["records"], &task["recount"]["differences"]), (&json!(9), &json!(0)));
    assert_eq!(get(&world, "/analytics").await, before);

    // A sheet is lost.
    let sheets = flow::records::queries::whole(flow::records::sheets(&world.bakery));
    let sheets = world.platform.documents.query(&sheets).await.unwrap();
    let lost = sheets.into_iter().find(|sheet| sheet.path.id().contains(".all.")).unwrap();
    let delete = flow::ports::Write::Delete { path: lost.path, precondition: Precondition::MustExist };
    world.platform.documents.commit(vec![delete]).await.unwrap();
    assert_ne!(get(&world, "/analytics").await, before);
    let task = recount().await;
    assert!(task["recount"]["differences"].as_u64().unwrap() > 0, "{task}");
    assert_eq!(get(&world, "/analytics").await, before);
    // What comes from now on is counted as ever.
    world.writes(NUMBER, 4, "oi").await;
    assert_eq!(get(&world, "/analytics").await["total"]["messages"]["received"], 4);
}

#[tokio::test]
async fn a_customer_of_many_days_is_counted_again_in_pieces() {
    let world = World::new().await;
    let mut conversation = None;
    for _ in 0..130 {
        let id = world.writes(NUMBER, 1, "oi").await;
        assert_eq!(world.post(&format!("/api/v1/conversations/{id}/close"), &json!({})).await.status, 200);
        world.wait(Span::from_hours(24));
        conversation = Some(id);
    }
    let shown = get(&world, &format!("/conversations/{}", conversation.unwrap())).await;
    assert_eq!(shown["episode"]["number"], 130);
    let task = world.ask(super::world::request("POST", "/api/v1/analytics/recounts"), "").await.json();
    world.works_on(&task).await;
    let task = get(&world, &format!("/tasks/{}", task["id"].as_str().unwrap())).await;
    assert_eq!((&task["state"], &task["recount"]["differences"]), (&json!("completed"), &json!(0)), "{task}");
    assert_eq!(task["recount"]["records"], 260);
}

#[tokio::test]
async fn much_that_counts_without_an_entry_holds_up_neither_feed_nor_figures() {
    let world = World::new().await;
    let made = world.post("/api/v1/assistants", &json!({"name": "Tica"})).await.json();
    for n in 0..450 {
        spend(&world, made["id"].as_str().unwrap(), 10, n).await;
    }
    world.wait(Span::from_seconds(1));
    world.writes(NUMBER, 1, "oi").await;
    let head = flow::records::feed_head_path(&world.bakery);
    flow::feed::sequence(&world.platform, &world.bakery).await.unwrap();
    let kept = world.platform.documents.get(&head).await.unwrap();
    let kept = flow::records::read_feed_head(&world.platform, kept.as_ref()).unwrap();
    assert!(kept.uncounted.len() <= 200, "the head holds {}", kept.uncounted.len());
    assert_eq!(get(&world, "/ledger").await["data"][0]["model"]["tokens_read"], 4_500);
    assert_eq!(get(&world, "/analytics").await["total"]["messages"]["received"], 1);
    let events = get(&world, "/events").await;
    let types: Vec<&str> = events["data"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert!(types.contains(&"message.received"), "{types:?}");
}

#[tokio::test]
async fn days_and_names_that_cannot_be_are_pointed_at() {
    let world = World::new().await;
    let nobody = format!("mem_{}&team_id=team_{}", "a".repeat(26), "a".repeat(26));
    for (query, parameter) in [
        ("analytics?from=2026-02-30".to_owned(), "/from"),
        ("analytics?to=amanha".to_owned(), "/to"),
        ("analytics?from=2026-11-02&to=2026-11-01".to_owned(), "/to"),
        ("analytics?from=2026-01-01&to=2026-03-01&interval=hour".to_owned(), "/to"),
        ("analytics?interval=week".to_owned(), "/interval"),
        (format!("analytics?member_id={nobody}"), "/member_id"),
        ("analytics/export?to=amanha".to_owned(), "/to"),
        ("ledger/export?interval=hour".to_owned(), "/interval"),
        ("ledger?interval=hour".to_owned(), "/interval"),
        ("analytics/by/team?from=2026-01-01&to=2026-03-01".to_owned(), "/to"),
    ] {
        let refused = world.get(&format!("/api/v1/{query}")).await;
        assert_eq!(refused.pointers(400, "invalid_parameter"), [parameter], "{query}");
    }
    world.get("/api/v1/analytics/by/planet").await.problem(404, "not_found");
    world.get("/api/v1/analytics/by/all").await.problem(404, "not_found");
    let refused = world.patch("/api/v1/organization", &json!({"first_response_seconds": 0})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/first_response_seconds"]);
}
