use std::time::SystemTime;

use domain::{Span, Timestamp};
use flow::ports::{Clock, Entropy};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait::async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is handed")]
        let now = SystemTime::now();
        let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(Span::from(since_1970).micros())
    }

    async fn sleep(&self, span: Span) {
        tokio::time::sleep(span.std()).await;
    }
}

/// The operating system's randomness, fit for keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// When the operating system has no randomness to give: nothing that needs it may go on then.
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the randomness that everything else is handed")]
        let filled = getrandom::fill(bytes);
        #[expect(clippy::expect_used, reason = "no input leads here, and to go on without randomness would be unsafe")]
        filled.expect("the operating system has randomness");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_tells_this_age() {
        let (now, founded) = (SystemClock.now(), Timestamp::from_seconds(1_760_000_000));
        assert!(now > founded && now < founded + Span::from_days(36_500), "{now}");
    }

    #[tokio::test]
    async fn the_clock_waits_at_least_the_span() {
        let before = SystemClock.now();
        SystemClock.sleep(Span::from_millis(20)).await;
        assert!(SystemClock.now().since(before) >= Span::from_millis(19));
    }

    #[test]
    fn randomness_does_not_repeat() {
        assert_ne!(SystemEntropy.bits(), SystemEntropy.bits());
        assert_ne!(SystemEntropy.bits(), [0; 16]);
    }
}
