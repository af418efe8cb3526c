use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::Deadlines;
use crate::connector::Https;

/// Where AWS is and who calls it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The region, such as `sa-east-1`. Lambda sets `AWS_REGION`.
    pub region: String,
    /// Another address than AWS' own, for emulators. It may be `http`.
    pub endpoint: Option<Url>,
    /// Who calls.
    pub credentials: Credentials,
    /// How long calls may take.
    pub deadlines: Deadlines,
}

/// Who calls AWS. In Lambda these are the three variables that the environment of a function is made with; they stay the
/// same and valid as long as it lives.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_key: SecretString,
    /// `AWS_SESSION_TOKEN`: with the temporary credentials of a role.
    pub session_token: Option<SecretString>,
}

impl Settings {
    /// What the client of a service is built from. Clients that are built from one value share its connections: a
    /// function calls this once.
    pub fn config(&self) -> SdkConfig {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(self.credentials.provider())
            .http_client(Https::shared(self.deadlines.connect))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .timeout_config(self.deadlines.timeouts())
            .retry_config(self.deadlines.retries());
        // A URL without a path is written with a slash, to which the SDK would add another.
        config.set_endpoint_url(self.endpoint.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()));
        config.build()
    }
}

impl Credentials {
    fn provider(&self) -> SharedCredentialsProvider {
        let token = self.session_token.as_ref().map(|token| token.expose_secret().to_owned());
        let secret = self.secret_key.expose_secret();
        let credentials = aws_credential_types::Credentials::new(&self.access_key, secret, token, None, "settings");
        SharedCredentialsProvider::new(credentials)
    }
}
