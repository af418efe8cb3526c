use std::sync::Arc;

use boot::settings::AppEnv;
use callback::Callback;
use domain::webhook::Reach;
use flow::ports::WebhookSender;

use crate::setup::Setup;

impl Setup<'_> {
    /// Posts webhooks, to the public internet; with `APP_ENV=development` to this machine as well.
    pub fn webhook_sender(&self) -> Option<Arc<dyn WebhookSender>> {
        let reach = match self.app_env()? {
            AppEnv::Development => Reach::PublicAndLoopback,
            AppEnv::Staging | AppEnv::Production => Reach::Public,
        };
        match Callback::new(reach) {
            Ok(callback) => Some(Arc::new(callback)),
            Err(error) => {
                self.read.wrong("APP_ENV", "a stage", &format!("one in which webhooks can be posted ({error})"));
                None
            }
        }
    }
}
