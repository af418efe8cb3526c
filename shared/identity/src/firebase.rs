use std::sync::Arc;

use domain::identity::VerifiedIdentity;
use domain::{Email, Span};
use flow::ports::Clock;
use jsonwebtoken::Algorithm;
use url::Url;

use crate::compact::{Compact, Object};
use crate::fetch::{ClientError, KeysError, Source};
use crate::keys::Keys;
use crate::refusal::Refusal;

/// Google documents this address for the keys that sign Firebase's ID tokens, as a JWKS.
const KEYS: &str = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";
/// How far Google's clock may be ahead of ours. Not for the end of a token: that errs on the other side.
const SKEW: Span = Span::from_seconds(60);
/// Firebase documents that a user id has at most so many characters.
const LONGEST_SUBJECT: usize = 128;

/// Which Firebase project people sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirebaseSettings {
    /// The project's id.
    pub project: String,
    /// Where the keys are.
    pub keys: Url,
    /// How long a fetch of the keys may take.
    pub timeout: Span,
}

impl FirebaseSettings {
    /// The project with Google's own keys.
    pub fn new(project: &str) -> Self {
        #[expect(clippy::expect_used, reason = "a constant address")]
        let keys = Url::parse(KEYS).expect("a URL");
        Self { project: project.to_owned(), keys, timeout: Span::from_seconds(3) }
    }
}

/// Why nobody was identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The token does not count.
    #[error("the ID token was refused")]
    Refused(
        #[from]
        #[source]
        Refusal,
    ),
    /// Nobody can say, since the sign-in service's keys cannot be had.
    #[error("the ID token could not be verified")]
    KeysUnavailable(#[source] KeysError),
}

/// Verifies the ID tokens of a Firebase project.
///
/// Signed with RS256 by a key of Google's, for the project, by the project's issuer, not over, neither issued nor signed in
/// to in the future (60 s allowed), naming a person who proved who they are. What a token says about its own keys (`jku`,
/// `jwk`, `x5u`, `x5c`) is not looked at.
pub struct FirebaseVerifier {
    project: String,
    keys: Trust,
    clock: Arc<dyn Clock>,
}

enum Trust {
    Google(Box<Keys>),
    #[cfg(all(debug_assertions, any(test, feature = "emulator")))]
    Emulator,
}

impl FirebaseVerifier {
    /// A verifier for the project. The keys are fetched when the first token needs one.
    ///
    /// # Errors
    /// [`ClientError`], which no setting causes.
    pub fn new(settings: FirebaseSettings, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        let source = Source::new(settings.keys, settings.timeout)?;
        Ok(Self { project: settings.project, keys: Trust::Google(Box::new(Keys::new(source, clock.clone()))), clock })
    }

