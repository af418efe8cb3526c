//! The world: all phones, everything Meta keeps, and what will happen next.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use domain::{Span, Timestamp};
use flow::ports::Entropy;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::acceptances::Acceptances;
use super::entries::{Entry, Fate, FromBusiness, FromCustomer, Recipient};
use super::faults::{Faults, Target};
use super::graph::{Decision, Media, Templates};
use super::identity::{self, Side};
use super::outbox::{Event, Outbox, Written};
use super::phone::{Phone, TYPING, Tick};
use super::{SimulatorSettings, webhook};

/// Everything that the simulator knows.
#[derive(Serialize, Deserialize)]
pub(super) struct World {
    phones: HashMap<String, Phone>,
    #[serde(skip)]
    by_user: HashMap<String, String>,
    #[serde(skip)]
    by_message: HashMap<String, String>,
    timers: BinaryHeap<Reverse<Timer>>,
    timers_made: u64,
    /// Webhooks that wait.
    pub outbox: Outbox,
    /// What was accepted, and how often.
    pub acceptances: Acceptances,
    /// Message templates.
    pub templates: Templates,
    /// Files.
    #[serde(skip)]
    pub media: Media,
    /// How it misbehaves.
    #[serde(skip)]
    pub faults: Faults,
}

/// Something that happens at its time.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Timer {
    at: Timestamp,
    order: u64,
    due: Due,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Due {
    Status { to: Recipient, id: String, tick: Tick, told: bool, callback_data: Option<String>, price: Option<Price> },
    Failure { to: Recipient, id: String, code: i64, callback_data: Option<String> },
    TypingEnds { number: String },
    TemplateDecided { id: u64 },
}

/// What a message costs, in Meta's words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Price {
    category: String,
    free: bool,
}

impl World {
    /// A world in which nothing has happened.
    pub(super) fn new() -> Self {
        Self {
            phones: HashMap::new(),
            by_user: HashMap::new(),
            by_message: HashMap::new(),
            timers: BinaryHeap::new(),
            timers_made: 0,
            outbox: Outbox::default(),
            acceptances: Acceptances::default(),
            templates: Templates::default(),
            media: Media::default(),
            faults: Faults::default(),
        }
    }

    /// Fills in what a snapshot leaves out.
    pub(super) fn restored(mut self) -> Self {
        self.acceptances.restored();
        for (number, phone) in &self.phones {
            self.by_user.insert(phone.user_id.clone(), number.clone());
            self.by_message.extend(phone.ids().map(|id| (id.to_owned(), number.clone())));
        }
        self
    }

    /// Lets a fact of the journal happen.
    pub(super) fn apply(&mut self, settings: &SimulatorSettings, entropy: &dyn Entropy, entry: &Entry) {
        match entry {
            Entry::Customer(written) => self.customer_wrote(settings, entropy, written),
            Entry::Business(taken) => self.business_wrote(settings, taken),
        }
    }

    /// The phone with this number; a new one if nobody has used it yet.
    pub(super) fn phone(
        &mut self,
        settings: &SimulatorSettings,
        wa_id: &str,
        number: &str,
        now: Timestamp,
    ) -> &mut Phone {
        if !self.phones.contains_key(number) {
            self.forget_idle(settings.limits.phones.saturating_sub(1), usize::MAX);
            let user_id = identity::user_id(&settings.app_secret, number);
            self.by_user.insert(user_id.clone(), number.to_owned());
            self.phones.insert(number.to_owned(), Phone::new(wa_id.to_owned(), user_id, now));
        }
        let phone = self
            .phones
            .entry(number.to_owned())
            .or_insert_with(|| Phone::new(wa_id.to_owned(), identity::user_id(&settings.app_secret, number), now));
        phone.active_at = phone.active_at.max(now);
        phone
    }

    /// The phone with this number, if somebody has used it.
    pub(super) fn known(&self, number: &str) -> Option<&Phone> {
        self.phones.get(number)
    }

    /// The number of the person with this user id.
    pub(super) fn number_of(&self, user_id: &str) -> Option<&str> {
        self.by_user.get(user_id).map(String::as_str)
    }

    /// The number of the phone that shows this message.
    pub(super) fn number_with(&self, message: &str) -> Option<&str> {
        self.by_message.get(message).map(String::as_str)
    }

    /// Whether this user id is another person's.
    pub(super) fn belongs_to_another(&self, user_id: &str, number: &str) -> bool {
        self.by_user.get(user_id).is_some_and(|owner| owner != number)
    }

