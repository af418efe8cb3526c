//! What must hold at every moment: who may be claimed, in which order Meta may take messages, and how often.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::conversation::Epoch;
use domain::{ConversationId, IntentId, Timestamp};
use embedded::Embedded;
use flow::ports::{DocPath, Documents, Fields, ItemWrite, Items, Outgoing, Queue, Value, Write};
use flow::records::{KillScope, intent_key};

use super::Kind;
use super::view::at_once;

/// Notes what was promised and what happened, and where the two disagree.
#[derive(Default)]
pub struct Judge(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    /// The epoch of each conversation whose last change of hands was acknowledged.
    epochs: BTreeMap<ConversationId, i64>,
    /// Kill switches that were acknowledged as on.
    killed: Vec<KillScope>,
    /// What each claimed intent is: its conversation and its row's place.
    claimed: BTreeMap<IntentId, Claimed>,
    /// How often each intent was claimed.
    claims: BTreeMap<IntentId, u32>,
    accepted: BTreeMap<IntentId, u32>,
    /// The place of the last row of each conversation that Meta took.
    last: BTreeMap<String, i64>,
    /// The customers' messages that Meta took an answer to, each with its intent.
    answered: BTreeMap<String, IntentId>,
    /// How many restores there were: the places of rows are counted anew after each.
    restores: u32,
    /// Contacts whose stop was acknowledged.
    stopped: BTreeSet<String>,
    /// How many units of each quota were taken, and how many grants were noted for it.
    quotas: BTreeMap<String, (i64, i64)>,
    /// How many rows the turns of each conversation have committed, and how often they woke send.
    turns: BTreeMap<String, (u32, u32)>,
    broken: Vec<String>,
}

#[derive(Clone)]
struct Claimed {
    attempt: String,
    conversation: String,
    number: String,
    order: i64,
    answers: Vec<String>,
    restores: u32,
}

impl Judge {
    /// What was broken so far.
    pub fn broken(&self) -> Vec<String> {
        self.notes().broken.clone()
    }

    /// How often an intent was claimed.
    pub fn claims(&self, intent: &IntentId) -> u32 {
        self.notes().claims.get(intent).copied().unwrap_or_default()
    }

    /// A change of hands was acknowledged: from now on nothing of an earlier epoch may be claimed.
    pub(super) fn changed_hands(&self, conversation: &ConversationId, epoch: Epoch) {
        let mut notes = self.notes();
        let known = notes.epochs.entry(conversation.clone()).or_default();
        *known = epoch.0.max(*known);
    }

    /// Whether a person ever had a conversation, or handed it back: they have seen what waited for one.
    pub(super) fn was_attended(&self, conversation: &ConversationId) -> bool {
        self.notes().epochs.contains_key(conversation)
    }

    /// A kill switch is on, and that was acknowledged; or it is about to be turned off.
    pub(super) fn killed(&self, scope: &KillScope, on: bool) {
        let mut notes = self.notes();
        notes.killed.retain(|known| known != scope);
        if on {
            notes.killed.push(scope.clone());
        }
    }

    /// A contact's stop was acknowledged, or they are about to say start.
    pub fn stopped(&self, contact: &str, stopped: bool) {
        let mut notes = self.notes();
        if stopped {
            notes.stopped.insert(contact.to_owned());
        } else {
            notes.stopped.remove(contact);
        }
    }

    /// A worker puts messages into a queue: never into the one that it works on, and a turn wakes send only for a row that
    /// it has committed.
    pub(super) fn enqueued(&self, by: Option<Kind>, queue: Queue, messages: &[Outgoing]) {
        let mut notes = self.notes();
        if by == Some(Kind::Worker(queue)) {
            notes.broken.push(format!("the {} function fills its own queue", queue.name()));
        }
        if (by, queue) == (Some(Kind::Worker(Queue::Reply)), Queue::Send) {
            for message in messages {
                let (rows, wakes) = notes.turns.entry(message.group.clone()).or_default();
                *wakes += 1;
                if wakes > rows {
                    notes.broken.push(format!("G4: send was woken for {} before its row was there", message.group));
                }
            }
        }
    }

    /// A commit took effect.
    pub(super) fn committed(&self, by: Option<Kind>, writes: &[Write]) {
        if by == Some(Kind::Worker(Queue::Reply)) {
            let sets = writes.iter().filter(|write| matches!(write, Write::Set { .. }));
            for row in sets.map(Write::path).filter(|path| path.parent().id() == "outbox") {
                let conversation = row.segment(3).unwrap_or_default().to_owned();
                self.notes().turns.entry(conversation).or_default().0 += 1;
            }
        }
    }

    /// Meta took a message of this intent for this number.
    pub(super) fn accepted(&self, stores: &Embedded, number: &str, intent: &str) {
        let Ok(id) = intent.parse::<IntentId>() else {
            self.notes().broken.push(format!("Meta took a message whose callback data is no intent: {intent}"));
            return;
        };
        let known = at_once(stores.items.get(&[intent_key(&id)])).expect("an intent");
        let state = known.first().and_then(Option::as_ref).map(|item| text(&item.fields, "state"));
        let mut notes = self.notes();
        let times = notes.accepted.entry(id.clone()).or_default();
        *times += 1;
        if *times > 1 {
            notes.broken.push(format!("G3: Meta took {id} more than once"));
        }
        // Whoever ended the lease let the conversation go on, and gates be acknowledged with nothing in flight.
        if state.as_deref() != Some("sending") {
            notes.broken.push(format!("G5, G7: Meta took {id} after its claim had ended: it is {state:?}"));
        }
        let Some(claimed) = notes.claimed.get(&id).cloned() else {
            notes.broken.push(format!("Meta took {id}, which was never claimed"));
            return;
        };
        if claimed.number != number {
            notes.broken.push(format!("G8: {id} of {} was sent from {number}", claimed.number));
        }
        for message in &claimed.answers {
            let before = notes.answered.insert(message.clone(), id.clone());
            if let Some(before) = before.filter(|before| *before != id) {
                notes.broken.push(format!("G3, G9: Meta took {id}, and {before} had answered {message} before"));
            }
        }
        if claimed.restores < notes.restores {
            return;
        }
        let last = notes.last.insert(claimed.conversation.clone(), claimed.order);
        if last.is_some_and(|last| last >= claimed.order) {
            notes.broken.push(format!("G5: Meta took {id} out of the order of {}", claimed.conversation));
        }
    }

