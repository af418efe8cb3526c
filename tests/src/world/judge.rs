//! What must hold at every moment: who may be claimed, in which order Meta may take messages, and how often.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::conversation::Epoch;
use domain::{ConversationId, IntentId};
use embedded::Embedded;
use flow::ports::{DocPath, Documents, ItemWrite, Value};
use flow::records::KillScope;

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
    broken: Vec<String>,
}

#[derive(Clone)]
struct Claimed {
    conversation: String,
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

    /// Meta took a message of this intent.
    pub(super) fn accepted(&self, intent: &str) {
        let mut notes = self.notes();
        let Ok(id) = intent.parse::<IntentId>() else {
            notes.broken.push(format!("Meta took a message whose callback data is no intent: {intent}"));
            return;
        };
        let times = notes.accepted.entry(id.clone()).or_default();
        *times += 1;
        if *times > 1 {
            notes.broken.push(format!("G3: Meta took {id} more than once"));
        }
        let Some(claimed) = notes.claimed.get(&id).cloned() else {
            notes.broken.push(format!("Meta took {id}, which was never claimed"));
            return;
        };
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

    /// The documents are a backup's now.
    pub(super) fn restored(&self) {
        let mut notes = self.notes();
        notes.last.clear();
        notes.restores += 1;
    }

    /// An item was written; if it is a claim, it is judged by what the stores hold in this moment.
    pub(super) async fn written(&self, stores: &Embedded, write: &ItemWrite) {
        let ItemWrite::Put { key, fields, .. } = write else { return };
        let Some(Ok(id)) = key.as_str().strip_prefix("intent#").map(str::parse::<IntentId>) else { return };
        let text = |name: &str| match fields.get(name) {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        };
        if text("state") != "sending" {
            return;
        }
        let (organization, conversation) = (text("organization"), text("conversation"));
        let within = format!("organizations/{organization}/conversations/{conversation}");
        let row = DocPath::from(format!("{within}/outbox/{id}").as_str());
        let message = DocPath::from(format!("{within}/messages/{}", text("message")).as_str());
        let documents = stores.documents.get_many(&[row, message]).await.unwrap_or_default();
        let mut documents = documents.into_iter();
        let (row, message) = (documents.next().flatten(), documents.next().flatten());
        let mut notes = self.notes();
        *notes.claims.entry(id.clone()).or_default() += 1;
        let Some(row) = row else {
            notes.broken.push(format!("{id} was claimed without a row"));
            return;
        };
        let int = |name: &str| match row.fields.get(name) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        };
        let number = text("number");
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
        let is_marketing = row.fields.get("marketing") == Some(&Value::Bool(true));
        let contact = match row.fields.get("contact") {
            Some(Value::Text(contact)) => contact.clone(),
            _ => String::new(),
        };
        if is_marketing && notes.stopped.contains(&contact) {
            notes.broken.push(format!("G7: the marketing {id} was claimed after a stop was acknowledged"));
        }
        let order = int("order").unwrap_or_default();
        let answers = match message.as_ref().and_then(|message| message.fields.get("answers")) {
            Some(Value::Array(answers)) => answers.iter().filter_map(as_text).collect(),
            _ => Vec::new(),
        };
        let restores = notes.restores;
        notes.claimed.insert(id, Claimed { conversation, order, answers, restores });
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}
