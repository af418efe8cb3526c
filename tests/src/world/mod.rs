//! The whole platform in one thread, on simulated time: the real handlers over the embedded stores in memory, with a fake
//! Meta, a fake model, and a scheduler that a seed decides.
//!
//! A run is decided by its seed and by what the test does: the same again is the same run. Everything that a handler
//! calls outside of itself goes through [`ports`], where a test may let it fail; what must always hold is watched by
//! [`judge`] as it happens and by [`check`](World::check) once nothing is left to do.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests")]

pub mod backup;
mod check;
pub mod envelope;
mod feed;
mod figures;
pub mod judge;
mod log;
pub mod meta;
pub mod model;
pub mod people;
pub mod ports;
pub mod receiver;
mod run;
mod scenes;
mod view;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use domain::assistant::{Assistant, AssistantSettings, AssistantTexts, HandOffRule};
use domain::locale::Language;
use domain::organization::{Number, Organization};
use domain::{AssistantId, IdKey, OrganizationId, Plan, Span, TimeZone, Timestamp};
use embedded::{Embedded, Settings};
use flow::indexes::IndexSet;
use flow::platform::{FlowSettings, Platform};
use flow::ports::{Entropy, Model};
use flow::records::{KnowledgeText, Readers};
use flow::seal::Sealer;
use flow::setup;
use flow::wake::FeedWakes;
use rand::SeedableRng;
use rand::rngs::StdRng;
use secrecy::SecretString;
use webhook::Webhook;
use whatsapp::webhook::{AppSecrets, VerifyToken};

use self::check::Ledger;
use self::feed::Follower;
use self::judge::Judge;
use self::log::Log;
use self::meta::FakeMeta;
use self::model::FakeModel;
use self::people::Person;
use self::ports::{Ports, Wrapped};
use self::receiver::FakeReceiver;
pub use self::run::{Conduct, Kind, Point, Ran, Redelivery};
use self::run::{Task, Visible};
pub use self::scenes::{Customer, a_person, template};
pub use self::view::{Seen, at_once};
use crate::business::FakeBusiness;
use crate::clock::TestClock;
use crate::entropy::SeededEntropy;

/// The bakery's number, which an assistant answers.
pub const BAKERY: &str = "1001";
/// The florist's number: another organization, another assistant.
pub const FLORIST: &str = "2002";
/// A number that nobody owns.
pub const NOBODY: &str = "3003";

/// The indexes that are declared for the product.
const INDEXES: &str = include_str!("../../../firestore.indexes.json");

static DECLARED: LazyLock<IndexSet> = LazyLock::new(|| IndexSet::parse(INDEXES).expect("the declared indexes"));

/// What Meta signs with.
const APP_SECRET: &str = "the secret of the world's app";

/// The keys of a world.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    /// Seals.
    pub sealing: [u8; 32],
    /// Derives ids.
    pub id: [u8; 32],
}

const KEYS: Keys = Keys { sealing: [3; 32], id: [5; 32] };

/// The world.
pub struct World {
    /// What decides the run.
    pub seed: u64,
    /// The platform over the wrapped ports, as the handlers have it.
    pub platform: Platform,
    /// The same platform over the bare stores, for looking and for setting up.
    pub bare: Platform,
    /// The bare stores.
    pub stores: Embedded,
    /// The time.
    pub clock: Arc<TestClock>,
    /// Meta.
    pub meta: Arc<FakeMeta>,
    /// The model.
    pub model: Arc<FakeModel>,
    /// Meta's management side.
    pub business: Arc<FakeBusiness>,
    /// Who the organizations' webhooks are posted to.
    pub receiver: Arc<FakeReceiver>,
    /// What must always hold.
    pub judge: Arc<Judge>,
    /// The ports' wrappers.
    pub ports: Arc<Ports>,
    /// How the scheduler behaves.
    pub conduct: Conduct,
    /// How often upkeep runs.
    pub tick: Span,
    /// The first organization.
    pub bakery: OrganizationId,
    /// The second one.
    pub florist: OrganizationId,
    inside: Rc<Inside>,
    secrets: Vec<String>,
    was_restored: bool,
    /// Who reads the feeds along.
    followers: BTreeMap<OrganizationId, Follower>,
    tasks: Vec<Task>,
    history: Vec<Ran>,
    visible: Visible,
    last_tick: Timestamp,
    random: StdRng,
    log: Log,
}

