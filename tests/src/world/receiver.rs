//! Who the organizations' webhooks are posted to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Span, Timestamp};
use flow::ports::{Clock, WebhookAnswer, WebhookError, WebhookPost, WebhookSender};
use futures::FutureExt;

use crate::clock::TestClock;

/// What the receiver does with a post.
#[derive(Debug, Clone)]
pub enum Reaction {
    /// Answers with this status and body.
    Answer(u16, &'static str),
    /// Answers with this status, and asks for a pause.
    Later(u16, &'static str),
    /// Answers with 200, after so long.
    Slow(Span),
    /// There is no answer, for this reason.
    Fail(WebhookError),
}

/// Takes every post with a 200, unless it was told otherwise.
pub struct FakeReceiver {
    clock: Arc<TestClock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: VecDeque<Reaction>,
    always: Option<Reaction>,
    posts: Vec<(Timestamp, WebhookPost)>,
}

impl FakeReceiver {
    pub(super) fn new(clock: Arc<TestClock>) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// What to do with the next post that nothing is said about yet.
    pub fn next(&self, reaction: Reaction) {
        self.state().next.push_back(reaction);
    }

    /// What to do with every post that nothing else is said about; `None`: take it.
    pub fn always(&self, reaction: Option<Reaction>) {
        self.state().always = reaction;
    }

    /// What was posted, and when.
    pub fn posts(&self) -> Vec<(Timestamp, WebhookPost)> {
        self.state().posts.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value of a header.
///
/// # Panics
/// When it is not there.
#[track_caller]
pub fn header<'p>(post: &'p WebhookPost, name: &str) -> &'p str {
    post.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value).expect("a header")
}

#[async_trait::async_trait]
impl WebhookSender for FakeReceiver {
    async fn post(&self, post: &WebhookPost) -> Result<WebhookAnswer, WebhookError> {
        let reaction = {
            let mut state = self.state();
            state.posts.push((self.clock.now(), post.clone()));
            state.next.pop_front().or_else(|| state.always.clone()).unwrap_or(Reaction::Answer(200, "ok"))
        };
        let answer = |status, retry_after: Option<&str>, body: &str| {
            Ok(WebhookAnswer { status, retry_after: retry_after.map(str::to_owned), body: body.into() })
        };
        match reaction {
            Reaction::Answer(status, body) => answer(status, None, body),
            Reaction::Later(status, retry_after) => answer(status, Some(retry_after), ""),
            Reaction::Fail(error) => Err(error),
            Reaction::Slow(span) if span >= post.deadline => {
                self.clock.sleep(post.deadline).await;
                Err(WebhookError::TimedOut)
            }
            Reaction::Slow(span) => self.clock.sleep(span).map(|()| answer(200, None, "")).await,
        }
    }
}
