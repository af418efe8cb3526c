use std::sync::Arc;
use std::time::Duration;

use aws_client::{Deadlines, SdkConfig};
use flow::ports::{Entropy, ItemsError};

use crate::failure::Failure;

/// The first pause is at most so long, each further one at most twice the one before.
const PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// How often a call is tried, and how long all of it may take.
pub(crate) struct Attempts {
    most: u32,
    total: Duration,
    entropy: Arc<dyn Entropy>,
}

/// What a second time would do to a call that may have been carried out already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing more: the service, or the call's own condition, sees to it.
    Harmless,
    /// The same once more.
    Doubles,
}

impl Attempts {
    /// Takes the number of tries and the deadline of the whole from the configuration.
    pub(crate) fn new(config: &SdkConfig, entropy: Arc<dyn Entropy>) -> Self {
        let usual = Deadlines::SMALL;
        let total = config.timeout_config().and_then(|timeouts| timeouts.operation_timeout());
        let most = config.retry_config().map(|retries| retries.max_attempts());
        Self { most: most.unwrap_or(usual.attempts), total: total.unwrap_or(usual.operation), entropy }
    }

    /// Tries the call until it is answered. What was not carried out is tried until the time is over; what may have been,
    /// a few times, and only if that is harmless.
    pub(crate) async fn run<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        repeat: Repeat,
        call: impl Fn() -> F,
    ) -> Result<T, ItemsError> {
        self.within(self.keep_trying(repeat, call)).await
    }

    /// Gives up when the time of a whole call is over.
    pub(crate) async fn within<T>(&self, call: impl Future<Output = Result<T, ItemsError>>) -> Result<T, ItemsError> {
        let done = tokio::time::timeout(self.total, call).await;
        done.unwrap_or_else(|late| Err(ItemsError::Unavailable(late.into())))
    }

    async fn keep_trying<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        repeat: Repeat,
        call: impl Fn() -> F,
    ) -> Result<T, ItemsError> {
        let (mut tries, mut unknown) = (0, 0);
        loop {
            match call().await {
                Ok(done) => return Ok(done),
                Err(Failure::Busy(_)) => {}
                Err(Failure::Unknown(error)) => {
                    unknown += 1;
                    if repeat == Repeat::Doubles || unknown >= self.most {
                        return Err(ItemsError::Unavailable(error));
                    }
                }
                // The try before may be what made it fail.
                Err(Failure::Condition(_)) if unknown > 0 => return Err(ItemsError::Unavailable(Undecided.into())),
                Err(failure) => return Err(failure.into_error()),
            }
            tokio::time::sleep(self.pause(tries)).await;
            tries += 1;
        }
    }

    /// Any part of a span that doubles: those who got in each other's way come back at different times.
    fn pause(&self, tries: u32) -> Duration {
        let longest = PAUSE.saturating_mul(1 << tries.min(16)).min(LONGEST_PAUSE);
        let mut random = [0; 2];
        self.entropy.fill(&mut random);
        longest.mul_f32(f32::from(u16::from_le_bytes(random)) / f32::from(u16::MAX))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a condition failed after a try of unknown outcome")]
struct Undecided;
