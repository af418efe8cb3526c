use domain::OrganizationId;
use domain::conversation::Conversation;

use crate::causes::Causes;
use crate::job::JobError;
use crate::numbers;
use crate::platform::Platform;
use crate::ports::{Channel, WhatsApp};
use crate::records::{Direction, queries, read_message};

/// The customer's newest message is looked for among so many.
const LOOKED_AT: u32 = 20;

/// Tells the customer that the newest of their messages was read, and so all before it. That it did not reach WhatsApp is no
/// error: nothing depends on it.
pub(super) async fn send(
    platform: &Platform,
    whatsapp: &dyn WhatsApp,
    organization: &OrganizationId,
    conversation: &Conversation,
) {
    if let Err(error) = tell(platform, whatsapp, organization, conversation).await {
        tracing::info!(error = %Causes(&error), "a customer was not told that their message was read");
    }
}

async fn tell(
    platform: &Platform,
    whatsapp: &dyn WhatsApp,
    organization: &OrganizationId,
    conversation: &Conversation,
) -> Result<(), JobError> {
    let known = numbers::get(platform, organization, &conversation.number).await?;
    let Some(known) = known.filter(|known| !known.line.hides_reads && known.refused.is_none()) else { return Ok(()) };
    let Some(token) = known.token(platform) else { return Ok(()) };
    let newest = queries::messages_newest_first(organization, &conversation.id, None, LOOKED_AT);
    for document in platform.documents.query(&newest).await? {
        let message = read_message(platform, &document)?;
        let Some(wamid) = message.wamid.filter(|_| message.body.direction() == Direction::Inbound) else { continue };
        let channel = Channel { number: conversation.number.clone(), token };
        return whatsapp.mark_read(&channel, &wamid, false).await.map_err(|error| JobError::Retry(error.into()));
    }
    Ok(())
}
