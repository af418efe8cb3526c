use std::collections::BTreeSet;
use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use domain::{MemberId, OrganizationId, SessionId, Timestamp};
use identity::{AccessTokens, Part, Refusal};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::forge::{Counting, NOW, Rsa, TestClock, but, changed, part, restated, sign};

const ISSUER: &str = "https://api.example.com";
const AUDIENCE: &str = "porfin";
const CURRENT: [u8; 32] = [1; 32];
const PREVIOUS: [u8; 32] = [2; 32];

fn tokens(clock: &Arc<TestClock>, current: &[u8; 32], previous: Option<&[u8; 32]>) -> AccessTokens {
    AccessTokens::new(ISSUER, AUDIENCE, current, previous, clock.clone(), Arc::new(Counting::default()))
}

fn ids() -> (MemberId, OrganizationId, SessionId) {
    (MemberId::from_bits([1; 16]), OrganizationId::from_bits([2; 16]), SessionId::from_bits([3; 16]))
}

fn mint(tokens: &AccessTokens) -> String {
    let (member, organization, session) = ids();
    tokens.mint(&member, &organization, &session).text.expose_secret().to_owned()
}

fn signing(seed: &[u8; 32]) -> EncodingKey {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).unwrap();
    EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref())
}

#[test]
fn a_token_says_who_calls_for_whom_and_of_which_sign_in_for_ten_minutes() {
    let clock = Arc::new(TestClock::new());
    let tokens = tokens(&clock, &CURRENT, None);
    let (member, organization, session) = ids();
    let made = tokens.mint(&member, &organization, &session);
    let claims = tokens.verify(made.text.expose_secret()).unwrap();
    assert_eq!((&claims.member, &claims.organization, &claims.session), (&member, &organization, &session));
    assert_eq!(claims.issued_at, Timestamp::from_seconds(NOW));
    assert_eq!((claims.expires_at, made.expires_at), (Timestamp::from_seconds(NOW + 600), claims.expires_at));
    let other = tokens.verify(&mint(&tokens)).unwrap();
    assert_ne!(other.id, claims.id, "each has an id of its own");
    assert!(!format!("{made:?}").contains('.'), "{made:?}");
    clock.advance(599);
    assert!(tokens.verify(made.text.expose_secret()).is_ok());
    clock.advance(1);
    assert_eq!(tokens.verify(made.text.expose_secret()), Err(Refusal::Expired));
}

#[test]
fn two_keys_are_live_while_one_follows_the_other() {
    let clock = Arc::new(TestClock::new());
    let before = tokens(&clock, &PREVIOUS, None);
    let during = tokens(&clock, &CURRENT, Some(&PREVIOUS));
    let after = tokens(&clock, &CURRENT, None);
    let (old, new) = (mint(&before), mint(&during));
    assert!(before.verify(&old).is_ok() && during.verify(&old).is_ok());
    assert_eq!(after.verify(&old), Err(Refusal::UnknownKey));
    assert!(during.verify(&new).is_ok() && after.verify(&new).is_ok());
    assert_eq!(before.verify(&new), Err(Refusal::UnknownKey));
}

#[test]
fn others_verify_with_the_published_keys() {
    let clock = Arc::new(TestClock::new());
    let tokens = tokens(&clock, &CURRENT, Some(&PREVIOUS));
    let published = serde_json::to_value(tokens.jwks()).unwrap();
    let keys = published["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    let names: BTreeSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2);
    for key in keys {
        assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("OKP"), &json!("Ed25519"), &json!("sig")));
        assert_eq!((&key["alg"], &key["d"]), (&json!("EdDSA"), &Value::Null), "nothing of the private key");
    }
    let token = mint(&tokens);
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), Algorithm::EdDSA));
    let set = tokens.jwks();
    let key = DecodingKey::from_jwk(set.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap().claims;
    assert_eq!((&claims["sub"], &claims["exp"]), (&json!(ids().0.as_str()), &json!(NOW + 600)));
}

