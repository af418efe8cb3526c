use std::sync::Arc;

use flow::ports::{Blobs, StoreError};

use super::planted;
use crate::contract::embedded::in_memory;
use crate::contract::{World, blobs};

/// What the wrapper does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    LosesPuts,
    KeepsTheFirst,
    AnswersEmptyForMissing,
    IgnoresDeletions,
    DeletesAFolder,
    TakesAnyKey,
    TakesAnySize,
    MixesKeysUp,
}

struct Faulty {
    inner: Arc<dyn Blobs>,
    fault: Fault,
}

fn faulty(fault: Fault) -> World<dyn Blobs> {
    in_memory(|stores| Arc::new(Faulty { inner: stores.blobs, fault }) as Arc<dyn Blobs>)
}

planted! { faulty;
    a_lost_put_is_found: Fault::LosesPuts, blobs, an_object_is_read_back_as_it_was_put;
    a_put_that_replaces_nothing_is_found: Fault::KeepsTheFirst, blobs, a_put_replaces_what_was_there;
    a_missing_object_that_is_empty_is_found: Fault::AnswersEmptyForMissing, blobs, a_missing_object_is_nothing;
    an_ignored_deletion_is_found: Fault::IgnoresDeletions, blobs, a_deleted_object_is_gone;
    a_deletion_of_a_folder_is_found: Fault::DeletesAFolder, blobs, a_deleted_object_is_gone;
    a_key_that_is_not_checked_is_found: Fault::TakesAnyKey, blobs, a_malformed_key_is_refused;
    a_size_that_is_not_checked_is_found: Fault::TakesAnySize, blobs, an_object_over_16_mebibytes_is_refused;
    keys_that_are_mixed_up_are_found: Fault::MixesKeysUp, blobs, every_well_formed_key_is_its_own;
}

#[tokio::test]
async fn the_wrapper_without_a_fault_keeps_the_contract() {
    crate::contract::keeps(&blobs::cases(), async || faulty(Fault::None)).await;
}

impl Faulty {
    fn spoil<'a>(&self, key: &'a str) -> std::borrow::Cow<'a, str> {
        match self.fault {
            Fault::TakesAnyKey if key.contains(' ') => key.replace(' ', "_").into(),
            Fault::MixesKeysUp => key.replace('/', "_").into(),
            _ => key.into(),
        }
    }
}

#[async_trait::async_trait]
impl Blobs for Faulty {
    async fn put(&self, key: &str, mut bytes: Vec<u8>) -> Result<(), StoreError> {
        match self.fault {
            Fault::LosesPuts => return Ok(()),
            Fault::KeepsTheFirst if self.inner.get(key).await?.is_some() => return Ok(()),
            Fault::TakesAnySize => bytes.truncate(16 << 20),
            _ => {}
        }
        self.inner.put(&self.spoil(key), bytes).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.inner.get(&self.spoil(key)).await?;
        Ok(if self.fault == Fault::AnswersEmptyForMissing { Some(found.unwrap_or_default()) } else { found })
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        match self.fault {
            Fault::IgnoresDeletions => Ok(()),
            Fault::DeletesAFolder => {
                self.inner.delete(&format!("{key}/b")).await?;
                self.inner.delete(key).await
            }
            _ => self.inner.delete(&self.spoil(key)).await,
        }
    }
}
