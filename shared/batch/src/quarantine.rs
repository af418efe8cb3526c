use aws_lambda_events::sqs::SqsMessage;
use flow::causes::Causes;
use flow::platform::Platform;
use flow::ports::{CollectionPath, Precondition, Queue, Value, Write};

/// Keeps a message whose work can never be done, so that its group goes on without it. The body is sealed or holds ids
/// only, as it was in the queue. `false`: it could not be kept and must stay in the queue.
pub(crate) async fn keep(platform: &Platform, queue: Queue, record: &SqsMessage) -> bool {
    let id = format!("{}.{}", queue.name(), record.message_id.as_deref().unwrap_or("unnamed"));
    let path = CollectionPath::root("quarantine").doc(&id);
    let fields = [
        ("queue", Value::Text(queue.name().to_owned())),
        ("body_sealed", Value::Text(record.body.clone().unwrap_or_default())),
        ("at", Value::Time(platform.clock.now())),
    ];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let kept = platform.documents.commit(vec![Write::Set { path, fields, precondition: Precondition::None }]).await;
    if let Err(error) = &kept {
        tracing::error!(error = %Causes(error), "a message could not be put into quarantine");
    }
    kept.is_ok()
}
