//! Randomness that a seed decides.

use std::sync::{Mutex, PoisonError};

use flow::ports::Entropy;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

/// The same seed gives the same bytes in the same order.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// Randomness from this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
