use domain::feed::FeedType;
use domain::webhook::{DeliveryState, EndpointState};
use domain::{DeliveryId, Timestamp};
use flow::webhooks::{Attempt, AttemptOutcome, Endpoint, WebhookDelivery};
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// Where the organization is told of what happens.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub(crate) struct ShownEndpoint<'a> {
    #[schema(schema_with = schema::endpoint_id)]
    id: &'a str,
    url: &'a str,
    description: &'a str,
    /// What it is told of; empty: everything.
    #[schema(schema_with = schema::feed_types)]
    types: &'a [FeedType],
    #[schema(schema_with = schema::endpoint_state)]
    state: EndpointState,
    /// It has failed since then without taking anything.
    #[schema(schema_with = schema::maybe_time)]
    failing_since: Option<Timestamp>,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
    /// Until when the secret before this one signs as well.
    #[schema(schema_with = schema::maybe_time)]
    previous_secret_until: Option<Timestamp>,
    /// What deliveries are signed with (Standard Webhooks). Shown once, where it is made or replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

/// Shows an endpoint; with its secret only where that was just made.
pub(crate) fn endpoint(endpoint: &Endpoint, with_secret: bool) -> ShownEndpoint<'_> {
    ShownEndpoint {
        id: endpoint.id.as_str(),
        url: &endpoint.url,
        description: &endpoint.description,
        types: &endpoint.types,
        state: endpoint.state,
        failing_since: endpoint.failing_since,
        created_at: endpoint.created_at,
        previous_secret_until: endpoint.previous_secret.as_ref().map(|previous| previous.until),
        secret: with_secret.then(|| endpoint.secret.reveal()),
    }
}

/// One entry of the feed on its way to one endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(crate) struct ShownDelivery<'a> {
    #[schema(schema_with = schema::delivery_id)]
    id: &'a DeliveryId,
    #[schema(schema_with = schema::endpoint_id)]
    endpoint_id: &'a str,
    /// The entry of the feed: the delivery's `webhook-id`.
    #[schema(schema_with = schema::feed_id)]
    event_id: &'a str,
    #[schema(schema_with = schema::feed_type)]
    r#type: FeedType,
    #[schema(schema_with = schema::delivery_state)]
    state: DeliveryState,
    /// When it is tried next.
    #[schema(schema_with = schema::maybe_time)]
    next_at: Option<Timestamp>,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
    /// The latest tries.
    attempts: Vec<ShownAttempt<'a>>,
}

/// A try.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
struct ShownAttempt<'a> {
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    duration_ms: u32,
    /// The HTTP status that the endpoint answered.
    status: Option<u16>,
    /// The beginning of its body.
    body: Option<&'a str>,
    /// Why there was no answer, as a stable name.
    error: Option<&'a str>,
}

/// Shows a delivery.
pub(crate) fn delivery(delivery: &WebhookDelivery) -> ShownDelivery<'_> {
    ShownDelivery {
        id: &delivery.id,
        endpoint_id: delivery.endpoint.as_str(),
        event_id: delivery.entry.as_str(),
        r#type: delivery.kind,
        state: delivery.state,
        next_at: delivery.next_at,
        created_at: delivery.created_at,
        attempts: delivery.attempts.iter().map(attempt).collect(),
    }
}

fn attempt(attempt: &Attempt) -> ShownAttempt<'_> {
    let (status, body, error) = match &attempt.outcome {
        AttemptOutcome::Answered { status, body } => (Some(*status), Some(body.as_str()), None),
        AttemptOutcome::Failed { error } => (None, None, Some(error.as_str())),
    };
    ShownAttempt { at: attempt.at, duration_ms: attempt.millis, status, body, error }
}
