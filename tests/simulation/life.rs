//! A life of the world, made up from a seed: what people do, and what goes wrong meanwhile.

use std::collections::BTreeMap;

use domain::outbound::{OutboundContent, TemplateCategory};
use domain::{ConversationId, EventId, Span, Timestamp};
use flow::records::KillScope;
use rand::Rng;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tests::world::backup::Backup;
use tests::world::people::Person;
use tests::world::{BAKERY, FLORIST, NOBODY, World, envelope, template, token};

use super::trouble::Trouble;

/// Who lives through it, and what they have done so far.
pub struct Life {
    pub world: World,
    pub random: StdRng,
    pub trouble: Trouble,
    people: Vec<Person>,
    /// How often each kind of act is drawn; those with 0 do not happen in this life.
    weights: BTreeMap<Act, u32>,
    /// Everything that Meta posted, to be posted again.
    posted: Vec<Value>,
    /// The texts of each person and number, by Meta's ids.
    written: BTreeMap<(usize, &'static str), Vec<String>>,
    /// Stops that were posted and not handled yet, and the latest start of each person.
    stops: BTreeMap<EventId, (usize, Timestamp)>,
    starts: BTreeMap<usize, Timestamp>,
    /// The answers that people gave, to be asked for again.
    answers: Vec<(ConversationId, String, OutboundContent)>,
    killed: Vec<KillScope>,
    backups: Vec<Backup>,
    said: u32,
}

/// What may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Write,
    Burst,
    Edit,
    React,
    Repeat,
    Stop,
    Start,
    Echo,
    TakeOver,
    HandBack,
    Answer,
    AnswerAgain,
    Offer,
    Kill,
    Token,
    Restart,
    Backup,
    Restore,
    Stranger,
    Garbage,
    Close,
    Recount,
}

const ACTS: [(Act, u32); 22] = [
    (Act::Write, 30),
    (Act::Burst, 12),
    (Act::Edit, 3),
    (Act::React, 3),
    (Act::Repeat, 8),
    (Act::Stop, 5),
    (Act::Start, 3),
    (Act::Echo, 3),
    (Act::TakeOver, 8),
    (Act::HandBack, 8),
    (Act::Answer, 6),
    (Act::AnswerAgain, 3),
    (Act::Offer, 10),
    (Act::Kill, 5),
    (Act::Token, 3),
    (Act::Restart, 3),
    (Act::Backup, 6),
    (Act::Restore, 4),
    (Act::Stranger, 2),
    (Act::Garbage, 2),
    (Act::Close, 6),
    (Act::Recount, 4),
];

