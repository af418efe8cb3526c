//! The background work: it lets things happen when they are due, delivers webhooks, and writes the state down.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use data_encoding::HEXLOWER;
use domain::{Span, Timestamp};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Shared, StateError, webhook};

/// POSTs on their way at a time.
const LANES: usize = 8;
/// Meta does not document how long it waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
const BETWEEN_SNAPSHOTS: Span = Span::from_minutes(1);
const LONGEST_SLEEP: Span = Span::from_hours(1);

/// The client for webhooks: plain HTTP on this machine, so that no proxy and no certificate has a part in it.
pub(super) fn client() -> Result<reqwest::Client, StateError> {
    fn wrong(error: impl std::error::Error + Send + Sync + 'static) -> StateError {
        StateError::Client(Box::new(error))
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(wrong)?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build()
        .map_err(wrong)
}

/// What came of a call to the platform.
enum Outcome {
    Handshake { verified: bool },
    Post { number: u64, taken: bool },
}

/// How far the handshake is. Meta documents that no webhook is sent before it succeeded.
enum Handshake {
    Due { at: Timestamp, tries: u32 },
    Asked { tries: u32 },
    Done,
}

/// Works until shutdown.
pub(super) async fn run(shared: Arc<Shared>, shutdown: CancellationToken) {
    let mut calls = JoinSet::new();
    let mut handshake = Handshake::Due { at: shared.clock.now(), tries: 0 };
    let mut snapshot_at = shared.clock.now() + BETWEEN_SNAPSHOTS;
    loop {
        let now = shared.clock.now();
        let mut next = now + LONGEST_SLEEP;
        if let Handshake::Due { at, tries } = handshake {
            if at <= now {
                calls.spawn(shake_hands(shared.clone()));
                handshake = Handshake::Asked { tries };
            } else {
                next = next.min(at);
            }
        }
        {
            let mut world = shared.world();
            if world.tick(&shared.settings, &*shared.entropy, now) {
                shared.touch();
            }
            if matches!(handshake, Handshake::Done) {
                for (number, events) in world.outbox.take(now, LANES.saturating_sub(calls.len())) {
                    let body = webhook::body(&shared.settings.waba_id, events);
                    calls.spawn(post(shared.clone(), number, body));
                }
                // Full lanes free themselves; looking again before that would be in vain.
                if calls.len() < LANES {
                    next = next.min(world.outbox.next_ready().unwrap_or(next));
                }
            }
            next = next.min(world.next_timer().unwrap_or(next));
        }
        if shared.journal.as_ref().is_some_and(super::Journal::dirty) {
            if snapshot_at <= now {
                write_snapshot(&shared).await;
                snapshot_at = now + BETWEEN_SNAPSHOTS;
            }
            next = next.min(snapshot_at);
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(done) = calls.join_next(), if !calls.is_empty() => {
                if let Ok(outcome) = done {
                    settle(&shared, &mut handshake, outcome);
                }
            }
            () = shared.work.notified() => {}
            () = shared.clock.sleep(next.since(now)) => {}
        }
    }
    shared.closing.cancel();
    // A POST that was under way comes again after the restart, as it would from Meta.
    calls.shutdown().await;
    if shared.journal.as_ref().is_some_and(super::Journal::dirty) {
        write_snapshot(&shared).await;
    }
}

fn settle(shared: &Shared, handshake: &mut Handshake, outcome: Outcome) {
    let now = shared.clock.now();
    match outcome {
        Outcome::Handshake { verified: true } => *handshake = Handshake::Done,
        Outcome::Handshake { verified: false } => {
            let tries = if let Handshake::Asked { tries } = *handshake { tries + 1 } else { 1 };
            if tries == 5 {
                tracing::warn!("the webhook does not answer the handshake; no webhook is delivered until it does");
            }
            let pause = Span::from_millis(250 << tries.min(5));
            *handshake = Handshake::Due { at: now + pause, tries };
        }
        Outcome::Post { number, taken: true } => shared.world().delivered(number),
        Outcome::Post { number, taken: false } => {
            if shared.world().outbox.refused(number, now) {
                tracing::error!("a webhook was refused for seven days and is given up");
            }
        }
    }
    shared.touch();
}

/// Asks the webhook to prove that it is the right one.
async fn shake_hands(shared: Arc<Shared>) -> Outcome {
    let mut bits = [0; 8];
    shared.entropy.fill(&mut bits);
    let challenge = HEXLOWER.encode(&bits);
    let mut url = shared.settings.webhook_url.clone();
    url.query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", shared.settings.verify_token.expose_secret());
    let verified = match shared.http.get(url).send().await {
        Ok(response) if response.status() == reqwest::StatusCode::OK => {
            response.text().await.is_ok_and(|text| text == challenge)
        }
        _ => false,
    };
    Outcome::Handshake { verified }
}

/// One attempt of one POST.
async fn post(shared: Arc<Shared>, number: u64, body: Vec<u8>) -> Outcome {
    let call = shared
        .http
        .post(shared.settings.webhook_url.clone())
        .header(header::CONTENT_TYPE, "application/json")
        .header("X-Hub-Signature-256", webhook::signature(&shared.settings.app_secret, &body))
        .body(body);
    // The status is the whole answer, but an unread body would hold its connection.
    let taken = match call.send().await {
        Ok(response) if response.status() == reqwest::StatusCode::OK => response.bytes().await.is_ok(),
        _ => false,
    };
    Outcome::Post { number, taken }
}

async fn write_snapshot(shared: &Arc<Shared>) {
    let writing = shared.clone();
    let written = tokio::task::spawn_blocking(move || match &writing.journal {
        Some(journal) => journal.snapshot(&writing),
        None => Ok(()),
    });
    match written.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(error = %error, "the simulator's state could not be written"),
        Err(error) => tracing::error!(error = %error, "writing the simulator's state broke off"),
    }
}
