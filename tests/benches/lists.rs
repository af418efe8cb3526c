//! How long the API takes to find contacts and list conversations, as their number grows: through its router, over the
//! stores of a laptop in a file of their own.
//!
//! `cargo xtask bench lists` prints a table; `PORFIN_RECORDS` says up to how many.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{ApiSettings, ApiState, access_tokens, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use boot::settings::Rotating;
use domain::access::Permission;
use domain::api_key::ApiKeySecret;
use domain::contact::{AttributeDefinition, AttributeKey, AttributeKind, AttributeValue, Contact, Dated, Tag};
use domain::conversation::{Attention, Conversation, Epoch};
use domain::delivery::{DeliveryStatus, DeliveryTimes};
use domain::inbound::InboundContent;
use domain::organization::Organization;
use domain::{ContactId, DisplayName, IdKey, MessageId, NumberId, OrganizationId, Plan, Span, TimeZone, Timestamp};
use embedded::{Embedded, Settings};
use flow::access::api_keys::{self, NewApiKey};
use flow::indexes::IndexSet;
use flow::platform::{FlowSettings, Platform};
use flow::ports::{Precondition, Write};
use flow::records::{
    Attribution, Body as MessageBody, Message, Origin, attribute_path, contact_path, conversation_id,
    conversation_path, message_path, organization_path, write_attribute, write_contact, write_conversation,
    write_message, write_organization,
};
use flow::seal::Sealer;
use flow::wake::FeedWakes;
use serde_json::Value;
use tests::clock::TestClock;
use tests::entropy::SeededEntropy;
use tower::ServiceExt;

/// Opens nothing that is real.
const KEY: &str = "pk_live_aeaqcaibaeaqcaibaeaqcaibae_0El6XFXwsUFD8J2vGxsaboW7rZYnQRBP5d9erwRwd29_2W84KZ";
const INDEXES: &str = include_str!("../../firestore.indexes.json");
/// How often each request is made.
const TURNS: usize = 300;

const NAMES: [&str; 16] = [
    "Maria",
    "José",
    "Ana",
    "João",
    "Antônio",
    "Francisca",
    "Carlos",
    "Adriana",
    "Paulo",
    "Juliana",
    "Lucas",
    "Márcia",
    "Gabriel",
    "Fernanda",
    "Rafael",
    "Patrícia",
];
const FAMILIES: [&str; 12] = [
    "Silva",
    "Santos",
    "Oliveira",
    "Souza",
    "Rodrigues",
    "Ferreira",
    "Alves",
    "Pereira",
    "Lima",
    "Gomes",
    "Costa",
    "Ribeiro",
];

struct Stage {
    platform: Platform,
    router: Router,
    organization: OrganizationId,
    number: NumberId,
    begin: Timestamp,
    clock: Arc<TestClock>,
}

impl Stage {
    async fn in_folder(folder: &std::path::Path) -> Self {
        let clock = Arc::new(TestClock::default());
        let entropy = Arc::new(SeededEntropy::new(1));
        let settings = Settings::new(IndexSet::parse(INDEXES).unwrap());
        let stores = Embedded::open(folder, clock.clone(), entropy.clone(), settings).unwrap();
        let platform = Platform {
            documents: stores.documents.clone(),
            items: stores.items.clone(),
            queues: stores.queues.clone(),
            blobs: stores.blobs.clone(),
            limiter: stores.limiter.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            sealer: Sealer::new([3; 32], &[]),
            id_key: IdKey::new([5; 32]),
            settings: FlowSettings::default(),
            feed_wakes: FeedWakes::default(),
        };
        let organization = OrganizationId::from_bits([1; 16]);
        let record = Organization {
            id: organization.clone(),
            name: "Padaria".to_owned(),
            language: domain::locale::Language::Portuguese,
            time_zone: TimeZone::parse("America/Sao_Paulo").unwrap(),
            hours: domain::hours::BusinessHours::default(),
            away: None,
            distribution: domain::team::Distribution::BY_HAND,
            first_response_seconds: None,
            plan: Plan::Enterprise,
        };
        let shop = AttributeDefinition {
            key: AttributeKey::parse("shop").unwrap(),
            label: DisplayName::parse("Loja").unwrap(),
            kind: AttributeKind::Text,
            choices: vec![],
            retired: false,
        };
        let set = |path, fields| Write::Set { path, fields, precondition: Precondition::None };
        let path = attribute_path(&organization, &shop.key);
        let writes = vec![
            set(organization_path(&organization), write_organization(&platform, &record)),
            set(path.clone(), write_attribute(&platform, &path, &shop)),
        ];
        platform.documents.commit(writes).await.unwrap();
        let new = NewApiKey {
            name: DisplayName::parse("Bench").unwrap(),
            scopes: Permission::ALL.to_vec(),
            ranges: vec![],
            expires_at: None,
        };
        api_keys::adopt(&platform, &organization, &new, &ApiKeySecret::parse(KEY).unwrap()).await.unwrap();
        let keys = Rotating { current: [7; 32], previous: vec![] };
        let tokens = access_tokens(&keys, clock.clone(), entropy);
        let settings = ApiSettings { requests_per_minute: u32::MAX, ..ApiSettings::default() };
        let router = router(ApiState::new(platform.clone(), stores.queues.clone(), tokens, settings));
        let begin = platform.clock.now() - Span::from_days(365);
        Self { platform, router, organization, number: "1001".parse().unwrap(), begin, clock }
    }

