use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::Timestamp;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, RedisError, Value};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::fault::Fault;
use crate::settings::{Access, Address};

/// One connection, over which many calls may run at once.
pub(crate) struct Link {
    connection: MultiplexedConnection,
    /// Moves bytes between the socket and those who wait. Left alone it would go on for an answer that never comes.
    driver: JoinHandle<()>,
    response: Duration,
    used_at: AtomicI64,
}

impl Link {
    pub(crate) async fn open(address: &Address, access: &Access, now: Timestamp) -> Result<Self, Fault> {
        let deadline = access.deadlines.connect;
        let opened = timeout(deadline, Self::connect(address, access)).await;
        let (connection, driver) = opened.map_err(|_| Fault::NoConnection(deadline))??;
        Ok(Self { connection, driver, response: access.deadlines.response, used_at: AtomicI64::new(now.micros()) })
    }

    async fn connect(address: &Address, access: &Access) -> Result<(MultiplexedConnection, JoinHandle<()>), Fault> {
        let failed = |error| Fault::Connect(Arc::new(error));
        let tcp = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(failed)?;
        tcp.set_nodelay(true).map_err(failed)?;
        match &access.tls {
            None => log_in(tcp, access).await,
            Some(tls) => {
                let name = ServerName::try_from(address.host.clone());
                let name = name.map_err(|error| failed(io::Error::other(error)))?;
                log_in(tls.connect(name, tcp).await.map_err(failed)?, access).await
            }
        }
    }

    /// Whether the connection stands, as far as this side knows.
    pub(crate) fn is_open(&self) -> bool {
        !self.driver.is_finished()
    }

    /// When it last bore an answer.
    pub(crate) fn used_at(&self) -> Timestamp {
        Timestamp::from_micros(self.used_at.load(Ordering::Relaxed))
    }

    pub(crate) fn touch(&self, now: Timestamp) {
        self.used_at.store(now.micros(), Ordering::Relaxed);
    }

    /// Whether the other side answers within the given time.
    pub(crate) async fn answers(&self, within: Duration) -> bool {
        let mut connection = self.connection.clone();
        let ping = redis::cmd("PING");
        matches!(timeout(within, connection.req_packed_command(&ping)).await, Ok(Ok(_)))
    }

    /// Makes one call, and waits for its answer as long as it may take.
    pub(crate) async fn call(&self, command: &Cmd) -> Result<Value, Fault> {
        let mut connection = self.connection.clone();
        let answer = timeout(self.response, connection.req_packed_command(command)).await;
        answer.map_err(|_| Fault::NoAnswer(self.response))?.and_then(Value::extract_error).map_err(failure)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

fn failure(error: RedisError) -> Fault {
    match error.kind() {
        ErrorKind::Io | ErrorKind::Parse => Fault::Broken(error),
        _ => Fault::Refused(error),
    }
}

async fn log_in(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    access: &Access,
) -> Result<(MultiplexedConnection, JoinHandle<()>), Fault> {
    // Deadlines are ours: after one has passed, the connection is closed as well.
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let opened = MultiplexedConnection::new_with_config(&access.login, stream, config).await;
    let (connection, driver) = opened.map_err(Fault::Login)?;
    Ok((connection, tokio::spawn(driver)))
}
