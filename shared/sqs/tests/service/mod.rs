//! What the tests share: the way to a service of this machine, and its clock.

use aws_client::{Credentials, Deadlines, SdkConfig, Settings};
use domain::{Span, Timestamp};
use services::FakeTime;
use tests::contract::Time;

/// How a service at this address is called, within these deadlines.
pub fn within(endpoint: &str, deadlines: Deadlines) -> SdkConfig {
    let credentials =
        Credentials { access_key: "test".into(), secret_key: "test".to_owned().into(), session_token: None };
    let endpoint = Some(endpoint.parse().unwrap());
    Settings { region: "us-east-1".into(), endpoint, credentials, deadlines }.config()
}

/// The clock of the service.
pub struct ServiceTime(pub FakeTime);

#[async_trait::async_trait]
impl Time for ServiceTime {
    fn now(&self) -> Timestamp {
        let since = self.0.now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(Span::from(since).micros())
    }

    async fn advance(&self, span: Span) {
        self.0.advance(span.std()).unwrap();
    }

    fn controlled(&self) -> bool {
        true
    }
}
