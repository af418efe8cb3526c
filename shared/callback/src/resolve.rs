//! Where names lead.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use domain::webhook::Reach;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Looks names up.
#[async_trait::async_trait]
pub trait Lookup: Send + Sync {
    /// The addresses that a name leads to.
    ///
    /// # Errors
    /// When it leads nowhere, or nobody answered.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own way to look names up.
pub struct SystemLookup;

#[async_trait::async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Why a name gave no address to connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// It leads to an address that may not be called.
    #[error("the name leads to an address that may not be called")]
    Forbidden,
    /// It leads nowhere.
    #[error("the name leads nowhere")]
    Unknown,
}

/// Looks names up for the HTTP client, which connects to what is answered here and to nothing else.
pub(crate) struct Guard {
    pub lookup: Arc<dyn Lookup>,
    pub reach: Reach,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, reach) = (Arc::clone(&self.lookup), self.reach);
        Box::pin(async move {
            let found = lookup.addresses(name.as_str()).await.map_err(|_| Refused::Unknown)?;
            // One address inside is enough: a name that leads in and out is made to.
            if found.iter().any(|address| !reach.allows(*address)) {
                return Err(Refused::Forbidden.into());
            }
            if found.is_empty() {
                return Err(Refused::Unknown.into());
            }
            // The port is the URL's: the client puts it in place of 0.
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
