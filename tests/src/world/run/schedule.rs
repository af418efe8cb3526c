//! The scheduler: what runs next, and how time passes. It polls the handlers' futures itself; there is no runtime, no
//! thread and no real time.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use domain::{Span, Timestamp};
use embedded::QueueStore;
use flow::ports::{Queue, QueueConsumer, Queues};
use rand::Rng;
use rand::seq::SliceRandom;
use tokio::sync::watch;

use super::super::World;
use super::super::meta::Later;
use super::super::view::at_once;
use super::{Kind, Point, Ran, Redelivery, invoke};

/// Something that runs.
pub(in crate::world) struct Task {
    kind: Kind,
    /// How many tasks were begun before it.
    number: usize,
    future: Pin<Box<dyn Future<Output = ()>>>,
    awake: Arc<Awake>,
    /// It is ended then.
    until: Timestamp,
    paused_until: Option<Timestamp>,
    /// The messages that it holds.
    receipts: Vec<String>,
}

impl Task {
    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

struct Awake(AtomicBool);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// When the next message of each queue can be received, found out anew only where something happened to the queue.
pub(in crate::world) struct Visible(Vec<(watch::Receiver<u64>, Option<Timestamp>)>);

impl Visible {
    pub fn of(queues: &QueueStore) -> Self {
        let unseen = |queue| {
            let mut changes = queues.changed(queue);
            changes.mark_changed();
            (changes, None)
        };
        Self(Queue::ALL.into_iter().map(unseen).collect())
    }

    /// Something happened to a queue that the queue itself does not tell of.
    fn forget(&mut self, queue: Queue) {
        for ((changes, _), known) in self.0.iter_mut().zip(Queue::ALL) {
            if known == queue {
                changes.mark_changed();
            }
        }
    }

    /// For each queue, in order.
    pub fn look(&mut self, queues: &QueueStore) -> Vec<Option<Timestamp>> {
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

impl World {
    /// Does one thing, or lets time pass to the next one. `false`: nothing happens until then.
    pub(super) fn step(&mut self, until: Timestamp) -> bool {
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
        let wakes = |task: &Task| task.paused_until.filter(|at| *at < task.until).unwrap_or(task.until);
        let tasks = self.tasks.iter().map(|task| Some(wakes(task)));
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
        for place in (0..self.tasks.len()).rev() {
            let task = &self.tasks[place];
            if now >= task.until && (task.paused_until.is_none() || task.kind == Kind::Act) {
                self.end(place);
            }
        }
    }

    /// A worker dies: nothing of it is left but what it has done.
    fn end(&mut self, place: usize) {
        let task = self.tasks.remove(place);
        if let (Kind::Worker(queue), Redelivery::Now) = (task.kind, self.conduct.redelivery) {
            for receipt in &task.receipts {
                // An error says that another worker has it by now.
                let _ = at_once(self.stores.queues.defer(queue, receipt, Span::ZERO));
            }
        }
    }

    fn poll(&mut self, place: usize) {
        let task = &mut self.tasks[place];
        task.awake.0.store(false, Ordering::Relaxed);
        let ran = &mut self.history[task.number];
        ran.polls += 1;
        let point = Point { task: task.number, poll: ran.polls };
        let waker = Waker::from(Arc::clone(&task.awake));
        self.ports.called_by(Some(task.kind));
        let is_done = task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        self.ports.called_by(None);
        if is_done {
            self.tasks.remove(place);
            return;
        }
        let dies = self.conduct.deaths.contains(&point);
        if dies || self.happens(self.conduct.crash) {
            self.end(place);
            return;
        }
        let planned = self.conduct.pauses.iter().find(|(at, _)| *at == point).map(|(_, span)| *span);
        let pauses = planned.is_some() || self.happens(self.conduct.pause);
        if pauses {
            let pause = planned.unwrap_or_else(|| Span::from_millis(self.random.random_range(1..600_000)));
            self.pause(place, pause);
        }
    }

    fn pause(&mut self, place: usize, span: Span) {
        let resumes = self.now() + span;
        let task = &mut self.tasks[place];
        task.paused_until = Some(resumes);
        // A worker may wake up long after its messages were given to others; a request at the API is ended in time.
        if task.kind != Kind::Act {
            task.until = task.until + span;
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
        let mut deliveries = at_once(self.stores.queues.receive(queue, most, queue.visibility())).expect("a receive");
        // It may have moved messages to the dead letters and returned nothing.
        self.visible.forget(queue);
        if self.conduct.shuffled && !queue.fifo() {
            deliveries.shuffle(&mut self.random);
        }
        for batch in invoke::in_groups(queue, deliveries) {
            let is_hint = !matches!(queue, Queue::Inbound | Queue::Status);
            if is_hint && self.happens(self.conduct.lose) {
                for delivery in batch {
                    at_once(self.stores.queues.delete(queue, &delivery.receipt)).expect("a delete");
                }
                continue;
            }
            let workers = if self.happens(self.conduct.twice) { 2 } else { 1 };
            for _ in 0..workers {
                let again = if self.happens(self.conduct.again) {
                    invoke::Again::All
                } else if self.conduct.redelivery == Redelivery::Now {
                    invoke::Again::Failed
                } else {
                    invoke::Again::Never
                };
                let skew = self.skew();
                let until = self.now() + invoke::timeout(queue);
                let receipts = batch.iter().map(|delivery| delivery.receipt.clone()).collect();
                let work = Rc::clone(&self.inside).invoke(queue, batch.clone(), again, skew);
                self.spawn_until(Kind::Worker(queue), until, receipts, work);
            }
        }
    }

    /// What has this likelihood.
    fn happens(&mut self, likelihood: f64) -> bool {
        likelihood > 0.0 && self.random.random_bool(likelihood)
    }

    /// How far the next worker's clock is from the true time: as far as it may be, one way or the other, or not at all.
    fn skew(&mut self) -> Span {
        let most = self.conduct.skew.micros() / 2;
        if most == 0 { Span::ZERO } else { Span::from_micros(most * self.random.random_range(-1..=1)) }
    }

    fn tick_now(&mut self) {
        self.last_tick = self.now();
        let skew = self.skew();
        let work = Rc::clone(&self.inside).keep_up(skew);
        self.spawn(Kind::Upkeep, work);
    }

    /// Meta posts a body to the webhook.
    pub(in crate::world) fn post(&mut self, body: Vec<u8>, tries: u32) {
        let work = Rc::clone(&self.inside).take_in(body, tries);
        // Meta waits as long as the function may run; then it posts again.
        self.spawn(Kind::Webhook, work);
    }

    pub(super) fn spawn(&mut self, kind: Kind, work: impl Future<Output = ()> + 'static) {
        let until = self.now() + Span::from_minutes(1);
        self.spawn_until(kind, until, Vec::new(), work);
    }

    fn spawn_until(
        &mut self,
        kind: Kind,
        until: Timestamp,
        receipts: Vec<String>,
        work: impl Future<Output = ()> + 'static,
    ) {
        let awake = Arc::new(Awake(AtomicBool::new(true)));
        let number = self.history.len();
        self.history.push(Ran { kind, polls: 0 });
        self.tasks.push(Task { kind, number, future: Box::pin(work), awake, until, paused_until: None, receipts });
    }
}
