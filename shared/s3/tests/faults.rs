//! What is said of S3 when it is not well, and what is asked of it.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../aws/tests/fake/mod.rs"]
mod fake;
mod service;

use std::time::Duration;

use aws_client::Deadlines;
use fake::{Answer, Fake};
use flow::ports::{Blobs, StoreError};
use s3_blobs::{S3Blobs, Settings, WrongPrefix};
use services::Moto;

/// Short deadlines, and the usual number of tries.
const SHORT: Deadlines = Deadlines {
    connect: Duration::from_millis(200),
    attempt: Duration::from_millis(300),
    operation: Duration::from_millis(800),
    attempts: 3,
};

fn blobs(fake: &Fake, deadlines: Deadlines) -> S3Blobs {
    S3Blobs::new(&fake.config(deadlines), Settings::bucket("events").within(deadlines))
}

/// An error in XML, as S3 answers.
fn error(status: u16, code: &str) -> Answer {
    Answer::Full(status, "", format!("<Error><Code>{code}</Code><Message>of a-key</Message></Error>"))
}

fn is_unavailable<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}

#[tokio::test]
async fn throttling_and_faults_that_pass_are_waited_for() {
    for passing in [error(503, "SlowDown"), error(500, "InternalError"), Answer::Cut] {
        let fake = Fake::start([passing.clone(), Answer::ok("")]).await;
        blobs(&fake, Deadlines::SMALL).put("a-key", vec![7; 1_000]).await.unwrap();
        let seen = fake.seen();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].body.len(), seen[1].body.len(), "the body is sent again, whole");
        let fake = Fake::start([passing.clone(), Answer::ok("found")]).await;
        assert_eq!(blobs(&fake, Deadlines::SMALL).get("a-key").await.unwrap().as_deref(), Some(&b"found"[..]));
        let fake = Fake::start([passing]).await;
        assert!(is_unavailable(&blobs(&fake, Deadlines::SMALL).delete("a-key").await));
        assert_eq!(fake.seen().len(), 3);
    }
}

#[tokio::test]
async fn only_a_missing_key_is_nothing() {
    let fake = Fake::start([error(404, "NoSuchKey")]).await;
    assert_eq!(blobs(&fake, Deadlines::SMALL).get("a-key").await.unwrap(), None);
    for other in [error(404, "NoSuchBucket"), error(403, "AccessDenied"), Answer::Full(404, "", String::new())] {
        let fake = Fake::start([other]).await;
        let found = blobs(&fake, Deadlines::SMALL).get("a-key").await;
        assert!(is_unavailable(&found));
        assert!(!format!("{found:?}").contains("of a-key"));
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_to_its_end_is_no_object() {
    for half in [Answer::Part("half of it".into()), Answer::Silence] {
        let fake = Fake::start([half]).await;
        let blobs = blobs(&fake, SHORT);
        let found = tokio::time::timeout(Duration::from_secs(5), blobs.get("a-key")).await.unwrap();
        assert!(is_unavailable(&found), "{found:?}");
    }
}

#[tokio::test]
async fn more_than_the_port_allows_is_not_read() {
    let fake = Fake::start([Answer::ok(&"x".repeat((16 << 20) + 1))]).await;
    let found = blobs(&fake, Deadlines::LARGE).get("a-key").await;
    assert!(matches!(found, Err(StoreError::Invalid(_))), "{:?}", found.map(|_| ()));
}

#[tokio::test]
async fn an_object_that_was_changed_on_the_way_is_not_taken() {
    let changed = Answer::Full(200, "x-amz-checksum-crc32: AAAAAA==\r\n", "not what was put".into());
    let fake = Fake::start([changed]).await;
    let found = blobs(&fake, Deadlines::SMALL).get("a-key").await;
    assert!(is_unavailable(&found), "{found:?}");
    assert!(fake.seen()[0].head.contains("x-amz-checksum-mode: enabled"));
    let fake = Fake::start([Answer::ok("")]).await;
    blobs(&fake, Deadlines::SMALL).put("a-key", vec![7]).await.unwrap();
    assert!(fake.seen()[0].head.contains("x-amz-checksum-crc32: "), "{}", fake.seen()[0].head);
}

#[tokio::test]
async fn malformed_calls_are_not_made() {
    let fake = Fake::start([Answer::Silence]).await;
    let blobs = blobs(&fake, SHORT);
    assert!(matches!(blobs.put("../a", vec![]).await, Err(StoreError::Invalid(_))));
    assert!(matches!(blobs.put("a", vec![0; (16 << 20) + 1]).await, Err(StoreError::Invalid(_))));
    assert!(matches!(blobs.get("/a").await, Err(StoreError::Invalid(_))));
    assert!(matches!(blobs.delete("").await, Err(StoreError::Invalid(_))));
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn an_emulator_is_asked_for_the_bucket_in_the_path() {
    let fake = Fake::start([Answer::ok("")]).await;
    blobs(&fake, Deadlines::SMALL).put("inbound/ev_1", vec![1]).await.unwrap();
    assert!(fake.seen()[0].head.starts_with("put /events/inbound/ev_1?"), "{}", fake.seen()[0].head);
}

#[tokio::test]
async fn parts_of_one_bucket_do_not_see_each_other() {
    let moto = Moto::start(None).unwrap();
    let config = service::within(&moto.endpoint(), Deadlines::LARGE);
    let bucket = service::bucket(&config, "shared").await;
    let part = |prefix: &str| S3Blobs::new(&config, Settings::bucket(&bucket).below(prefix).unwrap());
    let (a, ab) = (part("a"), part("a/b"));
    a.put("b/c", vec![1]).await.unwrap();
    ab.put("b/c", vec![2]).await.unwrap();
    assert_eq!((a.get("b/c").await.unwrap(), ab.get("b/c").await.unwrap()), (Some(vec![1]), Some(vec![2])));
    let object = service::client(&config).get_object().bucket(&bucket).key("a/b/b/c").send().await.unwrap();
    assert_eq!(object.body.collect().await.unwrap().to_vec(), [2]);
}

#[tokio::test]
async fn a_service_that_is_gone_and_comes_back_is_found_again() {
    let mut moto = Moto::start(None).unwrap();
    let config = service::within(&moto.endpoint(), Deadlines::SMALL);
    let bucket = service::bucket(&config, "outage").await;
    let blobs = S3Blobs::new(&config, Settings::bucket(bucket));
    blobs.put("a", vec![1]).await.unwrap();
    moto.stop();
    assert!(is_unavailable(&blobs.get("a").await));
    assert!(is_unavailable(&blobs.put("a", vec![2]).await));
    moto.start_again().unwrap();
    assert_eq!(blobs.get("a").await.unwrap(), Some(vec![1]));
}

#[test]
fn a_prefix_is_a_key_without_a_slash_at_its_end() {
    let long = "k".repeat(512);
    for prefix in ["", "/a", "a/", "A", "a/../b", &long] {
        assert_eq!(Settings::bucket("b").below(prefix), Err(WrongPrefix), "{prefix}");
    }
    for prefix in ["a", "a/b", &long[1..]] {
        assert!(Settings::bucket("b").below(prefix).is_ok(), "{prefix}");
    }
}
