use std::fmt;

use domain::{Span, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Google documents an hour for a token at most.
const LIFETIME: Span = Span::from_hours(1);
/// How long before its end a token is not used any more.
const MARGIN: Span = Span::from_minutes(5);
/// A token that is made in the future is refused, and clocks differ.
const SKEW: Span = Span::from_seconds(10);
/// Whom the token is for.
const AUDIENCE: &str = "https://firestore.googleapis.com/";

/// A service account: its address and the key that it signs with.
///
/// Firestore takes tokens that the account has signed itself (Google's AIP-4111), so none is fetched from anywhere: a
/// cold start saves a round trip, and there is one service less that may be down.
#[derive(Clone)]
pub struct ServiceAccount {
    email: String,
    project: String,
    key_id: String,
    key: EncodingKey,
}

/// Why the text is no key of a service account. Says nothing of its content.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// It is not the JSON that Google's console writes.
    #[error("the credentials are not the JSON file of a service account's key, at line {line}, column {column}")]
    Format {
        /// The line of the first mistake.
        line: usize,
        /// Its column.
        column: usize,
    },
    /// The private key in it is no RSA key.
    #[error("the private key of the service account is no RSA key in PEM form")]
    Key,
}

/// What is read of the file.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    project_id: String,
    private_key_id: String,
    private_key: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'static str,
    iat: i64,
    exp: i64,
}

/// What a request is authorized with.
pub(crate) struct Token {
    /// The token.
    pub text: SecretString,
    /// From when on it is not used any more.
    pub until: Timestamp,
}

impl ServiceAccount {
    /// Reads the JSON file of a service account's key, as Google's console writes it.
    ///
    /// # Errors
    /// [`AccountError`] when it is something else.
    pub fn parse(json: &SecretString) -> Result<Self, AccountError> {
        // The error's own text could quote the key.
        let file: KeyFile = serde_json::from_str(json.expose_secret())
            .map_err(|error| AccountError::Format { line: error.line(), column: error.column() })?;
        let key = SecretString::from(file.private_key);
        let key = EncodingKey::from_rsa_pem(key.expose_secret().as_bytes()).map_err(|_| AccountError::Key)?;
        Ok(Self { email: file.client_email, project: file.project_id, key_id: file.private_key_id, key })
    }

    /// The id of the project that the account belongs to.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// A token that is valid for the next hour.
    pub(crate) fn sign(&self, now: Timestamp) -> Result<Token, AccountError> {
        let made = now - SKEW;
        let ends = made + LIFETIME;
        let seconds = |at: Timestamp| at.micros() / 1_000_000;
        let claims =
            Claims { iss: &self.email, sub: &self.email, aud: AUDIENCE, iat: seconds(made), exp: seconds(ends) };
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::RS256) };
        let text = jsonwebtoken::encode(&header, &claims, &self.key).map_err(|_| AccountError::Key)?;
        Ok(Token { text: text.into(), until: ends - MARGIN })
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").field("project", &self.project).finish_non_exhaustive()
    }
}

/// An account for tests, with a key that is made anew.
#[cfg(test)]
pub(crate) mod fixture {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::KeyPair as _;
    use base64::prelude::{BASE64_STANDARD, Engine};

    use super::ServiceAccount;

    /// The file of an account's key, and the public key in PKCS#1 form.
    pub fn file() -> (serde_json::Value, Vec<u8>) {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let lines = BASE64_STANDARD.encode(private.as_ref());
        let kind = ["PRIVATE", "KEY"].join(" ");
        let file = serde_json::json!({
            "type": "service_account",
            "project_id": "a-project",
            "private_key_id": "the-key",
            "private_key": format!("-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n"),
            "client_email": "porfin@a-project.iam.gserviceaccount.com",
            "token_uri": "https://oauth2.googleapis.com/token",
        });
        (file, pair.public_key().as_ref().to_vec())
    }

    /// An account and its public key.
    pub fn account() -> (ServiceAccount, Vec<u8>) {
        let (file, public) = file();
        (ServiceAccount::parse(&file.to_string().into()).unwrap(), public)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use jsonwebtoken::{DecodingKey, Validation, decode};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_token_says_who_calls_firestore_for_the_next_hour() {
        let (account, public) = fixture::account();
        let token = account.sign(Timestamp::from_seconds(1_795_000_000)).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&["https://firestore.googleapis.com/"]);
        validation.validate_exp = false;
        let key = DecodingKey::from_rsa_der(&public);
        let decoded = decode::<Value>(token.text.expose_secret(), &key, &validation).unwrap();
        let email = "porfin@a-project.iam.gserviceaccount.com";
        let expected = json!({ "iss": email, "sub": email, "aud": "https://firestore.googleapis.com/",
            "iat": 1_794_999_990, "exp": 1_795_003_590 });
        assert_eq!(decoded.claims, expected);
        assert_eq!(decoded.header.kid.as_deref(), Some("the-key"));
        assert_eq!(token.until, Timestamp::from_seconds(1_795_003_290));
        assert_eq!(account.project(), "a-project");
    }

    #[test]
    fn what_is_no_key_of_an_account_is_refused_without_being_quoted() {
        let refusal = |json: &str| format!("{:?}", ServiceAccount::parse(&json.to_owned().into()).unwrap_err());
        assert_eq!(refusal("hunter2"), "Format { line: 1, column: 1 }");
        assert!(refusal(r#"{"private_key": "hunter2"}"#).starts_with("Format"));
        let (mut file, _) = fixture::file();
        file["private_key"] = json!("hunter2");
        assert_eq!(refusal(&file.to_string()), "Key");
    }
}
