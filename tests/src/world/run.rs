//! The scheduler: what runs next, and how time passes. It polls the handlers' futures itself; there is no runtime, no
//! thread and no real time.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use domain::{Span, Timestamp};
use embedded::QueueStore;
use flow::platform::Platform;
use flow::ports::{Clock, Queue, QueueConsumer};
use rand::Rng;
use tokio::sync::watch;

use super::meta::Later;
use super::view::at_once;
use super::{Inside, World};

mod invoke;

/// How the scheduler behaves. By default everything happens in order, once, and nobody is held up.
#[derive(Debug, Clone, Default)]
pub struct Conduct {
    /// What happens next is drawn from all that could.
    pub shuffled: bool,
    /// How likely a message that was handled is delivered again.
    pub again: f64,
    /// How likely a batch is given to two workers at once.
    pub twice: f64,
    /// How likely a worker stands still at a point of interruption, for up to ten minutes.
    pub pause: f64,
    /// How likely a worker dies at a point of interruption.
    pub crash: f64,
    /// Makes one worker die: the `n`th of its kind that starts from now on, at its `n`th point of interruption.
    pub die: Option<(Kind, u32)>,
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

pub(super) struct Task {
    kind: Kind,
    future: Pin<Box<dyn Future<Output = ()>>>,
    awake: Arc<Awake>,
    /// It is ended then.
    until: Timestamp,
    paused_until: Option<Timestamp>,
    polls: u32,
}

struct Awake(AtomicBool);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// When the next message of each queue can be received, found out anew only where something happened to the queue.
pub(super) struct Visible(Vec<(watch::Receiver<u64>, Option<Timestamp>)>);

impl Visible {
    pub fn of(queues: &QueueStore) -> Self {
        let unseen = |queue| {
            let mut changes = queues.changed(queue);
            changes.mark_changed();
            (changes, None)
        };
        Self(Queue::ALL.into_iter().map(unseen).collect())
    }

