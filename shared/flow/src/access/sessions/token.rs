//! The text of a refresh token: `prt_` and the base64url of member, session, generation and a code over them.

use domain::{MemberId, SessionId};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use sha2::Sha256;

use super::super::token::{bits, decode, encode};
use crate::records::SessionRecord;

const PREFIX: &str = "prt_";
/// Member and session, 16 bytes each, and the generation, 8.
const CLAIM: usize = 40;
/// The code, 32 bytes, is behind them.
const TOKEN: usize = CLAIM + 32;

/// What a text says that it is.
pub(super) struct Presented {
    pub member: MemberId,
    pub session: SessionId,
    pub generation: u64,
    bytes: [u8; TOKEN],
}

/// The refresh token of this generation of a session.
pub(super) fn write(member: &MemberId, session: &SessionRecord, generation: u64) -> SecretString {
    let claim = [member.bits().as_slice(), session.id.bits().as_slice(), &generation.to_be_bytes()].concat();
    let code = code(&session.seed, &claim).finalize().into_bytes();
    encode(PREFIX, &[claim.as_slice(), &code].concat()).into()
}

/// Reads what a text says that it is; `None`: it cannot be a refresh token.
pub(super) fn read(text: &str) -> Option<Presented> {
    let bytes = decode::<TOKEN>(PREFIX, text)?;
    let mut generation = [0; 8];
    generation.copy_from_slice(&bytes[32..CLAIM]);
    Some(Presented {
        member: MemberId::from_bits(bits(&bytes, 0)),
        session: SessionId::from_bits(bits(&bytes, 16)),
        generation: u64::from_be_bytes(generation),
        bytes,
    })
}

impl Presented {
    /// Whether the session with this seed has ever given it out. Takes as long whatever the answer is.
    pub fn is_genuine(&self, seed: &[u8; 32]) -> bool {
        let (claim, presented) = self.bytes.split_at(CLAIM);
        code(seed, claim).verify_slice(presented).is_ok()
    }
}

fn code(seed: &[u8; 32], claim: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(seed).expect("any key length");
    mac.update(b"porfin refresh token");
    mac.update(claim);
    mac
}
