use std::sync::Arc;

use domain::{Email, MemberId, OrganizationId, SessionId, Timestamp};
use identity::{AccessTokens, Part, Refusal, VerifyError};
use jsonwebtoken::{Algorithm, EncodingKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::forge::{Counting, NOW, Rsa, TestClock, but, changed, part, restated, sign};
use crate::service::{Answer, PROJECT, Service};

fn header() -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": "one"})
}

fn claims() -> Value {
    json!({
        "iss": format!("https://securetoken.google.com/{PROJECT}"),
        "aud": PROJECT,
        "sub": "kX2-someone",
        "iat": NOW - 10,
        "auth_time": NOW - 100,
        "exp": NOW + 3_590,
        "email": "Ana@Example.com",
        "email_verified": true,
        "name": "Ana",
        "firebase": {"identities": {"email": ["Ana@Example.com"]}, "sign_in_provider": "password"},
    })
}

#[tokio::test]
async fn a_good_token_says_who_it_is() {
    let key = Rsa::new("one");
    let service = Service::start(Answer::Keys(Rsa::set(&[&key]).to_string(), 3_600)).await;
    let clock = Arc::new(TestClock::new());
    let verifier = service.verifier(&clock);
    let verify =
        async |changes: Value| verifier.verify(&key.token(&header().to_string(), &but(&claims(), &changes))).await;
    let identity = verify(json!({})).await.unwrap();
    assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (PROJECT, "kX2-someone"));
    assert_eq!(identity.email, Email::parse("ana@example.com").ok());
    assert_eq!((identity.email_verified, identity.name.as_deref()), (true, Some("Ana")));
    assert_eq!(identity.auth_time, Timestamp::from_seconds(NOW - 100));
    let told = format!("{identity:?}");
    assert!(!told.contains("Ana") && !told.contains("example") && !told.contains("kX2"), "{told}");

    // What is at the very edge, and what may be left out.
    assert!(verify(json!({"exp": NOW + 1})).await.is_ok());
    assert!(verify(json!({"iat": NOW + 60, "auth_time": NOW + 60})).await.is_ok());
    assert_eq!(verify(json!({"sub": "é".repeat(128)})).await.unwrap().subject, "é".repeat(128));
    let plain = verify(json!({"email": null, "email_verified": null, "name": null})).await.unwrap();
    assert_eq!((plain.email, plain.email_verified, plain.name), (None, false, None));
    let odd = verify(json!({"email": "not an address"})).await.unwrap();
    assert_eq!(odd.verified_email(), None, "an address that is none is not verified either");
    let untyped = key.token(&but(&header(), &json!({"typ": null})), &claims().to_string());
    assert!(verifier.verify(&untyped).await.is_ok());
    assert_eq!(service.asked(), 1);
}

