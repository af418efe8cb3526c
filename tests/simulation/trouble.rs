//! What goes wrong in a life: drawn once for all of it, so that each life is in trouble of its own kind.

use domain::Span;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::world::meta::{Answer, LONGEST_PROCESSING};
use tests::world::model::Thought;
use tests::world::ports::{Fault, Faults, Port};
use tests::world::{Conduct, Redelivery, World};

/// The trouble of one life.
pub struct Trouble {
    conduct: Conduct,
    /// How likely a call of a port goes wrong, and which of the faults happen.
    calls: f64,
    faults: Vec<Fault>,
    /// Which ports it concerns; none: all of them.
    port: Option<Port>,
    /// How likely Meta misbehaves with the next message, or for a while, and the model with the next prompt.
    meta: f64,
    storm: f64,
    model: f64,
    /// Statuses come in any order, and up to so long after their message; none: soon and in order.
    late: Option<Span>,
    /// Meta refuses a message once or twice, and takes its time with the next.
    wavers: bool,
}

impl Trouble {
    /// Draws it: about half of all kinds are left out.
    pub fn of(random: &mut StdRng) -> Self {
        let mut likelihood = |likelihoods: &[f64]| {
            if random.random_bool(0.5) { likelihoods[random.random_range(0..likelihoods.len())] } else { 0.0 }
        };
        let conduct = Conduct {
            shuffled: true,
            again: likelihood(&[0.05, 0.3]),
            twice: likelihood(&[0.05, 0.3]),
            lose: likelihood(&[0.1, 0.6]),
            pause: likelihood(&[0.003, 0.02]),
            crash: likelihood(&[0.003, 0.02]),
            ..Conduct::default()
        };
        let (calls, meta) = (likelihood(&[0.01, 0.05, 0.2]), likelihood(&[0.2, 0.6]));
        let (storm, model) = (likelihood(&[0.1, 0.4]), likelihood(&[0.2, 0.6]));
        let redelivery = if random.random_bool(0.5) { Redelivery::Now } else { Redelivery::AfterVisibility };
        let skew = if random.random_bool(0.3) { Span::from_seconds(5) } else { Span::ZERO };
        let mut faults: Vec<Fault> = Fault::ALL.into_iter().filter(|_| random.random_bool(0.5)).collect();
        if faults.is_empty() {
            faults.push(Fault::After);
        }
        let ports = [Port::Documents, Port::Items, Port::Queues, Port::Limiter, Port::WhatsApp, Port::Blobs];
        let port = random.random_bool(0.4).then(|| ports[random.random_range(0..ports.len())]);
        let late = [Span::from_minutes(2), Span::from_minutes(2), Span::from_days(8)][random.random_range(0..3)];
        let late = random.random_bool(0.3).then_some(late);
        let conduct = Conduct { redelivery, skew, ..conduct };
        match random.random_range(0..20) {
            0 | 1 => Self::stale(conduct, late),
            2 | 3 => Self::held_up(conduct, late),
            _ => Self { conduct, calls, faults, port, meta, storm, model, late, wavers: false },
        }
    }

    /// Results that take effect, seem to fail, and are written again: maybe when the next attempt has long begun.
    fn stale(conduct: Conduct, late: Option<Span>) -> Self {
        let conduct = Conduct { twice: 0.5, crash: 0.0, pause: 0.0, ..conduct };
        let faults = vec![Fault::After];
        let (port, meta) = (Some(Port::Items), 0.0);
        Self { conduct, calls: 0.4, faults, port, meta, storm: 0.0, model: 0.0, late, wavers: true }
    }

    /// Much time passes between what is read of a gate and the claim that relies on it.
    fn held_up(conduct: Conduct, late: Option<Span>) -> Self {
        let conduct = Conduct { crash: 0.0, pause: 0.0, ..conduct };
        let faults = vec![Fault::Slow(Span::from_seconds(20))];
        let (port, meta) = (Some(Port::Items), 0.0);
        Self { conduct, calls: 0.4, faults, port, meta, storm: 0.0, model: 0.0, late, wavers: false }
    }