    /// A customer wrote.
    pub(super) fn customer_wrote(
        &mut self,
        settings: &SimulatorSettings,
        entropy: &dyn Entropy,
        written: &FromCustomer,
    ) {
        let number = canonical(&written.wa_id);
        let phone = self.phone(settings, &written.wa_id, &number, written.at);
        phone.wa_id.clone_from(&written.wa_id);
        phone.change(&written.profile);
        let old = written.profile.user_id.as_ref().map(|id| std::mem::replace(&mut phone.user_id, id.clone()));
        let forgotten =
            phone.show(&written.id, Side::Customer, written.at, &written.message, settings.limits.messages_per_phone);
        let event = Event {
            change: webhook::message(settings, phone, &written.id, written.at, &written.message),
            account_time: None,
            written: Some(Written { number: number.clone(), id: written.id.clone() }),
        };
        let user_id = phone.user_id.clone();
        if let Some(old) = old {
            self.by_user.remove(&old);
        }
        self.index(settings, &number, &written.id, forgotten);
        self.by_user.insert(user_id.clone(), number.clone());
        self.post(entropy, event, written.at, &Target { number: Some(&number), user_id: Some(&user_id) });
    }

    /// Meta took a message of the business.
    pub(super) fn business_wrote(&mut self, settings: &SimulatorSettings, taken: &FromBusiness) {
        self.acceptances.count(taken.callback_data.as_deref());
        let callback_data = taken.callback_data.clone();
        let Recipient::Number(number) = &taken.to else {
            let Fate::Fails { code } = taken.fate else { return };
            let due = Due::Failure { to: taken.to.clone(), id: taken.id.clone(), code, callback_data };
            return self.at(taken.at + settings.pace.sent, due);
        };
        let phone = self.phone(settings, number, number, taken.at);
        let free = phone.window_open(taken.at) && taken.category != "marketing";
        let late = match taken.fate {
            Fate::Fails { code } => {
                let due = Due::Failure { to: taken.to.clone(), id: taken.id.clone(), code, callback_data };
                return self.at(taken.at + settings.pace.sent, due);
            }
            Fate::Arrives { late_ms } => Some(Span::from_millis(late_ms)),
            Fate::ArrivesSilently => None,
        };
        let forgotten =
            phone.show(&taken.id, Side::Business, taken.at, &taken.message, settings.limits.messages_per_phone);
        self.index(settings, number, &taken.id, forgotten);
        let reaction = taken.message.get("type").and_then(Value::as_str) == Some("reaction");
        let price = Price { category: taken.category.clone(), free };
        let mut steps = vec![(Tick::Sent, settings.pace.sent, Some(price.clone()))];
        // Meta documents that a reaction's only status is `sent`.
        if !reaction {
            steps.push((Tick::Delivered, settings.pace.delivered, Some(price)));
            steps.extend(settings.pace.read.map(|after| (Tick::Read, after, None)));
        }
        for (tick, after, price) in steps {
            let due = Due::Status {
                to: taken.to.clone(),
                id: taken.id.clone(),
                tick,
                told: late.is_some(),
                callback_data: taken.callback_data.clone(),
                price,
            };
            self.at(taken.at + after + late.unwrap_or_default(), due);
        }
    }

    /// The business read a message, and perhaps shows that it is typing. Returns whether there is such a message.
    pub(super) fn mark_read(&mut self, message: &str, typing: bool, now: Timestamp) -> bool {
        let Some(number) = self.by_message.get(message).cloned() else { return false };
        let Some(phone) = self.phones.get_mut(&number).filter(|phone| phone.wrote(message)) else { return false };
        phone.mark_read(message);
        if typing {
            phone.typing(now + TYPING);
            self.at(now + TYPING, Due::TypingEnds { number });
        }
        true
    }

    /// Meta will decide on this template.
    pub(super) fn decide_template(&mut self, id: u64, at: Timestamp) {
        self.at(at, Due::TemplateDecided { id });
    }

    /// Meta decides on this template now; whether it is there.
    pub(super) fn decided(
        &mut self,
        entropy: &dyn Entropy,
        id: u64,
        decision: &Decision,
        reason: Option<&str>,
        now: Timestamp,
    ) -> bool {
        let Some(change) = self.templates.decide(id, decision, reason) else { return false };
        let account_time = Some(now.micros() / 1_000_000);
        self.post(entropy, Event { change, account_time, written: None }, now, &Target::default());
        true
    }

    /// The platform took a POST.
    pub(super) fn delivered(&mut self, parcel: u64) {
        for written in self.outbox.delivered(parcel) {
            if let Some(phone) = self.phones.get_mut(&written.number) {
                phone.advance(&written.id, Tick::Delivered, None);
            }
        }
    }

    /// Lets everything happen that is due. Returns whether anything did.
    pub(super) fn tick(&mut self, settings: &SimulatorSettings, entropy: &dyn Entropy, now: Timestamp) -> bool {
        let mut happened = false;
        while self.timers.peek().is_some_and(|Reverse(timer)| timer.at <= now) {
            let Some(Reverse(timer)) = self.timers.pop() else { break };
            happened = true;
            self.happen(settings, entropy, timer, now);
        }
        happened
    }

