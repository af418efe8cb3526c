//! The handshake: Meta asks, once a callback address is set, whether we mean it.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The token that we gave Meta together with the callback address.
#[derive(Clone)]
pub struct VerifyToken(SecretString);

/// The request is no valid handshake; answered with a 4xx.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid webhook handshake")]
pub struct HandshakeRefused;

impl VerifyToken {
    /// A token.
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }

    /// Checks the query string of a `GET` on the callback and returns the challenge, which is the answer's whole body
    /// (`text/plain`, status 200). Meta documents the parameters `hub.mode` (always `subscribe`), `hub.verify_token` and
    /// `hub.challenge` ("a random string"); only characters that mean nothing in any markup are echoed, so that nothing
    /// can be injected.
    ///
    /// # Errors
    /// When a parameter is missing, repeated, or not as expected.
    pub fn challenge(&self, query: &str) -> Result<String, HandshakeRefused> {
        let [mode, token, challenge] = ["hub.mode", "hub.verify_token", "hub.challenge"].map(|name| only(query, name));
        let token_is_ours = token.is_some_and(|token| self.is(&token));
        let is_harmless = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        let challenge = challenge.filter(|text| (1..=128).contains(&text.len()) && text.bytes().all(is_harmless));
        match challenge {
            Some(challenge) if token_is_ours && mode.as_deref() == Some("subscribe") => Ok(challenge),
            _ => Err(HandshakeRefused),
        }
    }

    /// Compares in constant time; over digests, so that not even the length shows.
    fn is(&self, other: &str) -> bool {
        let ours = Sha256::digest(self.0.expose_secret().as_bytes());
        let theirs = Sha256::digest(other.as_bytes());
        !self.0.expose_secret().is_empty() && bool::from(ours.as_slice().ct_eq(theirs.as_slice()))
    }
}

impl fmt::Debug for VerifyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyToken(***)")
    }
}

/// The value of a parameter that occurs exactly once.
fn only(query: &str, name: &str) -> Option<String> {
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let first = values.next()?.1.into_owned();
    values.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str) -> Result<String, HandshakeRefused> {
        VerifyToken::new(SecretString::from("to ken+1")).challenge(query)
    }

    #[test]
    fn a_valid_handshake_echoes_the_challenge() {
        let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=to+ken%2B1";
        assert_eq!(ask(query).as_deref(), Ok("1158201444"));
        assert_eq!(
            ask("hub%2Echallenge=aZ9&hub%2Emode=subscribe&hub%2Everify_token=to%20ken%2b1").as_deref(),
            Ok("aZ9")
        );
        let query = "hub.mode=subscribe&hub.challenge=a_random-string.1~&hub.verify_token=to+ken%2B1";
        assert_eq!(ask(query).as_deref(), Ok("a_random-string.1~"));
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("hub.mode=subscribe&hub.verify_token=to+ken%2B1&hub.challenge={}", "a".repeat(129));
        for query in [
            "",
            "hub.mode=subscribe&hub.verify_token=to+ken%2B1",
            "hub.mode=subscribe&hub.challenge=1",
            "hub.verify_token=to+ken%2B1&hub.challenge=1",
            "hub.mode=unsubscribe&hub.verify_token=to+ken%2B1&hub.challenge=1",
            "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1",
            "hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
            "hub.mode=subscribe&hub.verify_token=to+ken%2B1&hub.challenge=",
            "hub.mode=subscribe&hub.verify_token=to+ken%2B1&hub.challenge=%3Cscript%3E",
            "hub.mode=subscribe&hub.verify_token=wrong&hub.verify_token=to+ken%2B1&hub.challenge=1",
            "hub.mode=subscribe&hub.verify_token=to+ken%2B1&hub.challenge=1&hub.challenge=2",
            &long,
        ] {
            assert_eq!(ask(query), Err(HandshakeRefused), "{query}");
        }
    }

    #[test]
    fn an_empty_token_verifies_nobody() {
        let token = VerifyToken::new(SecretString::from(""));
        assert!(token.challenge("hub.mode=subscribe&hub.verify_token=&hub.challenge=1").is_err());
        assert_eq!(format!("{token:?}"), "VerifyToken(***)");
    }
}
