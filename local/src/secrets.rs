//! The secrets that the first start makes, kept in the data directory for its owner only. A variable that is set wins.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use flow::ports::Entropy;

use crate::files::write_private;

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
    /// Seals personal data: 32 bytes in base64.
    pub sealing_key: String,
    /// Derives ids: 32 bytes in base64.
    pub id_key: String,
}

impl Secrets {
    /// Reads the secrets of the data directory, or makes them where the directory is new.
    ///
    /// # Errors
    /// When the file cannot be read, written or understood. It is never replaced: without its keys the data is lost.
    pub fn load(data_dir: &Path, is_new: bool, entropy: &dyn Entropy) -> anyhow::Result<Self> {
        let path = data_dir.join("secrets.json");
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is damaged; restore it, or remove the data directory", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !is_new {
                    bail!("{} is missing, and without its keys the data beside it cannot be read", path.display());
                }
                let secrets = Self::make(entropy);
                write_private(&path, &serde_json::to_vec_pretty(&secrets)?)?;
                Ok(secrets)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
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
            api_key: hex("porfin_local_"),
            sealing_key: key(),
            id_key: key(),
        }
    }
}
