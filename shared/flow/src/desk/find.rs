//! Finding conversations.

use domain::contact::Tag;
use domain::conversation::{Conversation, ConversationState, Episode};
use domain::{ContactId, MemberId, NumberId, OrganizationId, TeamId};

use crate::browse::{Cursor, ListedConversation, Page, join_conversations};
use crate::contacts;
use crate::job::JobError;
use crate::keyed::{has_all, keyed};
use crate::platform::Platform;
use crate::ports::DocPath;
use crate::records::{conversation_id, conversation_path, queries, read_conversation, read_number};

/// Which conversations to list: those that meet all of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<ConversationState>,
    /// Only those that a person should look at, or only the others.
    pub needs_person: Option<bool>,
    /// Only those of this number.
    pub number: Option<NumberId>,
    /// Only those that this team looks after.
    pub team: Option<TeamId>,
    /// Only those that this person looks after; `Some(None)`: that nobody does.
    pub assignee: Option<Option<MemberId>>,
    /// Only those with all of these labels.
    pub labels: Vec<Tag>,
    /// Only those with something that nobody has read, or only the others.
    pub unread: Option<bool>,
    /// Only those whose customer still waits for a first answer, or only the others.
    pub unanswered: Option<bool>,
}

/// The keys that a conversation is found by.
pub fn keys_of(platform: &Platform, organization: &OrganizationId, conversation: &Conversation) -> Vec<String> {
    let filter = Filter {
        state: Some(conversation.state()),
        needs_person: Some(conversation.attention.is_some()),
        number: Some(conversation.number.clone()),
        team: conversation.team.clone(),
        assignee: Some(conversation.assignee.clone()),
        labels: conversation.labels.iter().cloned().collect(),
        unread: Some(conversation.unread > 0),
        unanswered: Some(conversation.episode.as_ref().is_some_and(Episode::is_unanswered)),
    };
    let mut keys = filter.keys(platform, organization);
    keys.extend(conversation.queued_at.map(|_| queue_key(platform, organization, conversation.team.as_ref())));
    keys
}

/// An organization's conversations, the one with the newest message first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<ListedConversation>, JobError> {
    let wanted = filter.keys(platform, organization);
    let query = |key: Option<&str>, after: Option<&str>, limit| {
        queries::conversations_newest_first(organization, key, after, limit)
    };
    let page = keyed(platform, &wanted, after, limit, query).await?;
    let found = page.items.iter().map(|document| read_conversation(platform, document)).collect::<Result<_, _>>()?;
    Ok(Page { items: join_conversations(platform, organization, found).await?, next: page.next })
}

/// The conversations with these customers, whichever number they are with, in the customers' order.
///
/// # Errors
/// [`JobError`].
pub async fn with_customers(
    platform: &Platform,
    organization: &OrganizationId,
    customers: &[ContactId],
    filter: &Filter,
) -> Result<Vec<ListedConversation>, JobError> {
    let numbers = platform.documents.query(&queries::numbers_of(organization)).await?;
    let mut paths: Vec<DocPath> = Vec::new();
    for customer in customers {
        // Who turned out to be one person may have spoken as each of them.
        let ids = match contacts::get(platform, organization, customer).await? {
            Some((contact, _)) => std::iter::once(contact.id).chain(contact.merged_from).collect(),
            None => vec![customer.clone()],
        };
        for id in ids {
            for number in &numbers {
                let (number, _) = read_number(platform, number)?;
                paths.push(conversation_path(organization, &conversation_id(platform, &number.id, &id)));
            }
        }
    }
    paths.dedup();
    let wanted = filter.keys(platform, organization);
    let mut found = Vec::new();
    for paths in paths.chunks(300) {
        for document in platform.documents.get_many(paths).await?.into_iter().flatten() {
            if has_all(&document, &wanted) {
                found.push(read_conversation(platform, &document)?);
            }
        }
    }
    join_conversations(platform, organization, found).await
}

/// The conversations with customers of this name, or with this phone or its end. `limit` is 1 to 100; a page
/// holds some more where contacts were merged.
///
/// # Errors
/// [`JobError`].
pub async fn with_customer(
    platform: &Platform,
    organization: &OrganizationId,
    customers: &contacts::Filter,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<ListedConversation>, JobError> {
    let numbers = platform.documents.count(&queries::numbers_of(organization)).await?;
    let most = limit / u32::try_from(numbers).unwrap_or(u32::MAX).max(1);
    let page = contacts::search(platform, organization, customers, after, most.max(1)).await?;
    let ids: Vec<ContactId> = page.items.into_iter().map(|contact| contact.id).collect();
    Ok(Page { items: with_customers(platform, organization, &ids, filter).await?, next: page.next })
}

/// The key of the conversations that somebody looks after.
pub(super) fn assignee_key(platform: &Platform, organization: &OrganizationId, assignee: Option<&MemberId>) -> String {
    key(platform, organization, "assignee", assignee.map_or("nobody", MemberId::as_str))
}

/// The key of the conversations that this team looks after.
pub(super) fn team_key(platform: &Platform, organization: &OrganizationId, team: &TeamId) -> String {
    key(platform, organization, "team", team.as_str())
}

/// The key of the conversations that wait in the queue of a team, or in that of no team.
pub(super) fn queue_key(platform: &Platform, organization: &OrganizationId, team: Option<&TeamId>) -> String {
    key(platform, organization, "queue", team.map_or("nobody", TeamId::as_str))
}

impl Filter {
    /// What a conversation must have, the rarest first.
    fn keys(&self, platform: &Platform, organization: &OrganizationId) -> Vec<String> {
        let key = |kind: &str, value: &str| key(platform, organization, kind, value);
        let flag = |kind: &str, value: bool| key(kind, if value { "yes" } else { "no" });
        let mut keys: Vec<String> = self.labels.iter().map(|label| key("label", &label.key())).collect();
        keys.extend(self.assignee.as_ref().map(|assignee| assignee_key(platform, organization, assignee.as_ref())));
        keys.extend(self.team.as_ref().map(|team| team_key(platform, organization, team)));
        keys.extend(self.needs_person.map(|needs| flag("needs person", needs)));
        keys.extend(self.unanswered.map(|unanswered| flag("unanswered", unanswered)));
        keys.extend(self.unread.map(|unread| flag("unread", unread)));
        keys.extend(self.state.map(|state| key("state", state.as_str())));
        keys.extend(self.number.as_ref().map(|number| key("number", number.as_str())));
        // Nobody looks after most of them.
        if let Some(None) = self.assignee
            && keys.len() > 1
        {
            let nobody = keys.remove(self.labels.len());
            keys.push(nobody);
        }
        keys
    }
}

fn key(platform: &Platform, organization: &OrganizationId, kind: &str, value: &str) -> String {
    let mut key = platform.id_key.blind("find conversation", &[organization.as_str(), kind, value]);
    key.truncate(16);
    key
}
