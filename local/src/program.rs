//! The whole platform in one process: stores, functions, API, webhook and the simulated WhatsApp behind one address.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, bail};
use api::{Answering, ApiState, OperatorKeys, access_tokens};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::Response;
use boot::settings::{AppEnv, Rotating};
use boot::{SystemClock, SystemEntropy};
use callback::Callback;
use demo::{Demo, DemoNumber};
use domain::access::Permission;
use domain::api_key::ApiKeySecret;
use domain::webhook::Reach;
use domain::{DisplayName, IdKey, NumberId, OrganizationId, Phone, Span};
use embedded::Embedded;
use flow::access::api_keys::{self, NewApiKey};
use flow::indexes::IndexSet;
use flow::platform::{FlowSettings, Platform};
use flow::ports::{Business, Clock, Entropy, Model, WhatsApp};
use flow::seal::Sealer;
use flow::wake::FeedWakes;
use flow::{setup, templates, upkeep};
use openai::OpenAi;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;
use webhook::Webhook;
use whatsapp::client::{Client, Endpoint, Timeouts};
use whatsapp::webhook::{AppSecrets, VerifyToken};

use crate::files::LocalFile;
use crate::secrets::Secrets;
use crate::settings::LocalSettings;
use crate::sign_in::SignInLinks;
use crate::simulator::{Limits, Pace, Simulator, SimulatorSettings, StateFolder};
use crate::workers::Workers;

/// The declared indexes of the documents: the same file that is deployed to Firestore.
const INDEXES: &str = include_str!("../../firestore.indexes.json");

/// The simulator's business number, where none is set: nobody's, since subscriber numbers do not begin with zeros.
const SIMULATED_NUMBER: (&str, &str, &str) = ("100000000000001", "200000000000001", "+5511000000100");

/// How long work that has begun may take after Ctrl-C.
const DRAIN: Span = Span::from_seconds(30);

/// A program that is ready to serve.
pub struct Program {
    listener: TcpListener,
    router: Router,
    workers: Workers,
    simulator: Option<Simulator>,
    shutdown: CancellationToken,
    /// What `local.json` says.
    pub file: LocalFile,
    /// How the demo owner signs in.
    pub links: SignInLinks,
    /// The number of the demo organization, as people read it.
    pub number: String,
    /// Its name.
    pub organization: String,
    /// Whether answers come from a model.
    pub has_model: bool,
}

/// Everything that variables and the first start's secrets come to.
pub(crate) struct Identity {
    sealer: Sealer,
    id_key: IdKey,
    app_secrets: AppSecrets,
    app_secret: SecretString,
    verify_token: SecretString,
    access_token: SecretString,
    api_key: ApiKeySecret,
    operator_keys: Vec<SecretString>,
    token_keys: Rotating<[u8; 32]>,
}

