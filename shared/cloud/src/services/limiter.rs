use std::sync::Arc;

use boot::settings::{AppEnv, Kind};
use flow::ports::Limiter;
use redis_limiter::{Deadlines, RedisLimiter, Settings};

use crate::setup::Setup;

impl Setup<'_> {
    /// Rates: `REDIS_URL`.
    pub fn limiter(&self) -> Option<Arc<dyn Limiter>> {
        let url = self.read.required("REDIS_URL", Kind::SECRET);
        let stage = match self.app_env()? {
            AppEnv::Development => "development",
            AppEnv::Staging => "staging",
            AppEnv::Production => "production",
        };
        let prefix = format!("porfin:{stage}");
        let settings = Settings { url: url?, prefix, root: None, deadlines: Deadlines::default() };
        match RedisLimiter::new(&settings, self.clock()) {
            Ok(limiter) => Some(Arc::new(limiter)),
            Err(error) => {
                self.read.wrong("REDIS_URL", "a secret text", &format!("an address of Redis ({error})"));
                None
            }
        }
    }
}
