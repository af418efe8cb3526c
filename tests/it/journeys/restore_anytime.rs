//! Any backup, restored at any moment of any story.

use domain::conversation::ConversationState;
use domain::{Span, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tests::seeds::for_each_seed;
use tests::world::backup::Backup;
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::{BAKERY, World, envelope};

/// What customers write: questions, a hand-over, and words about marketing.
const TEXTS: [&str; 7] = [
    "vocês abrem no domingo?",
    "quanto custa o bolo?",
    "e tem entrega?",
    "obrigada pela ajuda",
    "falar com atendente",
    "SAIR",
    "VOLTAR",
];

struct Story {
    world: World,
    random: StdRng,
    backups: Vec<Backup>,
    /// What Meta posted, to be posted again.
    posted: Vec<Value>,
    /// Answers of people, by key.
    keys: Vec<(u32, String)>,
}

impl Story {
    fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        if seed.is_multiple_of(2) {
            world = world.shuffled();
            (world.conduct.again, world.conduct.twice) = (0.05, 0.05);
        }
        let backups = vec![world.backup()];
        Self { world, random: StdRng::seed_from_u64(seed), backups, posted: Vec::new(), keys: Vec::new() }
    }

    fn somebody(&mut self) -> u32 {
        self.random.random_range(0..3)
    }

    fn writes(&mut self, n: u32, at: Timestamp) {
        let person = Person::new(n);
        self.world.keep_secret(&person.secrets());
        let wamid = self.world.new_wamid(&person);
        let text = TEXTS[self.random.random_range(0..TEXTS.len())];
        let content = json!({"type": "text", "text": {"body": text}});
        let change = if self.random.random_bool(0.05) {
            envelope::echo(BAKERY, &person, &wamid, at, &content)
        } else {
            envelope::message(BAKERY, &person, &wamid, at, &content)
        };
        self.posted.push(change.clone());
        self.world.meta_posts(&[change]);
    }

    /// A person of the business does something, where there is a conversation.
    fn somebody_acts(&mut self) {
        let n = self.somebody();
        let organization = self.world.bakery.clone();
        if self.world.contact_of(&organization, &Person::new(n)).is_none() {
            return;
        }
        let id = self.world.conversation_id(&Person::new(n), BAKERY);
        let has_a_person = self.world.seen(&Person::new(n)).conversation.state() == ConversationState::Person;
        match self.random.random_range(0..4) {
            0 => drop(self.world.take_over(&id)),
            1 if has_a_person => drop(self.world.hand_back(&id)),
            1 => {}
            _ => {
                let key = match self.keys.iter().find(|(of, _)| *of == n).filter(|_| self.random.random_bool(0.5)) {
                    Some((_, key)) => key.clone(),
                    None => format!("key-{}", self.keys.len()),
                };
                self.keys.push((n, key.clone()));
                let text = format!("uma pessoa responde: {key}");
                // That a window has closed is no matter here.
                let _ = self.world.answers(&id, &key, &text);
            }
        }
    }

    fn something_happens(&mut self) {
        match self.random.random_range(0..20) {
            0..=7 => {
                let (n, now) = (self.somebody(), self.world.now());
                self.writes(n, now);
            }
            8..=9 => self.somebody_acts(),
            10 => self.backups.push(self.world.backup()),
            11 if !self.posted.is_empty() => {
                let again = self.posted[self.random.random_range(0..self.posted.len())].clone();
                self.world.meta_posts(&[again]);
            }
            12..=13 => {
                let odd = [
                    Answer::AcceptThenLose,
                    Answer::Lose,
                    Answer::Refuse(130_429),
                    Answer::Refuse(131_026),
                    Answer::AcceptSlowly(Span::from_seconds(4)),
                    Answer::HangThenAccept(Span::from_seconds(12)),
                    Answer::Unreachable,
                ];
                let answer = odd[self.random.random_range(0..odd.len())];
                self.world.meta.next(answer);
            }
            14..=17 => self.waits(4_000),
            _ => self.waits(60_000),
        }
    }

    fn waits(&mut self, most: i64) {
        let span = Span::from_millis(self.random.random_range(1..=most));
        self.world.wait(span);
    }

    fn happens(&mut self, times: std::ops::Range<u32>) {
        for _ in 0..self.random.random_range(times) {
            self.something_happens();
        }
    }

    /// Goes back to any backup, posts any events again, and lets the story go on.
    fn is_restored(&mut self) {
        let backup = self.backups[self.random.random_range(0..self.backups.len())].clone();
        self.world.restore(&backup);
        for _ in 0..self.random.random_range(0..4) {
            if self.posted.is_empty() {
                break;
            }
            let again = self.posted[self.random.random_range(0..self.posted.len())].clone();
            self.world.meta_posts(&[again]);
            if self.random.random_bool(0.5) {
                self.waits(90_000);
            }
        }
    }
}

#[test]
fn a_restore_of_any_backup_at_any_moment_sends_nothing_again() {
    let name = "journeys::restore_anytime::a_restore_of_any_backup_at_any_moment_sends_nothing_again";
    for_each_seed(name, 0..200, |seed| {
        let mut story = Story::new(seed);
        story.happens(5..40);
        for _ in 0..story.random.random_range(1..=2) {
            story.is_restored();
            story.happens(0..15);
        }
        (story.world.conduct.again, story.world.conduct.twice) = (0.0, 0.0);
        story.world.settle();
        // What Meta posts for days is answered no more than once, too.
        for change in std::mem::take(&mut story.posted) {
            story.world.meta_posts(&[change]);
        }
        story.world.settle();
    });
}
