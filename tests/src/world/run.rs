//! Running the world: until nothing is left to do, for a while, or for as long as somebody needs at the API.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use domain::{Span, Timestamp};
use flow::job::JobError;
use flow::platform::Platform;
use flow::ports::{Clock, Queue, QueueConsumer};

use super::view::at_once;
use super::{Inside, World};

mod invoke;
mod schedule;

pub(super) use self::schedule::{Task, Visible};

/// How the scheduler behaves. By default everything happens in order, once, and nobody is held up.
#[derive(Debug, Clone, Default)]
pub struct Conduct {
    /// What happens next is drawn from all that could.
    pub shuffled: bool,
    /// How likely a message that was handled is delivered again.
    pub again: f64,
    /// How likely a batch is given to two workers at once.
    pub twice: f64,
    /// How likely a wake-up is lost.
    pub lose: f64,
    /// How likely a worker stands still at a point of interruption, for up to ten minutes.
    pub pause: f64,
    /// How likely a worker dies at a point of interruption.
    pub crash: f64,
    /// Where workers die.
    pub deaths: Vec<Point>,
    /// Where workers stand still, and for how long.
    pub pauses: Vec<(Point, Span)>,
    /// When what a dead or failing worker held comes again.
    pub redelivery: Redelivery,
    /// How far the clocks of two workers may differ.
    pub skew: Span,
}

/// A point of interruption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// How many tasks were begun before it.
    pub task: usize,
    /// How often that task was polled.
    pub poll: u32,
}

/// When a message comes again whose worker died or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redelivery {
    /// When its visibility ends, or after the worker's own pause.
    #[default]
    AfterVisibility,
    /// At once.
    Now,
}

/// What a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Meta posts to the webhook.
    Webhook,
    /// A worker behind a queue.
    Worker(Queue),
    /// The schedule.
    Upkeep,
    /// Somebody at the API.
    Act,
}

/// A task that was begun, and was polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// What it is.
    pub kind: Kind,
    /// How often: at each poll but the last it could have been interrupted.
    pub polls: u32,
}

/// After this time without a fault, nothing may be left to do.
const LIVELY: Span = Span::from_minutes(15);

/// More steps than this in one go mean that something runs in circles.
const STEPS: u32 = 200_000;

impl World {
    /// Runs until nothing is left to do, then checks that everything is as it must be. Returns how long that took.
    ///
    /// # Panics
    /// When something is left after 15 minutes, or is not as it must be.
    #[track_caller]
    pub fn settle(&mut self) -> Span {
        let took = self.come_to_rest();
        // What only upkeep sees, it sees at its next tick: records that lag behind their intents.
        self.wait(self.tick);
        self.come_to_rest();
        self.check();
        took
    }

    /// Runs until nothing is left to do. Returns how long that took.
    ///
    /// # Panics
    /// When something is left after 15 minutes.
    #[track_caller]
    pub fn come_to_rest(&mut self) -> Span {
        let begin = self.now();
        let until = begin + LIVELY;
        let mut steps = 0;
        while !self.is_quiet() {
            steps += 1;
            let goes_on = self.step(until);
            if !goes_on && !self.is_quiet() || steps > STEPS {
                self.fail(&format!("not quiet within 15 minutes ({steps} steps): {}", self.left()));
            }
        }
        self.now().since(begin)
    }

    /// Lets time pass, and everything happen that is due meanwhile.
    ///
    /// # Panics
    /// When it runs in circles.
    #[track_caller]
    pub fn wait(&mut self, span: Span) {
        let until = self.now() + span;
        let mut steps = 0;
        while self.step(until) {
            steps += 1;
            if steps > STEPS {
                self.fail(&format!("runs in circles: {}", self.left()));
            }
        }
    }

    /// Somebody does something at the API, while everything else goes on; returns what came of it.
    ///
    /// # Panics
    /// When it does not come to an end.
    #[track_caller]
    pub fn act<T: 'static, Work: Future<Output = T> + 'static>(&mut self, work: impl FnOnce(Platform) -> Work) -> T {
        match self.attempt(work) {
            Some(value) => value,
            None => self.fail("an act did not come to an end"),
        }
    }

    /// As [`Self::act`]; `None` when the process died over it, so that nobody was told anything.
    pub fn attempt<T: 'static, Work: Future<Output = T> + 'static>(
        &mut self,
        work: impl FnOnce(Platform) -> Work,
    ) -> Option<T> {
        let slot = Rc::new(RefCell::new(None));
        let (result, work) = (Rc::clone(&slot), work(self.platform.clone()));
        self.spawn(Kind::Act, async move {
            let value = work.await;
            *result.borrow_mut() = Some(value);
        });
        let until = self.now() + LIVELY;
        loop {
            if let Some(value) = slot.borrow_mut().take() {
                return Some(value);
            }
            // The task holds the slot as long as it lives.
            if Rc::strong_count(&slot) == 1 || !self.step(until) {
                return None;
            }
        }
    }

    /// The process dies, with everything that runs in it, and a new one starts on the same stores.
    ///
    /// # Panics
    /// When the new one cannot start.
    #[track_caller]
    pub fn restart(&mut self) {
        self.tries_to_restart().expect("work that is resumed");
    }

    /// As [`Self::restart`].
    ///
    /// # Errors
    /// When the stores go on failing, so that the new process does not begin its work.
    pub fn tries_to_restart(&mut self) -> Result<(), JobError> {
        self.tasks.clear();
        at_once(self.stores.queues.release_in_flight()).expect("the queues");
        self.insist(|platform| async move { flow::upkeep::resume_after_restart(&platform).await })
    }

    /// The tasks that were begun so far.
    pub fn history(&self) -> &[Ran] {
        &self.history
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether anything is running.
    pub fn is_busy(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Runs until nothing is ready at this very moment.
    pub fn run_now(&mut self) {
        let now = self.now();
        while self.step(now) {}
    }

    fn is_quiet(&self) -> bool {
        let is_later = |at: Timestamp| at.since(self.now()) > LIVELY;
        self.tasks.is_empty()
            && self.meta.next_at().is_none_or(is_later)
            && !self.ports.watch.has_work()
            && !self.is_walking()
            && Queue::ALL.into_iter().all(|queue| at_once(self.stores.queues.depth(queue)).expect("a depth") == 0)
    }

    /// What is left to do, in words.
    fn left(&self) -> String {
        let depths = Queue::ALL.map(|queue| (queue.name(), at_once(self.stores.queues.depth(queue)).expect("a depth")));
        let tasks: Vec<Kind> = self.tasks.iter().map(Task::kind).collect();
        format!("queues {depths:?}, tasks {tasks:?}, rows {:?}", self.ports.watch.group("outbox"))
    }
}

impl Inside {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
