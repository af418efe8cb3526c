use domain::Span;
use flow::ports::{Clock, Entropy};

/// How often a call is made at most.
const MOST: u32 = 4;
/// The pause before the second try; each further one is twice as long.
const FIRST_PAUSE: Span = Span::from_millis(100);

/// The tries of one call, with pauses of 100, 200 and 400 ms in between, each half as long up to half as long again: those
/// who got in each other's way do not meet again.
pub(crate) struct Tries<'a> {
    clock: &'a dyn Clock,
    entropy: &'a dyn Entropy,
    made: u32,
}

impl<'a> Tries<'a> {
    /// Before the first try.
    pub fn new(clock: &'a dyn Clock, entropy: &'a dyn Entropy) -> Self {
        Self { clock, entropy, made: 1 }
    }

    /// Waits until it is time for another try. False when there were enough.
    pub async fn again(&mut self) -> bool {
        if self.made == MOST {
            return false;
        }
        let pause = FIRST_PAUSE.micros() << (self.made - 1);
        let jitter = i64::from(self.entropy.bits()[0]) * pause / 256;
        self.clock.sleep(Span::from_micros(pause / 2 + jitter)).await;
        self.made += 1;
        true
    }
}
