//! Waiting for what must happen, with a limit. Nothing here waits for a time and then hopes.

use std::future::Future;
use std::time::Duration;

/// How long anything may take that has no time of its own. Generous: the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How often a condition is looked at that nobody tells of. Several looks at once stay within the rate of the largest plan.
const GLANCE: Duration = Duration::from_millis(100);

pub async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    tokio::time::timeout(limit, future).await.ok()
}

/// Looks again and again until there is something to see.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let look = || {
        let looked = look();
        async { looked.await.ok_or_else(String::new) }
    };
    soon(PATIENCE, what, look).await
}

/// The same with a limit of its own, and with what is still wrong.
pub async fn soon<T, F: Future<Output = Result<T, String>>>(
    limit: Duration,
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let mut glances = tokio::time::interval(GLANCE);
    let mut wrong = String::new();
    let seen = within(limit, async {
        loop {
            glances.tick().await;
            match look().await {
                Ok(seen) => return seen,
                Err(still) => wrong = still,
            }
        }
    });
    match seen.await {
        Some(seen) => seen,
        None => panic!("not within {limit:?}: {what} {wrong}"),
    }
}