    /// Whether every unit of a quota that was taken is noted on the work that it was taken for, and none is over the
    /// limit.
    pub(super) fn quotas(&self, limit: i64) -> Vec<String> {
        let notes = self.notes();
        let wrong = notes.quotas.iter().filter(|(_, (used, grants))| used != grants || *used > limit);
        wrong.map(|(key, (used, grants))| format!("G6: {key}: {used} of {limit} taken for {grants} grants")).collect()
    }

    /// The documents are a backup's now.
    pub(super) fn restored(&self) {
        let mut notes = self.notes();
        notes.last.clear();
        notes.restores += 1;
    }

    /// An item was written; if it is a claim, it is judged by what the stores hold in this moment.
    pub(super) async fn written(&self, stores: &Embedded, write: &ItemWrite, now: Timestamp) {
        self.count(write);
        let ItemWrite::Put { key, fields, .. } = write else { return };
        let Some(Ok(id)) = key.as_str().strip_prefix("intent#").map(str::parse::<IntentId>) else { return };
        if text(fields, "state") != "sending" {
            return;
        }
        let (organization, conversation) = (text(fields, "organization"), text(fields, "conversation"));
        let within = format!("organizations/{organization}/conversations/{conversation}");
        let row = DocPath::from(format!("{within}/outbox/{id}").as_str());
        let message = DocPath::from(format!("{within}/messages/{}", text(fields, "message")).as_str());
        let owner = DocPath::from(within.as_str());
        let documents = stores.documents.get_many(&[row, message, owner]).await.unwrap_or_default();
        let mut documents = documents.into_iter();
        let mut next = || documents.next().flatten();
        let (row, message, owner) = (next(), next(), next());
        let window = owner.and_then(|owner| owner.fields.get("window_until").cloned());
        let window_is_open = matches!(window, Some(Value::Time(until)) if now < until);
        let grants = stores.items.scan(&format!("quota-grant#{id}#"), None, 1).await.expect("grants");
        let mut notes = self.notes();
        let attempt = text(fields, "attempt");
        if notes.claimed.get(&id).is_some_and(|claimed| claimed.attempt == attempt) {
            return; // the lease of a claim that was made before
        }
        *notes.claims.entry(id.clone()).or_default() += 1;
        let Some(row) = row else {
            notes.broken.push(format!("{id} was claimed without a row"));
            return;
        };
        let int = |name: &str| match row.fields.get(name) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        };
        let number = text(fields, "number");
        let kills = notes.killed.iter().any(|scope| match scope {
            KillScope::Deployment => true,
            KillScope::Organization(id) => id.as_str() == organization,
            KillScope::Number(id) => id.as_str() == number,
        });
        if kills {
            notes.broken.push(format!("G7: {id} was claimed under a kill switch"));
        }
        let owner = conversation.parse::<ConversationId>().ok().and_then(|id| notes.epochs.get(&id).copied());
        if let (Some(owner), Some(bound)) = (owner, int("epoch"))
            && bound < owner
        {
            notes.broken.push(format!("G7: {id} of epoch {bound} was claimed after {owner} was acknowledged"));
        }
        let is_template = row.fields.get("template") == Some(&Value::Bool(true));
        if !window_is_open && !is_template {
            notes.broken.push(format!("G7: {id} was claimed outside of the 24-hour window"));
        }
        if !window_is_open && is_template && grants.is_empty() {
            notes.broken.push(format!("G6: the template {id} was claimed without a unit of the quota"));
        }
        let is_marketing = row.fields.get("marketing") == Some(&Value::Bool(true));
        let contact = text(&row.fields, "contact");
        if is_marketing && notes.stopped.contains(&contact) {
            notes.broken.push(format!("G7: the marketing {id} was claimed after a stop was acknowledged"));
        }
        let order = int("order").unwrap_or_default();
        let answers = match message.as_ref().and_then(|message| message.fields.get("answers")) {
            Some(Value::Array(answers)) => answers.iter().filter_map(as_text).collect(),
            _ => Vec::new(),
        };
        let restores = notes.restores;
        notes.claimed.insert(id, Claimed { attempt, conversation, number, order, answers, restores });
    }

    fn count(&self, write: &ItemWrite) {
        let mut notes = self.notes();
        let kind = write.key().as_str().split('#').collect::<Vec<_>>();
        match (kind.as_slice(), write) {
            (["quota", number, day], ItemWrite::Add { by, .. }) => {
                notes.quotas.entry(format!("{number} on {day}")).or_default().0 += by;
            }
            (["quota-grant", _, day], ItemWrite::Put { fields, .. }) => {
                let number = text(fields, "number");
                notes.quotas.entry(format!("{number} on {day}")).or_default().1 += 1;
            }
            _ => {}
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text(fields: &Fields, name: &str) -> String {
    match fields.get(name) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}
