//! Who calls: [`FirebaseVerifier`] verifies the ID tokens with which people sign in, [`AccessTokens`] makes and verifies
//! the short-lived tokens with which they go on.
//!
//! What it guarantees: a token counts only if one algorithm, one issuer, one audience and a key that was known before say
//! so; nothing in a token chooses how it is verified. Each refusal has a reason of its own, for the log; whoever presented
//! the token is told none. Functions, the local program and tests may import it; it imports `domain`, and `flow` for the
//! ports of time and randomness.

mod access;
mod compact;
mod fetch;
mod firebase;
mod keys;
mod refusal;

pub use access::{ACCESS_LIFETIME, AccessClaims, AccessToken, AccessTokens};
pub use domain::identity::VerifiedIdentity;
pub use fetch::{ClientError, KeysError};
pub use firebase::{FirebaseSettings, FirebaseVerifier, VerifyError};
pub use refusal::{Part, Refusal};
