use std::sync::Arc;

use aws_client::SdkConfig;
use boot::settings::{AppEnv, Kind, Reader};
use boot::telemetry::{self, Telemetry};
use boot::{SystemClock, SystemEntropy};
use domain::IdKey;
use flow::platform::{FlowSettings, Platform};
use flow::ports::{Blobs, Clock, Documents, Entropy, Items, Limiter, Queues};
use flow::seal::Sealer;
use flow::wake::FeedWakes;

use crate::absent::Absent;
use crate::services::aws;

/// What a function asks for when it starts. Every question reads its variables; a wrong one is noted and answered with
/// `None`.
pub struct Setup<'r> {
    /// Asks for variables of the function's own.
    pub read: &'r Reader<'r>,
    app_env: Option<AppEnv>,
    telemetry: Option<Telemetry>,
    keys: Option<(Sealer, IdKey)>,
    #[cfg_attr(
        not(any(feature = "items", feature = "queues", feature = "blobs")),
        expect(dead_code, reason = "read by what takes services of AWS")
    )]
    pub(crate) aws: Option<SdkConfig>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// The services that a function was given. Those that it does not name refuse every call.
pub struct Ports {
    /// The system of record.
    pub documents: Arc<dyn Documents>,
    /// Intents, gates and quotas.
    pub items: Arc<dyn Items>,
    /// The queues that it sends to or defers in.
    pub queues: Arc<dyn Queues>,
    /// Large values.
    pub blobs: Arc<dyn Blobs>,
    /// Rates.
    pub limiter: Arc<dyn Limiter>,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            documents: Arc::new(Absent),
            items: Arc::new(Absent),
            queues: Arc::new(Absent),
            blobs: Arc::new(Absent),
            limiter: Arc::new(Absent),
        }
    }
}

impl<'r> Setup<'r> {
    /// Reads what every function needs: `APP_ENV`, `DEBUG`, `RUST_LOG`, the keys, and who it is at AWS.
    pub(crate) fn new(read: &'r Reader<'r>) -> Self {
        let app_env = AppEnv::read(read);
        // Where that is wrong, the rest is read all the same, so that everything wrong is reported at once.
        let telemetry = Telemetry::read(read, app_env.unwrap_or(AppEnv::Production));
        let sealing = read.required("PORFIN_SEALING_KEY", Kind::KEYS);
        let id = read.required("PORFIN_ID_KEY", Kind::KEY);
        let aws = aws::config(read);
        let keys =
            sealing.zip(id).map(|(sealing, id)| (Sealer::new(sealing.current, &sealing.previous), IdKey::new(id)));
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let setup = Self { read, app_env, telemetry, keys, aws, clock, entropy };
        setup.no_emulator("AWS_ENDPOINT_URL");
        setup
    }

    /// An emulator's address has no place where customers' data is: left over in a shell, it would take all of it.
    pub(crate) fn no_emulator(&self, variable: &str) {
        let is_set = self.read.optional(variable, Kind::TEXT).flatten().is_some();
        if is_set && matches!(self.app_env, Some(AppEnv::Staging | AppEnv::Production)) {
            self.read.wrong(variable, "an address", "nothing: emulators are for APP_ENV=development");
        }
    }

    /// `APP_ENV`: the stage that the deployment is.
    pub fn app_env(&self) -> Option<AppEnv> {
        self.app_env
    }

    /// The time.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Randomness.
    pub fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::clone(&self.entropy)
    }

    /// What seals personal data, and what derives ids.
    pub fn keys(&self) -> Option<(Sealer, IdKey)> {
        self.keys.clone()
    }

    /// What the use cases stand on.
    pub fn platform(&self, ports: Ports) -> Option<Platform> {
        let Ports { documents, items, queues, blobs, limiter } = ports;
        let (sealer, id_key) = self.keys()?;
        Some(Platform {
            documents,
            items,
            queues,
            blobs,
            limiter,
            clock: self.clock(),
            entropy: self.entropy(),
            sealer,
            id_key,
            settings: FlowSettings::default(),
            feed_wakes: FeedWakes::default(),
        })
    }

    /// Logs from now on.
    pub(crate) fn install_telemetry(&self) {
        if let Some(telemetry) = &self.telemetry {
            telemetry::install(telemetry);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use boot::settings::Environment;

    use super::*;

    /// What is said of an emulator's address in this stage.
    fn said(stage: &str) -> String {
        let pairs = [("APP_ENV", stage), ("AWS_ENDPOINT_URL", "http://127.0.0.1:9")];
        let wrong = Environment::from_pairs(pairs).read(|read| {
            Setup::new(read);
            None::<()>
        });
        wrong.unwrap_err().to_string()
    }

    #[test]
    fn an_emulators_address_is_refused_where_customers_data_is() {
        assert!(!said("development").contains("AWS_ENDPOINT_URL"));
        for stage in ["staging", "production"] {
            assert!(said(stage).contains("AWS_ENDPOINT_URL: found an address; expected nothing"), "{}", said(stage));
        }
    }
}
