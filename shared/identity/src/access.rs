use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{MemberId, OrganizationId, SessionId, Span, Timestamp};
use flow::ports::{Clock, Entropy};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use secrecy::SecretString;
use serde::Serialize;

use crate::compact::Compact;
use crate::refusal::Refusal;

/// How long an access token is good.
pub const ACCESS_LIFETIME: Span = Span::from_minutes(10);
/// RFC 9068 names the type of access tokens.
const TYPE: &str = "at+jwt";
/// How far the clock of the function that made a token may be ahead of the one that verifies it: AWS keeps the clocks of
/// its machines within a second of each other. Not for the end of a token.
const SKEW: Span = Span::from_seconds(5);

/// Makes and verifies access tokens: signed with Ed25519 by the current key, good for ten minutes; what the previous key
/// has signed counts as well.
pub struct AccessTokens {
    issuer: String,
    audience: String,
    /// The current one first.
    keys: Vec<Key>,
    signing: EncodingKey,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

struct Key {
    id: String,
    public: Jwk,
    verifying: DecodingKey,
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// Who calls.
    pub member: MemberId,
    /// For which organization.
    pub organization: OrganizationId,
    /// Of which sign-in: the token counts only while that has not ended.
    pub session: SessionId,
    /// The token's own id.
    pub id: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From when on it is good no more.
    pub expires_at: Timestamp,
}

/// An access token that was made.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// For its holder alone.
    pub text: SecretString,
    /// From when on it is good no more.
    pub expires_at: Timestamp,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    tid: &'a str,
    sid: &'a str,
    jti: String,
    iat: i64,
    exp: i64,
}

impl AccessTokens {
    /// Tokens of this issuer for this audience, signed by the key that is made of the current seed.
    pub fn new(
        issuer: &str,
        audience: &str,
        current: &[u8; 32],
        previous: Option<&[u8; 32]>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let (signing, key) = key(current);
        let keys = std::iter::once(key).chain(previous.map(|seed| self::key(seed).1)).collect();
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), keys, signing, clock, entropy }
    }

    /// A token for a person in an organization, of this sign-in.
    pub fn mint(&self, member: &MemberId, organization: &OrganizationId, session: &SessionId) -> AccessToken {
        // Whole seconds are what a token says.
        let issued = self.clock.now().micros() / 1_000_000;
        let expires = issued + ACCESS_LIFETIME.seconds_up();
        let claims = Claims {
            iss: &self.issuer,
            aud: &self.audience,
            sub: member.as_str(),
            tid: organization.as_str(),
            sid: session.as_str(),
            jti: URL_SAFE_NO_PAD.encode(self.entropy.bits()),
            iat: issued,
            exp: expires,
        };
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: self.keys.first().map(|key| key.id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        #[expect(clippy::expect_used, reason = "a key that was made of a seed signs whatever it is given")]
        let text = jsonwebtoken::encode(&header, &claims, &self.signing).expect("a signature");
        AccessToken { text: text.into(), expires_at: Timestamp::from_seconds(expires) }
    }

    /// What a token says, if it is one of ours and not over. Whether its session has ended is for the caller to ask.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn verify(&self, token: &str) -> Result<AccessClaims, Refusal> {
        let token = Compact::parse(token)?;
        if token.header.text("alg")? != "EdDSA" {
            return Err(Refusal::Algorithm);
        }
        if token.header.text("typ")? != TYPE {
            return Err(Refusal::Type);
        }
        let id = token.header.text("kid")?;
        let key = self.keys.iter().find(|key| key.id == id).ok_or(Refusal::UnknownKey)?;
        let claims = token.verified(Algorithm::EdDSA, &key.verifying)?;
        if claims.text("iss")? != self.issuer {
            return Err(Refusal::Issuer);
        }
        if claims.text("aud")? != self.audience {
            return Err(Refusal::Audience);
        }
        let (now, issued_at, expires_at) = (self.clock.now(), claims.time("iat")?, claims.time("exp")?);
        if expires_at <= now {
            return Err(Refusal::Expired);
        }
        if issued_at > now + SKEW {
            return Err(Refusal::IssuedInFuture);
        }
        if expires_at > issued_at + ACCESS_LIFETIME {
            return Err(Refusal::Lifetime);
        }
        Ok(AccessClaims {
            member: claims.text("sub")?.parse().map_err(|_| Refusal::Id("sub"))?,
            organization: claims.text("tid")?.parse().map_err(|_| Refusal::Id("tid"))?,
            session: claims.text("sid")?.parse().map_err(|_| Refusal::Id("sid"))?,
            id: claims.text("jti")?.to_owned(),
            issued_at,
            expires_at,
        })
    }

    /// The public keys, as the JWKS that others verify these tokens with (RFC 7517, RFC 8037).
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.keys.iter().map(|key| key.public.clone()).collect() }
    }
}

/// The key pair of a seed. Its id is the thumbprint of the public key (RFC 7638): every function gives it the same.
#[expect(clippy::expect_used, reason = "any 32 bytes are the seed of a key, and of any key there is a JWK")]
fn key(seed: &[u8; 32]) -> (EncodingKey, Key) {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("a seed of 32 bytes");
    let private = pair.to_pkcs8v1().expect("a key pair that can be written");
    let signing = EncodingKey::from_ed_der(private.as_ref());
    let mut public = Jwk::from_encoding_key(&signing, Algorithm::EdDSA).expect("an Ed25519 key");
    let id = public.thumbprint(ThumbprintHash::SHA256).expect("an Ed25519 key");
    public.common.key_id = Some(id.clone());
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    let verifying = DecodingKey::from_ed_der(pair.public_key().as_ref());
    (signing, Key { id, public, verifying })
}
