use std::io;
use std::sync::Arc;
use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::settings::Address;

/// Why a call was not answered. Many callers may wait for one connection, and each is told.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Fault {
    #[error("no connection was made within {0:?}")]
    NoConnection(Duration),
    #[error("no connection could be made")]
    Connect(#[source] Arc<io::Error>),
    #[error("the server did not let us in")]
    Login(#[source] RedisError),
    #[error("no answer came within {0:?}")]
    NoAnswer(Duration),
    #[error("the connection broke")]
    Broken(#[source] RedisError),
    #[error("the server refused the call")]
    Refused(#[source] RedisError),
    #[error("the server answered something that no script of ours does")]
    Unexpected,
}

/// What may help at once.
pub(crate) enum Remedy {
    /// Nothing: the caller comes again later.
    None,
    /// The same call on a new connection.
    Reconnect,
    /// The same call at the node that holds the slot.
    Redirect(Redirection),
}

/// Where a node sends us. Without a host, it is the host that said so.
pub(crate) struct Redirection {
    host: Option<String>,
    port: u16,
}

impl Fault {
    /// A call is made again where it was certainly not carried out, and where the connection broke: then it may have been,
    /// which a reservation and a slow-down do not mind. A request that is counted twice is refused too early, never
    /// allowed too often.
    pub(crate) fn remedy(&self) -> Remedy {
        match self {
            Self::Broken(_) => Remedy::Reconnect,
            Self::Refused(error) => match error.kind() {
                // What was the primary is none any more: its name leads to another server by now.
                ErrorKind::Server(ServerErrorKind::ReadOnly) => Remedy::Reconnect,
                ErrorKind::Server(ServerErrorKind::Moved) => {
                    let to = error.redirect_node().and_then(|(address, _)| Redirection::parse(address));
                    to.map_or(Remedy::None, Remedy::Redirect)
                }
                _ => Remedy::None,
            },
            _ => Remedy::None,
        }
    }

    /// Whether the connection is of no use any more. An answer that comes late may as well never come.
    pub(crate) fn spoils_the_connection(&self) -> bool {
        matches!(self, Self::NoAnswer(_) | Self::Broken(_)) || matches!(self.remedy(), Remedy::Reconnect)
    }
}

impl Redirection {
    fn parse(address: &str) -> Option<Self> {
        let (host, port) = address.rsplit_once(':')?;
        // A node that does not know its own name says `?`, or nothing.
        let host = (!matches!(host, "" | "?")).then(|| host.to_owned());
        Some(Self { host, port: port.parse().ok()? })
    }

    pub(crate) fn from(self, here: &Address) -> Address {
        Address { host: self.host.unwrap_or_else(|| here.host.clone()), port: self.port }
    }
}
