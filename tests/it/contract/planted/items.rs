use std::sync::Arc;

use flow::ports::{Condition, Item, ItemKey, ItemWrite, Items, ItemsError};

use super::planted;
use crate::contract::embedded::in_memory;
use crate::contract::{World, items};

/// What the wrapper does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    IgnoresAbsent,
    IgnoresChecks,
    NamesTheWrongWrite,
    NamesTheLastFailure,
    WritesOneByOne,
    IgnoresTheLimitOfAnAddition,
    IsOffByOneInAnAddition,
    ReplacesWithAnAddition,
    CountsNoVersions,
    TakesAnyNumberOfWrites,
    LosesTheExpiry,
    ScansFromTheCursor,
    ScansBeyondThePrefix,
    EndsAScanEarly,
    ReadsInKeyOrder,
}

struct Faulty {
    inner: Arc<dyn Items>,
    fault: Fault,
}

fn faulty(fault: Fault) -> World<dyn Items> {
    in_memory(|stores| Arc::new(Faulty { inner: stores.items, fault }) as Arc<dyn Items>)
}

planted! { faulty;
    an_ignored_condition_is_found: Fault::IgnoresAbsent, items, absent_holds_for_an_item_that_was_never_written;
    a_claim_that_two_win_is_found: Fault::IgnoresAbsent, items, of_many_who_claim_an_item_one_succeeds;
    an_ignored_check_is_found: Fault::IgnoresChecks, items, a_check_guards_and_writes_nothing;
    a_wrong_place_of_the_condition_is_found: Fault::NamesTheWrongWrite, items, a_check_guards_and_writes_nothing;
    a_later_failure_named_first_is_found: Fault::NamesTheLastFailure, items,
        the_error_names_the_first_condition_that_does_not_hold;
    a_transaction_that_is_not_atomic_is_found: Fault::WritesOneByOne, items, one_failed_condition_undoes_every_write;
    an_addition_without_a_limit_is_found: Fault::IgnoresTheLimitOfAnAddition, items,
        concurrent_additions_reach_the_limit_exactly;
    an_addition_off_by_one_is_found: Fault::IsOffByOneInAnAddition, items, an_addition_never_passes_its_limit;
    an_addition_that_replaces_is_found: Fault::ReplacesWithAnAddition, items,
        an_addition_counts_from_zero_and_keeps_the_other_fields;
    a_version_that_does_not_count_is_found: Fault::CountsNoVersions, items, a_version_counts_the_writes_of_its_item;
    a_transaction_without_a_limit_is_found: Fault::TakesAnyNumberOfWrites, items,
        a_transaction_takes_100_writes_and_no_more;
    a_lost_expiry_is_found: Fault::LosesTheExpiry, items, an_item_is_read_back_as_it_was_written;
    a_scan_that_repeats_its_cursor_is_found: Fault::ScansFromTheCursor, items, a_scan_meets_every_item_of_a_prefix_once;
    a_scan_beyond_its_prefix_is_found: Fault::ScansBeyondThePrefix, items, a_scan_meets_every_item_of_a_prefix_once;
    a_scan_that_ends_early_is_found: Fault::EndsAScanEarly, items, a_scan_meets_every_item_of_a_prefix_once;
    items_in_another_order_are_found: Fault::ReadsInKeyOrder, items, items_come_in_the_order_asked_for;
}

#[tokio::test]
async fn the_wrapper_without_a_fault_keeps_the_contract() {
    crate::contract::keeps(&items::cases(), async || faulty(Fault::None)).await;
}

#[async_trait::async_trait]
impl Items for Faulty {
    async fn get(&self, keys: &[ItemKey]) -> Result<Vec<Option<Item>>, ItemsError> {
        let mut keys = keys.to_vec();
        if self.fault == Fault::ReadsInKeyOrder {
            keys.sort();
        }
        let mut found = self.inner.get(&keys).await?;
        for item in found.iter_mut().flatten() {
            match self.fault {
                Fault::CountsNoVersions => item.version = 1,
                Fault::LosesTheExpiry => item.expires_at = None,
                _ => {}
            }
        }
        Ok(found)
    }

    async fn transact(&self, mut writes: Vec<ItemWrite>) -> Result<(), ItemsError> {
        match self.fault {
            Fault::WritesOneByOne => {
                for (index, write) in writes.into_iter().enumerate() {
                    self.inner.transact(vec![write]).await.map_err(|error| match error {
                        ItemsError::Condition { .. } => ItemsError::Condition { index },
                        error => error,
                    })?;
                }
                return Ok(());
            }
            Fault::TakesAnyNumberOfWrites => {
                for part in writes.chunks(100) {
                    self.inner.transact(part.to_vec()).await?;
                }
                return Ok(());
            }
            _ => {}
        }
        for write in &mut writes {
            self.spoil(write).await?;
        }
        let count = writes.len();
        if self.fault == Fault::NamesTheLastFailure {
            writes.reverse();
        }
        self.inner.transact(writes).await.map_err(|error| match (self.fault, error) {
            (Fault::NamesTheWrongWrite, ItemsError::Condition { .. }) => ItemsError::Condition { index: 0 },
            (Fault::NamesTheLastFailure, ItemsError::Condition { index }) => {
                ItemsError::Condition { index: count - 1 - index }
            }
            (_, error) => error,
        })
    }

    async fn scan(&self, prefix: &str, after: Option<&ItemKey>, limit: u32) -> Result<Vec<Item>, ItemsError> {
        let prefix = if self.fault == Fault::ScansBeyondThePrefix { prefix.trim_end_matches('#') } else { prefix };
        let mut found = self.inner.scan(prefix, after, limit).await?;
        if let (Fault::ScansFromTheCursor, Some(after)) = (self.fault, after) {
            let cursor = self.inner.get(std::slice::from_ref(after)).await?.remove(0);
            found.splice(0..0, cursor);
            found.truncate(limit as usize);
        }
        if self.fault == Fault::EndsAScanEarly && found.len() > 1 {
            found.pop();
        }
        Ok(found)
    }
}

impl Faulty {
    async fn spoil(&self, write: &mut ItemWrite) -> Result<(), ItemsError> {
        let now = self.inner.get(std::slice::from_ref(write.key())).await?.remove(0);
        let holds = now.map_or(Condition::Absent, |item| Condition::Version(item.version));
        match (self.fault, write) {
            (Fault::IgnoresAbsent, ItemWrite::Put { condition, .. }) if *condition == Condition::Absent => {
                *condition = holds;
            }
            (Fault::IgnoresChecks, ItemWrite::Check { condition, .. }) => *condition = holds,
            // The reader is shown version 1 whatever it is.
            (Fault::CountsNoVersions, ItemWrite::Put { condition, .. }) if *condition == Condition::Version(1) => {
                *condition = holds;
            }
            (Fault::IgnoresTheLimitOfAnAddition, ItemWrite::Add { at_most, .. }) => *at_most = i64::MAX,
            (Fault::IsOffByOneInAnAddition, ItemWrite::Add { at_most, .. }) => *at_most += 1,
            (Fault::ReplacesWithAnAddition, write @ ItemWrite::Add { .. }) => {
                if let ItemWrite::Add { key, field, by, expires_at, .. } = write.clone() {
                    let fields = [(field, flow::ports::Value::Int(by))].into();
                    *write = ItemWrite::Put { key, fields, expires_at, condition: holds };
                }
            }
            _ => {}
        }
        Ok(())
    }
}