    /// When the next thing is due.
    pub(super) fn next_timer(&self) -> Option<Timestamp> {
        self.timers.peek().map(|Reverse(timer)| timer.at)
    }

    fn happen(&mut self, settings: &SimulatorSettings, entropy: &dyn Entropy, timer: Timer, now: Timestamp) {
        match timer.due {
            Due::TypingEnds { number } => {
                if let Some(phone) = self.phones.get_mut(&number) {
                    phone.stop_typing(now);
                }
            }
            Due::TemplateDecided { id } => {
                if let Some(template) = self.templates.approve(id) {
                    let change = webhook::template_decided(id, &template.name, &template.language, &template.category);
                    let time = Some(timer.at.micros() / 1_000_000);
                    self.post(entropy, Event { change, account_time: time, written: None }, now, &Target::default());
                }
            }
            Due::Status { to, id, tick, told, callback_data, price } => {
                self.advance(&to, &id, tick, None);
                if told {
                    let pricing = price.map(|price| pricing(&price));
                    let callback_data = callback_data.as_deref();
                    let (at, pricing) = (timer.at, pricing.as_ref());
                    let status = webhook::Status { id: &id, tick, at, to: &to, callback_data, pricing, error: None };
                    self.tell(settings, entropy, &status, now);
                }
            }
            Due::Failure { to, id, code, callback_data } => {
                let (callback_data, error) = (callback_data.as_deref(), Some(code));
                let (tick, at) = (Tick::Failed, timer.at);
                let status = webhook::Status { id: &id, tick, at, to: &to, callback_data, pricing: None, error };
                self.tell(settings, entropy, &status, now);
            }
        }
    }

    fn tell(
        &mut self,
        settings: &SimulatorSettings,
        entropy: &dyn Entropy,
        status: &webhook::Status<'_>,
        now: Timestamp,
    ) {
        let phone = match status.to {
            Recipient::Number(number) => self.phones.get(number),
            Recipient::Stranger(_) => None,
        };
        let event = Event { change: webhook::status(settings, phone, status), account_time: None, written: None };
        let user_id = phone.map(|phone| phone.user_id.clone());
        let target = match status.to {
            Recipient::Number(number) => Target { number: Some(number), user_id: user_id.as_deref() },
            Recipient::Stranger(user_id) => Target { number: None, user_id: Some(user_id) },
        };
        self.post(entropy, event, now, &target);
    }

    fn advance(&mut self, to: &Recipient, id: &str, tick: Tick, error: Option<i64>) {
        if let Recipient::Number(number) = to
            && let Some(phone) = self.phones.get_mut(number)
        {
            phone.advance(id, tick, error);
        }
    }

    fn post(&mut self, entropy: &dyn Entropy, event: Event, now: Timestamp, target: &Target<'_>) {
        for travel in self.faults.on_event(target, entropy) {
            self.outbox.push(event.clone(), now, travel);
        }
    }

    fn at(&mut self, at: Timestamp, due: Due) {
        self.timers_made += 1;
        self.timers.push(Reverse(Timer { at, order: self.timers_made, due }));
    }

    fn index(&mut self, settings: &SimulatorSettings, number: &str, id: &str, forgotten: Vec<String>) {
        self.by_message.insert(id.to_owned(), number.to_owned());
        for id in forgotten {
            self.by_message.remove(&id);
        }
        self.forget_idle(usize::MAX, settings.limits.messages);
    }

    /// Forgets the phones that were idle longest until at most so many phones and messages are left.
    fn forget_idle(&mut self, phones: usize, messages: usize) {
        while self.phones.len() > phones || (self.by_message.len() > messages && self.phones.len() > 1) {
            let idle = self.phones.iter().min_by_key(|(_, phone)| phone.active_at).map(|(number, _)| number.clone());
            let Some(phone) = idle.and_then(|number| self.phones.remove(&number)) else { return };
            self.by_user.remove(&phone.user_id);
            for id in phone.ids() {
                self.by_message.remove(id);
            }
        }
    }
}

/// The canonical digits of a number, or the text itself: what the journal holds was checked at the edge.
pub(super) fn canonical(wa_id: &str) -> String {
    domain::Phone::parse(wa_id).map_or_else(|_| wa_id.to_owned(), |phone| phone.digits().to_owned())
}

/// Meta's `pricing`: free inside the window for everything but marketing and authentication templates.
fn pricing(price: &Price) -> Value {
    let free = price.free && price.category != "authentication";
    json!({
        "billable": !free,
        "pricing_model": "PMP",
        "type": if free { "free_customer_service" } else { "regular" },
        "category": price.category,
    })
}
