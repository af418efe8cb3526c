//! What stands between the documents and the emulator: passes everything on until a test tells it otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What is passed on over the connections that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passes {
    /// Everything.
    All,
    /// Requests. Answers are thrown away.
    Requests,
    /// Nothing: the other side is silent.
    Nothing,
    /// Nothing, and the connection ends.
    End,
}

/// The proxy. A connection that is made is always a good one.
pub struct Proxy {
    address: String,
    state: Arc<State>,
}

struct State {
    /// What the connections that are there do: those numbered below the last of them.
    old: watch::Sender<(u64, Passes)>,
    accepted: AtomicU64,
    /// The bytes of requests that were thrown away.
    withheld: watch::Sender<u64>,
}

impl Proxy {
    /// A proxy before this address.
    pub async fn before(host: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (old, withheld) = (watch::channel((0, Passes::All)).0, watch::channel(0).0);
        let state = Arc::new(State { old, withheld, accepted: AtomicU64::new(0) });
        tokio::spawn(serve(listener, host.to_owned(), Arc::clone(&state)));
        Self { address, state }
    }

    /// Where it is.
    pub fn host(&self) -> &str {
        &self.address
    }

    /// How many connections were made.
    pub fn accepted(&self) -> u64 {
        self.state.accepted.load(Ordering::SeqCst)
    }

    /// Lets the connections that are there pass this on. New ones pass on everything.
    pub fn let_pass(&self, passes: Passes) {
        self.state.old.send_replace((self.accepted(), passes));
    }

    /// Returns when a request was thrown away.
    pub async fn withholds_a_request(&self) {
        self.state.withheld.subscribe().wait_for(|bytes| *bytes > 0).await.unwrap();
    }
}

async fn serve(listener: TcpListener, host: String, state: Arc<State>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let number = state.accepted.fetch_add(1, Ordering::SeqCst);
        let server = TcpStream::connect(&host).await.unwrap();
        tokio::spawn(connection(number, client, server, Arc::clone(&state)));
    }
}

async fn connection(number: u64, client: TcpStream, server: TcpStream, state: Arc<State>) {
    let passes = |(below, passes): (u64, Passes)| if number < below { passes } else { Passes::All };
    let now = || passes(*state.old.borrow());
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let requests = pump(
        from_client,
        to_server,
        || matches!(now(), Passes::All | Passes::Requests),
        |bytes| {
            state.withheld.send_modify(|sum| *sum += bytes);
        },
    );
    let answers = pump(from_server, to_client, || now() == Passes::All, |_| {});
    let mut changes = state.old.subscribe();
    let end = changes.wait_for(|old| passes(*old) == Passes::End);
    tokio::select! {
        () = requests => {}
        () = answers => {}
        _ = end => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, passes: impl Fn() -> bool, withhold: impl Fn(u64)) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        if !passes() {
            withhold(length as u64);
        } else if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
