use std::sync::Arc;

use flow::platform::Platform;

use crate::keys::ApiKeys;
use crate::rate::Spare;
use crate::settings::ApiSettings;

/// What the routes stand on. Made once, when a program starts.
#[derive(Clone)]
pub struct ApiState {
    pub(crate) platform: Arc<Platform>,
    pub(crate) keys: ApiKeys,
    pub(crate) settings: Arc<ApiSettings>,
    pub(crate) spare: Arc<Spare>,
}

impl ApiState {
    /// A state over these ports, for the holders of these keys.
    pub fn new(platform: Platform, keys: ApiKeys, settings: ApiSettings) -> Self {
        Self { platform: Arc::new(platform), keys, settings: Arc::new(settings), spare: Arc::default() }
    }
}
