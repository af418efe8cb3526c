//! What people look at: an organization's conversations and their messages, newest first, page by page, each joined
//! with what it is shown with. A page costs one query and a fixed number of reads, whatever its size.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::contact::Contact;
use domain::conversation::Conversation;
use domain::{ContactId, ConversationId, MessageId, OrganizationId, TemplateId, Wamid};

use crate::job::JobError;
use crate::media;
use crate::platform::Platform;
use crate::ports::{DocPath, Document, Query, Value};
use crate::records::{
    Annotation, Message, StoredMedia, annotation_path, contact_path, conversation_path, message_path, queries,
    read_annotation, read_contact, read_conversation, read_message, read_wamid_alias, wamid_key, wamid_path,
};

/// How many merges are followed from a contact to the one that it lives on in.
const MERGES: usize = 4;

/// A place in a list, opaque to whoever holds it: the next page goes on after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

/// The text is no cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct InvalidCursor;

impl Cursor {
    /// Reads a cursor of a list of messages.
    ///
    /// # Errors
    /// [`InvalidCursor`] when it is none.
    pub fn of_messages(text: &str) -> Result<Self, InvalidCursor> {
        Self::parse(text, 2, |id| MessageId::from_str(id).is_ok())
    }

    /// Reads a cursor of a list of rows.
    ///
    /// # Errors
    /// [`InvalidCursor`] when it is none.
    pub fn of_rows(text: &str) -> Result<Self, InvalidCursor> {
        Self::parse(text, 0, |row| row.len() == 16 && row.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
    }

    /// The place after the entry with this key.
    pub(crate) fn at(key: String) -> Self {
        Self(key)
    }

    /// Reads a cursor of a list of what has ids of this type, the newest first.
    ///
    /// # Errors
    /// [`InvalidCursor`] when it is none.
    pub fn of<Id: FromStr>(text: &str) -> Result<Self, InvalidCursor> {
        Self::parse(text, 1, |id| Id::from_str(id).is_ok())
    }

    /// Reads a cursor of a list of templates.
    ///
    /// # Errors
    /// [`InvalidCursor`] when it is none.
    pub fn of_templates(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let key = String::from_utf8(bytes).ok().filter(|key| key.len() <= 1_000).ok_or(InvalidCursor)?;
        let is_place = key.rsplit_once('.').is_some_and(|(_, id)| TemplateId::from_str(id).is_ok());
        if is_place { Ok(Self(key)) } else { Err(InvalidCursor) }
    }

    /// The key that the next page goes on after.
    pub(crate) fn key(&self) -> &str {
        &self.0
    }

    /// A list's key: so many times, then an id.
    pub(crate) fn parse(text: &str, times: usize, is_id: impl Fn(&str) -> bool) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let key = String::from_utf8(bytes).map_err(|_| InvalidCursor)?;
        let is_time = |part: &str| part.len() == 16 && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let parts: Vec<&str> = key.split('.').collect();
        let valid = parts.len() == times + 1 && parts[..times].iter().all(|part| is_time(part)) && is_id(parts[times]);
        if valid { Ok(Self(key)) } else { Err(InvalidCursor) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None` on the last page.
    pub next: Option<Cursor>,
}

/// A conversation and what it is shown with.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedConversation {
    /// The conversation.
    pub conversation: Conversation,
    /// The customer; one that was merged is shown as the contact that it lives on in.
    pub contact: Option<Contact>,
    /// Its newest message.
    pub last_message: Option<Message>,
}

/// A message and what it is shown with.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedMessage {
    /// The message.
    pub message: Message,
    /// The message that it quotes, where we have it.
    pub reply_to: Option<MessageId>,
    /// What was done to it since: edited, deleted, reacted to.
    pub annotation: Annotation,
    /// Its file, where it came with one.
    pub media: Option<StoredMedia>,
}

/// One conversation; `None`: the organization has no such conversation.
///
/// # Errors
/// [`JobError`].
pub async fn conversation(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ConversationId,
) -> Result<Option<ListedConversation>, JobError> {
    let Some(document) = platform.documents.get(&conversation_path(organization, id)).await? else { return Ok(None) };
    let conversation = read_conversation(platform, &document)?;
    Ok(join_conversations(platform, organization, vec![conversation]).await?.pop())
}

/// The messages of a conversation, newest first; `None`: the organization has no such conversation. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list_messages(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ConversationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Option<Page<ListedMessage>>, JobError> {
    let Some(document) = platform.documents.get(&conversation_path(organization, id)).await? else { return Ok(None) };
    let conversation = read_conversation(platform, &document)?;
    let after = after.map(Cursor::key);
    let query = queries::messages_newest_first(organization, id, after, limit + 1);
    let page = cut(platform.documents.query(&query).await?, limit);
    let items = page.items.iter().map(|document| read_message(platform, document)).collect::<Result<_, _>>()?;
    Ok(Some(Page { items: join_messages(platform, organization, &conversation, items).await?, next: page.next }))
}

/// Joins conversations with their customers and newest messages.
///
/// # Errors
/// [`JobError`].
pub async fn join_conversations(
    platform: &Platform,
    organization: &OrganizationId,
    conversations: Vec<Conversation>,
) -> Result<Vec<ListedConversation>, JobError> {
    let mut paths = Vec::new();
    for conversation in &conversations {
        paths.push(contact_path(organization, &conversation.contact));
        paths.extend(
            conversation.last_message.as_ref().map(|last| message_path(organization, &conversation.id, &last.id)),
        );
    }
    let found = get_all(platform, paths).await?;
    let mut contacts = HashMap::new();
    for conversation in &conversations {
        if let Some(document) = found.get(&contact_path(organization, &conversation.contact)) {
            contacts.insert(conversation.contact.clone(), read_contact(platform, document)?);
        }
    }
    follow_merges(platform, organization, &mut contacts).await?;
    conversations
        .into_iter()
        .map(|conversation| {
            let contact = contacts.get(&conversation.contact).cloned();
            let last = conversation.last_message.as_ref();
            let last_message = last
                .and_then(|last| found.get(&message_path(organization, &conversation.id, &last.id)))
                .map(|document| read_message(platform, document))
                .transpose()?;
            Ok(ListedConversation { conversation, contact, last_message })
        })
        .collect()
}

/// Joins messages of one conversation with what they quote and what was done to them.
///
/// # Errors
/// [`JobError`].
pub async fn join_messages(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &Conversation,
    messages: Vec<Message>,
) -> Result<Vec<ListedMessage>, JobError> {
    let key = |wamid: &Wamid| wamid_key(platform, &conversation.number, wamid);
    let quoted = |message: &Message| message.reply_to.as_ref().map(|wamid| wamid_path(organization, &key(wamid)));
    let annotated = |message: &Message| {
        message.wamid.as_ref().map(|wamid| annotation_path(organization, &conversation.id, &key(wamid)))
    };
    let paths = messages.iter().flat_map(|message| [quoted(message), annotated(message)]).flatten().collect();
    let found = get_all(platform, paths).await?;
    let mut files = media::of_messages(platform, organization, &messages).await?;
    messages
        .into_iter()
        .map(|message| {
            let reply_to = quoted(&message).and_then(|path| found.get(&path));
            let reply_to = reply_to.map(|document| read_wamid_alias(platform, document)).transpose()?;
            let annotation = annotated(&message).and_then(|path| found.get(&path));
            let annotation = annotation.map(|document| read_annotation(platform, document)).transpose()?;
            let annotation = annotation.unwrap_or_default();
            let media = files.remove(&message.id);
            Ok(ListedMessage { message, reply_to: reply_to.map(|alias| alias.message), annotation, media })
        })
        .collect()
}

/// Replaces contacts that were merged by those that they live on in, all of one step with one read.
async fn follow_merges(
    platform: &Platform,
    organization: &OrganizationId,
    contacts: &mut HashMap<ContactId, Contact>,
) -> Result<(), JobError> {
    for _ in 0..MERGES {
        let survivors: Vec<DocPath> =
            contacts.values().filter_map(|c| c.merged_into.as_ref()).map(|id| contact_path(organization, id)).collect();
        let found = get_all(platform, survivors).await?;
        if found.is_empty() {
            break;
        }
        for contact in contacts.values_mut() {
            let survivor = contact.merged_into.as_ref().and_then(|id| found.get(&contact_path(organization, id)));
            if let Some(document) = survivor {
                *contact = read_contact(platform, document)?;
            }
        }
    }
    Ok(())
}

/// Those of the documents that are there, read together.
async fn get_all(platform: &Platform, mut paths: Vec<DocPath>) -> Result<HashMap<DocPath, Document>, JobError> {
    paths.sort_unstable();
    paths.dedup();
    if paths.is_empty() {
        return Ok(HashMap::new());
    }
    let documents = platform.documents.get_many(&paths).await?;
    Ok(documents.into_iter().flatten().map(|document| (document.path.clone(), document)).collect())
}

/// One page of a list whose query asks for one document more than the page holds.
pub(crate) async fn page<T, E>(
    platform: &Platform,
    query: &Query,
    read: impl Fn(&Document) -> Result<T, E>,
) -> Result<Page<T>, JobError>
where
    JobError: From<E>,
{
    let page = cut(platform.documents.query(query).await?, query.limit - 1);
    Ok(Page { items: page.items.iter().map(read).collect::<Result<_, _>>()?, next: page.next })
}

/// Cuts a page out of a query that asked for one more.
pub(crate) fn cut(mut documents: Vec<Document>, limit: u32) -> Page<Document> {
    let limit = limit as usize;
    let more = documents.len() > limit;
    documents.truncate(limit);
    let last = documents.last().filter(|_| more).and_then(|document| document.fields.get("sort"));
    let next = match last {
        Some(Value::Text(sort)) => Some(Cursor(sort.clone())),
        _ => None,
    };
    Page { items: documents, next }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use domain::Timestamp;

    use super::*;
    use crate::records::list_key;

    fn conversation_cursor() -> Cursor {
        Cursor(list_key(Timestamp::from_seconds(9), ConversationId::from_bits([7; 16]).as_str()))
    }

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = conversation_cursor();
        assert_eq!(Cursor::of::<ConversationId>(&cursor.to_string()), Ok(cursor));
        let at = Timestamp::from_seconds(9);
        let key = list_key(at, &list_key(at, MessageId::from_bits([7; 16]).as_str()));
        assert_eq!(Cursor::of_messages(&URL_SAFE_NO_PAD.encode(&key)), Ok(Cursor(key)));
    }

    #[test]
    fn what_is_no_cursor_of_the_list_is_refused() {
        assert_eq!(Cursor::of_messages(&conversation_cursor().to_string()), Err(InvalidCursor));
        for text in ["", "x", "AAAA", "*", "ÿ", &URL_SAFE_NO_PAD.encode("0000000000000009.cv_short")] {
            assert_eq!(Cursor::of::<ConversationId>(text), Err(InvalidCursor), "{text}");
        }
        let upper = conversation_cursor().0.replacen('0', "G", 1);
        assert_eq!(Cursor::of::<ConversationId>(&URL_SAFE_NO_PAD.encode(upper)), Err(InvalidCursor));
    }
}
