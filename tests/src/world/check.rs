//! What must hold once nothing is left to do.

use std::collections::{BTreeMap, BTreeSet};

use domain::delivery::DeliveryStatus;
use domain::inbound::{EventKind, InboundContent, InboundEvent, InboundMessage, StatusUpdate};
use domain::intent::IntentState;
use domain::stop::marketing_word;
use domain::{EventId, IntentId, MessageId, OrganizationId, Span, Timestamp};
use flow::event::Envelope;
use flow::platform::Platform;
use flow::ports::{DocPath, Items, Queue, QueueConsumer};
use flow::records::{
    Body, IntentRecord, Origin, conversation_path, event_path, message_path, read_conversation, read_intent,
    read_message, read_number, read_wamid_alias, unowned_path, wamid_key, wamid_path,
};
use futures::FutureExt;
use serde_json::Value;
use whatsapp::webhook::{SplitEvent, read_event, split};

use super::view::at_once;
use super::{Seen, World, envelope};

/// The collections that lie at the root; everything else lies below its organization.
const ROOTS: [&str; 5] = ["numbers", "accounts", "unowned", "quarantine", "audit"];

/// How long events of numbers that nobody owns are kept.
const UNOWNED: Span = Span::from_days(7);

/// What Meta posted, and what the webhook said to it.
#[derive(Default)]
pub(super) struct Ledger {
    events: BTreeMap<EventId, (Timestamp, SplitEvent)>,
    /// Those that it said 200 to.
    taken: BTreeSet<EventId>,
    /// What was handled since the judge last looked.
    handled: Vec<EventId>,
    /// Those whose records were lost with a restore: recorded after its backup, and done with before it.
    lost: BTreeSet<EventId>,
}

impl Ledger {
    pub fn posted(&mut self, now: Timestamp, events: &[(EventId, SplitEvent)]) {
        for (id, event) in events {
            self.events.entry(id.clone()).or_insert_with(|| (now, event.clone()));
        }
    }

    pub fn took(&mut self, events: impl Iterator<Item = EventId>) {
        self.taken.extend(events);
    }

    /// A message was handled: where it held an event, that has had its effect.
    pub fn handled(&mut self, bare: &Platform, queue: Queue, body: &str) {
        if matches!(queue, Queue::Inbound | Queue::Status)
            && let Some(Ok(Some(envelope))) = Envelope::open(bare, queue, body).now_or_never()
        {
            self.handled.push(envelope.id);
        }
    }

    pub fn events(&self) -> impl Iterator<Item = (&EventId, Timestamp, &SplitEvent)> {
        self.events.iter().map(|(id, (at, event))| (id, *at, event))
    }

    /// A restore took what these left behind.
    pub fn lose(&mut self, events: impl Iterator<Item = EventId>) {
        self.lost.extend(events);
    }
}

impl World {
    /// How many different events the webhook said 200 to.
    pub fn accepted_events(&self) -> usize {
        self.inside.ledger.borrow().taken.len()
    }

    /// The ids of the events that a body with these changes has.
    pub fn event_ids(&self, changes: &[Value]) -> Vec<EventId> {
        let events = split(&envelope::body(changes)).into_iter();
        events.map(|event| EventId::derived(&self.bare.id_key, &[&event.fingerprint])).collect()
    }

    /// The events that were handled since this was last asked.
    pub fn take_handled(&self) -> Vec<EventId> {
        std::mem::take(&mut self.inside.ledger.borrow_mut().handled)
    }

    /// Checks that everything is as it must be, nothing being left to do.
    ///
    /// # Panics
    /// When something is not.
    #[track_caller]
    pub fn check(&mut self) {
        let mut wrong = self.always();
        wrong.extend(self.lost_events());
        let conversations = self.conversations();
        for seen in &conversations {
            let attended = self.judge.was_attended(&seen.conversation.id);
            wrong.extend(answers(seen, attended));
            wrong.extend(unknown(seen));
            if !seen.conversation.open.is_empty() {
                wrong.push(format!("G4: {} has open messages", seen.conversation.id));
            }
            if !seen.rows.is_empty() {
                wrong.push(format!("G4: {} has rows", seen.conversation.id));
            }
        }
        wrong.extend(self.intents(&conversations));
        wrong.extend(self.wrong_feeds(&conversations));
        wrong.extend(self.wrong_figures(&conversations));
        self.refuse(&wrong);
    }

