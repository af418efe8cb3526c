use domain::{Span, Timestamp};

/// The time, and waiting for it. Nothing in the use cases reads another clock.
#[async_trait::async_trait]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Returns after the span.
    async fn sleep(&self, span: Span);
}

/// Randomness: nonces and random ids. Nothing in the use cases has another source.
pub trait Entropy: Send + Sync {
    /// Fills the bytes with random ones, fit for cryptographic use.
    fn fill(&self, bytes: &mut [u8]);

    /// 128 random bits, as ids take them.
    fn bits(&self) -> [u8; 16] {
        let mut bits = [0; 16];
        self.fill(&mut bits);
        bits
    }
}