impl Program {
    /// Takes the port and the data directory, opens the stores, makes the demo organization on a first start, and lets
    /// work that a crash left behind go on. Writes `local.json` last.
    ///
    /// # Errors
    /// When the port or the data directory is taken, or a store cannot be opened.
    pub async fn start(settings: &LocalSettings, shutdown: CancellationToken) -> anyhow::Result<Self> {
        let listener = listen(settings).await?;
        let address = listener.local_addr().context("the listener has no address")?;
        let base_url = Url::parse(&format!("http://{address}")).context("the address is not usable")?;
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let identity = identity(settings, entropy.as_ref())?;
        let stores = open(settings, &clock, &entropy)?;
        let simulated = settings.graph.is_none();
        let platform = platform(&identity, &stores, clock, entropy);
        let number = demo_number(settings)?;
        let organization = demo::organization_id(&platform.id_key);
        let demo = Demo {
            organization: &organization,
            number: &number,
            token: None,
            model: settings.openai_model.as_deref(),
            default_model: openai::DEFAULT_MODEL,
        };
        demo::set_up(&platform, &demo).await?;
        let tokens = || access_tokens(&identity.token_keys, platform.clock.clone(), platform.entropy.clone());
        let base = base_url.as_str().trim_end_matches('/');
        let links = SignInLinks::new(&platform, tokens(), &organization, base).await?;
        templates::sync_by_itself(&platform, &number.waba_id).await?;
        open_with(&platform, &organization, &identity.api_key).await?;
        setup::token_changed(&platform, &number.id).await?;
        upkeep::resume_after_restart(&platform).await?;
        let simulator = (settings.app_env != AppEnv::Production)
            .then(|| simulator(settings, &identity, &number, &base_url, &platform))
            .transpose()?;
        let graph = match &settings.graph {
            Some(graph) => graph.clone(),
            None => base_url.join("simulator/graph").context("the simulator's address")?,
        };
        let endpoint = Endpoint::parse(graph.as_str(), &settings.graph_version)?;
        let client = Arc::new(Client::new(endpoint, Timeouts::default())?);
        let (whatsapp, business): (Arc<dyn WhatsApp>, Arc<dyn Business>) = (client.clone(), client);
        let model = model(settings)?;
        let has_model = model.is_some();
        let mut api = ApiState::new(platform.clone(), stores.queues.clone(), tokens(), settings.api.clone())
            .with_operators(OperatorKeys::new(&identity.operator_keys))
            .with_reach(reach(settings.app_env))
            .with_business(Arc::clone(&business))
            .with_whatsapp(Arc::clone(&whatsapp))
            .with_answering(Answering {
                model: model.clone(),
                usual_model: Some(settings.openai_model.clone().unwrap_or_else(|| openai::DEFAULT_MODEL.to_owned())),
            });
        if let Some(sign_in) = settings.access.sign_in(platform.clock.clone())? {
            api = api.with_sign_in(sign_in);
        }
        let router = routes(&platform, &identity, simulator.as_ref(), &links, api);
        let file = LocalFile {
            base_url: base_url.as_str().trim_end_matches('/').to_owned(),
            api_key: identity.api_key.expose().to_owned(),
            operator_key: identity.operator_keys.first().map(|key| key.expose_secret().to_owned()).unwrap_or_default(),
            organization_id: organization.to_string(),
            phone_number_id: number.id.as_str().to_owned(),
            waba_id: number.waba_id.clone(),
            verify_token: identity.verify_token.expose_secret().to_owned(),
            app_secret: identity.app_secret.expose_secret().to_owned(),
        };
        file.write(&settings.data_dir)?;
        let webhooks = Arc::new(Callback::new(reach(settings.app_env))?);
        let queues = stores.queues;
        let workers = Workers { platform, queues, model, whatsapp, business, webhooks, shutdown: shutdown.clone() };
        let simulator = simulator.filter(|_| simulated || settings.app_env != AppEnv::Production);
        let organization = demo::name()?;
        Ok(Self {
            listener,
            router,
            workers,
            simulator,
            shutdown,
            file,
            links,
            number: number.display,
            organization,
            has_model,
        })
    }

    /// Serves until shutdown, then lets what has begun finish. What is still queued goes on with the next start.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn serve(self) -> anyhow::Result<()> {
        let tasks = TaskTracker::new();
        self.workers.start(&tasks);
        if let Some(simulator) = self.simulator {
            let shutdown = self.shutdown.clone();
            tasks.spawn(async move { simulator.run(shutdown).await });
        }
        let service = self.router.into_make_service_with_connect_info::<SocketAddr>();
        let shutdown = self.shutdown.clone();
        let server = axum::serve(self.listener, service).with_graceful_shutdown(shutdown.cancelled_owned());
        let stopped = async {
            self.shutdown.cancelled().await;
            tokio::time::sleep(DRAIN.std()).await;
        };
        // A client that never hangs up must not keep the program alive.
        tokio::select! {
            served = server => served.context("the server failed")?,
            () = stopped => {}
        }
        self.shutdown.cancel();
        tasks.close();
        if tokio::time::timeout(DRAIN.std(), tasks.wait()).await.is_err() {
            tracing::warn!("some work did not finish in time; it goes on with the next start");
        }
        Ok(())
    }
}

