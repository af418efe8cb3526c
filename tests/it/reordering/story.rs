//! What happens in a run: the same for the same seed, whatever order it is told in.

use domain::{Span, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tests::world::meta::{Answer, Taken};
use tests::world::people::Person;
use tests::world::{BAKERY, FLORIST, World, envelope};

/// What a story is mostly about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Messages,
    Statuses,
    Choices,
    Echoes,
    Everything,
}

/// One event, as Meta would post it.
pub struct Event {
    pub at: Timestamp,
    pub what: String,
    pub change: Value,
}

/// Events by Meta's time.
pub struct Story {
    pub people: Vec<Person>,
    /// The answers that customers had got before: what statuses are about.
    pub answers: Vec<Taken>,
    pub events: Vec<Event>,
}

/// What is being told.
struct Teller<'w> {
    world: &'w mut World,
    random: StdRng,
    begin: Timestamp,
    events: Vec<Event>,
    /// The texts of each person so far, by Meta's ids.
    written: Vec<Vec<String>>,
}

impl Story {
    /// Lets everybody write once and be answered; then makes up what happens next, in two minutes of Meta's time.
    pub fn new(world: &mut World, seed: u64, theme: Theme) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let people: Vec<Person> = (0..random.random_range(1..=3)).map(|n| somebody(&mut random, n)).collect();
        world.meta.tells(&[]);
        let mut written = Vec::new();
        for person in &people {
            if random.random_bool(0.2) {
                world.meta.next(Answer::AcceptThenLose);
            }
            written.push(vec![world.person(person.clone()).writes("bom dia, tudo bem?")]);
            world.come_to_rest();
        }
        let answers = world.meta.taken();
        let mut teller = Teller { begin: world.now(), world, random, events: Vec::new(), written };
        world_goes_on(&mut teller, &people, &answers, theme);
        let mut events = teller.events;
        world.wait(Span::from_minutes(3));
        events.sort_by_key(|event| event.at);
        Self { people, answers, events }
    }
}

fn somebody(random: &mut StdRng, n: u32) -> Person {
    match random.random_range(0..4) {
        0 => Person::without_phone(n),
        1 => Person::with_both(n),
        _ => Person::new(n),
    }
}

fn world_goes_on(teller: &mut Teller<'_>, people: &[Person], answers: &[Taken], theme: Theme) {
    for _ in 0..teller.random.random_range(4..=14) {
        let who = teller.random.random_range(0..people.len());
        let person = &people[who];
        let theme = match theme {
            Theme::Everything => {
                let themes = [Theme::Messages, Theme::Statuses, Theme::Choices, Theme::Echoes];
                themes[teller.random.random_range(0..themes.len())]
            }
            theme => theme,
        };
        match theme {
            Theme::Statuses => {
                let answer = teller.random.random_range(0..answers.len());
                teller.status(&answers[answer]);
            }
            Theme::Choices if teller.random.random_bool(0.7) => teller.choice(person, who),
            Theme::Echoes if teller.random.random_bool(0.4) => teller.echo(person, who),
            _ => teller.message(person, who),
        }
    }
}