    /// What is written of one person: their contact, the conversation with them, and its newest message.
    fn person(&self, n: u64) -> Vec<Write> {
        let at = self.begin + Span::from_seconds(i64::try_from(n).unwrap() * 20);
        let mut contact = Contact::begin(ContactId::derived(&self.platform.id_key, &["bench", &n.to_string()]), at);
        let pick = |list: &'static [&'static str], by: u64| list[usize::try_from(n / by).unwrap() % list.len()];
        let name = format!("{} {} {}", pick(&NAMES, 1), pick(&FAMILIES, 16), pick(&FAMILIES, 192));
        contact.name = Some(Dated { at, value: if n % 5_000 == 7 { format!("Zulmira {name}") } else { name } });
        contact.wa_id = Some(Dated { at, value: format!("55119{:08}", 10_000_000 + n) });
        if n % 100 == 3 {
            contact.tags.add(Tag::parse("VIP").unwrap()).unwrap();
        }
        let shop = AttributeValue::Text(format!("Loja {}", n % 200));
        contact.attributes.set(AttributeKey::parse("shop").unwrap(), Some(shop));
        let id = conversation_id(&self.platform, &self.number, &contact.id);
        let mut conversation = Conversation::begin(id, self.number.clone(), contact.id.clone(), at);
        if n % 50 == 9 {
            conversation.epoch = Epoch(1);
        }
        if n % 100 == 11 {
            conversation.attention = Some(Attention::Waiting);
        }
        let message = Message {
            id: MessageId::derived(&self.platform.id_key, &["bench", &n.to_string()]),
            body: MessageBody::Inbound(InboundContent::Text { body: "Vocês têm bolo de cenoura hoje?".to_owned() }),
            origin: Origin::Customer,
            status: DeliveryStatus::Received,
            times: DeliveryTimes::default(),
            at,
            recorded_at: at,
            changed_at: at,
            wamid: None,
            reply_to: None,
            intent: None,
            answers: vec![],
            error_code: None,
            suppression: None,
            resends: None,
            events: vec![],
            pricing: None,
            charge: None,
            attribution: Attribution::of(&conversation),
            raw: None,
        };
        conversation.note_message(&message.id, at);
        let set = |path, fields| Write::Set { path, fields, precondition: Precondition::MustNotExist };
        let at = message_path(&self.organization, &conversation.id, &message.id);
        vec![
            set(
                contact_path(&self.organization, &contact.id),
                write_contact(&self.platform, &self.organization, &contact),
            ),
            set(
                conversation_path(&self.organization, &conversation.id),
                write_conversation(&self.platform, &self.organization, &conversation),
            ),
            set(at.clone(), write_message(&self.platform, &at, &message)),
        ]
    }

    async fn ask(&self, path: &str) -> Value {
        // No limit of requests a minute is met.
        self.clock.advance(Span::from_minutes(1));
        let peer: SocketAddr = "192.0.2.7:5000".parse().unwrap();
        let request = Request::builder().uri(format!("/api/v1{path}")).header("x-api-key", KEY);
        let request = request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The requests by name; `{}` is a place deep in the list.
    async fn requests(&self, records: u64) -> Vec<(&'static str, String)> {
        let deep = |list: &'static str| async move {
            let mut cursor = String::new();
            for _ in 0..50.min(records / 100 - 1) {
                let page = self.ask(&format!("{list}?limit=100{cursor}")).await;
                cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap());
            }
            format!("{list}?limit=50{cursor}")
        };
        let (contacts, conversations) = (deep("/contacts").await, deep("/conversations").await);
        let phone = |n: u64| format!("%2B55119{:08}", 10_000_000 + n);
        vec![
            ("contacts, newest", "/contacts".to_owned()),
            ("contacts, 5,000 down", contacts),
            ("a phone", format!("/contacts?phone={}", phone(records / 2))),
            ("the end of a phone", format!("/contacts?phone={:04}", records / 2 % 10_000)),
            ("a frequent name", "/contacts?name=mari".to_owned()),
            ("a rare name", "/contacts?name=zulm".to_owned()),
            ("first and family name", "/contacts?name=fernanda%20souza".to_owned()),
            ("a tag", "/contacts?tag=vip".to_owned()),
            ("a tag and a name", "/contacts?tag=vip&name=gab".to_owned()),
            ("an attribute", "/contacts?attribute=shop:loja%20111".to_owned()),
            ("conversations, newest", "/conversations".to_owned()),
            ("conversations, 5,000 down", conversations),
            ("those with a person", "/conversations?state=person".to_owned()),
            ("those that need a person", "/conversations?needs_person=true".to_owned()),
        ]
    }
}

fn main() {
    let most = std::env::var("PORFIN_RECORDS").ok().map_or(1_000_000, |text| text.parse().expect("a number"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::in_folder(folder.path()).await;
        println!("| records | request | p50, ms | p99, ms | most, ms |\n|---|---|---|---|---|");
        let (mut written, mut records) = (0, 1_000.min(most));
        loop {
            let before = Instant::now();
            while written < records {
                let batch = (written..records.min(written + 100)).flat_map(|n| stage.person(n)).collect();
                stage.platform.documents.commit(batch).await.unwrap();
                written = records.min(written + 100);
            }
            eprintln!("{records} records, the last of them in {:?}", before.elapsed());
            for (name, path) in stage.requests(records).await {
                let mut times = Vec::with_capacity(TURNS);
                for _ in 0..TURNS {
                    let before = Instant::now();
                    stage.ask(&path).await;
                    times.push(before.elapsed());
                }
                times.sort();
                let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1_000.0);
                let [p50, p99, max] = [TURNS / 2, TURNS * 99 / 100, TURNS - 1].map(|at| ms(times[at]));
                println!("| {records} | {name} | {p50} | {p99} | {max} |");
            }
            if records >= most {
                break;
            }
            records = most.min(records * 10);
        }
    });
}