#[test]
fn the_id_of_a_key_is_its_thumbprint() {
    // RFC 8037, appendix A.1 to A.3: this seed's public key, and its thumbprint.
    let seed = b"\x9d\x61\xb1\x9d\xef\xfd\x5a\x60\xba\x84\x4a\xf4\x92\xec\x2c\xc4\x44\x49\xc5\x69\x7b\x32\x69\x19\x70\x3b\xac\x03\x1c\xae\x7f\x60";
    let keys = tokens(&Arc::new(TestClock::new()), seed, None).jwks();
    let key = serde_json::to_value(&keys.keys[0]).unwrap();
    assert_eq!(key["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(key["kid"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn every_token_that_is_not_good_is_refused_for_its_own_reason() {
    let clock = Arc::new(TestClock::new());
    let tokens = tokens(&clock, &CURRENT, Some(&PREVIOUS));
    let kids: Vec<String> = tokens.jwks().keys.iter().map(|key| key.common.key_id.clone().unwrap()).collect();
    let (member, organization, session) = ids();
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kids[0]});
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": member.as_str(), "tid": organization.as_str(), "sid": session.as_str(),
        "jti": "one", "iat": NOW, "exp": NOW + 600,
    });
    let (ours, older, stranger) = (signing(&CURRENT), signing(&PREVIOUS), signing(&[9; 32]));
    let ed = |header: &str, claims: &str, key: &EncodingKey| sign(header, claims, key, Algorithm::EdDSA);
    let headed = |changes: Value| ed(&but(&header, &changes), &claims.to_string(), &ours);
    let claiming = |changes: Value| ed(&header.to_string(), &but(&claims, &changes), &ours);
    let good = headed(json!({}));
    assert!(tokens.verify(&good).is_ok());
    assert!(tokens.verify(&ed(&but(&header, &json!({"kid": kids[1]})), &claims.to_string(), &older)).is_ok());
    // Another function's clock may be a little ahead.
    assert!(tokens.verify(&claiming(json!({"iat": NOW + 5, "exp": NOW + 605}))).is_ok());

    let parts: Vec<&str> = good.split('.').collect();
    let public = Ed25519KeyPair::from_seed_unchecked(&CURRENT).unwrap().public_key().as_ref().to_vec();
    let jwk = serde_json::to_string(&tokens.jwks().keys[0]).unwrap();
    let hmac = |secret: &[u8]| {
        let header = but(&header, &json!({"alg": "HS256"}));
        sign(&header, &claims.to_string(), &EncodingKey::from_secret(secret), Algorithm::HS256)
    };
    let twice = |name: &str, value: &str| {
        let claims = claims.to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
        ed(&header.to_string(), &claims, &ours)
    };
    let rsa = Rsa::new("one");
    let id_token = json!({
        "iss": "https://securetoken.google.com/porfin", "aud": "porfin", "sub": "someone", "iat": NOW,
        "auth_time": NOW, "exp": NOW + 3_600, "firebase": {"sign_in_provider": "password"},
    });
    let google = json!({"alg": "RS256", "typ": "JWT", "kid": "one"}).to_string();
    let strangers_jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"});

    let cases = [
        (String::new(), Refusal::Structure),
        ("a".repeat(8_193), Refusal::TooLong),
        (format!("{good}{}", ".".repeat(9_000)), Refusal::TooLong),
        ("null".to_owned(), Refusal::Structure),
        (format!("{good}.{good}"), Refusal::Structure),
        (format!("{good}.."), Refusal::Encrypted),
        (parts[..2].join("."), Refusal::Structure),
        (format!("{}.{}.{}", part("{}"), parts[1], parts[2]), Refusal::Missing("alg")),
        (format!("{}.{}.{}", parts[0], part("{}"), parts[2]), Refusal::Signature),
        (format!("{}=.{}.{}", parts[0], parts[1], parts[2]), Refusal::Encoding(Part::Header)),
        (format!("{good}=="), Refusal::Encoding(Part::Signature)),
        (good[..good.len() - 1].to_owned(), Refusal::Encoding(Part::Signature)),
        (restated(&good), Refusal::Encoding(Part::Signature)),
        (format!("{good} "), Refusal::Encoding(Part::Signature)),
        (good.replace('.', "\u{3002}"), Refusal::Structure),
        (good.replacen('e', "\u{435}", 1), Refusal::Encoding(Part::Header)),
        (headed(json!({"alg": "none"})), Refusal::Algorithm),
        (format!("{}.{}.", part(&but(&header, &json!({"alg": "none"}))), parts[1]), Refusal::Algorithm),
        (format!("{}.{}.", parts[0], parts[1]), Refusal::Signature),
        (hmac(&public), Refusal::Algorithm),
        (hmac(jwk.as_bytes()), Refusal::Algorithm),
        (headed(json!({"alg": "Ed25519"})), Refusal::Algorithm),
        (headed(json!({"alg": "eddsa"})), Refusal::Algorithm),
        (headed(json!({"alg": null})), Refusal::Missing("alg")),
        (headed(json!({"alg": 8})), Refusal::WrongType("alg")),
        (headed(json!({"typ": "JWT"})), Refusal::Type),
        (headed(json!({"typ": "AT+JWT"})), Refusal::Type),
        (headed(json!({"typ": "application/at+jwt"})), Refusal::Type),
        (headed(json!({"typ": null})), Refusal::Missing("typ")),
        (headed(json!({"kid": null})), Refusal::Missing("kid")),
        (headed(json!({"kid": "../../keys/current"})), Refusal::UnknownKey),
        (headed(json!({"kid": kids[0].to_uppercase()})), Refusal::UnknownKey),
        (headed(json!({"kid": [kids[0]]})), Refusal::WrongType("kid")),
        (headed(json!({"kid": kids[1]})), Refusal::Signature),
        (headed(json!({"crit": ["b64"], "b64": false})), Refusal::Critical),
        (headed(json!({"enc": "A256GCM"})), Refusal::Encrypted),
        (ed(&header.to_string(), &claims.to_string(), &stranger), Refusal::Signature),
        (ed(&but(&header, &json!({"jwk": strangers_jwk})), &claims.to_string(), &stranger), Refusal::Signature),
        (changed(&good, 1, 30), Refusal::Signature),
        (changed(&good, 2, 30), Refusal::Signature),
        (ed("[1]", &claims.to_string(), &ours), Refusal::Json(Part::Header)),
        (ed(&header.to_string(), "[]", &ours), Refusal::Json(Part::Claims)),
        (ed(&header.to_string(), "{\"iss\":", &ours), Refusal::Json(Part::Claims)),
        (twice("sub", "\"mem_aaaaaaaaaaaaaaaaaaaaaaaaaa\""), Refusal::Duplicate(Part::Claims)),
        (twice("tid", "\"org_aaaaaaaaaaaaaaaaaaaaaaaaaa\""), Refusal::Duplicate(Part::Claims)),
        (claiming(json!({"iss": "https://evil.example"})), Refusal::Issuer),
        (claiming(json!({"iss": format!("{ISSUER}/")})), Refusal::Issuer),
        (claiming(json!({"iss": null})), Refusal::Missing("iss")),
        (claiming(json!({"aud": "another"})), Refusal::Audience),
        (claiming(json!({"aud": [AUDIENCE, "another"]})), Refusal::WrongType("aud")),
        (claiming(json!({"aud": null})), Refusal::Missing("aud")),
        (claiming(json!({"exp": NOW})), Refusal::Expired),
        (claiming(json!({"exp": NOW - 1, "iat": NOW - 601})), Refusal::Expired),
        (claiming(json!({"exp": null})), Refusal::Missing("exp")),
        (claiming(json!({"exp": "never"})), Refusal::WrongType("exp")),
        (claiming(json!({"exp": NOW + 601})), Refusal::Lifetime),
        (claiming(json!({"exp": i64::MAX})), Refusal::Lifetime),
        (claiming(json!({"iat": NOW + 6})), Refusal::IssuedInFuture),
        (claiming(json!({"iat": null})), Refusal::Missing("iat")),
        (claiming(json!({"sub": null})), Refusal::Missing("sub")),
        (claiming(json!({"sub": ""})), Refusal::Id("sub")),
        (claiming(json!({"sub": organization.as_str()})), Refusal::Id("sub")),
        (claiming(json!({"tid": member.as_str()})), Refusal::Id("tid")),
        (claiming(json!({"tid": null})), Refusal::Missing("tid")),
        (claiming(json!({"tid": format!("{organization}/..")})), Refusal::Id("tid")),
        (claiming(json!({"sid": "ses_"})), Refusal::Id("sid")),
        (claiming(json!({"sid": true})), Refusal::WrongType("sid")),
        (claiming(json!({"jti": null})), Refusal::Missing("jti")),
        // A token of the sign-in service, and what somebody could make of one.
        (rsa.token(&google, &id_token.to_string()), Refusal::Algorithm),
        (ed(&but(&header, &json!({"typ": "JWT"})), &id_token.to_string(), &ours), Refusal::Type),
        (ed(&header.to_string(), &id_token.to_string(), &ours), Refusal::Issuer),
    ];
    assert!(cases.len() >= 45);
    for (token, reason) in cases {
        let shown: String = token.chars().take(60).collect();
        assert_eq!(tokens.verify(&token), Err(reason), "{shown}");
    }
}