impl Life {
    /// Begins a life.
    pub fn begin(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed ^ 0x51_4d_75_1a_7e);
        let daily = [1, 2, 1_000][random.random_range(0..3)];
        let mut world = World::with_daily_templates(seed, daily).shuffled();
        let people: Vec<Person> = (0..random.random_range(1..=3)).map(|n| somebody(&mut random, n)).collect();
        for person in &people {
            world.keep_secret(&person.secrets());
        }
        // Each life knows some of the acts only: a rare meeting of two of them is then not so rare.
        let weights = ACTS
            .into_iter()
            .map(|(act, weight)| (act, if act == Act::Write || random.random_bool(0.6) { weight } else { 0 }))
            .collect();
        let trouble = Trouble::of(&mut random);
        Self {
            world,
            random,
            trouble,
            people,
            weights,
            posted: Vec::new(),
            written: BTreeMap::new(),
            stops: BTreeMap::new(),
            starts: BTreeMap::new(),
            answers: Vec::new(),
            killed: Vec::new(),
            backups: Vec::new(),
            said: 0,
        }
    }

    /// Lives, in trouble, for a few acts; then the trouble ends. Who asks the API and gets no answer for two minutes
    /// gives up.
    pub fn live(&mut self) {
        self.trouble.begin(&mut self.world, &mut self.random);
        for _ in 0..self.random.random_range(3..=12) {
            self.trouble.go_on(&mut self.world, &mut self.random);
            let act = self.draw();
            self.act(act);
            self.judge_stops();
            let pause = match self.random.random_range(0..20) {
                0..=5 => Span::from_millis(self.random.random_range(0..300)),
                6..=13 => Span::from_millis(self.random.random_range(300..6_000)),
                14..=18 => Span::from_seconds(self.random.random_range(6..90)),
                _ => Span::from_minutes(self.random.random_range(2..50)),
            };
            self.world.wait(pause);
            self.judge_stops();
            self.world.read_feeds();
        }
        Trouble::end(&mut self.world);
        for scope in std::mem::take(&mut self.killed) {
            self.world.kill(&scope, false);
        }
        self.world.meta.only_token(None);
    }

    fn draw(&mut self) -> Act {
        let sum: u32 = self.weights.values().sum();
        let mut drawn = self.random.random_range(0..sum);
        for (act, weight) in &self.weights {
            if drawn < *weight {
                return *act;
            }
            drawn -= weight;
        }
        Act::Write
    }

    fn act(&mut self, act: Act) {
        let who = self.random.random_range(0..self.people.len());
        let number = if self.random.random_bool(0.75) { BAKERY } else { FLORIST };
        match act {
            Act::Write => self.write(who, number),
            Act::Burst => {
                for _ in 0..self.random.random_range(2..=4) {
                    self.write(who, number);
                    let pause = self.random.random_range(0..2_500);
                    self.world.wait(Span::from_millis(pause));
                }
            }
            Act::Edit | Act::React => self.change(who, number, act),
            Act::Repeat => self.repeat(),
            Act::Stop => self.choose(who, number, true),
            Act::Start => self.choose(who, number, false),
            Act::Echo => {
                let wamid = self.world.new_wamid(&self.people[who]);
                let content = json!({"type": "text", "text": {"body": "aqui é o dono, já vou"}});
                let change = envelope::echo(number, &self.people[who], &wamid, self.world.now(), &content);
                self.post(vec![change]);
            }
            Act::TakeOver => {
                if let Some(id) = self.conversation(who, number) {
                    let _ = self.world.tries_to_take_over(&id);
                }
            }
            Act::HandBack => {
                if let Some(id) = self.conversation(who, number) {
                    let _ = self.world.tries_to_hand_back(&id);
                }
            }
            Act::Answer => {
                self.said += 1;
                let body = format!("resposta {} da equipe a {}", self.said, mark(who, number));
                self.answer(who, number, OutboundContent::Text { body, preview_url: false });
            }
            Act::AnswerAgain => self.answer_again(),
            Act::Offer => {
                let marketing = self.random.random_bool(0.6);
                let category = if marketing { TemplateCategory::Marketing } else { TemplateCategory::Utility };
                self.answer(who, number, template("oferta", category));
            }
            Act::Close => {
                if let Some(id) = self.conversation(who, number) {
                    self.world.tries_to_close(&id);
                }
            }
            Act::Recount => self.world.tries_to_recount(),
            Act::Kill => self.kill(number),
            Act::Token => self.token(number),
            Act::Restart => {
                if self.world.tries_to_restart().is_err() {
                    // It is started again and again until it can begin.
                    Trouble::end(&mut self.world);
                    self.world.restart();
                }
            }
            Act::Backup => self.backups.push(self.world.backup()),
            Act::Restore => self.restore(),
            Act::Stranger => self.write(who, NOBODY),
            Act::Garbage => self.world.meta_posts_bytes(br#"{"object":"whatsapp_business_account","entry":[{"#),
        }
    }

    fn post(&mut self, changes: Vec<Value>) {
        self.world.meta_posts(&changes);
        self.posted.extend(changes);
    }

    /// A text that names its writer and its number, so that it is seen where it does not belong.
    fn write(&mut self, who: usize, number: &'static str) {
        self.said += 1;
        let text = format!("pergunta {} de {}", self.said, mark(who, number));
        self.world.keep_secret(std::slice::from_ref(&text));
        let wamid = self.world.new_wamid(&self.people[who]);
        let mut content = json!({"type": "text", "text": {"body": text}});
        if self.random.random_bool(0.1) {
            content = json!({"type": "audio", "audio": {"id": "17", "voice": true}});
        }
        let change = envelope::message(number, &self.shown(who), &wamid, self.world.now(), &content);
        self.written.entry((who, number)).or_default().push(wamid);
        self.post(vec![change]);
    }

    /// The person as Meta shows them this time.
    fn shown(&mut self, who: usize) -> Person {
        let mut shown = self.people[who].clone();
        if shown.user_id.is_some() && !shown.hidden {
            shown.hidden = self.random.random_bool(0.5);
        }
        shown
    }

    fn change(&mut self, who: usize, number: &'static str, act: Act) {
        let Some(target) = self.written.get(&(who, number)).and_then(|all| all.last()).cloned() else { return };
        self.said += 1;
        let content = if act == Act::Edit {
            let body = format!("corrigido {} por {}", self.said, mark(who, number));
            self.world.keep_secret(std::slice::from_ref(&body));
            let message = json!({"type": "text", "text": {"body": body}});
            json!({"type": "edit", "edit": {"original_message_id": target, "message": message}})
        } else {
            json!({"type": "reaction", "reaction": {"message_id": target, "emoji": "👍"}})
        };
        let wamid = self.world.new_wamid(&self.people[who]);
        let change = envelope::message(number, &self.shown(who), &wamid, self.world.now(), &content);
        self.post(vec![change]);
    }

    /// Meta posts again what it posted before, several events in one body, and now or later.
    fn repeat(&mut self) {
        if self.posted.is_empty() {
            return;
        }
        let again: Vec<Value> = (0..self.random.random_range(1..=3))
            .map(|_| self.posted[self.random.random_range(0..self.posted.len())].clone())
            .collect();
        let later = match self.random.random_range(0..4) {
            0 => Span::ZERO,
            1 => Span::from_seconds(self.random.random_range(1..60)),
            2 => Span::from_seconds(301),
            _ => Span::from_minutes(self.random.random_range(6..14)),
        };
        let at = self.world.now() + later;
        self.world.meta.post_at(at, &again);
    }

    fn choose(&mut self, who: usize, number: &'static str, stop: bool) {
        let now = self.world.now();
        // Two choices of one second are a tie by Meta's time.
        self.world.wait(Span::from_seconds(1));
        let change = if self.random.random_bool(0.3) {
            envelope::preference(number, &self.shown(who), if stop { "stop" } else { "resume" }, now)
        } else {
            let wamid = self.world.new_wamid(&self.people[who]);
            let word = if stop { "SAIR" } else { "quero receber" };
            let content = json!({"type": "text", "text": {"body": word}});
            envelope::message(number, &self.shown(who), &wamid, now, &content)
        };
        if stop {
            let ids = self.world.event_ids(std::slice::from_ref(&change));
            self.stops.extend(ids.into_iter().map(|id| (id, (who, now))));
        } else {
            self.starts.insert(who, now);
            self.judge(who, number, false);
        }
        self.post(vec![change]);
    }

    /// A stop whose event was handled is acknowledged, unless the person has said start since.
    fn judge_stops(&mut self) {
        for id in self.world.take_handled() {
            let Some((who, at)) = self.stops.remove(&id) else { continue };
            if self.starts.get(&who).is_none_or(|start| *start < at) {
                for number in [BAKERY, FLORIST] {
                    self.judge(who, number, true);
                }
            }
        }
    }

    fn judge(&self, who: usize, number: &str, stopped: bool) {
        let person = &self.people[who];
        let organization = self.world.owner(number);
        if let Some(contact) = self.world.contact_of(&organization, person)
            && (!stopped || contact.marketing.is_some_and(|choice| choice.stopped))
        {
            self.world.judge.stopped(contact.id.as_str(), stopped);
        }
    }

    fn conversation(&self, who: usize, number: &'static str) -> Option<ConversationId> {
        self.world.find_conversation(&self.people[who], number)
    }

    fn answer(&mut self, who: usize, number: &'static str, content: OutboundContent) {
        let Some(id) = self.conversation(who, number) else { return };
        self.said += 1;
        let key = format!("key {}", self.said);
        if let Some(text) = content.text().filter(|_| matches!(content, OutboundContent::Text { .. })) {
            self.world.keep_secret(&[text.to_owned()]);
        }
        self.answers.push((id.clone(), key.clone(), content.clone()));
        // A closed window is a proper answer too.
        let _ = self.world.answers_with(&id, &key, content, None);
    }

    fn answer_again(&mut self) {
        if self.answers.is_empty() {
            return;
        }
        let (id, key, content) = self.answers[self.random.random_range(0..self.answers.len())].clone();
        let _ = self.world.answers_with(&id, &key, content, None);
    }

    fn kill(&mut self, number: &'static str) {
        if let Some(scope) = self.killed.last().cloned() {
            if self.world.tries_to_kill(&scope, false).is_ok() {
                self.killed.pop();
            }
            return;
        }
        let scope = match self.random.random_range(0..3) {
            0 => KillScope::Deployment,
            1 => KillScope::Organization(self.world.owner(number)),
            _ => KillScope::Number(number.parse().expect("a number's id")),
        };
        let _ = self.world.tries_to_kill(&scope, true);
        self.killed.push(scope);
    }

    /// Meta takes another token from now on; the business may learn of it at once, or never.
    fn token(&mut self, number: &'static str) {
        let new = format!("{} anew {}", token(number), self.said);
        self.world.keep_secret(std::slice::from_ref(&new));
        self.world.meta.only_token(Some(&new));
        let pause = self.random.random_range(0..40);
        self.world.wait(Span::from_seconds(pause));
        if self.random.random_bool(0.7) {
            let _ = self.world.tries_to_reconnect(number, &new, true);
        }
    }

    /// The documents go back to a backup, in the midst of all trouble but with stores that answer in the end.
    fn restore(&mut self) {
        if self.backups.is_empty() {
            return;
        }
        let backup = self.backups[self.random.random_range(0..self.backups.len())].clone();
        Trouble::end(&mut self.world);
        self.world.restore(&backup);
        self.trouble.begin(&mut self.world, &mut self.random);
    }

    /// What was said to whom and by whom, as far as it must not be mixed up.
    pub fn mixed_up(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for taken in self.world.meta.taken() {
            let is_to = |person: &Person| taken.to == person.phone || Some(&taken.to) == person.user_id.as_ref();
            let Some(who) = self.people.iter().position(is_to) else {
                wrong.push(format!("G8: {} was sent to nobody who wrote", taken.intent));
                continue;
            };
            let own = [BAKERY, FLORIST].into_iter().filter(|number| *number == taken.number).map(|n| mark(who, n));
            let own: Vec<String> = own.collect();
            let marks = taken.text().split_whitespace().filter(|word| word.starts_with("k:"));
            if marks.into_iter().any(|word| !own.iter().any(|own| own == word)) {
                wrong.push(format!("G8: {} from {} says what belongs elsewhere", taken.intent, taken.number));
            }
        }
        wrong
    }
}

/// A word that stands for a person and a number.
fn mark(who: usize, number: &str) -> String {
    format!("k:{who}@{number}")
}

fn somebody(random: &mut StdRng, n: u32) -> Person {
    match random.random_range(0..4) {
        0 => Person::without_phone(n),
        1 => Person::with_both(n),
        _ => Person::new(n),
    }
}
