//! `porfin backup` and `porfin restore`: the documents are copied to a file, and go back to one.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use boot::{SystemClock, SystemEntropy};
use embedded::Backup;
use flow::platform::Platform;
use flow::ports::{Clock, Entropy};
use flow::records::{KillScope, number_path, organization_path, read_number};
use flow::{kill, restore};

use crate::program;
use crate::settings::LocalSettings;

/// Writes a backup of the data directory, whether the program runs or not.
///
/// # Errors
/// When there is no data, or the file is there already or cannot be written.
pub fn save(settings: &LocalSettings, file: &Path) -> anyhow::Result<()> {
    let data_dir = &settings.data_dir;
    if !data_dir.join("documents.sqlite").exists() {
        bail!("there is no data in {} (PORFIN_DATA_DIR)", data_dir.display());
    }
    Ok(embedded::back_up(data_dir, file)?)
}

/// What a restore has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// How many documents there are now.
    pub documents: u64,
    /// The deployment's kill switch was on before, and still is.
    pub is_switched_off: bool,
}

/// Puts a backup in the place of the documents. The program must not run. After a failure or a crash it may be repeated.
///
/// # Errors
/// When the program runs, or the file is no backup of this very data; then nothing is changed. Or when a store fails.
pub async fn restore(settings: &LocalSettings, file: &Path) -> anyhow::Result<Restored> {
    let data_dir = &settings.data_dir;
    if !["items.sqlite", "secrets.json"].iter().all(|name| data_dir.join(name).exists()) {
        bail!(
            "there is no data in {} (PORFIN_DATA_DIR): a backup goes back to where it was made, since what was sent \
             meanwhile is known there and nowhere else",
            data_dir.display()
        );
    }
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let identity = program::identity(settings, entropy.as_ref())?;
    let stores = program::open(settings, &clock, &entropy).context("the program must be stopped before a restore")?;
    let platform = program::platform(&identity, &stores, clock, entropy);
    let backup = Backup::open(file, &program::indexes()?)?;
    is_ours(settings, &platform, &backup)
        .with_context(|| format!("{} is no backup of the data in {}", file.display(), data_dir.display()))?;
    let documents = backup.documents();
    restore::begin(&platform).await?;
    stores.documents.replace_with(backup).await?;
    restore::finish(&platform).await?;
    let is_switched_off = kill::is_on(&platform, &KillScope::Deployment).await?;
    Ok(Restored { documents, is_switched_off })
}

/// A backup is of this data if its ids come from the same key and its personal data opens.
fn is_ours(settings: &LocalSettings, platform: &Platform, backup: &Backup) -> anyhow::Result<()> {
    let organization = organization_path(&demo::organization_id(&platform.id_key));
    backup.document(&organization)?.context("its ids were made with another key")?;
    let number = program::demo_number(settings)?;
    if let Some(number) = backup.document(&number_path(&number.id))? {
        read_number(platform, &number).context("it was sealed with another key")?;
    }
    Ok(())
}
