//! The secrets that the first start makes, kept in the data directory for its owner only. A variable that is set wins.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use domain::ApiKeyId;
use domain::api_key::ApiKeySecret;
use flow::ports::Entropy;

use crate::files::create_private;

/// What the first start makes.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// The Meta app's secret.
    pub app_secret: String,
    /// The webhook handshake's token.
    pub verify_token: String,
    /// The access token of the simulated Graph API.
    pub access_token: String,
    /// The owner's API key.
    pub api_key: String,
    /// The key of whoever runs the program.
    pub operator_key: String,
    /// Signs access tokens: 32 bytes in base64.
    pub token_key: String,
    /// Seals personal data: 32 bytes in base64.
    pub sealing_key: String,
    /// Derives ids: 32 bytes in base64.
    pub id_key: String,
}

impl Secrets {
    /// Reads the secrets of the data directory, or makes them where the directory is new. They are there before any store
    /// is: a start that is cut short leaves no data without its keys.
    ///
    /// # Errors
    /// When the file cannot be read, written or understood. It is never replaced: without its keys the data is lost.
    pub fn load(data_dir: &Path, entropy: &dyn Entropy) -> anyhow::Result<Self> {
        let path = data_dir.join("secrets.json");
        if !path.exists() {
            if data_dir.join("documents.sqlite").exists() {
                bail!("{} is missing, and without its keys the data beside it cannot be read", path.display());
            }
            fs::create_dir_all(data_dir).with_context(|| format!("cannot make {}", data_dir.display()))?;
            create_private(&path, &serde_json::to_vec_pretty(&Self::make(entropy))?)?;
        }
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is damaged; restore it, or remove the data directory", path.display()))
    }

    fn make(entropy: &dyn Entropy) -> Self {
        let hex = |prefix: &str| {
            let mut bytes = [0; 20];
            entropy.fill(&mut bytes);
            format!("{prefix}{}", HEXLOWER.encode(&bytes))
        };
        let key = || {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes);
            STANDARD.encode(bytes)
        };
        Self {
            app_secret: hex(""),
            verify_token: hex("verify_"),
            access_token: hex("EAASIM"),
            api_key: api_key(entropy),
            operator_key: hex(api::OPERATOR_KEY_PREFIX),
            token_key: key(),
            sealing_key: key(),
            id_key: key(),
        }
    }
}

fn api_key(entropy: &dyn Entropy) -> String {
    let mut random = [0; 32];
    entropy.fill(&mut random);
    ApiKeySecret::new(&ApiKeyId::from_bits(entropy.bits()), random).expose().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use boot::SystemEntropy;

    use super::*;

    #[test]
    fn secrets_are_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let made = Secrets::load(dir.path(), &SystemEntropy).unwrap();
        assert_eq!(Secrets::load(dir.path(), &SystemEntropy).unwrap().id_key, made.id_key);
    }

    #[test]
    fn data_without_its_secrets_is_not_given_new_ones() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("documents.sqlite"), b"").unwrap();
        let error = Secrets::load(dir.path(), &SystemEntropy).err().unwrap();
        assert!(error.to_string().contains("is missing"), "{error}");
    }

    #[test]
    fn a_damaged_file_is_named_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("secrets.json"), b"{").unwrap();
        assert!(Secrets::load(dir.path(), &SystemEntropy).err().unwrap().to_string().contains("is damaged"));
        assert_eq!(fs::read(dir.path().join("secrets.json")).unwrap(), b"{");
    }
}
