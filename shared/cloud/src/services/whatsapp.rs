use std::sync::Arc;

use boot::settings::Kind;
use flow::ports::{Business, WhatsApp};
use whatsapp::client::{Client, Endpoint, InvalidEndpoint, Timeouts};

use crate::setup::Setup;

impl Setup<'_> {
    /// Meta: `WHATSAPP_API_BASE_URL` and `WHATSAPP_API_VERSION`.
    pub fn whatsapp(&self) -> Option<Arc<dyn WhatsApp>> {
        self.meta().map(|client| -> Arc<dyn WhatsApp> { client })
    }

    /// Meta's management side, by the same variables.
    pub fn business(&self) -> Option<Arc<dyn Business>> {
        self.meta().map(|client| -> Arc<dyn Business> { client })
    }

    fn meta(&self) -> Option<Arc<Client>> {
        let base = self.read.optional("WHATSAPP_API_BASE_URL", Kind::URL);
        let version = self.read.or("WHATSAPP_API_VERSION", Kind::TEXT, Endpoint::VERSION.to_owned());
        let (base, version) = (base?, version?);
        let base = base.as_ref().map_or(Endpoint::GRAPH, |url| url.as_str());
        let endpoint = Endpoint::parse(base, &version);
        if let Err(error) = &endpoint {
            let (name, found) = match error {
                InvalidEndpoint::BaseUrl => ("WHATSAPP_API_BASE_URL", base),
                InvalidEndpoint::Version => ("WHATSAPP_API_VERSION", version.as_str()),
            };
            self.read.wrong(name, &format!("{found:?}"), &error.to_string());
        }
        match Client::new(endpoint.ok()?, Timeouts::default()) {
            Ok(client) => Some(Arc::new(client)),
            Err(error) => {
                self.read.wrong("WHATSAPP_API_BASE_URL", "an address", &format!("one that can be called ({error})"));
                None
            }
        }
    }
}
