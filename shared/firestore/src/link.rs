use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use flow::ports::Clock;
use googleapis_tonic_google_firestore_v1::google::firestore::v1::firestore_client::FirestoreClient;
use secrecy::ExposeSecret;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use crate::failure::Failure;
use crate::names::Names;
use crate::{Access, AccountError, Deadlines, Settings, SettingsError};

/// Where Google's service is.
const GOOGLE: &str = "https://firestore.googleapis.com";
/// What the emulator takes for the owner of everything.
const OWNER: &str = "Bearer owner";

/// The generated client over a connection of ours.
pub(crate) type Client = FirestoreClient<InterceptedService<Channel, Headers>>;

/// The connection: made by the first call that needs it, and replaced where it may be dead.
pub(crate) struct Link {
    endpoint: Endpoint,
    access: Access,
    database: MetadataValue<Ascii>,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many connections there were: the number of the last one.
    opened: u64,
    open: Option<Open>,
}

struct Open {
    channel: Channel,
    headers: Headers,
    /// When a call was last made or answered.
    used: Timestamp,
    /// When its token is too old.
    until: Timestamp,
}

impl Link {
    pub fn new(settings: &Settings, names: &Names, clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        let endpoint = match &settings.access {
            Access::Google(_) => Endpoint::from_static(GOOGLE)
                .tls_config(ClientTlsConfig::new().with_webpki_roots())
                .map_err(SettingsError::Connection)?,
            Access::Emulator(host) => {
                Endpoint::from_shared(format!("http://{host}")).map_err(|_| SettingsError::Emulator(host.clone()))?
            }
        };
        let endpoint = endpoint
            .connect_timeout(settings.deadlines.connect)
            .user_agent(concat!("porfin/", env!("CARGO_PKG_VERSION")))
            .map_err(SettingsError::Connection)?;
        let database = names.database.parse().map_err(|_| SettingsError::Id(names.database.clone()))?;
        let (access, deadlines) = (settings.access.clone(), settings.deadlines);
        Ok(Self { endpoint, access, database, deadlines, clock, state: Mutex::default() })
    }

    /// Makes one call, once.
    pub async fn call<T, Answer>(&self, send: impl FnOnce(Client) -> Answer) -> Result<T, Failure>
    where
        Answer: Future<Output = Result<T, Failure>>,
    {
        let (client, number) = self.client().map_err(Failure::Account)?;
        let answer = tokio::time::timeout(self.deadlines.attempt, send(client)).await.unwrap_or(Err(Failure::Late));
        let is_spoilt = answer.as_ref().is_err_and(Failure::spoils_connection);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Not that of somebody who has replaced it meanwhile.
        if state.opened == number {
            if is_spoilt {
                state.open = None;
            } else if let Some(open) = &mut state.open {
                open.used = self.clock.now();
            }
        }
        answer
    }

    /// The connection's client and number. Connecting itself is left to the call.
    fn client(&self) -> Result<(Client, u64), AccountError> {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |open: &Open| now.since(open.used) < self.deadlines.idle && now < open.until;
        let open = match state.open.take().filter(is_fresh) {
            Some(open) => open,
            None => {
                state.opened += 1;
                self.open(now)?
            }
        };
        let client = FirestoreClient::with_interceptor(open.channel.clone(), open.headers.clone());
        state.open = Some(Open { used: now, ..open });
        Ok((client, state.opened))
    }

    fn open(&self, now: Timestamp) -> Result<Open, AccountError> {
        let (authorization, until) = self.authorization(now)?;
        let headers = Headers { authorization, database: self.database.clone(), attempt: self.deadlines.attempt };
        Ok(Open { channel: self.endpoint.connect_lazy(), headers, used: now, until })
    }

    fn authorization(&self, now: Timestamp) -> Result<(MetadataValue<Ascii>, Timestamp), AccountError> {
        let account = match &self.access {
            Access::Google(account) => account,
            Access::Emulator(_) => return Ok((MetadataValue::from_static(OWNER), Timestamp::MAX)),
        };
        let token = account.sign(now)?;
        let text = format!("Bearer {}", token.text.expose_secret());
        let mut header = MetadataValue::try_from(text).map_err(|_| AccountError::Key)?;
        header.set_sensitive(true);
        Ok((header, token.until))
    }
}

/// What every request says.
#[derive(Clone)]
pub(crate) struct Headers {
    authorization: MetadataValue<Ascii>,
    database: MetadataValue<Ascii>,
    attempt: Duration,
}

impl Interceptor for Headers {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let headers = request.metadata_mut();
        headers.insert("authorization", self.authorization.clone());
        headers.insert("google-cloud-resource-prefix", self.database.clone());
        request.set_timeout(self.attempt);
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use ::tests::clock::TestClock;
    use domain::Span;
    use flow::indexes::IndexSet;

    use super::*;
    use crate::account::fixture;

    /// The authorization of the request that a call would make now.
    fn authorization(link: &Link) -> String {
        link.client().unwrap();
        let mut headers = link.state.lock().unwrap().open.as_ref().unwrap().headers.clone();
        let request = headers.call(Request::new(())).unwrap();
        request.metadata().get("authorization").unwrap().to_str().unwrap().to_owned()
    }

    fn link(clock: &Arc<TestClock>) -> Link {
        let settings = Settings {
            project: "a-project".into(),
            database: "(default)".into(),
            access: Access::Google(fixture::account().0),
            indexes: IndexSet::default(),
            deadlines: Deadlines::default(),
        };
        let names = Names::new(&settings.project, &settings.database).unwrap();
        Link::new(&settings, &names, clock.clone()).unwrap()
    }

    #[tokio::test]
    async fn a_token_serves_all_calls_until_shortly_before_its_end() {
        let clock = Arc::new(TestClock::default());
        let link = link(&clock);
        let first = authorization(&link);
        assert!(first.starts_with("Bearer "));
        // Always in use, so that it is its age alone that ends it.
        for second in (0..54 * 60).step_by(9) {
            assert_eq!(authorization(&link), first, "after {second} s");
            clock.advance(Span::from_seconds(9));
        }
        assert_eq!(link.state.lock().unwrap().opened, 1);
        clock.advance(Span::from_minutes(1));
        assert_ne!(authorization(&link), first);
    }

    #[tokio::test]
    async fn a_token_enters_no_debug() {
        let link = link(&Arc::new(TestClock::default()));
        let token = authorization(&link);
        let (client, _) = link.client().unwrap();
        let shown = format!("{client:?} {:?}", link.access);
        assert!(!shown.contains(&token["Bearer ".len()..]) && !shown.contains("PRIVATE KEY"), "{shown}");
    }
}
