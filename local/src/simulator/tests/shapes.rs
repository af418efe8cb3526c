//! The platform's own reader and writer of Meta's forms understand the simulator, and it them.

use domain::delivery::DeliveryStatus;
use domain::inbound::{EventKind, InboundContent, MediaKind};
use domain::outbound::{
    Button, Header, HeaderMedia, MediaSource, OutboundContent, ProductSection, Row, Section, TemplateCategory,
};
use flow::ports::{Address, SendRequest};
use whatsapp::webhook::{AppSecrets, EventClass, read_event, split};

use super::*;

/// The events of the next webhook, as the platform reads them.
async fn read(place: &mut Place) -> Vec<EventKind> {
    let hook = place.hook().await;
    AppSecrets::parse(SECRET).unwrap().verify(&hook.bytes, Some(hook.signature.as_bytes())).unwrap();
    let events = split(&hook.bytes);
    assert!(
        events.iter().all(|event| !matches!(event.class, EventClass::Unparsed | EventClass::Remainder)),
        "{events:?}"
    );
    events.iter().map(|event| read_event(&event.json).kind).collect()
}

#[tokio::test]
async fn the_platform_reads_every_message_a_customer_can_send() {
    let mut place = Place::new().await;
    let first = place.says(ANA, "oi").await;
    read(&mut place).await;
    for (message, kind) in [
        (json!({"type": "text", "text": {"body": "Olá ☀"}, "context": {"id": first}}), "text"),
        (json!({"type": "image", "image": {"caption": "c"}}), "image"),
        (json!({"type": "video", "video": {}}), "video"),
        (json!({"type": "audio", "audio": {}}), "audio"),
        (json!({"type": "document", "document": {"filename": "a.pdf"}}), "document"),
        (json!({"type": "sticker", "sticker": {}}), "sticker"),
        (json!({"type": "location", "location": {"latitude": -23.5, "longitude": -46.6}}), "location"),
        (json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Bia"}}]}), "contacts"),
        (
            json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Sim"}}}),
            "choice",
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Pão"}}}),
            "choice",
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}}),
            "interactive_reply",
        ),
        (json!({"type": "button", "button": {"payload": "p", "text": "Sim"}}), "choice"),
        (json!({"type": "reaction", "reaction": {"message_id": first, "emoji": "👍"}}), "reaction"),
        (json!({"type": "order", "order": {"catalog_id": "1", "product_items": []}}), "order"),
        (
            json!({"type": "system", "system": {"type": "user_changed_number", "body": "b", "wa_id": "5511900000002"}}),
            "system",
        ),
        (
            json!({"type": "edit", "edit": {"original_message_id": first, "message": {"type": "text", "text": {"body": "b"}}}}),
            "edit",
        ),
        (json!({"type": "revoke", "revoke": {"original_message_id": first}}), "revoke"),
        (json!({"type": "unsupported", "unsupported": {"type": "poll_creation"}}), "unsupported"),
        (json!({"type": "hologram", "hologram": {}}), "other"),
    ] {
        let id = place.writes(ANA, &message).await["id"].clone();
        let mut events = read(&mut place).await;
        let EventKind::Message(read) = events.remove(0) else { panic!("no message: {message}") };
        assert_eq!(read.content.kind(), kind, "{message}");
        assert_eq!((read.wamid.as_str(), events.len()), (id.as_str().unwrap(), 0));
        if kind != "system" {
            assert_eq!(read.person.name.as_deref(), Some("Cliente"));
        }
        assert_eq!(read.person.wa_id.as_deref(), Some(ANA));
        assert!(read.person.user_id.is_some());
        match read.content {
            InboundContent::Media { kind, id, sha256, voice, .. } => {
                assert!(id.is_some() && sha256.is_some());
                assert_eq!(voice, kind == MediaKind::Audio);
            }
            InboundContent::Unsupported { code, kind } => {
                assert_eq!((code, kind.as_deref()), (Some(131_051), Some("poll_creation")));
            }
            InboundContent::Text { .. } => assert_eq!(read.reply_to.unwrap().as_str(), first),
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_platform_reads_every_status() {
    let mut place = Place::new().await;
    place.says(ANA, "oi").await;
    read(&mut place).await;
    place.plans(json!([{"match": {"nth": 2}, "action": {"type": "fail_later", "code": 131_049}}])).await;
    let intent = domain::IntentId::from_bits([7; 16]);
    place.sends_text(ANA, intent.as_str()).await;
    place.sends_text(ANA, intent.as_str()).await;
    let mut seen = Vec::new();
    while seen.len() < 4 {
        for event in read(&mut place).await {
            let EventKind::Status(status) = event else { panic!("no status") };
            assert_eq!((status.intent.as_ref(), status.person.wa_id.as_deref()), (Some(&intent), Some(ANA)));
            let known = status.status.expect("a known status");
            assert_eq!(status.error.map(|error| error.code), (known == DeliveryStatus::Failed).then_some(131_049));
            assert_eq!(status.pricing.is_some(), matches!(known, DeliveryStatus::Sent | DeliveryStatus::Delivered));
            seen.push(known);
        }
    }
    for status in [DeliveryStatus::Sent, DeliveryStatus::Delivered, DeliveryStatus::Read, DeliveryStatus::Failed] {
        assert_eq!(seen.iter().filter(|known| **known == status).count(), 1, "{status:?}");
    }
}

#[tokio::test]
async fn everything_the_platform_can_write_is_taken() {
    let place = Place::new().await;
    let first = place.says(ANA, "oi").await;
    let link = || MediaSource::Link("https://example.com/a".to_owned());
    let media = |kind, caption: Option<&str>| OutboundContent::Media {
        kind,
        source: link(),
        caption: caption.map(str::to_owned),
        filename: None,
        voice: false,
    };
    let button = |id: &str| Button { id: id.to_owned(), title: format!("Opção {id}") };
    let row = |id: &str| Row { id: id.to_owned(), title: format!("Linha {id}"), description: Some("d".into()) };
    let words = || ("Escolha".to_owned(), Some("Título".to_owned()), Some("Rodapé".to_owned()));
    let (body, header, footer) = words();
    let header = header.map(Header::Text);
    let buttons = OutboundContent::Buttons { body, header, footer, buttons: vec![button("1"), button("2")] };
    let (body, header, footer) = words();
    let sections =
        vec![Section { title: "A".into(), rows: vec![row("1")] }, Section { title: "B".into(), rows: vec![row("2")] }];
    let list = OutboundContent::List { body, header, footer, button: "Ver".into(), sections };
    let (body, header, footer) = words();
    let picture = HeaderMedia { kind: MediaKind::Image, source: link(), filename: None };
    let header = header.map(|_| Header::Media(picture));
    let cta = OutboundContent::CtaUrl {
        body,
        header,
        footer,
        display_text: "Abrir".into(),
        url: "https://example.com".into(),
    };
    for content in [
        OutboundContent::Text { body: "Olá".into(), preview_url: false },
        media(MediaKind::Image, Some("c")),
        media(MediaKind::Video, Some("c")),
        media(MediaKind::Audio, None),
        media(MediaKind::Document, Some("c")),
        media(MediaKind::Sticker, None),
        OutboundContent::Location { latitude: -23.5, longitude: -46.6, name: Some("Loja".into()), address: None },
        OutboundContent::Contacts { cards: vec![json!({"name": {"formatted_name": "Bia", "first_name": "Bia"}})] },
        OutboundContent::Reaction { target: first.parse().unwrap(), emoji: Some("👍".into()) },
        OutboundContent::Reaction { target: first.parse().unwrap(), emoji: None },
        buttons,
        list,
        cta,
        OutboundContent::LocationRequest { body: "Onde você está?".into() },
        OutboundContent::Product {
            body: None,
            footer: None,
            catalog_id: "1".into(),
            product_retailer_id: "bolo".into(),
        },
        OutboundContent::Products {
            header: "Bolos".into(),
            body: "Escolha".into(),
            footer: None,
            catalog_id: "1".into(),
            sections: vec![ProductSection { title: String::new(), product_retailer_ids: vec!["bolo".into()] }],
        },
        OutboundContent::Template {
            name: "hello_world".into(),
            language: "en_US".into(),
            category: TemplateCategory::Utility,
            components: Vec::new(),
        },
    ] {
        let request = SendRequest {
            to: Address { wa_id: Some(ANA.to_owned()), user_id: None },
            content,
            reply_to: Some(first.parse().unwrap()),
            callback_data: "in_a".to_owned(),
        };
        let body = serde_json::to_value(whatsapp::send::SendRequest::new(&request)).unwrap();
        let answer = place.sends(&body).await;
        assert_eq!(answer.status(), StatusCode::OK, "{body}: {}", answer.text().await.unwrap());
    }
    let receipt = whatsapp::send::ReadReceipt::new(&first.parse().unwrap(), true);
    let body = serde_json::to_value(whatsapp::send::MessagesRequest::Read(receipt)).unwrap();
    assert_eq!(place.sends(&body).await.status(), StatusCode::OK);
    assert_eq!(place.screen(ANA, 0, 0).await["typing"], true);
}

#[test]
fn every_code_that_the_simulator_can_give_by_itself_is_in_the_platforms_catalogue() {
    for code in crate::simulator::graph::known_codes() {
        assert!(whatsapp::catalogue::find(code).is_some(), "{code}");
    }
}
