//! What survives a restart.

use super::*;

/// A place that never delivers, so that everything waits.
async fn stuck(path: &Path) -> Place {
    Place::with(Wishes { state: Some(path), stranger_to_the_token: true, ..Wishes::default() }).await
}

async fn again(path: &Path) -> Place {
    Place::with(Wishes { state: Some(path), ..Wishes::default() }).await
}

#[tokio::test]
async fn a_webhook_that_waits_is_delivered_after_a_restart_and_the_phone_still_shows_everything() {
    let folder = tempfile::tempdir().unwrap();
    let place = stuck(folder.path()).await;
    let id = place.says(ANA, "não se perca").await;
    place.sends_text(ANA, "in_a").await;
    place.ends().await;
    let mut place = again(folder.path()).await;
    let message = place.change(|change| change.pointer("/value/messages/0").cloned()).await;
    assert_eq!((&message["id"], &message["text"]["body"]), (&json!(id), &json!("não se perca")));
    place
        .sees(ANA, |screen| screen["messages"][0]["status"] == "delivered" && screen["messages"][1]["status"] == "read")
        .await;
    assert_eq!(place.acceptances().await["by_callback_data"], json!({"in_a": 1}));
    assert!(place.sends(&text_to(ANA, "in_b")).await.status().is_success());
    let of_b = |change: &Value| {
        let status = change.pointer("/value/statuses/0")?;
        (status["biz_opaque_callback_data"] == "in_b").then(|| status["status"].clone())
    };
    assert_ne!(place.change(of_b).await, "failed", "the window is still open");
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let place = stuck(folder.path()).await;
    place.says(ANA, "antes").await;
    place.ends().await;
    let place = stuck(folder.path()).await;
    let id = place.says(ANA, "depois").await;
    place.sends_text(ANA, "in_a").await;
    place.work.abort();
    drop(place);
    let journal = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let journal = journal.filter(|path| path.to_string_lossy().contains("journal-")).max().unwrap();
    let mut torn = std::fs::read(&journal).unwrap();
    torn.extend_from_slice(b"v1.torn");
    std::fs::write(&journal, torn).unwrap();

    let mut place = again(folder.path()).await;
    place.change(|change| (change.pointer("/value/messages/0/id") == Some(&json!(id))).then_some(())).await;
    let screen = place.screen(ANA, 0, 0).await;
    assert_eq!(screen["messages"].as_array().unwrap().len(), 3);
    assert_eq!(place.acceptances().await["by_callback_data"], json!({"in_a": 1}));
    place.ends().await;
    let place = again(folder.path()).await;
    assert_eq!(place.screen(ANA, 0, 0).await["messages"].as_array().unwrap().len(), 3, "and nothing comes twice");
}

#[tokio::test]
async fn the_files_are_their_owners_alone_and_hold_nothing_in_plain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simulator");
    let place = stuck(&path).await;
    place.says(ANA, "segredo").await;
    place.work.abort();
    drop(place);
    again(&path).await.ends().await;
    let mut files = 0;
    for entry in std::fs::read_dir(&path).unwrap() {
        let file = entry.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("segredo") && !text.contains(ANA));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        files += 1;
    }
    assert_eq!(files, 2, "a snapshot and the journal after it");
}

#[tokio::test]
async fn a_state_of_another_key_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let place = stuck(folder.path()).await;
    place.says(ANA, "oi").await;
    place.ends().await;
    let place = Place::with(Wishes { state: Some(folder.path()), sealing_key: 9, ..Wishes::default() }).await;
    assert_eq!(place.screen(ANA, 0, 0).await["messages"], json!([]));
    assert!(folder.path().join("snapshot.unreadable").exists());
}

#[tokio::test]
async fn the_end_of_the_program_answers_whoever_waits() {
    let place = Place::new().await;
    let (http, url) = (place.http.clone(), format!("{}/simulator/phones/{ANA}/messages?wait=30", place.base));
    let waiting = tokio::spawn(async move { http.get(url).header("X-API-Key", KEY).send().await.unwrap().status() });
    place.sees_a_waiter().await;
    place.ends().await;
    assert_eq!(timeout(Duration::from_secs(10), waiting).await.expect("an answer at once").unwrap(), StatusCode::OK);
}

impl Place {
    /// Returns once somebody looks at Ana's phone.
    async fn sees_a_waiter(&self) {
        while self.simulator.shared.world().known(ANA).is_none() {
            tokio::task::yield_now().await;
        }
    }
}
