//! Large values in S3 keep their contract, with moto in the place of S3.

#![allow(clippy::unwrap_used, reason = "tests")]

mod service;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_client::Deadlines;
use flow::ports::Blobs;
use s3_blobs::{S3Blobs, Settings};
use services::Moto;
use tests::clock::TestClock;
use tests::contract::{World, blobs, keeps};

use service::{bucket, within};

/// Runs the suite in a bucket of its own for each case.
#[tokio::test]
async fn a_bucket_keeps_the_contract() {
    let moto = Moto::start(None).unwrap();
    let config = within(&moto.endpoint(), Deadlines::LARGE);
    let used = AtomicU32::new(0);
    keeps(&blobs::cases(), async || {
        let bucket = bucket(&config, &format!("case-{}", used.fetch_add(1, Ordering::Relaxed))).await;
        let port: Arc<dyn Blobs> = Arc::new(S3Blobs::new(&config, Settings::bucket(bucket)));
        World { port, time: Arc::new(TestClock::default()), keep: Box::new(()) }
    })
    .await;
}

/// Runs the suite below a prefix of its own for each case, in one bucket.
#[tokio::test]
async fn a_part_of_a_bucket_keeps_the_contract() {
    let moto = Moto::start(None).unwrap();
    let config = within(&moto.endpoint(), Deadlines::LARGE);
    let bucket = bucket(&config, "shared").await;
    let used = AtomicU32::new(0);
    keeps(&blobs::cases(), async || {
        let prefix = format!("case/{}", used.fetch_add(1, Ordering::Relaxed));
        let settings = Settings::bucket(&bucket).below(&prefix).unwrap();
        let port: Arc<dyn Blobs> = Arc::new(S3Blobs::new(&config, settings));
        World { port, time: Arc::new(TestClock::default()), keep: Box::new(()) }
    })
    .await;
}
