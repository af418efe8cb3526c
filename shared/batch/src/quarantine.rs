use aws_lambda_events::sqs::SqsMessage;
use flow::causes::Causes;
use flow::platform::Platform;
use flow::ports::{Precondition, Queue, Write};
use flow::records::{Quarantined, quarantine_path, write_quarantined};

/// Keeps a message whose work can never be done, so that its group goes on without it. The body is sealed or holds ids
/// only, as it was in the queue. `false`: it could not be kept and must stay in the queue.
pub(crate) async fn keep(platform: &Platform, queue: Queue, record: &SqsMessage) -> bool {
    let message = Quarantined {
        id: format!("{}.{}", queue.name(), record.message_id.as_deref().unwrap_or("unnamed")),
        queue,
        group: record.attributes.get("MessageGroupId").cloned().unwrap_or_default(),
        body: record.body.clone().unwrap_or_default(),
        at: platform.clock.now(),
        receives: crate::receives(record),
    };
    let path = quarantine_path(&message.id);
    let fields = write_quarantined(platform, &message);
    let kept = platform.documents.commit(vec![Write::Set { path, fields, precondition: Precondition::None }]).await;
    if let Err(error) = &kept {
        tracing::error!(error = %Causes(error), "a message could not be put into quarantine");
    }
    kept.is_ok()
}
