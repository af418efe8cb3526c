//! What rules would have done to messages that came before. Nothing is changed by looking.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::contact::Contact;
use domain::inbound::Referral;
use domain::routing::{Facts, Match, Rule, route, words};
use domain::{ConversationId, MessageId, OrganizationId, Timestamp};
use serde_json::Value;

use crate::away::Premises;
use crate::contacts;
use crate::job::JobError;
use crate::platform::Platform;
use crate::records::{Body, Raw, conversation_path, queries, read_conversation, read_message};

/// Of all conversations, the ones with the newest messages are looked at.
const CONVERSATIONS: u32 = 20;

/// In each of them so many messages.
const MESSAGES: u32 = 10;

/// A message of the past, and the rules that would have decided about it.
pub struct Tried<'r> {
    /// Where it is.
    pub conversation: ConversationId,
    /// Which one.
    pub message: MessageId,
    /// When it was written.
    pub at: Timestamp,
    /// The rules, in their order; none, where the number's assistant would have answered.
    pub matches: Vec<Match<'r>>,
}

/// Tries rules on the newest messages of customers: of one conversation, or of the organization. `None`: the organization
/// has no such conversation. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn dry_run<'r>(
    platform: &Platform,
    organization: &OrganizationId,
    rules: &'r [Rule],
    conversation: Option<&ConversationId>,
    limit: u32,
) -> Result<Option<Vec<Tried<'r>>>, JobError> {
    let (conversations, each) = match conversation {
        Some(id) => match platform.documents.get(&conversation_path(organization, id)).await? {
            Some(document) => (vec![document], limit),
            None => return Ok(None),
        },
        None => {
            let query = queries::conversations_newest_first(organization, None, None, CONVERSATIONS);
            (platform.documents.query(&query).await?, MESSAGES.min(limit))
        }
    };
    let mut premises = BTreeMap::new();
    let mut tried = Vec::new();
    for document in conversations {
        let conversation = read_conversation(platform, &document)?;
        let contact = contacts::get(platform, organization, &conversation.contact).await?;
        let contact = contact.map_or_else(
            || Contact::begin(conversation.contact.clone(), conversation.created_at),
            |(contact, _)| contact,
        );
        let open_hours = match premises.entry(conversation.number.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(Premises::read(platform, organization, &conversation.number).await?),
        };
        let query = queries::messages_newest_first(organization, &conversation.id, None, each);
        for document in platform.documents.query(&query).await? {
            let message = read_message(platform, &document)?;
            let Body::Inbound(content) = &message.body else { continue };
            if !content.asks_for_reply() {
                continue;
            }
            let (words, referral) = (words(content), message.raw.as_ref().and_then(referral));
            let facts = Facts {
                content,
                words: words.as_deref(),
                referral: referral.as_ref(),
                number: &conversation.number,
                contact: &contact,
                // Both are noted in one commit.
                is_first: message.recorded_at == conversation.created_at,
                is_open: open_hours.is_open(message.at),
            };
            tried.push(Tried {
                conversation: conversation.id.clone(),
                message: message.id.clone(),
                at: message.at,
                matches: route(rules, &facts),
            });
        }
    }
    tried.sort_by(|a, b| (b.at, &b.message).cmp(&(a.at, &a.message)));
    tried.truncate(limit as usize);
    Ok(Some(tried))
}

/// The advertisement that a message came from, by the event that it was.
fn referral(raw: &Raw) -> Option<Referral> {
    let Raw::Inline(json) = raw else { return None };
    let event: Value = serde_json::from_str(json).ok()?;
    serde_json::from_value(find(&event)?.clone()).ok()
}

fn find(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(members) => {
            members.get("referral").filter(|found| found.is_object()).or_else(|| members.values().find_map(find))
        }
        Value::Array(items) => items.iter().find_map(find),
        _ => None,
    }
}