impl Teller<'_> {
    /// A whole second: several events often share one.
    fn moment(&mut self) -> Timestamp {
        self.begin + Span::from_seconds(self.random.random_range(0..10) * 12)
    }

    /// The person as Meta shows them in this event: their name may have changed, and a number may stay hidden.
    fn shown(&mut self, person: &Person) -> Person {
        let mut shown = person.clone();
        if self.random.random_bool(0.3) {
            shown.name = format!("Nome de Canário {}", self.random.random_range(0..4));
        }
        if person.user_id.is_some() && !person.hidden {
            shown.hidden = self.random.random_bool(0.5);
        }
        self.world.keep_secret(&shown.secrets());
        shown
    }

    fn wamid(&mut self, person: &Person) -> String {
        // The world's own ids count up with what it does; these must be the same in every run.
        let id = format!("wamid.HBgN{}{:016X}", person.phone, self.random.random::<u64>());
        self.world.keep_secret(std::slice::from_ref(&id));
        id
    }

    /// A text of theirs or ours.
    fn target(&mut self, who: usize) -> String {
        let texts = &self.written[who];
        texts[self.random.random_range(0..texts.len())].clone()
    }

    fn tell(&mut self, at: Timestamp, what: impl Into<String>, change: Value) {
        self.events.push(Event { at, what: what.into(), change });
    }

    fn message(&mut self, person: &Person, who: usize) {
        let at = self.moment();
        let (shown, wamid, target) = (self.shown(person), self.wamid(person), self.target(who));
        let n = self.random.random_range(0..1_000);
        let (what, content) = match self.random.random_range(0..11) {
            0 | 1 => {
                let emoji = ["👍", "❤️", "🥐", ""][self.random.random_range(0..4)];
                ("reaction", json!({"type": "reaction", "reaction": {"message_id": target, "emoji": emoji}}))
            }
            2 | 3 => {
                let message = json!({"type": "text", "text": {"body": format!("corrigido para {n}")}});
                ("edit", json!({"type": "edit", "edit": {"original_message_id": target, "message": message}}))
            }
            4 => ("revoke", json!({"type": "revoke", "revoke": {"original_message_id": target}})),
            5 => ("image", json!({"type": "image", "image": {"id": "99", "caption": format!("olhem isto, {n}")}})),
            6 => ("location", json!({"type": "location", "location": {"latitude": -23.5, "longitude": -46.6}})),
            7 => ("unknown type", json!({"type": "hologram", "hologram": {"x": n}})),
            _ => {
                let mut text = json!({"type": "text", "text": {"body": format!("pergunta de número {n}")}});
                if self.random.random_bool(0.3) {
                    text["context"] = json!({"from": "551130000000", "id": target});
                }
                self.written[who].push(wamid.clone());
                ("text", text)
            }
        };
        let number = if self.random.random_bool(0.1) { FLORIST } else { BAKERY };
        self.tell(at, format!("{what} of {who}"), envelope::message(number, &shown, &wamid, at, &content));
    }

    fn status(&mut self, answer: &Taken) {
        let at = self.moment();
        let (status, error) = match self.random.random_range(0..6) {
            0 => ("sent", None),
            1 | 2 => ("delivered", None),
            3 => ("read", None),
            4 => ("played", None),
            _ => ("failed", Some(131_026)),
        };
        let change = self.world.meta.status_of(answer, status, at, error);
        self.tell(at, format!("{status} of {}", answer.intent), change);
    }

    fn choice(&mut self, person: &Person, who: usize) {
        let at = self.moment();
        let shown = self.shown(person);
        match self.random.random_range(0..4) {
            0 => self.tell(at, format!("stop by {who}"), envelope::preference(BAKERY, &shown, "stop", at)),
            1 => self.tell(at, format!("resume by {who}"), envelope::preference(BAKERY, &shown, "resume", at)),
            word => {
                let word = if word == 2 { "SAIR" } else { "quero receber" };
                let wamid = self.wamid(person);
                let content = json!({"type": "text", "text": {"body": word}});
                let change = envelope::message(BAKERY, &shown, &wamid, at, &content);
                self.tell(at, format!("{word} by {who}"), change);
            }
        }
    }

    fn echo(&mut self, person: &Person, who: usize) {
        let at = self.moment();
        let (wamid, target) = (self.wamid(person), self.target(who));
        let content = if self.random.random_bool(0.5) {
            json!({"type": "text", "text": {"body": "aqui é o dono"}})
        } else {
            json!({"type": "reaction", "reaction": {"message_id": target, "emoji": "🙏"}})
        };
        self.tell(at, format!("echo to {who}"), envelope::echo(BAKERY, person, &wamid, at, &content));
    }
}
