use std::sync::Arc;

use boot::settings::{AppEnv, Kind, Reader, Rotating};
use domain::Email;
use flow::ports::{Clock, Entropy};
use identity::{AccessTokens, ClientError, FirebaseSettings, FirebaseVerifier};
use secrecy::SecretString;

use crate::operator::OperatorKeys;
use crate::state::SignIn;

/// Who made the access tokens, and for whom: both say the API.
const ISSUER: &str = "porfin";

/// How people and operators get in.
pub struct AccessSettings {
    /// Ed25519 seeds that access tokens are signed with: current, previous.
    pub token_keys: Option<Rotating<[u8; 32]>>,
    /// The keys of whoever runs the deployment: current, previous.
    pub operator_keys: Option<Rotating<SecretString>>,
    /// The Firebase project that people sign in with.
    pub firebase: Option<FirebaseSettings>,
    /// Whether its emulator signs them in.
    pub emulated: bool,
    /// Whose first verified sign-in makes the first organization.
    pub owner: Option<Email>,
}

impl AccessSettings {
    /// Reads `PORFIN_TOKEN_KEY`, `PORFIN_OPERATOR_KEY`, `FIREBASE_PROJECT_ID`, `FIREBASE_JWKS_URL`,
    /// `FIREBASE_AUTH_EMULATOR_HOST` and `PORFIN_OWNER_EMAIL`.
    pub fn read(read: &Reader<'_>) -> Option<Self> {
        let app_env = AppEnv::read(read);
        let token_keys = read.optional("PORFIN_TOKEN_KEY", Kind::KEYS);
        let operator_keys = read.optional("PORFIN_OPERATOR_KEY", OPERATOR_KEYS);
        let project = read.optional("FIREBASE_PROJECT_ID", PROJECT);
        let keys = read.optional("FIREBASE_JWKS_URL", Kind::URL);
        let emulator = read.optional("FIREBASE_AUTH_EMULATOR_HOST", Kind::TEXT);
        let owner = read.optional("PORFIN_OWNER_EMAIL", EMAIL);
        let emulated = emulator.as_ref().is_some_and(Option::is_some);
        if emulated && (!cfg!(debug_assertions) || app_env != Some(AppEnv::Development)) {
            let expected = "nothing: unsigned tokens are for development builds with APP_ENV=development";
            read.wrong("FIREBASE_AUTH_EMULATOR_HOST", "an address", expected);
        }
        if let (Some(None), true) = (&project, emulated || keys.as_ref().is_some_and(Option::is_some)) {
            read.wrong("FIREBASE_PROJECT_ID", "nothing", "the Firebase project that people sign in with");
        }
        let keys = keys?;
        let firebase = project?.map(|project| {
            let settings = FirebaseSettings::new(&project);
            FirebaseSettings { keys: keys.unwrap_or(settings.keys.clone()), ..settings }
        });
        Some(Self {
            token_keys: token_keys?,
            operator_keys: operator_keys?,
            firebase,
            emulated: emulator?.is_some(),
            owner: owner?,
        })
    }

    /// How people sign in; `None` where no Firebase project is named.
    ///
    /// # Errors
    /// [`ClientError`], which no setting causes.
    pub fn sign_in(&self, clock: Arc<dyn Clock>) -> Result<Option<SignIn>, ClientError> {
        let Some(firebase) = self.firebase.clone() else { return Ok(None) };
        let verifier = match self.emulated {
            true => FirebaseVerifier::emulator(&firebase.project, clock),
            false => Some(FirebaseVerifier::new(firebase, clock)?),
        };
        Ok(verifier.map(|verifier| SignIn { verifier, owner: self.owner.clone() }))
    }

    /// The keys of whoever runs the deployment.
    pub fn operators(&self) -> OperatorKeys {
        let all = self.operator_keys.iter().flat_map(|keys| std::iter::once(&keys.current).chain(&keys.previous));
        OperatorKeys::new(all)
    }
}

/// Access tokens of the API's own, signed by the current key; what the previous one signed counts as well.
pub fn access_tokens(keys: &Rotating<[u8; 32]>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> AccessTokens {
    AccessTokens::new(ISSUER, ISSUER, &keys.current, keys.previous.first(), clock, entropy)
}

const OPERATOR_KEYS: Kind<Rotating<SecretString>> =
    Kind::secret("po_ and 32 or more letters, digits, - and _, comma-separated: current, previous", |text| {
        let one = |key: &str| {
            let rest = key.trim().strip_prefix(crate::operator::PREFIX)?;
            let fits = rest.len() >= 32 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
            fits.then(|| SecretString::from(key.trim()))
        };
        let mut keys = text.split(',').map(one).collect::<Option<Vec<_>>>()?.into_iter();
        Some(Rotating { current: keys.next()?, previous: keys.collect() })
    });

const PROJECT: Kind<String> = Kind::shown("a Firebase project's id, such as porfin-prod", |text| {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    ((4..=30).contains(&text.len()) && text.bytes().all(fits)).then(|| text.to_owned())
});

const EMAIL: Kind<Email> = Kind::secret("an e-mail address", |text| Email::parse(text).ok());

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use boot::settings::Environment;

    use super::*;

    const KEY: &str = "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=";

    fn read(variables: &[(&str, &str)]) -> Result<AccessSettings, String> {
        let environment = Environment::from_pairs(variables.iter().copied());
        environment.read(AccessSettings::read).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_project_nobody_signs_in() {
        let settings = read(&[]).unwrap();
        assert!(settings.firebase.is_none() && settings.token_keys.is_none() && settings.owner.is_none());
        assert!(!settings.operators().contain("po_"));
    }

    #[test]
    fn all_of_it_can_be_set() {
        let operator = format!("po_{}", "a".repeat(32));
        let settings = read(&[
            ("PORFIN_TOKEN_KEY", &format!("{KEY},{KEY}")),
            ("PORFIN_OPERATOR_KEY", &operator),
            ("FIREBASE_PROJECT_ID", "porfin-test"),
            ("FIREBASE_JWKS_URL", "https://keys.example/jwks"),
            ("PORFIN_OWNER_EMAIL", "dona@padaria.example"),
        ]);
        let settings = settings.unwrap();
        assert!(settings.operators().contain(&operator));
        assert_eq!(settings.firebase.unwrap().keys.as_str(), "https://keys.example/jwks");
        assert_eq!(settings.owner.unwrap().as_str(), "dona@padaria.example");
    }

    #[test]
    fn what_is_wrong_is_named_and_no_secret_is_shown() {
        for variables in [
            [("PORFIN_TOKEN_KEY", "short")].as_slice(),
            &[("PORFIN_OPERATOR_KEY", "po_short")],
            &[("PORFIN_OPERATOR_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")],
            &[("FIREBASE_PROJECT_ID", "No Project")],
            &[("PORFIN_OWNER_EMAIL", "nobody")],
            &[
                ("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099"),
                ("FIREBASE_PROJECT_ID", "porfin-test"),
                ("APP_ENV", "production"),
            ],
        ] {
            let (name, value) = variables[0];
            let error = read(variables).err().unwrap();
            assert!(error.contains(name), "{error}");
            assert!(!name.contains("KEY") || !error.contains(value), "{error}");
        }
        let error = read(&[("FIREBASE_JWKS_URL", "https://keys.example/jwks")]).err().unwrap();
        assert!(error.contains("FIREBASE_PROJECT_ID"), "{error}");
    }
}
