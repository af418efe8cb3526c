//! The contract of [`Blobs`].

#![allow(clippy::unwrap_used, reason = "tests")]

use flow::ports::{Blobs, StoreError};
use futures::future::join_all;

use super::{World, cases};

cases! { dyn Blobs;
    an_object_is_read_back_as_it_was_put,
    a_missing_object_is_nothing,
    a_put_replaces_what_was_there,
    a_deleted_object_is_gone,
    deleting_what_is_not_there_is_no_error,
    every_well_formed_key_is_its_own,
    a_malformed_key_is_refused,
    an_object_over_16_mebibytes_is_refused,
    of_concurrent_puts_one_is_there_whole
}

async fn put(blobs: &dyn Blobs, key: &str, bytes: &[u8]) {
    blobs.put(key, bytes.to_vec()).await.unwrap();
}

async fn get(blobs: &dyn Blobs, key: &str) -> Option<Vec<u8>> {
    blobs.get(key).await.unwrap()
}

async fn an_object_is_read_back_as_it_was_put(world: World<dyn Blobs>) {
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    put(&*world.port, "media/a", &bytes).await;
    put(&*world.port, "empty", b"").await;
    assert_eq!(get(&*world.port, "media/a").await, Some(bytes));
    assert_eq!(get(&*world.port, "empty").await, Some(vec![]));
}

async fn a_missing_object_is_nothing(world: World<dyn Blobs>) {
    put(&*world.port, "a/b", b"1").await;
    for key in ["b", "a", "a/b/c", "a/"] {
        assert_eq!(get(&*world.port, key).await, None, "under {key}");
    }
}

async fn a_put_replaces_what_was_there(world: World<dyn Blobs>) {
    put(&*world.port, "a", b"the first, which is longer").await;
    put(&*world.port, "a", b"second").await;
    assert_eq!(get(&*world.port, "a").await.as_deref(), Some(&b"second"[..]));
}

async fn a_deleted_object_is_gone(world: World<dyn Blobs>) {
    put(&*world.port, "a", b"1").await;
    put(&*world.port, "a/b", b"2").await;
    world.port.delete("a").await.unwrap();
    assert_eq!(get(&*world.port, "a").await, None);
    assert_eq!(get(&*world.port, "a/b").await.as_deref(), Some(&b"2"[..]));
    put(&*world.port, "a", b"3").await;
    assert_eq!(get(&*world.port, "a").await.as_deref(), Some(&b"3"[..]));
}

async fn deleting_what_is_not_there_is_no_error(world: World<dyn Blobs>) {
    world.port.delete("a/b/c").await.unwrap();
    put(&*world.port, "a", b"1").await;
    world.port.delete("a").await.unwrap();
    world.port.delete("a").await.unwrap();
}

async fn every_well_formed_key_is_its_own(world: World<dyn Blobs>) {
    let long = "k".repeat(512);
    let folders = "f/".repeat(255);
    let keys = [
        "a",
        "a/b",
        "a/b/c",
        "a_b",
        "a-b",
        "a.b",
        "a/",
        "0",
        "-",
        "_",
        ".",
        "abcxyz/089._-",
        &long,
        &long[..511],
        &folders,
    ];
    for (n, key) in keys.iter().enumerate() {
        put(&*world.port, key, n.to_string().as_bytes()).await;
    }
    for (n, key) in keys.iter().enumerate() {
        assert_eq!(get(&*world.port, key).await, Some(n.to_string().into_bytes()), "under {key}");
    }
}

async fn a_malformed_key_is_refused(world: World<dyn Blobs>) {
    let long = "k".repeat(513);
    for key in
        ["", "/a", "..", "a/../b", "a..b", "A", "a b", "é", "a\\b", "a:b", "a,b", "a+b", "a=b", "a\u{0}", "a\n", &long]
    {
        let refused = [
            world.port.put(key, vec![1]).await.err(),
            world.port.get(key).await.err(),
            world.port.delete(key).await.err(),
        ];
        for result in refused {
            assert!(matches!(result, Some(StoreError::Invalid(_))), "under {key:?}: {result:?}");
        }
    }
}

async fn an_object_over_16_mebibytes_is_refused(world: World<dyn Blobs>) {
    let result = world.port.put("a", vec![7; (16 << 20) + 1]).await;
    assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}");
    assert_eq!(get(&*world.port, "a").await, None);
    put(&*world.port, "a", &vec![7; 16 << 20]).await;
    assert_eq!(get(&*world.port, "a").await.map(|bytes| bytes.len()), Some(16 << 20));
}

async fn of_concurrent_puts_one_is_there_whole(world: World<dyn Blobs>) {
    join_all((0..16).map(|n| world.port.put("a", vec![n; 100_000]))).await.into_iter().for_each(Result::unwrap);
    let found = get(&*world.port, "a").await.unwrap();
    assert_eq!(found.len(), 100_000);
    assert!(found.iter().all(|byte| *byte == found[0]));
}