    /// For each queue, in order.
    fn look(&mut self, queues: &QueueStore) -> Vec<Option<Timestamp>> {
        for ((changes, next), queue) in self.0.iter_mut().zip(Queue::ALL) {
            if changes.has_changed().unwrap_or(true) {
                changes.mark_unchanged();
                *next = at_once(queues.next_visible_at(queue)).expect("the queue's next message");
            }
        }
        self.0.iter().map(|(_, next)| *next).collect()
    }
}

/// Something that could happen now.
enum Action {
    Poll(usize),
    Meta((Timestamp, u64)),
    Receive(Queue),
    Tick,
}

/// How many workers of one queue run at once.
const WORKERS: usize = 8;

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
        let slot = Rc::new(RefCell::new(None));
        let (result, work) = (Rc::clone(&slot), work(self.platform.clone()));
        self.spawn(Kind::Act, async move {
            let value = work.await;
            *result.borrow_mut() = Some(value);
        });
        let until = self.now() + LIVELY;
        loop {
            if let Some(value) = slot.borrow_mut().take() {
                return value;
            }
            if !self.step(until) {
                self.fail("an act did not come to an end");
            }
        }
    }

    /// The process dies, with everything that runs in it, and a new one starts on the same stores.
    ///
    /// # Panics
    /// When the new one cannot start.
    #[track_caller]
    pub fn restart(&mut self) {
        self.tasks.clear();
        at_once(self.stores.queues.release_in_flight()).expect("the queues");
        let resumed = self.act(|platform| async move { flow::upkeep::resume_after_restart(&platform).await });
        resumed.expect("work that is resumed");
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
        let tasks: Vec<Kind> = self.tasks.iter().map(|task| task.kind).collect();
        format!("queues {depths:?}, tasks {tasks:?}, rows {:?}", self.ports.watch.group("outbox"))
    }

    /// Does one thing, or lets time pass to the next one. `false`: nothing happens until then.
    fn step(&mut self, until: Timestamp) -> bool {
        self.end_overdue();
        let mut actions = self.actions();
        if actions.is_empty() {
            return self.pass_time(until);
        }
        let chosen = if self.conduct.shuffled { self.random.random_range(0..actions.len()) } else { 0 };
        match actions.swap_remove(chosen) {
            Action::Poll(task) => self.poll(task),
            Action::Meta(key) => self.meta_acts(key),
            Action::Receive(queue) => self.receive(queue),
            Action::Tick => self.tick_now(),
        }
        true
    }

    fn actions(&mut self) -> Vec<Action> {
        let now = self.now();
        let is_ready = |task: &Task| task.awake.0.load(Ordering::Relaxed) && task.paused_until.is_none();
        let ready = self.tasks.iter().enumerate().filter(|(_, task)| is_ready(task));
        let mut actions: Vec<Action> = ready.map(|(place, _)| Action::Poll(place)).collect();
        actions.extend(self.meta.due(now).into_iter().map(Action::Meta));
        for (queue, next) in Queue::ALL.into_iter().zip(self.visible.look(&self.stores.queues)) {
            let busy = self.tasks.iter().filter(|task| task.kind == Kind::Worker(queue)).count();
            if busy < WORKERS && next.is_some_and(|at| at <= now) {
                actions.push(Action::Receive(queue));
            }
        }
        if self.last_tick + self.tick <= now {
            actions.push(Action::Tick);
        }
        actions
    }

    /// Sets the clock to the next moment at which something can happen, but not beyond `until`.
    fn pass_time(&mut self, until: Timestamp) -> bool {
        let now = self.now();
        if now >= until {
            return false;
        }
        let queues = self.visible.look(&self.stores.queues);
        let tasks = self.tasks.iter().map(|task| Some(task.paused_until.unwrap_or(task.until)));
        // Where nothing is left to do, upkeep need not look every minute: once when the time has passed is enough.
        let tick = self.last_tick + self.tick;
        let tick = if self.is_quiet() { tick.max(until) } else { tick };
        let moments = queues.into_iter().chain([self.clock.next_wake(), self.meta.next_at(), Some(tick)]).chain(tasks);
        let next = moments.flatten().filter(|at| *at > now).min().unwrap_or(until).min(until);
        self.clock.set(next);
        for task in &mut self.tasks {
            if task.paused_until.is_some_and(|at| at <= next) {
                task.paused_until = None;
            }
        }
        true
    }

    /// Ends what takes longer than its function may.
    fn end_overdue(&mut self) {
        let now = self.now();
        self.tasks.retain(|task| task.paused_until.is_some() || now < task.until);
    }

    fn poll(&mut self, place: usize) {
        let task = &mut self.tasks[place];
        task.awake.0.store(false, Ordering::Relaxed);
        task.polls += 1;
        let waker = Waker::from(Arc::clone(&task.awake));
        if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            self.tasks.remove(place);
            return;
        }
        let dies = self.conduct.die == Some((task.kind, task.polls));
        if dies {
            self.conduct.die = None;
        }
        if dies || (self.conduct.crash > 0.0 && self.random.random_bool(self.conduct.crash)) {
            self.tasks.remove(place);
        } else if self.conduct.pause > 0.0 && self.random.random_bool(self.conduct.pause) {
            let pause = Span::from_millis(self.random.random_range(1..600_000));
            let resumes = self.now() + pause;
            let task = &mut self.tasks[place];
            (task.paused_until, task.until) = (Some(resumes), task.until + pause);
        }
    }

    fn meta_acts(&mut self, key: (Timestamp, u64)) {
        match self.meta.take_later(key) {
            Some(Later::Post { body, tries }) => self.post(body, tries),
            Some(Later::Accept { number, request }) => {
                self.meta.accept(&number, &request);
            }
            None => {}
        }
    }

    fn receive(&mut self, queue: Queue) {
        let most = if self.conduct.shuffled { self.random.random_range(1..=10) } else { 10 };
        let deliveries = at_once(self.stores.queues.receive(queue, most, queue.visibility())).expect("a receive");
        for batch in invoke::in_groups(queue, deliveries) {
            let workers = if self.conduct.twice > 0.0 && self.random.random_bool(self.conduct.twice) { 2 } else { 1 };
            for _ in 0..workers {
                let comes_again = self.conduct.again > 0.0 && self.random.random_bool(self.conduct.again);
                let until = self.now() + invoke::timeout(queue);
                let work = Rc::clone(&self.inside).invoke(queue, batch.clone(), comes_again);
                self.spawn_until(Kind::Worker(queue), until, work);
            }
        }
    }

    fn tick_now(&mut self) {
        self.last_tick = self.now();
        let work = Rc::clone(&self.inside).keep_up();
        self.spawn(Kind::Upkeep, work);
    }

    /// Meta posts a body to the webhook.
    pub(super) fn post(&mut self, body: Vec<u8>, tries: u32) {
        let work = Rc::clone(&self.inside).take_in(body, tries);
        // Meta waits as long as the function may run; then it posts again.
        self.spawn(Kind::Webhook, work);
    }

    fn spawn(&mut self, kind: Kind, work: impl Future<Output = ()> + 'static) {
        let until = self.now() + Span::from_minutes(1);
        self.spawn_until(kind, until, work);
    }

    fn spawn_until(&mut self, kind: Kind, until: Timestamp, work: impl Future<Output = ()> + 'static) {
        let awake = Arc::new(Awake(AtomicBool::new(true)));
        self.tasks.push(Task { kind, future: Box::pin(work), awake, until, paused_until: None, polls: 0 });
    }
}

impl Inside {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