    /// Checks what must hold even while gates hold work back.
    ///
    /// # Panics
    /// When something does not.
    #[track_caller]
    pub fn check_so_far(&mut self) {
        let wrong = self.always();
        self.refuse(&wrong);
    }

    #[track_caller]
    fn refuse(&self, wrong: &[String]) {
        if !wrong.is_empty() {
            self.fail(&wrong.join("\n"));
        }
    }

    /// Ends the test with everything that helps to understand it.
    #[track_caller]
    pub(super) fn fail(&self, what: &str) -> ! {
        let story = self.ports.story().join("\n  ");
        panic!(
            "seed {}, at {}:\n{what}\nthe last calls:\n  {story}\nthe log:\n{}",
            self.seed,
            self.now(),
            self.log.text()
        );
    }

    fn always(&self) -> Vec<String> {
        let mut wrong = self.judge.broken();
        let written = self.ports.watch.search(&self.secrets);
        wrong.extend(written.into_iter().map(|place| format!("G8: personal data in plain at {place}")));
        let logged = self.log.search(&self.secrets);
        wrong.extend(logged.into_iter().map(|line| format!("G8: personal data in the log: {line}")));
        let documents = self.ports.watch.documents();
        let strays = documents.iter().filter(|path| !has_its_place(path));
        wrong.extend(strays.map(|path| format!("G8: {path:?} belongs to no organization")));
        wrong.extend(self.judge.quotas(self.bare.settings.daily_templates));
        wrong
    }

    /// Events that the webhook said 200 to and that left nothing behind.
    fn lost_events(&self) -> Vec<String> {
        let dead: BTreeSet<EventId> = [Queue::Inbound, Queue::Status]
            .into_iter()
            .flat_map(|queue| {
                let letters = at_once(self.stores.queues.dead_letters(queue, 1_000)).expect("dead letters");
                letters.into_iter().filter_map(move |letter| {
                    at_once(Envelope::open(&self.bare, queue, &letter.body)).ok().flatten().map(|envelope| envelope.id)
                })
            })
            .collect();
        let ledger = self.inside.ledger.borrow();
        let mut wrong = Vec::new();
        let is_missed = |id: &EventId| ledger.taken.contains(id) && !dead.contains(id) && !ledger.lost.contains(id);
        for (id, at, split) in ledger.events().filter(|(id, ..)| is_missed(id)) {
            if let Err(why) = self.left_its_mark(id, at, &read_event(&split.json)) {
                wrong.push(format!("G1, G2: {id} ({:?}) {why}", split.class));
            }
        }
        wrong
    }

    pub(super) fn left_its_mark(&self, id: &EventId, at: Timestamp, event: &InboundEvent) -> Result<(), String> {
        let owner = match &event.number {
            Some(number) => self
                .document(&flow::records::number_path(number))
                .map(|document| read_number(&self.bare, &document).expect("a number").0.organization),
            None => (event.waba_id.as_deref() == Some(envelope::WABA)).then(|| self.bakery.clone()),
        };
        let exists = |path: &DocPath| self.document(path).is_some();
        let Some(organization) = owner else {
            let may_be_gone = self.now().since(at) >= UNOWNED;
            let is_right = may_be_gone || exists(&unowned_path(id));
            return is_right.then_some(()).ok_or_else(|| "of an unowned number was not kept".into());
        };
        let was_kept = exists(&event_path(&organization, id));
        match (&event.kind, &event.number) {
            (EventKind::Message(message) | EventKind::Echo(message), Some(_)) if is_known(message) => {
                self.recorded_once(&organization, event, message)
            }
            (EventKind::Status(status), Some(_)) => {
                let applied = self.status_applied(&organization, event, status);
                if applied || was_kept { Ok(()) } else { Err("neither moved a message nor was kept".into()) }
            }
            _ => was_kept.then_some(()).ok_or_else(|| "was not kept".into()),
        }
    }