#[tokio::test]
async fn every_token_that_is_not_good_is_refused_for_its_own_reason() {
    let (key, stranger) = (Rsa::new("one"), Rsa::new("one"));
    let service = Service::start(Answer::Keys(Rsa::set(&[&key]).to_string(), 3_600)).await;
    let clock = Arc::new(TestClock::new());
    let verifier = service.verifier(&clock);

    let good = key.token(&header().to_string(), &claims().to_string());
    let headed = |changes: Value| key.token(&but(&header(), &changes), &claims().to_string());
    let claiming = |changes: Value| key.token(&header().to_string(), &but(&claims(), &changes));
    let raw = |claims: &str| key.token(&header().to_string(), claims);
    let public = serde_json::to_string(&key.public).unwrap();
    let hmac = |secret: &str| {
        let header = but(&header(), &json!({"alg": "HS256"}));
        sign(&header, &claims().to_string(), &EncodingKey::from_secret(secret.as_bytes()), Algorithm::HS256)
    };
    let unsigned = |algorithm: &str| {
        let header = but(&header(), &json!({"alg": algorithm}));
        format!("{}.{}.", part(&header), part(&claims().to_string()))
    };
    let parts: Vec<&str> = good.split('.').collect();
    let twice = |name: &str, value: &str| claims().to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
    let embedded = |name: &str, value: Value| {
        let mut changes = json!({});
        changes[name] = value;
        stranger.token(&but(&header(), &changes), &claims().to_string())
    };
    let firebase = |provider: Value| json!({"firebase": {"sign_in_provider": provider}});
    let ours = AccessTokens::new(PROJECT, PROJECT, &[1; 32], None, clock.clone(), Arc::new(Counting::default()));
    let (member, organization, sign_in) =
        (MemberId::from_bits([1; 16]), OrganizationId::from_bits([2; 16]), SessionId::from_bits([3; 16]));
    let access_token = ours.mint(&member, &organization, &sign_in).text.expose_secret().to_owned();
    let session = format!("https://session.firebase.google.com/{PROJECT}");

    let cases = [
        // The form.
        (String::new(), Refusal::Structure),
        ("x".repeat(10_000), Refusal::TooLong),
        ("not a token".to_owned(), Refusal::Structure),
        ("..".to_owned(), Refusal::Json(Part::Header)),
        (parts[..2].join("."), Refusal::Structure),
        (format!("{good}."), Refusal::Structure),
        (format!("{good}.{}.{}", parts[0], parts[1]), Refusal::Encrypted),
        (headed(json!({"enc": "A128GCM", "alg": "RSA-OAEP"})), Refusal::Encrypted),
        (format!(" {good}"), Refusal::Encoding(Part::Header)),
        (format!("{good}\n"), Refusal::Encoding(Part::Signature)),
        (format!("{}=.{}.{}", parts[0], parts[1], parts[2]), Refusal::Encoding(Part::Header)),
        (format!("{good}=="), Refusal::Encoding(Part::Signature)),
        (format!("{}.{}.é{}", parts[0], parts[1], parts[2]), Refusal::Encoding(Part::Signature)),
        (restated(&good), Refusal::Encoding(Part::Signature)),
        (good[..good.len() - 1].to_owned(), Refusal::Encoding(Part::Signature)),
        (format!("Bearer {good}"), Refusal::Encoding(Part::Header)),
        (format!("{}.{}.{}", part("[]"), parts[1], parts[2]), Refusal::Json(Part::Header)),
        (format!("{}.{}.{}", part("{\"alg\""), parts[1], parts[2]), Refusal::Json(Part::Header)),
        (key.token("{\"alg\":\"RS256\",\"kid\":\"one\"} {}", "{}"), Refusal::Json(Part::Header)),
        (raw("null"), Refusal::Json(Part::Claims)),
        (raw(&"[".repeat(2_000)), Refusal::Json(Part::Claims)),
        (key.token("{\"kid\":\"one\",\"alg\":\"RS256\",\"alg\":\"RS256\"}", "{}"), Refusal::Duplicate(Part::Header)),
        (raw(&twice("sub", "\"another\"")), Refusal::Duplicate(Part::Claims)),
        (raw(&twice("s\\u0075b", "\"another\"")), Refusal::Duplicate(Part::Claims)),
        (raw(&twice("exp", "9999999999")), Refusal::Duplicate(Part::Claims)),
        // How it is signed.
        (unsigned("none"), Refusal::Algorithm),
        (unsigned("NONE"), Refusal::Algorithm),
        (unsigned(""), Refusal::Algorithm),
        (unsigned("RS256"), Refusal::Signature),
        (hmac(&public), Refusal::Algorithm),
        (hmac("one"), Refusal::Algorithm),
        (headed(json!({"alg": "RS384"})), Refusal::Algorithm),
        (headed(json!({"alg": "PS256"})), Refusal::Algorithm),
        (headed(json!({"alg": "rs256"})), Refusal::Algorithm),
        (headed(json!({"alg": ["RS256"]})), Refusal::WrongType("alg")),
        (headed(json!({"alg": null})), Refusal::Missing("alg")),
        (headed(json!({"typ": "at+jwt"})), Refusal::Type),
        (access_token, Refusal::Algorithm),
        (headed(json!({"crit": ["exp"]})), Refusal::Critical),
        (headed(json!({"crit": []})), Refusal::Critical),
        (headed(json!({"kid": null})), Refusal::Missing("kid")),
        (headed(json!({"kid": 1})), Refusal::WrongType("kid")),
        (headed(json!({"kid": ""})), Refusal::UnknownKey),
        (headed(json!({"kid": "ONE"})), Refusal::UnknownKey),
        (headed(json!({"kid": "../../../../dev/null"})), Refusal::UnknownKey),
        (headed(json!({"kid": "one' OR '1'='1"})), Refusal::UnknownKey),
        (headed(json!({"kid": "one\u{0}"})), Refusal::UnknownKey),
        (stranger.token(&header().to_string(), &claims().to_string()), Refusal::Signature),
        (embedded("jwk", serde_json::to_value(&stranger.public).unwrap()), Refusal::Signature),
        (embedded("jku", json!("https://attacker.example/keys")), Refusal::Signature),
        (embedded("x5u", json!("https://attacker.example/cert")), Refusal::Signature),
        (embedded("x5c", json!(["MIIB"])), Refusal::Signature),
        (changed(&good, 1, 20), Refusal::Signature),
        (changed(&good, 2, 20), Refusal::Signature),
        (format!("{}.{}.", parts[0], parts[1]), Refusal::Signature),
        (format!("{}.{}.AAAA", parts[0], parts[1]), Refusal::Signature),
        // What it says.
        (claiming(json!({"iss": null})), Refusal::Missing("iss")),
        (claiming(json!({"iss": "https://securetoken.google.com/another"})), Refusal::Issuer),
        (claiming(json!({"iss": format!("https://securetoken.google.com/{PROJECT}/")})), Refusal::Issuer),
        (claiming(json!({"iss": format!("http://securetoken.google.com/{PROJECT}")})), Refusal::Issuer),
        (claiming(json!({"iss": "https://accounts.google.com"})), Refusal::Issuer),
        (claiming(json!({"iss": [format!("https://securetoken.google.com/{PROJECT}")]})), Refusal::WrongType("iss")),
        (claiming(json!({"iss": session})), Refusal::SessionCookie),
        (claiming(json!({"aud": null})), Refusal::Missing("aud")),
        (claiming(json!({"aud": "another"})), Refusal::Audience),
        (claiming(json!({"aud": PROJECT.to_uppercase()})), Refusal::Audience),
        (claiming(json!({"aud": [PROJECT]})), Refusal::WrongType("aud")),
        (claiming(json!({"exp": NOW})), Refusal::Expired),
        (claiming(json!({"exp": NOW - 1})), Refusal::Expired),
        (claiming(json!({"exp": -1})), Refusal::Expired),
        (claiming(json!({"exp": null})), Refusal::Missing("exp")),
        (claiming(json!({"exp": (NOW + 100).to_string()})), Refusal::WrongType("exp")),
        (raw(&claims().to_string().replace(&(NOW + 3_590).to_string(), "1e400")), Refusal::Json(Part::Claims)),
        (raw(&claims().to_string().replace(&(NOW + 3_590).to_string(), "1.8e9")), Refusal::WrongType("exp")),
        (claiming(json!({"exp": true})), Refusal::WrongType("exp")),
        (claiming(json!({"iat": NOW + 61})), Refusal::IssuedInFuture),
        (claiming(json!({"iat": null})), Refusal::Missing("iat")),
        (claiming(json!({"auth_time": NOW + 61})), Refusal::SignedInInFuture),
        (claiming(json!({"auth_time": null})), Refusal::Missing("auth_time")),
        (claiming(json!({"sub": null})), Refusal::Missing("sub")),
        (claiming(json!({"sub": ""})), Refusal::Subject),
        (claiming(json!({"sub": "s".repeat(129)})), Refusal::Subject),
        (claiming(json!({"sub": "é".repeat(129)})), Refusal::Subject),
        (claiming(json!({"sub": 7})), Refusal::WrongType("sub")),
        (claiming(json!({"sub": {"admin": true}})), Refusal::WrongType("sub")),
        (claiming(json!({"firebase": null})), Refusal::Missing("firebase")),
        (claiming(json!({"firebase": "password"})), Refusal::WrongType("firebase")),
        (claiming(json!({"firebase": {}})), Refusal::Missing("sign_in_provider")),
        (claiming(firebase(json!("anonymous"))), Refusal::Anonymous),
        (claiming(firebase(json!(["password"]))), Refusal::WrongType("sign_in_provider")),
        (claiming(json!({"firebase": {"sign_in_provider": "password", "tenant": "t"}})), Refusal::Tenant),
        (claiming(json!({"email": ["ana@example.com"]})), Refusal::WrongType("email")),
        (claiming(json!({"email_verified": "true"})), Refusal::WrongType("email_verified")),
        (claiming(json!({"name": {"first": "Ana"}})), Refusal::WrongType("name")),
    ];
    assert!(cases.len() >= 45);
    for (token, reason) in cases {
        let shown: String = token.chars().take(60).collect();
        assert_eq!(verifier.verify(&token).await, Err(VerifyError::Refused(reason)), "{shown}");
        // None of them changes what a good one comes to.
        assert!(verifier.verify(&good).await.is_ok());
    }
    assert_eq!(
        service.asked(),
        1,
        "a key that nobody knows is looked for once a minute, and the minute has not passed"
    );
}

#[tokio::test]
async fn a_token_ends_by_the_clock_and_not_before() {
    let key = Rsa::new("one");
    let service = Service::start(Answer::Keys(Rsa::set(&[&key]).to_string(), 86_400)).await;
    let clock = Arc::new(TestClock::new());
    let verifier = service.verifier(&clock);
    let token = key.token(&header().to_string(), &claims().to_string());
    clock.set(NOW + 3_589);
    assert!(verifier.verify(&token).await.is_ok());
    clock.set(NOW + 3_590);
    assert_eq!(verifier.verify(&token).await, Err(VerifyError::Refused(Refusal::Expired)));
    clock.set(NOW - 71);
    assert_eq!(verifier.verify(&token).await, Err(VerifyError::Refused(Refusal::IssuedInFuture)));
}