    pub fn begin(&self, world: &mut World, random: &mut StdRng) {
        world.conduct = self.conduct.clone();
        if self.calls > 0.0 {
            world.ports.set_faults(Some(self.faults(random)));
        }
        if let Some(latest) = self.late {
            let mut after = || Span::from_micros(random.random_range(0..latest.micros()));
            let spans = [after(), after(), after(), after()];
            let end = if random.random_bool(0.25) { "failed" } else { "read" };
            world.meta.tells(&[(end, spans[0]), ("delivered", spans[1]), ("sent", spans[2]), ("sent", spans[3])]);
        }
    }

    /// How long after the end of the trouble its last status may come.
    pub fn latest_status(&self) -> Span {
        self.late.unwrap_or(Span::ZERO)
    }

    fn faults(&self, random: &mut StdRng) -> Faults {
        let mut random = StdRng::seed_from_u64(random.random());
        let (likelihood, faults, port) = (self.calls, self.faults.clone(), self.port);
        Box::new(move |call| {
            let is_concerned = port.is_none_or(|port| port == call.port);
            let fault = (is_concerned && random.random_bool(likelihood))
                .then(|| faults[random.random_range(0..faults.len())])?;
            fault.is_its_own(call).then_some(fault)
        })
    }

    /// Before each act.
    pub fn go_on(&self, world: &mut World, random: &mut StdRng) {
        if self.wavers {
            let refusals = [130_429, 131_000, 131_056, 190];
            for _ in 0..random.random_range(1..=2) {
                world.meta.next(Answer::Refuse(refusals[random.random_range(0..refusals.len())]));
                let slowly = Span::from_millis(random.random_range(3_000..10_000));
                world.meta.next(Answer::AcceptSlowly(slowly));
            }
        } else if self.meta > 0.0 && random.random_bool(self.meta) {
            let answer = an_answer(random);
            world.meta.next(answer);
        }
        if self.storm > 0.0 {
            let storms = [Answer::Refuse(130_429), Answer::Refuse(131_000), Answer::Unreachable, Answer::Hang];
            let is_bad = random.random_bool(self.storm);
            world.meta.always(if is_bad { storms[random.random_range(0..storms.len())] } else { Answer::Accept });
        }
        if self.model > 0.0 && random.random_bool(self.model) {
            let thought = a_thought(random);
            world.model.next(thought);
        }
    }

    /// From now on nothing goes wrong any more.
    pub fn end(world: &mut World) {
        world.conduct = Conduct { shuffled: true, ..Conduct::default() };
        world.ports.set_faults(None);
        world.meta.behaves();
        world.model.behaves();
    }
}

fn an_answer(random: &mut StdRng) -> Answer {
    let millis = |random: &mut StdRng, most: Span| Span::from_millis(random.random_range(0..most.micros() / 1_000));
    match random.random_range(0..12) {
        0 => Answer::AcceptSlowly(millis(random, Span::from_seconds(10))),
        1 => Answer::AcceptThenLose,
        2 => Answer::Lose,
        3 => Answer::Refuse(130_429),
        4 => Answer::Refuse(131_056),
        5 => Answer::Refuse(190),
        6 => Answer::Refuse(131_000),
        7 => Answer::Refuse(131_026),
        8 => Answer::Refuse(131_050),
        9 => Answer::Unreachable,
        10 => Answer::Hang,
        _ => Answer::HangThenAccept(millis(random, LONGEST_PROCESSING)),
    }
}

fn a_thought(random: &mut StdRng) -> Thought {
    match random.random_range(0..7) {
        0 => Thought::SayAfter(Span::from_millis(random.random_range(0..14_000)), "Temos, sim!".into()),
        1 => Thought::HandOver("Vou chamar a equipe.".into()),
        2 => Thought::Busy(Some(Span::from_seconds(random.random_range(1..20)))),
        3 => Thought::Unavailable,
        4 => Thought::Hang,
        5 => Thought::Refuse,
        _ => Thought::Echo,
    }
}