    fn recorded_once(
        &self,
        organization: &OrganizationId,
        event: &InboundEvent,
        message: &InboundMessage,
    ) -> Result<(), String> {
        let number = event.number.as_ref().expect("a number");
        let alias = wamid_path(organization, &wamid_key(&self.bare, number, &message.wamid));
        let alias = self.document(&alias).ok_or("was not recorded")?;
        let alias = read_wamid_alias(&self.bare, &alias).expect("an alias");
        let path = message_path(organization, &alias.conversation, &alias.message);
        self.document(&path).ok_or("has an alias and no record")?;
        let records = self.ports.watch.group("messages").into_iter().filter(|path| path.id() == alias.message.as_str());
        if records.count() == 1 { Ok(()) } else { Err("was recorded more than once".into()) }
    }

    fn status_applied(&self, organization: &OrganizationId, event: &InboundEvent, status: &StatusUpdate) -> bool {
        let number = event.number.as_ref().expect("a number");
        let alias = wamid_path(organization, &wamid_key(&self.bare, number, &status.wamid));
        let Some(alias) = self.document(&alias) else { return false };
        let alias = read_wamid_alias(&self.bare, &alias).expect("an alias");
        let Some(document) = self.document(&message_path(organization, &alias.conversation, &alias.message)) else {
            return false;
        };
        let message = read_message(&self.bare, &document).expect("a message");
        let reached = status.status.unwrap_or(DeliveryStatus::Accepted);
        message.status == DeliveryStatus::Received || message.status.advance(reached) == message.status
    }

    fn conversation_began(&self, intent: &IntentRecord) -> Option<Timestamp> {
        let document = self.document(&conversation_path(&intent.organization, &intent.conversation))?;
        Some(read_conversation(&self.bare, &document).expect("a conversation").created_at)
    }

    /// Every intent has an end, its record says the same, and both agree with what Meta took.
    fn intents(&self, conversations: &[Seen]) -> Vec<String> {
        let mut records: BTreeMap<IntentId, DeliveryStatus> = BTreeMap::new();
        for message in conversations.iter().flat_map(|seen| &seen.messages) {
            records.extend(message.intent.clone().map(|intent| (intent, message.status)));
        }
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        self.meta.taken().into_iter().for_each(|one| *taken.entry(one.intent).or_default() += 1);
        let mut wrong = Vec::new();
        let mut after = None;
        loop {
            let page = at_once(self.stores.items.scan("intent#", after.as_ref(), 500)).expect("intents");
            for item in &page {
                let id: IntentId = item.key.as_str().trim_start_matches("intent#").parse().expect("an intent's id");
                let intent = read_intent(&self.bare, item).expect("an intent");
                let record = records.remove(&id);
                // Where a restore took the conversation, there was no place for a record; it may have begun anew since.
                let is_gone = record.is_none()
                    && self.was_restored
                    && self.conversation_began(&intent).is_none_or(|began| began > intent.created_at);
                let state = intent.intent.state;
                let record = record.or_else(|| is_gone.then(|| own_record(&state)).flatten());
                let times = taken.get(id.as_str()).copied().unwrap_or_default();
                if !agree(&state, record, times) {
                    wrong.push(format!("G4: {id} is {state:?}, its record {record:?}, Meta took it {times} times"));
                }
            }
            after = page.last().map(|item| item.key.clone());
            if page.len() < 500 {
                break;
            }
        }
        let without = records.into_iter().filter(|(_, status)| *status != DeliveryStatus::Cancelled);
        wrong.extend(without.map(|(id, status)| format!("G4: {id} has a record ({status:?}) and no end")));
        wrong
    }
}