/// Where webhooks may go: not to this machine when it serves in production.
fn reach(app_env: AppEnv) -> Reach {
    match app_env {
        AppEnv::Development => Reach::PublicAndLoopback,
        AppEnv::Staging | AppEnv::Production => Reach::Public,
    }
}

async fn listen(settings: &LocalSettings) -> anyhow::Result<TcpListener> {
    let address = (settings.host.as_str(), settings.port);
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {} on {} is taken by another program; end it, or choose another one with PORT",
            settings.port,
            settings.host
        ),
        Err(error) => {
            Err(error).with_context(|| format!("cannot listen on {}:{} (HOST, PORT)", settings.host, settings.port))
        }
    }
}

/// The declared indexes.
pub(crate) fn indexes() -> anyhow::Result<IndexSet> {
    IndexSet::parse(INDEXES).context("the declared indexes")
}

/// Takes the data directory and opens its stores.
pub(crate) fn open(
    settings: &LocalSettings,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Embedded> {
    let stores = embedded::Settings { reply_delay: settings.debounce, ..embedded::Settings::new(indexes()?) };
    Ok(Embedded::open(&settings.data_dir, Arc::clone(clock), Arc::clone(entropy), stores)?)
}

/// What the use cases stand on, over these stores.
pub(crate) fn platform(
    identity: &Identity,
    stores: &Embedded,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Platform {
    Platform {
        documents: stores.documents.clone(),
        items: stores.items.clone(),
        queues: stores.queues.clone(),
        blobs: stores.blobs.clone(),
        limiter: stores.limiter.clone(),
        clock,
        entropy,
        sealer: identity.sealer.clone(),
        id_key: identity.id_key.clone(),
        feed_wakes: FeedWakes::default(),
        settings: FlowSettings {
            default_token: Some((demo::organization_id(&identity.id_key), identity.access_token.clone())),
            ..FlowSettings::default()
        },
    }
}

/// Variables that are set win over what the first start made.
pub(crate) fn identity(settings: &LocalSettings, entropy: &dyn Entropy) -> anyhow::Result<Identity> {
    let made = Secrets::load(&settings.data_dir, entropy)?;
    let made_key = |text: &str| -> anyhow::Result<[u8; 32]> {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).context("a key in secrets.json")?;
        bytes.try_into().ok().context("a key in secrets.json is not 32 bytes")
    };
    let sealer = match &settings.sealing_keys {
        Some(keys) => Sealer::new(keys.current, &keys.previous),
        None => Sealer::new(made_key(&made.sealing_key)?, &[]),
    };
    let id_key = match settings.id_key {
        Some(key) => IdKey::new(key),
        None => IdKey::new(made_key(&made.id_key)?),
    };
    let app_secrets: Vec<SecretString> = match settings.app_secrets.clone() {
        Some(secrets) => secrets.into_all(),
        None => vec![made.app_secret.into()],
    };
    Ok(Identity {
        sealer,
        id_key,
        app_secrets: AppSecrets::new(app_secrets.clone())?,
        app_secret: app_secrets.into_iter().next().context("an app secret")?,
        verify_token: settings.verify_token.clone().unwrap_or_else(|| made.verify_token.into()),
        access_token: settings.access_token.clone().unwrap_or_else(|| made.access_token.into()),
        api_key: ApiKeySecret::parse(&made.api_key).context("the API key in secrets.json")?,
        operator_keys: match settings.access.operator_keys.clone() {
            Some(keys) => keys.into_all(),
            None => vec![made.operator_key.into()],
        },
        token_keys: match settings.access.token_keys.clone() {
            Some(keys) => keys,
            None => Rotating { current: made_key(&made.token_key)?, previous: Vec::new() },
        },
    })
}

/// The demo organization's number, as it is set.
pub(crate) fn demo_number(settings: &LocalSettings) -> anyhow::Result<DemoNumber> {
    let (id, waba_id, display) = SIMULATED_NUMBER;
    let id: NumberId = id.parse()?;
    Ok(DemoNumber {
        id: settings.number.clone().unwrap_or(id),
        waba_id: settings.waba_id.clone().unwrap_or_else(|| waba_id.to_owned()),
        display: display.to_owned(),
    })
}

fn simulator(
    settings: &LocalSettings,
    identity: &Identity,
    number: &DemoNumber,
    base_url: &Url,
    platform: &Platform,
) -> anyhow::Result<Simulator> {
    let simulated = SimulatorSettings {
        app_secret: identity.app_secret.clone(),
        access_token: identity.access_token.clone(),
        verify_token: identity.verify_token.clone(),
        api_key: identity.api_key.expose().into(),
        phone_number_id: number.id.clone(),
        waba_id: number.waba_id.clone(),
        display_phone_number: Phone::parse(&number.display)?,
        verified_name: demo::name()?,
        webhook_url: base_url.join("webhooks/whatsapp").context("the webhook's address")?,
        state: Some(StateFolder { path: settings.data_dir.join("simulator"), sealer: identity.sealer.clone() }),
        pace: Pace::default(),
        limits: Limits::default(),
    };
    Ok(Simulator::new(simulated, Arc::clone(&platform.clock), Arc::clone(&platform.entropy))?)
}

fn model(settings: &LocalSettings) -> anyhow::Result<Option<Arc<dyn Model>>> {
    let Some(key) = settings.openai_key.clone() else { return Ok(None) };
    Ok(Some(Arc::new(OpenAi::new(settings.openai.clone(), key)?)))
}

/// The owner's key may do everything in the demo organization.
async fn open_with(platform: &Platform, organization: &OrganizationId, key: &ApiKeySecret) -> anyhow::Result<()> {
    let new = NewApiKey {
        name: DisplayName::parse("Made at the first start")?,
        scopes: Permission::ALL.to_vec(),
        ranges: Vec::new(),
        expires_at: None,
    };
    Ok(api_keys::adopt(platform, organization, &new, key).await?)
}

fn routes(
    platform: &Platform,
    identity: &Identity,
    simulator: Option<&Simulator>,
    links: &SignInLinks,
    api: ApiState,
) -> Router {
    let webhook = Arc::new(Webhook {
        secrets: identity.app_secrets.clone(),
        verify_token: VerifyToken::new(identity.verify_token.clone()),
        queues: Arc::clone(&platform.queues),
        blobs: Arc::clone(&platform.blobs),
        sealer: platform.sealer.clone(),
        id_key: platform.id_key.clone(),
        clock: Arc::clone(&platform.clock),
        entropy: Arc::clone(&platform.entropy),
    });
    let hooks = Router::new()
        .route("/webhooks/whatsapp", axum::routing::any(take_webhook))
        // One byte more than is allowed, so that the function itself says what is too large.
        .layer(DefaultBodyLimit::max(webhook::MAX_BODY + 1))
        .with_state(webhook);
    let router = Router::new().merge(hooks);
    let router = match simulator {
        Some(simulator) => router.nest("/simulator", simulator.router()),
        None => router,
    };
    router.merge(links.router()).fallback_service(api::router(api))
}

/// The webhook function's handler, reached without API Gateway.
async fn take_webhook(State(webhook): State<Arc<Webhook>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = match axum::body::to_bytes(body, webhook::MAX_BODY + 1).await {
        Ok(bytes) => bytes,
        // Too large, or the sender hung up: only the first of them reads the answer.
        Err(_) => Bytes::from(vec![b' '; webhook::MAX_BODY + 1]),
    };
    let request = Request::from_parts(parts, lambda_http::Body::Binary(bytes.to_vec()));
    let (parts, body) = webhook::handle(&webhook, request).await.into_parts();
    let bytes: Vec<u8> = match body {
        lambda_http::Body::Text(text) => text.into_bytes(),
        lambda_http::Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    Response::from_parts(parts, axum::body::Body::from(bytes))
}
