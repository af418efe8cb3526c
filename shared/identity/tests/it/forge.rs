//! Keys and tokens that the tests make, the good ones and all others.

use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::{Span, Timestamp};
use flow::ports::{Clock, Entropy};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

pub const NOW: i64 = 1_795_000_000;

/// A clock that the test sets.
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn new() -> Self {
        Self(AtomicI64::new(NOW * 1_000_000))
    }

    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub fn set(&self, seconds: i64) {
        self.0.store(seconds * 1_000_000, Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
    async fn sleep(&self, _: Span) {}
}

/// Bytes that differ with every call.
#[derive(Default)]
pub struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
    }
}

/// An RSA key of the sign-in service.
pub struct Rsa {
    pub id: &'static str,
    pub signing: EncodingKey,
    pub public: Jwk,
}

impl Rsa {
    pub fn new(id: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let kind = ["PRIVATE", "KEY"].join(" ");
        let lines = STANDARD.encode(private.as_ref());
        let pem = format!("-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n");
        let signing = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        let mut public = Jwk::from_encoding_key(&signing, Algorithm::RS256).unwrap();
        public.common.key_id = Some(id.to_owned());
        Self { id, signing, public }
    }

    /// The JWKS of these keys.
    pub fn set(keys: &[&Self]) -> Value {
        json!({ "keys": keys.iter().map(|key| &key.public).collect::<Vec<_>>() })
    }

    pub fn token(&self, header: &str, claims: &str) -> String {
        sign(header, claims, &self.signing, Algorithm::RS256)
    }
}

/// A token of these texts, signed.
pub fn sign(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// A text as a part of a token.
pub fn part(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// An object with some members replaced; `null` takes one out.
pub fn but(object: &Value, changes: &Value) -> String {
    let mut object = object.clone();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(object.as_object_mut().unwrap().remove(name)),
            value => object[name] = value.clone(),
        }
    }
    object.to_string()
}

/// A token with the character at this place of a part exchanged for another.
pub fn changed(token: &str, part: usize, at: usize) -> String {
    let mut parts: Vec<Vec<u8>> = token.split('.').map(|part| part.as_bytes().to_vec()).collect();
    let byte = &mut parts[part][at];
    *byte = if *byte == b'A' { b'B' } else { b'A' };
    parts.into_iter().map(|part| String::from_utf8(part).unwrap()).collect::<Vec<_>>().join(".")
}

/// A token whose signature has the same bytes in another form: the bits that its last character leaves over are set.
pub fn restated(token: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = token.split_at(token.len() - 1);
    let place = ALPHABET.iter().position(|byte| *byte == last.as_bytes()[0]).unwrap();
    format!("{rest}{}", char::from(ALPHABET[place | 1]))
}
