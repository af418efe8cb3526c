#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use domain::{Span, Timestamp};
use flow::ports::{Decision, Limiter, Pace, StoreError};

use super::planted;
use crate::contract::embedded::in_memory;
use crate::contract::{Time, World, limiter};

/// What the wrapper does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    BooksEveryTime,
    MixesReservationsOfKeys,
    IgnoresTheBurst,
    IgnoresThePace,
    IgnoresSlowDowns,
    SlowsForEver,
    SharesKeys,
    AllowsOneMore,
    CountsRefusals,
    ResetsAtFixedTimes,
    SaysNothingAboutTheReset,
    WindowIsShort,
}

struct Faulty {
    inner: Arc<dyn Limiter>,
    time: Arc<dyn Time>,
    fault: Fault,
    counter: AtomicU64,
    booked: Mutex<BTreeMap<String, Timestamp>>,
}

fn faulty(fault: Fault) -> World<dyn Limiter> {
    let world = in_memory(|stores| stores.limiter as Arc<dyn Limiter>);
    let (inner, time) = (world.port, Arc::clone(&world.time));
    let port = Arc::new(Faulty { inner, time, fault, counter: AtomicU64::new(0), booked: Mutex::default() });
    World { port, time: world.time, keep: world.keep }
}

planted! { faulty;
    a_reservation_that_books_every_time_is_found: Fault::BooksEveryTime, limiter, the_same_reservation_books_once;
    a_reservation_forgotten_within_the_hour_is_found: Fault::BooksEveryTime, limiter,
        a_reservation_is_remembered_for_an_hour;
    a_reservation_taken_for_another_keys_is_found: Fault::MixesReservationsOfKeys, limiter,
        a_reservation_belongs_to_its_key;
    an_ignored_burst_is_found: Fault::IgnoresTheBurst, limiter, a_burst_is_free_at_once_and_then_the_pace_holds;
    an_ignored_pace_is_found: Fault::IgnoresThePace, limiter, no_stretch_of_slots_is_faster_than_the_pace;
    an_ignored_slow_down_is_found: Fault::IgnoresSlowDowns, limiter, slowing_down_doubles_the_period_until_its_end;
    a_slow_down_without_an_end_is_found: Fault::SlowsForEver, limiter, slowing_down_doubles_the_period_until_its_end;
    keys_that_share_a_pace_are_found: Fault::SharesKeys, limiter, keys_do_not_wait_for_each_other;
    keys_that_share_a_window_are_found: Fault::SharesKeys, limiter, windows_of_other_keys_are_their_own;
    a_window_off_by_one_is_found: Fault::AllowsOneMore, limiter, the_window_allows_its_limit_and_no_more;
    a_refusal_that_counts_is_found: Fault::CountsRefusals, limiter, a_refused_request_does_not_count;
    a_window_at_fixed_times_is_found: Fault::ResetsAtFixedTimes, limiter, no_window_ever_holds_more_than_its_limit;
    a_wrong_reset_is_found: Fault::SaysNothingAboutTheReset, limiter, the_window_says_what_remains_and_when;
    a_window_that_is_too_short_is_found: Fault::WindowIsShort, limiter, no_window_ever_holds_more_than_its_limit;
}

#[tokio::test]
async fn the_wrapper_without_a_fault_keeps_the_contract() {
    crate::contract::keeps(&limiter::cases(), async || faulty(Fault::None)).await;
}

#[async_trait::async_trait]
impl Limiter for Faulty {
    async fn reserve(&self, key: &str, mut pace: Pace, reservation: &str) -> Result<Timestamp, StoreError> {
        let mut reservation = reservation.to_owned();
        match self.fault {
            Fault::BooksEveryTime => reservation += &self.counter.fetch_add(1, Ordering::Relaxed).to_string(),
            Fault::IgnoresTheBurst => pace.burst = 1,
            Fault::IgnoresThePace => pace.burst += 1,
            _ => {}
        }
        let key = if self.fault == Fault::SharesKeys { "shared" } else { key };
        let slot = self.inner.reserve(key, pace, &reservation).await?;
        if self.fault == Fault::MixesReservationsOfKeys {
            return Ok(*self.booked.lock().unwrap().entry(reservation).or_insert(slot));
        }
        Ok(slot)
    }

    async fn slow_down(&self, key: &str, until: Timestamp) -> Result<(), StoreError> {
        match self.fault {
            Fault::IgnoresSlowDowns => Ok(()),
            Fault::SlowsForEver => self.inner.slow_down(key, until + Span::from_days(1)).await,
            _ => self.inner.slow_down(key, until).await,
        }
    }

    async fn allow(&self, key: &str, limit: u32, window: Span) -> Result<Decision, StoreError> {
        match self.fault {
            Fault::SharesKeys => self.inner.allow("shared", limit, window).await,
            Fault::AllowsOneMore => self.inner.allow(key, limit + 1, window).await,
            Fault::WindowIsShort => self.inner.allow(key, limit, Span::from_micros(window.micros() * 9 / 10)).await,
            Fault::CountsRefusals => {
                let decision = self.inner.allow(key, limit, window).await?;
                if !decision.allowed {
                    self.inner.allow(key, u32::MAX, window).await?;
                }
                Ok(decision)
            }
            Fault::ResetsAtFixedTimes => {
                let period = self.time.now().micros() / window.micros();
                self.inner.allow(&format!("{key} {period}"), limit, window).await
            }
            Fault::SaysNothingAboutTheReset => {
                Ok(Decision { reset: window, ..self.inner.allow(key, limit, window).await? })
            }
            _ => self.inner.allow(key, limit, window).await,
        }
    }
}
