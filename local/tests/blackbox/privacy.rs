//! What the program writes down about people: nothing that can be read.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use data_encoding::{HEXLOWER, HEXUPPER};

use crate::meta::{Fate, TOKEN};
use crate::openai;
use crate::webhook::{Customer, PREVIOUS_SECRET, SECRET, messages, status};
use crate::world::{VERIFY_TOKEN, World};

/// A text, and what it looks like when it was encoded, alone or within something longer.
fn disguises(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut all = vec![text.to_owned(), HEXLOWER.encode(bytes), HEXUPPER.encode(bytes)];
    let percent = |upper: bool| -> String {
        let escape = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
        bytes.iter().map(|&b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { escape(b) }).collect()
    };
    all.extend([percent(true), percent(false), percent(true).replace("%20", "+")]);
    all.push(serde_json::to_string(text).unwrap().trim_matches('"').to_owned());
    let escaped = |c: char| match c {
        c if c.is_ascii() => c.to_string(),
        c => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    all.push(text.chars().map(escaped).collect());
    // In base64 a text looks different at each of three offsets; what is around it blurs its first and last characters.
    for offset in 0..3 {
        let shifted = [vec![0; offset], bytes.to_vec()].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&shifted);
            all.push(encoded[[0, 2, 3][offset]..shifted.len() * 8 / 6].to_owned());
        }
    }
    all.retain(|disguise| disguise.len() >= 8);
    all
}

/// The forms in which a Brazilian mobile number is written: with and without country, area and ninth digit.
fn forms(area: &str, subscriber: &str) -> Vec<String> {
    let (first, last) = subscriber.split_at(4);
    vec![
        format!("55{area}9{subscriber}"),
        format!("55{area}{subscriber}"),
        format!("{area}9{subscriber}"),
        format!("{area}{subscriber}"),
        format!("9{subscriber}"),
        subscriber.to_owned(),
        format!("9{first}-{last}"),
        format!("{first}-{last}"),
    ]
}

fn found(haystack: &[u8], texts: &[String]) -> Vec<String> {
    // Bytes that are no text cannot be part of a disguise.
    let haystack = String::from_utf8_lossy(haystack);
    let disguised = texts.iter().flat_map(|text| disguises(text));
    disguised.filter(|disguise| haystack.contains(disguise.as_str())).collect()
}

#[test]
fn the_search_finds_a_number_in_every_disguise() {
    let phone = forms("11", "87650001");
    for line in [
        "to +5511987650001 now",
        "id=wamid.HBgNNTUxMTk4NzY1MDAwMRUCABIY",
        "url=%2B5511987650001&x=1",
        "called 98765-0001",
        "{\"a\":\"35353131393837363530303031\"}",
    ] {
        assert!(!found(line.as_bytes(), &phone).is_empty(), "{line}");
    }
    assert!(found(b"2026-11-22T16:27:47.776905Z 5511 0001", &phone).is_empty());
    assert!(!found("texto=%C3%A9%20segredo%3F".as_bytes(), &["é segredo?".to_owned()]).is_empty());
}

/// A day at the business, with all that can go wrong; the customer's number, name and words are in all of it.
async fn a_day(world: &World) -> Vec<String> {
    let ana = Customer::with_phone("Maristela Quintanilha", "5511987650001");
    world.openai().will("segredo número um", [openai::Fate::ServerError, openai::Fate::Garbage], openai::Fate::Answers);
    world.meta.will(
        ana.address(),
        [
            Fate::Accepted,
            Fate::Refused { http: 400, code: 131_026 },
            Fate::Refused { http: 429, code: 131_056 },
            Fate::AcceptedGarbled,
        ],
    );
    world.says(&ana, "segredo número um").await;
    let sent = world.meta.accepts(ana.address(), 1).await.remove(0);
    assert_eq!(world.post(status(&sent, "delivered")).await, 200);
    world.says(&ana, "segredo número dois").await;
    world.reaches(&ana, "failed").await;
    let conversation = world.conversation_with(&ana).await.unwrap();
    let id = conversation["id"].as_str().unwrap();
    world.answer(id, "secret-key-1", "segredo da padaria").await;
    let lost = world.meta.accepts(ana.address(), 2).await.remove(1);
    assert_eq!(world.post(status(&lost, "failed")).await, 200);
    world.act(&format!("/conversations/{id}/hand-back")).await;

    // Bodies that cannot be read, that are not signed, and that are nobody's.
    let body = messages([&ana.text(world.unique(), "segredo número três")]);
    let url = world.url("/webhooks/whatsapp");
    assert_eq!(world.try_post(&url, body.clone(), Some("sha256=00")).await.unwrap().status, 401);
    assert_eq!(world.post(body[..body.len() - 10].to_vec()).await, 200);
    let foreign = ana.text(world.unique(), "segredo número quatro");
    assert_eq!(world.post(crate::webhook::message_to("999000999000999", &foreign)).await, 200);
    for path in ["/api/v1/conversations/5511987650001", "/api/v1/x?phone=%2B5511987650001&q=segredo%20da%20padaria"] {
        assert!(world.get(path).await.status >= 400);
    }
    world.says(&ana, "sair").await;
    world.meta.accepts(ana.address(), 3).await;

    let mut secrets = forms("11", "87650001");
    for text in [
        "Maristela Quintanilha",
        "segredo número um",
        "segredo número dois",
        "segredo número três",
        "segredo número quatro",
        "segredo da padaria",
        "não receberá mais mensagens",
        TOKEN,
        SECRET,
        PREVIOUS_SECRET,
        VERIFY_TOKEN,
        openai::KEY,
    ] {
        secrets.push(text.to_owned());
    }
    secrets
}

#[tokio::test]
async fn neither_log_nor_data_directory_shows_a_phone_number_a_name_a_message_text_or_a_token() {
    let mut world = World::prepared(crate::meta::Meta::up(), Some(openai::OpenAi::up()));
    world.set("DEBUG", "true");
    world.start().await;
    let mut secrets = a_day(&world).await;
    world.kill().await;
    let log = world.log.text();
    assert!(log.contains("a webhook was queued") && log.contains("DEBUG"), "the log is there:\n{log}");
    assert_eq!(found(log.as_bytes(), &secrets), Vec::<String>::new());

    // `local.json` says what another program needs to post webhooks.
    secrets.retain(|secret| *secret != SECRET && *secret != VERIFY_TOKEN);
    let kept = world.home.kept().await;
    assert!(kept.len() > 4, "{:?}", kept.keys());
    for (place, bytes) in kept {
        assert_eq!(found(&bytes, &secrets), Vec::<String>::new(), "in {place}");
    }
}
