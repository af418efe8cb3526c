//! Two organizations with a number each, customers who write to them, and a client of the API.

use std::net::SocketAddr;
use std::sync::Arc;

use api::{Answering, ApiSettings, ApiState, OperatorKeys, SignIn, access_tokens, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use boot::settings::Rotating;
use domain::access::{Permission, Role};
use domain::api_key::ApiKeySecret;
use domain::inbound::{EventKind, InboundContent, InboundEvent, InboundMessage, Person};
use domain::organization::{Number, Organization};
use domain::outcome::SendOutcome;
use domain::{
    ConversationId, DisplayName, Email, EventId, IdKey, NumberId, OrganizationId, Phone, Span, Timestamp, Wamid,
};
use embedded::{Embedded, Settings};
use flow::access::api_keys::{self, NewApiKey};
use flow::access::invitations;
use flow::audit::{Actor, Who};
use flow::indexes::IndexSet;
use flow::job::TaskWakeUp;
use flow::platform::{FlowSettings, Platform};
use flow::ports::{
    Channel, MediaFile, OpenMedia, Precondition, Queue, QueueConsumer, SendRequest, WhatsApp, WhatsAppError, Write,
};
use flow::receive::{Received, receive};
use flow::records::{
    AccountRecord, account_path, number_path, organization_path, wamid_key, wamid_path, write_account, write_number,
    write_organization,
};
use flow::seal::Sealer;
use flow::send::{Wake, send};
use flow::upkeep::tick;
use flow::wake::FeedWakes;
use identity::FirebaseVerifier;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tests::business::FakeBusiness;
use tests::clock::TestClock;
use tests::entropy::SeededEntropy;
use tower::ServiceExt;

use super::line::Line;
use super::parrot::Parrot;

/// Keys of the bakery and of the florist: of the sample events' organization, and of another. They open nothing real.
pub const KEY: &str = "pk_live_aeaqcaibaeaqcaibaeaqcaibae_0El6XFXwsUFD8J2vGxsaboW7rZYnQRBP5d9erwRwd29_2W84KZ";
pub const OTHER_KEY: &str = "pk_live_aibaeaqcaibaeaqcaibaeaqcai_0TWD4V5tkyUQGc5qXvlBDd2Fj97aqsMoBGJJjsttG4I_0gbgpd";
pub const NUMBER: &str = "1001";
pub const OTHER_NUMBER: &str = "2002";
/// The Firebase project that people sign in with, and whose first sign-in makes the first organization.
const PROJECT: &str = "porfin-test";
pub const OWNER: &str = "dona@porfin.example";
pub const OPERATOR_KEY: &str = "po_operates-and-opens-nothing-that-is-real";
const INDEXES: &str = include_str!("../../../firestore.indexes.json");

pub struct World {
    pub clock: Arc<TestClock>,
    pub stores: Embedded,
    pub platform: Platform,
    pub settings: ApiSettings,
    pub business: Arc<FakeBusiness>,
    pub bakery: OrganizationId,
    pub florist: OrganizationId,
    /// What assistants that are tried out ask.
    pub model: Arc<Parrot>,
    /// The line to WhatsApp.
    pub line: Arc<Line>,
}

/// What the API answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl World {
    pub async fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        let entropy = Arc::new(SeededEntropy::new(11));
        let settings = Settings::new(IndexSet::parse(INDEXES).unwrap());
        let stores = Embedded::in_memory(clock.clone(), entropy.clone(), settings).unwrap();
        let platform = Platform {
            documents: stores.documents.clone(),
            items: stores.items.clone(),
            queues: stores.queues.clone(),
            blobs: stores.blobs.clone(),
            limiter: stores.limiter.clone(),
            clock: clock.clone(),
            entropy,
            sealer: Sealer::new([3; 32], &[]),
            id_key: IdKey::new([5; 32]),
            settings: FlowSettings::default(),
            feed_wakes: FeedWakes::default(),
        };
        let bakery = OrganizationId::from_bits([1; 16]);
        let florist = OrganizationId::from_bits([2; 16]);
        let (settings, model, business) = (ApiSettings::default(), Arc::default(), Arc::new(FakeBusiness::default()));
        let line = Arc::default();
        let world = Self { clock, stores, platform, settings, business, bakery, florist, model, line };
        world.connect(&world.bakery, NUMBER).await;
        world.connect(&world.florist, OTHER_NUMBER).await;
        world.open(&world.bakery, KEY).await;
        world.open(&world.florist, OTHER_KEY).await;
        world
    }

    async fn connect(&self, organization: &OrganizationId, number: &str) {
        let path = organization_path(organization);
        let record = Organization {
            id: organization.clone(),
            name: "Padaria".to_owned(),
            language: domain::locale::Language::Portuguese,
            time_zone: domain::TimeZone::parse("America/Sao_Paulo").unwrap(),
            hours: domain::hours::BusinessHours::default(),
            away: None,
            distribution: domain::team::Distribution::BY_HAND,
            first_response_seconds: None,
            plan: domain::Plan::Business,
        };
        let number = Number {
            id: number.parse().unwrap(),
            organization: organization.clone(),
            waba_id: if *organization == self.bakery { "9009" } else { "9010" }.to_owned(),
            display: "+55 11 3000-0000".to_owned(),
            assistant: None,
        };
        let account = account_path(&number.waba_id);
        let set = |path, fields| Write::Set { path, fields, precondition: Precondition::None };
        let writes = vec![
            set(path, write_organization(&self.platform, &record)),
            set(number_path(&number.id), write_number(&self.platform, &number, Some(&"EAA-of-tests".into()))),
            set(
                account,
                write_account(&self.platform, &account_path(&number.waba_id), &AccountRecord::of(organization)),
            ),
        ];
        self.platform.documents.commit(writes).await.unwrap();
    }

    /// What the API stands on.
    pub fn state(&self) -> ApiState {
        let Platform { clock, entropy, .. } = self.platform.clone();
        let keys = Rotating { current: [7; 32], previous: vec![] };
        let verifier = FirebaseVerifier::emulator(PROJECT, clock.clone()).unwrap();
        let sign_in = SignIn { verifier, owner: Email::parse(OWNER).ok() };
        let state = ApiState::new(
            self.platform.clone(),
            self.stores.queues.clone(),
            access_tokens(&keys, clock, entropy),
            self.settings.clone(),
        );
        let answering = Answering { model: Some(self.model.clone()), usual_model: Some("a-usual-model".to_owned()) };
        let state = state.with_sign_in(sign_in).with_operators(OperatorKeys::new([&OPERATOR_KEY.into()]));
        state.with_answering(answering).with_business(self.business.clone()).with_whatsapp(self.line.clone())
    }

    /// The ID token of whoever has this address.
    pub fn id_token(&self, email: &str) -> String {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let now = self.platform.clock.now().micros() / 1_000_000;
        let claims = json!({
            "iss": format!("https://securetoken.google.com/{PROJECT}"), "aud": PROJECT, "sub": email, "email": email,
            "email_verified": true, "name": "Dona", "iat": now, "auth_time": now, "exp": now + 3_600,
            "firebase": {"sign_in_provider": "password"},
        });
        format!("{}.{}.", part(json!({"alg": "none", "typ": "JWT"})), part(claims))
    }

    /// Somebody signs in.
    pub async fn signs_in(&self, email: &str, invitation: Option<&str>) -> Answer {
        let mut body = json!({"id_token": self.id_token(email)});
        if let Some(invitation) = invitation {
            body["invitation"] = json!(invitation);
        }
        let request = open_request("POST", "/api/v1/auth/session").header("content-type", "application/json");
        self.ask(request, &body.to_string()).await
    }

    /// The access token of somebody with this role in the bakery.
    pub async fn person(&self, role: Role) -> String {
        let email = format!("{}@padaria.example", role.as_str());
        let actor = Actor { who: Who::Operator, request_id: String::new(), address: None };
        let address = Email::parse(&email).unwrap();
        let invited = invitations::create(&self.platform, &actor, &self.bakery, &address, role).await.unwrap();
        let token = invited.token;
        let signed = self.signs_in(&email, Some(token.expose_secret())).await;
        assert_eq!(signed.status, 201, "{}", String::from_utf8_lossy(&signed.bytes));
        signed.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Lets the key open everything of the organization.
    async fn open(&self, organization: &OrganizationId, key: &str) {
        let new = NewApiKey {
            name: DisplayName::parse("Tests").unwrap(),
            scopes: Permission::ALL.to_vec(),
            ranges: vec![],
            expires_at: None,
        };
        let secret = ApiKeySecret::parse(key).unwrap();
        api_keys::adopt(&self.platform, organization, &new, &secret).await.unwrap();
    }

    /// The API over this world's ports.
    pub fn router(&self) -> Router {
        router(self.state())
    }

    /// A customer writes a text now; the conversation it is in.
    pub async fn writes(&self, number: &str, customer: u32, text: &str) -> ConversationId {
        let wamid = format!("wamid.{number}.{customer}.{}", self.platform.nonce());
        self.sends(number, customer, &wamid, InboundContent::Text { body: text.to_owned() }, None).await
    }

    /// A customer sends anything now.
    pub async fn sends(
        &self,
        number: &str,
        customer: u32,
        wamid: &str,
        content: InboundContent,
        reply_to: Option<Wamid>,
    ) -> ConversationId {
        let phone = format!("55119{customer:08}");
        let person = Person {
            phone: Phone::parse(&phone).ok(),
            wa_id: Some(phone),
            name: Some(format!("Cliente {customer}")),
            ..Person::default()
        };
        self.comes(number, wamid, person, content, reply_to).await
    }

    /// Somebody sends anything now.
    pub async fn is_sent(&self, number: &str, wamid: &str, who: Person, content: InboundContent) -> ConversationId {
        self.comes(number, wamid, who, content, None).await
    }

    async fn comes(
        &self,
        number: &str,
        wamid: &str,
        person: Person,
        content: InboundContent,
        reply_to: Option<Wamid>,
    ) -> ConversationId {
        let now = Timestamp::from_seconds(self.platform.clock.now().micros() / 1_000_000);
        let number: NumberId = number.parse().unwrap();
        let wamid: Wamid = wamid.parse().unwrap();
        let message = InboundMessage {
            wamid: wamid.clone(),
            at: now,
            person,
            content,
            reply_to,
            forwarded: false,
            referral: None,
        };
        let event = InboundEvent {
            waba_id: Some("9009".to_owned()),
            number: Some(number.clone()),
            kind: EventKind::Message(Box::new(message)),
            raw: json!({}),
        };
        let id = EventId::derived(&self.platform.id_key, &[wamid.as_str()]);
        receive(&self.platform, &Received::new(id, now, event)).await.unwrap();
        let organization = if number.as_str() == NUMBER { &self.bakery } else { &self.florist };
        let alias = wamid_path(organization, &wamid_key(&self.platform, &number, &wamid));
        let alias = self.platform.documents.get(&alias).await.unwrap().unwrap();
        flow::records::read_wamid_alias(&self.platform, &alias).unwrap().conversation
    }

    /// A message to this customer of the bakery whose answer Meta's line swallowed; its id.
    pub async fn unknown_send(&self, customer: u32) -> String {
        let conversation = self.writes(NUMBER, customer, "oi").await;
        let answered = self.answers(&conversation, &format!("unknown-{customer}"), &text("Já vou ver!")).await;
        let deadline = self.platform.clock.now() + Span::from_minutes(10);
        let wake = Wake { organization: &self.bakery, conversation: &conversation, receives: 1, deadline };
        send(&self.platform, &Swallows, wake).await.unwrap();
        self.wait(Span::from_minutes(2));
        tick(&self.platform, self.business.as_ref()).await;
        send(&self.platform, &Swallows, Wake { deadline: deadline + Span::from_minutes(2), ..wake }).await.unwrap();
        let id = answered.json()["id"].as_str().unwrap().to_owned();
        let listed = self.get("/api/v1/unknown-sends").await.json();
        assert_eq!(listed["data"][0]["id"], id, "{listed}");
        id
    }

    /// A task of the bakery's is worked on until it is done.
    pub async fn works_on(&self, task: &Value) {
        let id = task["id"].as_str().unwrap().parse().unwrap();
        let deadline = self.platform.clock.now() + Span::from_minutes(1);
        flow::tasks::run(&self.platform, &self.bakery, &id, 1, deadline).await.unwrap();
    }

    /// Fetches the customers' files of the bakery that wait, as the queue of tasks says.
    pub async fn fetches_files(&self) {
        let deadline = self.platform.clock.now() + Span::from_minutes(1);
        for delivery in self.stores.queues.receive(Queue::Task, 10, Span::from_seconds(1)).await.unwrap() {
            if let TaskWakeUp::MediaV1 { organization, media } = TaskWakeUp::parse(&delivery.body).unwrap() {
                flow::media::fetch(&self.platform, self.line.as_ref(), &organization, &media, deadline).await.unwrap();
            }
            self.stores.queues.delete(Queue::Task, &delivery.receipt).await.unwrap();
        }
    }

    /// Sends what a conversation of the bakery's has to send.
    pub async fn delivers(&self, conversation: &ConversationId) {
        let deadline = self.platform.clock.now() + Span::from_minutes(1);
        let wake = Wake { organization: &self.bakery, conversation, receives: 9, deadline };
        send(&self.platform, self.line.as_ref(), wake).await.unwrap();
    }

    pub fn wait(&self, span: Span) {
        self.clock.advance(span);
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(request("GET", path), "").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(request("POST", path).header("content-type", "application/json"), &body.to_string()).await
    }

    /// Changes what is at the path, whatever it is by now.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        let request = request("PATCH", path).header("if-match", "*").header("content-type", "application/json");
        self.ask(request, &body.to_string()).await
    }

    /// Removes what is at the path.
    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(request("DELETE", path), "").await
    }

    /// A person answers under this key.
    pub async fn answers(&self, conversation: &ConversationId, key: &str, body: &Value) -> Answer {
        let request = request("POST", &format!("/api/v1/conversations/{conversation}/messages"))
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        self.ask(request, &body.to_string()).await
    }

    pub async fn ask(&self, request: Builder, body: &str) -> Answer {
        ask(self.router(), request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

/// A line to Meta on which every answer is lost.
struct Swallows;

#[async_trait::async_trait]
impl WhatsApp for Swallows {
    async fn send(&self, _: &Channel, _: &SendRequest) -> SendOutcome {
        SendOutcome::Ambiguous { reason: "the answer was swallowed" }
    }

    async fn mark_read(&self, _: &Channel, _: &Wamid, _: bool) -> Result<(), WhatsAppError> {
        Ok(())
    }

    async fn check_number(&self, _: &Channel) -> Result<(), WhatsAppError> {
        Ok(())
    }

    async fn open_media(&self, _: &Channel, _: &str) -> Result<OpenMedia, WhatsAppError> {
        Err(WhatsAppError::Unavailable("the answer was swallowed"))
    }

    async fn upload_media(&self, _: &Channel, _: MediaFile) -> Result<String, WhatsAppError> {
        Err(WhatsAppError::Unavailable("the answer was swallowed"))
    }
}

/// A request of the bakery's, from a client of its own.
pub fn request(method: &str, path: &str) -> Builder {
    open_request(method, path).header("x-api-key", KEY)
}

/// A request of somebody who has signed in.
pub fn signed_request(method: &str, path: &str, token: &str) -> Builder {
    open_request(method, path).header("authorization", format!("Bearer {token}"))
}

/// A request without a key.
pub fn open_request(method: &str, path: &str) -> Builder {
    let peer: SocketAddr = "192.0.2.7:5000".parse().unwrap();
    Request::builder().method(method).uri(path).extension(ConnectInfo(peer))
}

pub async fn ask(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, bytes: to_bytes(body, 1 << 24).await.unwrap().to_vec() }
}

/// The content of a text message.
pub fn text(body: &str) -> Value {
    json!({"content": {"type": "text", "body": body}})
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body of a success.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// Checks the form of a problem; its body.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!((self.status.as_u16(), self.header("content-type")), (status, "application/problem+json"), "{text}");
        let body: Value = serde_json::from_slice(&self.bytes).unwrap();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status, "{body}");
        assert_eq!(body["type"], format!("urn:porfin:problem:{code}"), "{body}");
        assert_eq!(body["request_id"], self.header("x-request-id"), "{body}");
        for member in ["title", "detail", "request_id"] {
            assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {body}");
        }
        for error in body["errors"].as_array().unwrap() {
            let filled = |member: &str| error[member].as_str().is_some_and(|text| !text.is_empty());
            assert!(filled("in") && filled("pointer") && filled("detail"), "{body}");
            assert!(error["pointer"].as_str().unwrap().starts_with('/'), "{body}");
        }
        body
    }

    /// Where the fields are that a problem complains about.
    #[track_caller]
    pub fn pointers(&self, status: u16, code: &str) -> Vec<String> {
        let body = self.problem(status, code);
        let errors = body["errors"].as_array().unwrap().iter();
        errors.map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }
}
