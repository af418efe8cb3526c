//! Tokens in compact form, read strictly: RFC 7515 and RFC 7519, with everything that is optional left out.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::{Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::refusal::{Part, Refusal};

/// The longest token that is looked at. Firebase's have about 1 KB, up to 1,000 bytes more with claims of one's own.
const LONGEST: usize = 8 * 1024;

/// A token that was taken apart and not yet believed.
pub(crate) struct Compact<'t> {
    pub header: Object,
    claims: &'t str,
    /// Header and claims, as they were signed.
    signed: &'t str,
    signature: &'t str,
}

impl<'t> Compact<'t> {
    /// Takes a token apart.
    pub fn parse(token: &'t str) -> Result<Self, Refusal> {
        if token.len() > LONGEST {
            return Err(Refusal::TooLong);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(if parts.len() == 5 { Refusal::Encrypted } else { Refusal::Structure });
        };
        let header = Object::parse(Part::Header, header)?;
        if header.has("enc") {
            return Err(Refusal::Encrypted);
        }
        // RFC 7515 4.1.11: what is critical and not understood makes a token invalid, and we understand none.
        if header.has("crit") {
            return Err(Refusal::Critical);
        }
        let signed = &token[..token.len() - signature.len() - 1];
        Ok(Self { header, claims, signed, signature })
    }

    /// The claims, if this key has signed them with this algorithm.
    pub fn verified(&self, algorithm: Algorithm, key: &DecodingKey) -> Result<Object, Refusal> {
        decode(Part::Signature, self.signature)?;
        match jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, algorithm) {
            Ok(true) => Object::parse(Part::Claims, self.claims),
            // A key that cannot be used with the algorithm has signed nothing with it.
            Ok(false) | Err(_) => Err(Refusal::Signature),
        }
    }

    /// The claims of a token that is not signed at all.
    #[cfg(all(debug_assertions, any(test, feature = "emulator")))]
    pub fn unsigned(&self) -> Result<Object, Refusal> {
        if self.header.text("alg")? != "none" || !self.signature.is_empty() {
            return Err(Refusal::Algorithm);
        }
        Object::parse(Part::Claims, self.claims)
    }
}

fn decode(part: Part, text: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Encoding(part))
}

/// A JSON object that names nothing twice.
#[derive(Debug)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    fn parse(part: Part, text: &str) -> Result<Self, Refusal> {
        let bytes = decode(part, text)?;
        serde_json::from_slice(&bytes).map_err(|error| {
            // The only error of ours; whatever else is wrong is JSON's.
            if error.to_string().starts_with(DUPLICATE) { Refusal::Duplicate(part) } else { Refusal::Json(part) }
        })
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn optional_text(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::WrongType(name)),
        }
    }

    pub fn text(&self, name: &'static str) -> Result<&str, Refusal> {
        self.optional_text(name)?.ok_or(Refusal::Missing(name))
    }

    /// A moment in whole seconds.
    pub fn time(&self, name: &'static str) -> Result<Timestamp, Refusal> {
        let value = self.0.get(name).ok_or(Refusal::Missing(name))?;
        value.as_i64().map(Timestamp::from_seconds).ok_or(Refusal::WrongType(name))
    }

    /// A flag; absent is false.
    pub fn flag(&self, name: &'static str) -> Result<bool, Refusal> {
        self.0.get(name).map_or(Ok(false), |value| value.as_bool().ok_or(Refusal::WrongType(name)))
    }

    pub fn object(&self, name: &'static str) -> Result<Self, Refusal> {
        match self.0.get(name) {
            None => Err(Refusal::Missing(name)),
            Some(Value::Object(object)) => Ok(Self(object.clone())),
            Some(_) => Err(Refusal::WrongType(name)),
        }
    }
}

const DUPLICATE: &str = "named twice";

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;

        impl<'de> Visitor<'de> for Once {
            type Value = Map<String, Value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut map = Map::new();
                while let Some(name) = access.next_key::<String>()? {
                    if map.insert(name, access.next_value()?).is_some() {
                        return Err(A::Error::custom(DUPLICATE));
                    }
                }
                Ok(map)
            }
        }

        deserializer.deserialize_map(Once).map(Self)
    }
}
