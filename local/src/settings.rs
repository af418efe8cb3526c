//! What the local program can be told by variables, and what it takes where they are silent.

use std::path::PathBuf;

use api::{AccessSettings, ApiSettings};
use boot::settings::{AppEnv, Environment, Kind, Reader, Rotating, WrongSettings};
use boot::telemetry::Telemetry;
use domain::{NumberId, Span};
use secrecy::SecretString;
use url::Url;

/// The local program's settings. `None` means: what the first start made, or the simulator's.
pub struct LocalSettings {
    /// How and what to log.
    pub telemetry: Telemetry,
    /// Where it runs. The simulator does not exist in production.
    pub app_env: AppEnv,
    /// Where the stores keep their files.
    pub data_dir: PathBuf,
    /// Where it listens.
    pub host: String,
    /// On which port.
    pub port: u16,
    /// The API's own settings.
    pub api: ApiSettings,
    /// How people and operators get in.
    pub access: AccessSettings,
    /// How long a burst is gathered before one answer.
    pub debounce: Span,
    /// Meta's app secrets: current and previous.
    pub app_secrets: Option<Rotating<SecretString>>,
    /// The webhook handshake's token.
    pub verify_token: Option<SecretString>,
    /// The access token of the organization's number.
    pub access_token: Option<SecretString>,
    /// The organization's number at Meta.
    pub number: Option<NumberId>,
    /// Its business account at Meta.
    pub waba_id: Option<String>,
    /// Where Graph is.
    pub graph: Option<Url>,
    /// Its version.
    pub graph_version: String,
    /// The key of the model.
    pub openai_key: Option<SecretString>,
    /// Where the model is.
    pub openai: Option<Url>,
    /// Which model the demo's assistant asks.
    pub openai_model: Option<String>,
    /// Keys that seal personal data.
    pub sealing_keys: Option<Rotating<[u8; 32]>>,
    /// The key that derives ids.
    pub id_key: Option<[u8; 32]>,
}

impl LocalSettings {
    /// Reads them all.
    ///
    /// # Errors
    /// [`WrongSettings`], which names every variable that is wrong.
    pub fn read(environment: &Environment) -> Result<Self, WrongSettings> {
        environment.read(read)
    }
}

fn read(read: &Reader<'_>) -> Option<LocalSettings> {
    let app_env = AppEnv::read(read);
    let data_dir = read.or("PORFIN_DATA_DIR", Kind::PATH, PathBuf::from(".porfin"));
    let host = read.or("HOST", Kind::TEXT, "127.0.0.1".to_owned());
    let port = read.or("PORT", Kind::PORT, 8_000);
    let api = ApiSettings::read(read);
    let access = AccessSettings::read(read);
    let debounce = read.or("REPLY_DEBOUNCE_SECONDS", Kind::DELAY_SECONDS, Span::from_seconds(2));
    let app_secrets = read.optional("WHATSAPP_APP_SECRET", Kind::SECRETS);
    let verify_token = read.optional("WHATSAPP_VERIFY_TOKEN", Kind::SECRET);
    let access_token = read.optional("WHATSAPP_ACCESS_TOKEN", Kind::SECRET);
    let number = read.optional("WHATSAPP_PHONE_NUMBER_ID", NUMBER);
    let waba_id = read.optional("WHATSAPP_BUSINESS_ACCOUNT_ID", ACCOUNT);
    let graph = read.optional("WHATSAPP_API_BASE_URL", Kind::URL);
    let graph_version = read.or("WHATSAPP_API_VERSION", VERSION, "v25.0".to_owned());
    let openai_key = read.optional("OPENAI_API_KEY", Kind::SECRET);
    let openai = read.optional("OPENAI_BASE_URL", Kind::URL);
    let openai_model = read.optional("OPENAI_MODEL", Kind::TEXT);
    let sealing_keys = read.optional("PORFIN_SEALING_KEY", Kind::KEYS);
    let id_key = read.optional("PORFIN_ID_KEY", Kind::KEY);
    if matches!((&graph, &access_token), (Some(Some(_)), Some(None))) {
        let expected = "the access token for the address that WHATSAPP_API_BASE_URL names";
        read.wrong("WHATSAPP_ACCESS_TOKEN", "nothing", expected);
    }
    if matches!((&openai, &openai_key), (Some(Some(_)), Some(None))) {
        read.wrong("OPENAI_API_KEY", "nothing", "the key for the address that OPENAI_BASE_URL names");
    }
    if matches!((app_env, &graph), (Some(AppEnv::Production), Some(None))) {
        read.wrong(
            "WHATSAPP_API_BASE_URL",
            "nothing",
            "Meta's address, since the simulator does not exist in production",
        );
    }
    let app_env = app_env?;
    Some(LocalSettings {
        telemetry: Telemetry::read(read, app_env)?,
        app_env,
        data_dir: data_dir?,
        host: host?,
        port: port?,
        api: api?,
        access: access?,
        debounce: debounce?,
        app_secrets: app_secrets?,
        verify_token: verify_token?,
        access_token: access_token?,
        number: number?,
        waba_id: waba_id?,
        graph: graph?,
        graph_version: graph_version?,
        openai_key: openai_key?,
        openai: openai?,
        openai_model: openai_model?,
        sealing_keys: sealing_keys?,
        id_key: id_key?,
    })
}

const NUMBER: Kind<NumberId> =
    Kind::shown("Meta's id of a phone number (not the number itself)", |text| text.parse().ok());

const ACCOUNT: Kind<String> = Kind::shown("Meta's id of a WhatsApp business account", |text| {
    let valid = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    valid.then(|| text.to_owned())
});

const VERSION: Kind<String> = Kind::shown("a Graph API version such as v25.0", |text| {
    let (major, minor) = text.strip_prefix('v')?.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    (digits(major) && digits(minor)).then(|| text.to_owned())
});

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn error(variables: &[(&str, &str)]) -> String {
        let environment = Environment::from_pairs(variables.iter().copied());
        LocalSettings::read(&environment).err().unwrap().to_string()
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let settings = LocalSettings::read(&Environment::from_pairs::<&str, &str>([])).ok().unwrap();
        assert_eq!((settings.host.as_str(), settings.port), ("127.0.0.1", 8_000));
    }

    #[test]
    fn every_wrong_variable_is_named_and_no_secret_is_shown() {
        let shown = error(&[("PORT", "eighty"), ("PORFIN_ID_KEY", "hunter2"), ("WHATSAPP_API_VERSION", "25")]);
        for name in ["PORT", "PORFIN_ID_KEY", "WHATSAPP_API_VERSION"] {
            assert!(shown.contains(name), "{shown}");
        }
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn settings_that_do_not_fit_each_other_are_refused() {
        assert!(error(&[("WHATSAPP_API_BASE_URL", "https://graph.example")]).contains("WHATSAPP_ACCESS_TOKEN"));
        assert!(error(&[("OPENAI_BASE_URL", "https://model.example/v1")]).contains("OPENAI_API_KEY"));
        assert!(error(&[("APP_ENV", "production")]).contains("WHATSAPP_API_BASE_URL"));
    }
}