/// What invocations need.
struct Inside {
    platform: Platform,
    bare: Platform,
    webhook: Webhook,
    stores: Embedded,
    clock: Arc<TestClock>,
    meta: Arc<FakeMeta>,
    business: Arc<FakeBusiness>,
    receiver: Arc<FakeReceiver>,
    model: RefCell<Option<Arc<dyn Model>>>,
    ledger: RefCell<Ledger>,
}

impl World {
    /// A world with two organizations, each with a number and an assistant that asks the model.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub fn new(seed: u64) -> Self {
        Self::with_keys(seed, KEYS)
    }

    /// As [`Self::new`], with these keys.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub fn with_keys(seed: u64, keys: Keys) -> Self {
        Self::with(seed, keys, FlowSettings::default())
    }

    /// As [`Self::new`], with this quota of business-initiated templates.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub fn with_daily_templates(seed: u64, daily_templates: i64) -> Self {
        let settings = FlowSettings { daily_templates, ..FlowSettings::default() };
        Self::with(seed, KEYS, settings)
    }

    fn with(seed: u64, keys: Keys, flow_settings: FlowSettings) -> Self {
        let clock = Arc::new(TestClock::default());
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
        let settings = Settings::new(DECLARED.clone());
        let stores = Embedded::in_memory(clock.clone(), Arc::clone(&entropy), settings).expect("stores in memory");
        let judge = Arc::new(Judge::default());
        let ports = Arc::new(Ports::new(stores.clone(), Arc::clone(&clock), Arc::clone(&judge)));
        let bare = Platform {
            documents: stores.documents.clone(),
            items: stores.items.clone(),
            queues: stores.queues.clone(),
            blobs: stores.blobs.clone(),
            limiter: stores.limiter.clone(),
            clock: clock.clone(),
            entropy: Arc::clone(&entropy),
            sealer: Sealer::new(keys.sealing, &[]),
            id_key: IdKey::new(keys.id),
            settings: flow_settings,
            feed_wakes: FeedWakes::default(),
        };
        let wrapped = Arc::new(Wrapped(Arc::clone(&ports)));
        let platform = Platform {
            documents: wrapped.clone(),
            items: wrapped.clone(),
            queues: wrapped.clone(),
            blobs: wrapped.clone(),
            limiter: wrapped,
            // Of its own: a test that looks at the bare stores wakes nobody in place of a function.
            feed_wakes: FeedWakes::default(),
            ..bare.clone()
        };
        let webhook = Webhook {
            secrets: AppSecrets::parse(APP_SECRET).expect("a secret"),
            verify_token: VerifyToken::new(SecretString::from("the world's handshake")),
            queues: Arc::clone(&platform.queues),
            blobs: Arc::clone(&platform.blobs),
            sealer: platform.sealer.clone(),
            id_key: platform.id_key.clone(),
            clock: clock.clone(),
            entropy,
        };
        let meta = Arc::new(FakeMeta::new(Arc::clone(&clock), Arc::clone(&judge), Arc::clone(&ports)));
        let model = Arc::new(FakeModel::new(Arc::clone(&clock), Arc::clone(&ports)));
        let receiver = Arc::new(FakeReceiver::new(Arc::clone(&clock)));
        let business = Arc::new(FakeBusiness::default());
        let inside = Rc::new(Inside {
            platform: platform.clone(),
            bare: bare.clone(),
            webhook,
            stores: stores.clone(),
            clock: Arc::clone(&clock),
            meta: Arc::clone(&meta),
            business: Arc::clone(&business),
            receiver: Arc::clone(&receiver),
            model: RefCell::new(Some(model.clone())),
            ledger: RefCell::default(),
        });
        let visible = Visible::of(&stores.queues);
        let tick = Span::from_minutes(1);
        let last_tick = flow::ports::Clock::now(clock.as_ref());
        let world = Self {
            seed,
            platform,
            bare,
            stores: stores.clone(),
            clock,
            meta,
            model,
            business,
            receiver,
            judge,
            ports,
            conduct: Conduct::default(),
            tick,
            bakery: OrganizationId::from_bits([1; 16]),
            florist: OrganizationId::from_bits([2; 16]),
            inside,
            secrets: Vec::new(),
            was_restored: false,
            followers: BTreeMap::new(),
            tasks: Vec::new(),
            history: Vec::new(),
            visible,
            last_tick,
            random: StdRng::seed_from_u64(seed),
            log: Log::begin(),
        };
        world.set_up(&world.bakery, BAKERY, envelope::WABA, "Padaria da Esquina");
        world.set_up(&world.florist, FLORIST, "9010", "Flores da Vila");
        world
    }

    /// Lets assistants answer from the organizations' own texts: there is no model.
    #[must_use]
    pub fn without_model(self) -> Self {
        *self.inside.model.borrow_mut() = None;
        self
    }

    /// Shuffles what happens next, with a point of interruption before and after each call of a port.
    #[must_use]
    pub fn shuffled(mut self) -> Self {
        self.conduct.shuffled = true;
        self.ports.interleave(true);
        self
    }

    fn set_up(&self, organization: &OrganizationId, number: &str, waba_id: &str, name: &str) {
        let assistant = AssistantId::derived(&self.bare.id_key, &[organization.as_str()]);
        at_once(async {
            let made = Organization {
                id: organization.clone(),
                name: name.to_owned(),
                language: Language::Portuguese,
                time_zone: TimeZone::parse("America/Sao_Paulo").expect("a zone"),
                hours: domain::hours::BusinessHours::default(),
                away: None,
                distribution: domain::team::Distribution::BY_HAND,
                first_response_seconds: None,
                plan: Plan::Enterprise,
            };
            setup::create_organization(&self.platform, &made).await?;
            setup::create_assistant(&self.platform, organization, &an_assistant(assistant.clone())).await?;
            let hours = KnowledgeText {
                id: setup::knowledge_id(&self.bare.id_key, organization, "hours"),
                title: "Horário de funcionamento".to_owned(),
                text: "Abrimos de segunda a sábado, das 6h às 20h. No domingo fechamos.".to_owned(),
                is_enabled: true,
                readers: Readers::All,
                created_at: self.bare.clock.now(),
            };
            setup::put_knowledge(&self.platform, organization, &hours).await?;
            let number = Number {
                id: number.parse().expect("a number's id"),
                organization: organization.clone(),
                waba_id: waba_id.to_owned(),
                display: "+55 11 3000-0000".to_owned(),
                assistant: Some(assistant.clone()),
            };
            setup::connect_number(&self.platform, &number, Some(&SecretString::from(token(number.id.as_str())))).await
        })
        .expect("an organization that is set up");
    }

    /// Somebody who writes to the bakery: customer `n`, known by their number.
    pub fn customer(&mut self, n: u32) -> Customer<'_> {
        self.person(Person::new(n))
    }

    /// Somebody who writes to the bakery.
    pub fn person(&mut self, person: Person) -> Customer<'_> {
        Customer::of(self, person, BAKERY)
    }
}

/// The access token that a number was connected with.
pub fn token(number: &str) -> String {
    format!("token-of-{number}")
}

fn an_assistant(id: AssistantId) -> Assistant {
    let settings = AssistantSettings {
        name: "Tita".to_owned(),
        instructions: "Responda com simpatia.".to_owned(),
        model: "a-model".to_owned(),
        language: Language::Portuguese,
        texts: AssistantTexts {
            greeting: "Oi! Em que posso ajudar?".to_owned(),
            thanks: "Por nada!".to_owned(),
            unknown: "Isso eu não sei dizer.".to_owned(),
            fallback: "Já avisei a equipe.".to_owned(),
            hand_over: "Vou chamar uma pessoa.".to_owned(),
        },
        hand_off: HandOffRule { phrases: vec!["falar com atendente".to_owned()], by_model: true },
    };
    Assistant { id, settings }
}
