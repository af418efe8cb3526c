//! `local.json`: what another program on this machine needs in order to talk with the running one.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The contents of `local.json`, for its owner only: it holds secrets.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LocalFile {
    /// Where the program listens.
    pub base_url: String,
    /// The owner's API key.
    pub api_key: String,
    /// The key of whoever runs the program.
    pub operator_key: String,
    /// The demo organization.
    pub organization_id: String,
    /// Meta's id of its number.
    pub phone_number_id: String,
    /// Meta's id of its business account.
    pub waba_id: String,
    /// The webhook handshake's token.
    pub verify_token: String,
    /// The secret that webhooks are signed with.
    pub app_secret: String,
}

impl LocalFile {
    /// Where it lies.
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("local.json")
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn write(&self, data_dir: &Path) -> anyhow::Result<()> {
        write_private(&Self::path(data_dir), &serde_json::to_vec_pretty(self)?)
    }
}

/// Writes a file that only its owner can read, whole or not at all.
///
/// # Errors
/// When the directory cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = write_part(path, bytes)?;
    fs::rename(&part, path).with_context(|| format!("cannot write {}", path.display()))
}

/// As [`write_private`], but a file that is already there stays as it is: of two programs that make it at once, one wins.
///
/// # Errors
/// When the directory cannot be written.
pub fn create_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = write_part(path, bytes)?;
    let linked = fs::hard_link(&part, path);
    fs::remove_file(&part).with_context(|| format!("cannot remove {}", part.display()))?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("cannot write {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// A file beside the one that is meant, named after this process.
fn write_part(path: &Path, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let cannot = || format!("cannot write {}", part.display());
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&part).with_context(cannot)?;
    file.write_all(bytes).with_context(cannot)?;
    file.sync_all().with_context(cannot)?;
    Ok(part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_the_owner_can_read_what_holds_secrets() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.json");
        write_private(&path, b"{}").unwrap();
        write_private(&path, b"{\"a\":1}").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap(), b"{\"a\":1}");
    }
}