fn is_known(message: &InboundMessage) -> bool {
    message.person.user_id.is_some() || message.person.phone.is_some()
}

fn has_its_place(path: &DocPath) -> bool {
    let root = path.segment(0).unwrap_or_default();
    let organization = path.segment(1).unwrap_or_default();
    ROOTS.contains(&root) || (root == "organizations" && organization.parse::<OrganizationId>().is_ok())
}

/// What the record of an intent says, as soon as there is one.
fn own_record(state: &IntentState) -> Option<DeliveryStatus> {
    match state {
        IntentState::Sent { .. } => Some(DeliveryStatus::Accepted),
        IntentState::Failed { .. } => Some(DeliveryStatus::Failed),
        IntentState::Suppressed { .. } => Some(DeliveryStatus::Suppressed),
        IntentState::Unknown { .. } => Some(DeliveryStatus::Unknown),
        IntentState::Cancelled => Some(DeliveryStatus::Cancelled),
        IntentState::Said { sent: true, .. } => Some(DeliveryStatus::Accepted),
        IntentState::Said { sent: false, .. } => Some(DeliveryStatus::Failed),
        IntentState::Ready { .. } | IntentState::Sending { .. } => None,
    }
}

fn agree(state: &IntentState, record: Option<DeliveryStatus>, taken: usize) -> bool {
    use DeliveryStatus::{Accepted, Delivered, Failed, Played, Read, Sent, Suppressed, Unknown};
    let Some(record) = record else { return false };
    match state {
        IntentState::Sent { .. } => {
            taken == 1 && matches!(record, Accepted | Sent | Failed | Delivered | Read | Played)
        }
        IntentState::Failed { .. } => taken == 0 && record == Failed,
        IntentState::Suppressed { .. } => taken == 0 && record == Suppressed,
        IntentState::Unknown { .. } => record == Unknown,
        IntentState::Cancelled => taken == 0,
        // Whoever said so may be wrong.
        IntentState::Said { sent, .. } => taken <= 1 && record == if *sent { Accepted } else { Failed },
        IntentState::Ready { .. } | IntentState::Sending { .. } => false,
    }
}

/// As many sends are counted as unknown as there are.
fn unknown(seen: &Seen) -> Option<String> {
    let are = seen.messages.iter().filter(|message| message.status == DeliveryStatus::Unknown).count();
    let counted = seen.conversation.unknown_sends as usize;
    (are != counted).then(|| format!("G4: {are} sends are unknown, {counted} are counted in {}", seen.conversation.id))
}

/// Every message that asks for an answer has one, or is a person's; none has two.
fn answers(seen: &Seen, attended: bool) -> Vec<String> {
    let mut answered: BTreeMap<&MessageId, usize> = BTreeMap::new();
    // A stop or start word is answered by the program that confirms it.
    let replies = seen.messages.iter().filter(|message| matches!(message.origin, Origin::Assistant | Origin::Program));
    replies.flat_map(|message| &message.answers).for_each(|id| *answered.entry(id).or_default() += 1);
    let had_a_person = attended || seen.conversation.epoch.0 > 0 || seen.conversation.attention.is_some();
    let mut wrong = Vec::new();
    for message in &seen.messages {
        let Body::Inbound(content) = &message.body else { continue };
        let times = answered.get(&message.id).copied().unwrap_or_default();
        if times > 1 {
            wrong.push(format!("G3: {} was answered {times} times", message.id));
        }
        if times == 0 && content.asks_for_reply() && !stops_again(content) && !had_a_person {
            wrong.push(format!("G4: {} was not answered and is on nobody's list", message.id));
        }
    }
    wrong
}

/// A stop word that changes nothing is answered by nothing, and so is a start word that came late.
fn stops_again(content: &InboundContent) -> bool {
    match content {
        InboundContent::Text { body } => marketing_word(body).is_some(),
        InboundContent::Choice { title, .. } => marketing_word(title).is_some(),
        _ => false,
    }
}