    /// A verifier for the unsigned tokens of Firebase's emulator, and for no other; `None` in an optimised build.
    #[cfg(any(test, feature = "emulator"))]
    pub fn emulator(project: &str, clock: Arc<dyn Clock>) -> Option<Self> {
        #[cfg(debug_assertions)]
        return Some(Self { project: project.to_owned(), keys: Trust::Emulator, clock });
        #[cfg(not(debug_assertions))]
        return None;
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn verify(&self, token: &str) -> Result<VerifiedIdentity, VerifyError> {
        let token = Compact::parse(token)?;
        let claims = match &self.keys {
            Trust::Google(keys) => {
                if token.header.text("alg")? != "RS256" {
                    return Err(Refusal::Algorithm.into());
                }
                if token.header.optional_text("typ")?.is_some_and(|kind| kind != "JWT") {
                    return Err(Refusal::Type.into());
                }
                let key = keys.get(token.header.text("kid")?).await?;
                token.verified(Algorithm::RS256, &key)?
            }
            #[cfg(all(debug_assertions, any(test, feature = "emulator")))]
            Trust::Emulator => token.unsigned()?,
        };
        Ok(self.identify(&claims)?)
    }

    fn identify(&self, claims: &Object) -> Result<VerifiedIdentity, Refusal> {
        let Some(project) = claims.text("iss")?.strip_prefix("https://securetoken.google.com/") else {
            let is_cookie = claims.text("iss")?.starts_with("https://session.firebase.google.com/");
            return Err(if is_cookie { Refusal::SessionCookie } else { Refusal::Issuer });
        };
        if project != self.project {
            return Err(Refusal::Issuer);
        }
        if claims.text("aud")? != self.project {
            return Err(Refusal::Audience);
        }
        let now = self.clock.now();
        if claims.time("exp")? <= now {
            return Err(Refusal::Expired);
        }
        if claims.time("iat")? > now + SKEW {
            return Err(Refusal::IssuedInFuture);
        }
        let auth_time = claims.time("auth_time")?;
        if auth_time > now + SKEW {
            return Err(Refusal::SignedInInFuture);
        }
        let subject = claims.text("sub")?;
        if subject.is_empty() || subject.chars().count() > LONGEST_SUBJECT {
            return Err(Refusal::Subject);
        }
        let firebase = claims.object("firebase")?;
        if firebase.text("sign_in_provider")? == "anonymous" {
            return Err(Refusal::Anonymous);
        }
        if firebase.has("tenant") {
            return Err(Refusal::Tenant);
        }
        // An address that we could not write to is as none.
        let email = claims.optional_text("email")?.and_then(|email| Email::parse(email).ok());
        Ok(VerifiedIdentity {
            issuer: self.project.clone(),
            subject: subject.to_owned(),
            email,
            email_verified: claims.flag("email_verified")?,
            name: claims.optional_text("name")?.map(ToOwned::to_owned),
            auth_time,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use domain::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    struct At(Timestamp);

    #[async_trait::async_trait]
    impl Clock for At {
        fn now(&self) -> Timestamp {
            self.0
        }
        async fn sleep(&self, _: Span) {}
    }

    const NOW: i64 = 1_795_000_000;

    fn token(header: &Value, exp: i64) -> String {
        let claims = json!({
            "iss": "https://securetoken.google.com/demo-porfin", "aud": "demo-porfin", "sub": "someone", "exp": exp,
            "iat": NOW, "auth_time": NOW, "email": "ana@example.com", "email_verified": true,
            "firebase": {"sign_in_provider": "password", "identities": {}},
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(header), part(&claims))
    }

    #[tokio::test]
    async fn the_emulators_tokens_count_for_the_emulator_alone() {
        let clock = Arc::new(At(Timestamp::from_seconds(NOW)));
        let emulator = FirebaseVerifier::emulator("demo-porfin", clock.clone()).unwrap();
        let unsigned = token(&json!({"alg": "none", "typ": "JWT"}), NOW + 1);
        let identity = emulator.verify(&unsigned).await.unwrap();
        assert_eq!((identity.subject.as_str(), identity.issuer.as_str()), ("someone", "demo-porfin"));
        assert_eq!(identity.verified_email().map(Email::as_str), Some("ana@example.com"));

        let refused = |error| VerifyError::Refused(error);
        let over = token(&json!({"alg": "none", "typ": "JWT"}), NOW);
        assert_eq!(emulator.verify(&over).await, Err(refused(Refusal::Expired)));
        assert_eq!(emulator.verify(&format!("{unsigned}AAAA")).await, Err(refused(Refusal::Algorithm)));
        let signed = token(&json!({"alg": "RS256", "kid": "1"}), NOW + 1);
        assert_eq!(emulator.verify(&signed).await, Err(refused(Refusal::Algorithm)));
        let other = FirebaseVerifier::emulator("other", clock.clone()).unwrap();
        assert_eq!(other.verify(&unsigned).await, Err(refused(Refusal::Issuer)));

        let google = FirebaseVerifier::new(FirebaseSettings::new("demo-porfin"), clock).unwrap();
        assert_eq!(google.verify(&unsigned).await, Err(refused(Refusal::Algorithm)));
    }
}
