use std::sync::Arc;
use std::time::SystemTime;

use domain::{Span, Timestamp};
use services::FakeTime;
use tests::contract::Time;

/// The clock of the services, which a test moves.
pub struct Moved(pub Arc<FakeTime>);

#[async_trait::async_trait]
impl Time for Moved {
    fn now(&self) -> Timestamp {
        let since_1970 = self.0.now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(Span::from(since_1970).micros())
    }

    async fn advance(&self, span: Span) {
        self.0.advance(span.std()).unwrap();
    }

    fn controlled(&self) -> bool {
        true
    }
}
