//! Who somebody is, as whoever lets people sign in has attested it.

use std::fmt;

use crate::{Email, Timestamp};

/// An identity that was proved: by a token of the sign-in service, or by the local program for its own owner.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedIdentity {
    /// Who attests it: the project of the sign-in service. A subject means nothing without it.
    pub issuer: String,
    /// The person, by an id of the issuer's that never changes.
    pub subject: String,
    /// The person's address, if the issuer knows one.
    pub email: Option<Email>,
    /// Whether the issuer has seen that the address is theirs.
    pub email_verified: bool,
    /// What they call themselves.
    pub name: Option<String>,
    /// When they last proved who they are.
    pub auth_time: Timestamp,
}

impl VerifiedIdentity {
    /// The address, if it is known to be theirs.
    pub fn verified_email(&self) -> Option<&Email> {
        self.email.as_ref().filter(|_| self.email_verified)
    }
}

impl fmt::Debug for VerifiedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedIdentity")
            .field("issuer", &self.issuer)
            .field("email_verified", &self.email_verified)
            .field("auth_time", &self.auth_time)
            .finish_non_exhaustive()
    }
}
