//! How the sign-in service's keys are kept.

use std::sync::Arc;

use identity::{FirebaseVerifier, KeysError, Refusal, VerifyError};
use serde_json::json;

use crate::forge::{NOW, Rsa, TestClock};
use crate::service::{Answer, PROJECT, Service};

const HOUR: i64 = 3_600;

/// A token that is good for days.
fn token(key: &Rsa) -> String {
    let claims = json!({
        "iss": format!("https://securetoken.google.com/{PROJECT}"), "aud": PROJECT, "sub": "someone",
        "iat": NOW, "auth_time": NOW, "exp": NOW + 100 * HOUR, "firebase": {"sign_in_provider": "google.com"},
    });
    key.token(&json!({"alg": "RS256", "typ": "JWT", "kid": key.id}).to_string(), &claims.to_string())
}

fn keys(keys: &[&Rsa], max_age: u32) -> Answer {
    Answer::Keys(Rsa::set(keys).to_string(), max_age)
}

const UNKNOWN: Result<(), VerifyError> = Err(VerifyError::Refused(Refusal::UnknownKey));

async fn verify(verifier: &FirebaseVerifier, key: &Rsa) -> Result<(), VerifyError> {
    verifier.verify(&token(key)).await.map(drop)
}

fn unavailable(error: KeysError) -> Result<(), VerifyError> {
    Err(VerifyError::KeysUnavailable(error))
}

#[tokio::test]
async fn keys_are_kept_for_their_max_age_and_no_longer() {
    let (one, two) = (Rsa::new("one"), Rsa::new("two"));
    let service = Service::start(keys(&[&one], 7_200)).await;
    let clock = Arc::new(TestClock::new());
    let verifier = service.verifier(&clock);
    assert_eq!(service.asked(), 0, "nobody is asked before a key is needed");
    for _ in 0..5 {
        assert_eq!(verify(&verifier, &one).await, Ok(()));
    }
    clock.advance(7_199);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    assert_eq!(service.asked(), 1);
    service.answers(keys(&[&two], 7_200));
    clock.advance(1);
    assert_eq!(verify(&verifier, &two).await, Ok(()));
    assert_eq!(service.asked(), 2);
    // What was taken out of use does not count any more.
    assert_eq!(verify(&verifier, &one).await, UNKNOWN);
}

