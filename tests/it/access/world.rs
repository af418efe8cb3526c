//! Two organizations with an owner each, and people who join them.

use std::sync::Arc;

use domain::access::Role;
use domain::identity::VerifiedIdentity;
use domain::organization::Organization;
use domain::{Email, IdKey, MemberId, OrganizationId, Plan, Span, TimeZone};
use embedded::{Embedded, Settings};
use flow::access::sessions::Client;
use flow::access::{SignInError, SignedIn, claim, invitations, sign_in};
use flow::audit::{Actor, AuditEntry, Who};
use flow::indexes::IndexSet;
use flow::platform::{FlowSettings, Platform};
use flow::ports::{Documents, Items, Query};
use flow::records::{audit, read_audit_entry};
use flow::seal::Sealer;
use flow::wake::FeedWakes;
use flow::{organization, setup};
use secrecy::ExposeSecret;
use tests::clock::TestClock;
use tests::entropy::SeededEntropy;

use super::trouble::{Trouble, Troubled};

const INDEXES: &str = include_str!("../../../firestore.indexes.json");

pub struct World {
    pub clock: Arc<TestClock>,
    pub platform: Platform,
    /// What comes of writes of documents.
    pub commits: Arc<Trouble>,
    /// What comes of writes of items.
    pub items: Arc<Trouble>,
    pub bakery: OrganizationId,
    pub florist: OrganizationId,
    /// The bakery's owner.
    pub ana: MemberId,
    /// The florist's owner.
    pub flor: MemberId,
}

impl World {
    /// Nobody is there yet.
    pub fn empty() -> Self {
        let clock = Arc::new(TestClock::default());
        let entropy = Arc::new(SeededEntropy::new(11));
        let settings = Settings::new(IndexSet::parse(INDEXES).unwrap());
        let stores = Embedded::in_memory(clock.clone(), entropy.clone(), settings).unwrap();
        let (commits, writes) = (Arc::<Trouble>::default(), Arc::<Trouble>::default());
        let documents = Troubled::<dyn Documents> { inner: stores.documents.clone(), trouble: commits.clone() };
        let items = Troubled::<dyn Items> { inner: stores.items.clone(), trouble: writes.clone() };
        let platform = Platform {
            documents: Arc::new(documents),
            items: Arc::new(items),
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
        let nobody = MemberId::from_bits([0; 16]);
        Self {
            clock,
            platform,
            commits,
            items: writes,
            bakery: OrganizationId::from_bits([1; 16]),
            florist: OrganizationId::from_bits([2; 16]),
            ana: nobody.clone(),
            flor: nobody,
        }
    }

    pub async fn new() -> Self {
        let mut world = Self::empty();
        world.ana = world.founds(&world.bakery, "ana").await;
        world.flor = world.founds(&world.florist, "flor").await;
        world
    }

    /// Somebody has an organization, on a plan that does not get in the way.
    pub async fn founds(&self, organization: &OrganizationId, name: &str) -> MemberId {
        self.make(organization, Plan::Business).await;
        claim(&self.platform, &Actor::system(), organization, &person(name)).await.unwrap().id
    }

    pub async fn make(&self, id: &OrganizationId, plan: Plan) {
        let made = Organization {
            id: id.clone(),
            name: "Padaria".to_owned(),
            language: domain::locale::Language::Portuguese,
            time_zone: TimeZone::parse("America/Sao_Paulo").unwrap(),
            hours: domain::hours::BusinessHours::default(),
            away: None,
            distribution: domain::team::Distribution::BY_HAND,
            first_response_seconds: None,
            plan,
        };
        setup::create_organization(&self.platform, &made).await.unwrap();
    }

    pub async fn on_plan(&self, plan: Plan) {
        organization::change_plan(&self.platform, &operator(), &self.bakery, plan).await.unwrap();
    }

    /// Somebody is invited by Porfin itself and joins the bakery.
    pub async fn joins(&self, name: &str, role: Role) -> MemberId {
        self.joins_organization(&self.bakery, name, role).await
    }

    pub async fn joins_organization(&self, organization: &OrganizationId, name: &str, role: Role) -> MemberId {
        self.clock.advance(Span::from_seconds(1));
        let system = Actor::system();
        let invited = invitations::create(&self.platform, &system, organization, &email(name), role).await.unwrap();
        let token = invited.token.expose_secret();
        sign_in(&self.platform, &person(name), None, Some(token), None, &Client::default()).await.unwrap().member
    }

    pub async fn signs_in(&self, name: &str) -> Result<SignedIn, SignInError> {
        sign_in(&self.platform, &person(name), None, None, None, &client()).await
    }

    /// The audit log of an organization: action, target and details, the oldest first.
    pub async fn audit(&self, organization: &OrganizationId) -> Vec<AuditEntry> {
        let found = self.platform.documents.query(&Query::collection(audit(organization), 1_000)).await.unwrap();
        let mut entries: Vec<_> = found.iter().map(|found| read_audit_entry(&self.platform, found).unwrap()).collect();
        entries.sort_by_key(|entry| entry.at);
        entries
    }

    /// How many entries of the bakery's audit log say this.
    pub async fn audited(&self, action: &str) -> usize {
        self.audit(&self.bakery).await.iter().filter(|entry| entry.action == action).count()
    }

    pub fn wait(&self, span: Span) {
        self.clock.advance(span);
    }
}

pub fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.com")).unwrap()
}

pub fn person(name: &str) -> VerifiedIdentity {
    VerifiedIdentity {
        issuer: "porfin-test".to_owned(),
        subject: format!("subject-of-{name}"),
        email: Some(email(name)),
        email_verified: true,
        name: Some(name.to_owned()),
        auth_time: domain::Timestamp::from_seconds(1_795_000_000),
    }
}

pub fn client() -> Client {
    Client {
        description: Some("Firefox".to_owned()),
        address: Some("192.0.2.7".to_owned()),
        request_id: "req_1".to_owned(),
    }
}

/// A person makes a change.
pub fn by(member: &MemberId) -> Actor {
    Actor { who: Who::Member(member.clone()), request_id: "req_1".to_owned(), address: Some("192.0.2.7".to_owned()) }
}

pub fn operator() -> Actor {
    Actor { who: Who::Operator, ..Actor::system() }
}

/// A microsecond less.
pub fn just_before(span: Span) -> Span {
    Span::from_micros(span.micros() - 1)
}
