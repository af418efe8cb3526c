//! The ids that Meta makes up: of messages, people, files and calls.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::HEXUPPER;
use flow::ports::Entropy;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Side {
    /// The customer, on their phone.
    Customer,
    /// The business, through Graph.
    Business,
}

/// A new message id. As Meta's, it is `wamid.` and base64 of a small record with the customer's number and a random
/// part; a person who hides their number has their user id in its place.
pub(super) fn wamid(entropy: &dyn Entropy, person: &str, writer: Side) -> String {
    let (direction, head, random): (u8, &str, usize) = match writer {
        Side::Customer => (0x12, "3A", 9),
        Side::Business => (0x11, "", 9),
    };
    let mut bits = vec![0; random];
    entropy.fill(&mut bits);
    let name = format!("{head}{}", HEXUPPER.encode(&bits));
    let person = &person.as_bytes()[..person.len().min(100)];
    let mut record = vec![0x1c, 0x18, u8::try_from(person.len()).unwrap_or(u8::MAX)];
    record.extend_from_slice(person);
    record.extend_from_slice(&[0x15, 0x02, 0x00, direction, 0x18, u8::try_from(name.len()).unwrap_or(u8::MAX)]);
    record.extend_from_slice(name.as_bytes());
    record.push(0);
    format!("wamid.{}", STANDARD.encode(record))
}

/// A new id of decimal digits, as media files and templates have.
pub(super) fn digits(entropy: &dyn Entropy) -> String {
    (1_000_000_000_000_000 + u128::from_be_bytes(entropy.bits()) % 9_000_000_000_000_000).to_string()
}

/// A new id of a call, by which Meta's support finds it.
pub(super) fn trace(entropy: &dyn Entropy) -> String {
    let mut bits = [0; 17];
    entropy.fill(&mut bits);
    let text = URL_SAFE_NO_PAD.encode(bits);
    format!("A{}", &text[..22])
}

/// The business-scoped user id of the person with this number: a country code, a dot and digits. It is the same as
/// long as the app is.
pub(super) fn user_id(app_secret: &SecretString, canonical_number: &str) -> String {
    let number = u128::from_be_bytes(keyed(app_secret, "user id", canonical_number)) % 90_000_000_000_000_000_000;
    format!("{}.{}", country(canonical_number), number + 10_000_000_000_000_000_000)
}

/// Proof that this simulator made an address, so that nobody can make one up.
pub(super) fn proof(app_secret: &SecretString, fact: &str) -> String {
    URL_SAFE_NO_PAD.encode(keyed(app_secret, "address", fact))
}

fn keyed(secret: &SecretString, purpose: &str, fact: &str) -> [u8; 16] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any key length");
    mac.update(format!("simulator {purpose}|{fact}").as_bytes());
    let mut out = [0; 16];
    out.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    out
}

/// The country of the most common calling codes of the first markets; `US` for the rest, which share no rule here.
fn country(number: &str) -> &'static str {
    const CODES: [(&str, &str); 8] = [
        ("55", "BR"),
        ("351", "PT"),
        ("52", "MX"),
        ("54", "AR"),
        ("56", "CL"),
        ("57", "CO"),
        ("34", "ES"),
        ("44", "GB"),
    ];
    CODES.iter().find(|(code, _)| number.starts_with(code)).map_or("US", |(_, country)| country)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod unit {
    use super::*;
    use crate::simulator::tests::counting_entropy;

    #[test]
    fn a_message_id_looks_like_metas_and_never_repeats() {
        let entropy = counting_entropy();
        let one = wamid(&entropy, "5511900000001", Side::Customer);
        let other = wamid(&entropy, "5511900000001", Side::Customer);
        assert!(one.starts_with("wamid.HBgNNTUx"), "{one}");
        assert_ne!(one, other);
        assert!(one.parse::<domain::Wamid>().is_ok());
    }

    #[test]
    fn a_user_id_has_a_country_and_stays_the_same() {
        let secret = SecretString::from("a secret");
        let id = user_id(&secret, "5511900000001");
        assert!(id.starts_with("BR.") && id.len() == 23, "{id}");
        assert_eq!(id, user_id(&secret, "5511900000001"));
        assert_ne!(id, user_id(&secret, "5511900000002"));
    }
}