#[tokio::test]
async fn keys_are_kept_for_a_minute_at_least_and_a_day_at_most() {
    let one = Rsa::new("one");
    let service = Service::start(Answer::Unlimited(Rsa::set(&[&one]).to_string())).await;
    let clock = Arc::new(TestClock::new());
    let verifier = service.verifier(&clock);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    clock.advance(59);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    assert_eq!(service.asked(), 1);
    service.answers(keys(&[&one], u32::MAX));
    clock.advance(1);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    clock.advance(24 * HOUR - 1);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    assert_eq!(service.asked(), 2);
    clock.advance(1);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    assert_eq!(service.asked(), 3);
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_an_invented_one_is_looked_for_once_a_minute() {
    let (one, two, invented) = (Rsa::new("one"), Rsa::new("two"), Rsa::new("invented"));
    let service = Service::start(keys(&[&one], 21_600)).await;
    let clock = Arc::new(TestClock::new());
    let verifier = service.verifier(&clock);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    service.answers(keys(&[&one, &two], 21_600));
    clock.advance(60);
    assert_eq!(verify(&verifier, &two).await, Ok(()));
    assert_eq!(service.asked(), 2);
    for second in 0..180 {
        clock.advance(1);
        assert_eq!(verify(&verifier, &invented).await, UNKNOWN, "{second}");
    }
    assert_eq!(service.asked(), 5);
    assert_eq!(verify(&verifier, &one).await, Ok(()), "and the others go on counting");
}

#[tokio::test]
async fn whoever_comes_at_once_asks_once() {
    let one = Arc::new(Rsa::new("one"));
    let service = Service::start(keys(&[&one], 3_600)).await;
    let clock = Arc::new(TestClock::new());
    let verifier = Arc::new(service.verifier(&clock));
    let text = token(&one);
    let all = (0..50).map(|_| {
        let (verifier, text) = (verifier.clone(), text.clone());
        tokio::spawn(async move { verifier.verify(&text).await.is_ok() })
    });
    for verified in all.collect::<Vec<_>>() {
        assert!(verified.await.unwrap());
    }
    assert_eq!(service.asked(), 1);
}

#[tokio::test]
async fn old_keys_count_for_six_more_hours_while_there_are_no_new_ones() {
    let (one, two) = (Rsa::new("one"), Rsa::new("two"));
    let service = Service::start(keys(&[&one], 3_600)).await;
    let clock = Arc::new(TestClock::new());
    let verifier = service.verifier(&clock);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    service.answers(Answer::Status(503));
    clock.advance(HOUR);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    assert_eq!(verify(&verifier, &two).await, unavailable(KeysError::Status(503)), "nobody can say that there is none");
    assert_eq!(service.asked(), 2, "who does not answer is not asked again at once");
    clock.advance(6 * HOUR - 1);
    assert_eq!(verify(&verifier, &one).await, Ok(()));
    clock.advance(1);
    assert_eq!(verify(&verifier, &one).await, unavailable(KeysError::Status(503)));
    service.answers(keys(&[&two], 3_600));
    clock.advance(8);
    assert_eq!(verify(&verifier, &two).await, unavailable(KeysError::Status(503)));
    clock.advance(1);
    assert_eq!(verify(&verifier, &two).await, Ok(()));
}

#[tokio::test]
async fn what_is_no_set_of_keys_is_taken_for_none() {
    let one = Rsa::new("one");
    let set = Rsa::set(&[&one]);
    let with = |name: &str, value: &str| {
        let mut set = set.clone();
        set["keys"][0][name] = json!(value);
        set.to_string()
    };
    let huge = json!({"keys": set["keys"], "padding": "x".repeat(300 * 1024)}).to_string();
    let cases = [
        (Answer::Keys(String::new(), 60), KeysError::NoKeys),
        (Answer::Keys("<html>".to_owned(), 60), KeysError::NoKeys),
        (Answer::Keys("{\"keys\":[]}".to_owned(), 60), KeysError::NoKeys),
        (Answer::Keys("{\"keys\":{}}".to_owned(), 60), KeysError::NoKeys),
        (Answer::Keys("[".repeat(100_000), 60), KeysError::NoKeys),
        (Answer::Keys(json!({"keys": [{"kty": "oct", "kid": "one", "k": "AAAA"}]}).to_string(), 60), KeysError::NoKeys),
        (Answer::Keys(with("alg", "RS512"), 60), KeysError::NoKeys),
        (Answer::Keys(with("use", "enc"), 60), KeysError::NoKeys),
        (Answer::Keys(with("n", "not base64!"), 60), KeysError::NoKeys),
        (Answer::Keys(huge, 60), KeysError::TooLarge),
        (Answer::Status(404), KeysError::Status(404)),
        (Answer::Status(500), KeysError::Status(500)),
        (Answer::Status(204), KeysError::Status(204)),
        (Answer::Silence, KeysError::Unanswered),
    ];
    for (answer, error) in cases {
        let service = Service::start(answer).await;
        let clock = Arc::new(TestClock::new());
        let verifier = service.verifier(&clock);
        assert_eq!(verify(&verifier, &one).await, unavailable(error));
        assert_eq!(service.asked(), 1);
        // It comes back by itself.
        service.answers(keys(&[&one], 60));
        clock.advance(10);
        assert_eq!(verify(&verifier, &one).await, Ok(()));
    }
}

#[tokio::test]
async fn nobody_is_followed_elsewhere_and_nobody_answers_where_nothing_listens() {
    let one = Rsa::new("one");
    let elsewhere = Service::start(keys(&[&one], 60)).await;
    let service = Service::start(Answer::Elsewhere(elsewhere.address.clone())).await;
    let clock = Arc::new(TestClock::new());
    assert_eq!(verify(&service.verifier(&clock), &one).await, unavailable(KeysError::Status(302)));
    assert_eq!(elsewhere.asked(), 0);
    let mut nobody = service;
    nobody.address = "http://127.0.0.1:1/keys".to_owned();
    assert_eq!(verify(&nobody.verifier(&clock), &one).await, unavailable(KeysError::Unanswered));
}
