//! `PATCH /numbers/{id}`: what it is called, who answers, how much it sends, and its token.

use axum::extract::State;
use axum::response::Response;
use domain::away::AwayMessage;
use domain::hours::{Exceptions, WeeklyHours};
use domain::{AssistantId, NumberId};
use flow::numbers::{self, NumberChange};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::path::Id;
use crate::body::{Json, given_object};
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownAwayMessage, ShownException, ShownNumberDetails, ShownOpening};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NumberChanges {
    /// What you call it; null: nothing.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schema::maybe_label, required = false)]
    label: Option<Option<String>>,
    /// Who answers its messages; null: people alone.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schema::maybe_assistant_id, required = false)]
    assistant_id: Option<Option<AssistantId>>,
    /// How many templates it sends a day to people who did not write; null: the usual number. Never more than Meta allows.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    daily_quota: Option<Option<i64>>,
    /// Seven days from Monday on, each with at most 4 openings; null: as the organization.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<Vec<ShownOpening>>>, min_items = 7, max_items = 7)]
    hours: Option<Option<WeeklyHours>>,
    /// Days that are otherwise than their weekday, each once; all of them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<ShownException>>, max_items = 200)]
    hours_exceptions: Option<Exceptions>,
    /// What it says to who writes while it is closed; null: what the organization says.
    #[serde(default, deserialize_with = "given_object")]
    #[schema(value_type = Option<ShownAwayMessage<'static>>)]
    away_message: Option<Option<AwayMessage>>,
    /// Whether customers are told when somebody of yours has read what they wrote.
    #[serde(default)]
    read_receipts: Option<bool>,
    /// Another token; sends go on with it at once. It is never shown again.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 4096, pattern = "^[!-~]+$")]
    access_token: Option<String>,
}

/// Tells a field that is null from one that is left out.
fn given<'de, D: Deserializer<'de>, T: DeserializeOwned>(fields: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(fields).map(Some)
}

/// Change a connected number
#[utoipa::path(
    patch,
    path = "/numbers/{id}",
    tag = "Numbers",
    params(
        ("id" = String, Path, description = "Meta's id of the number."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = NumberChanges,
    responses((status = 200, body = ShownNumberDetails<'static>))
)]
pub(crate) async fn change_number(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<NumberId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<NumberChanges>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = numbers::get(&state.platform, &caller.organization, &id).await?;
    let known = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::changeable_number(&known))?;
    let NumberChanges {
        label,
        assistant_id,
        daily_quota,
        read_receipts,
        hours,
        hours_exceptions,
        away_message,
        access_token,
    } = change;
    let token = access_token.map(Into::into);
    let (assistant, away) = (assistant_id, away_message);
    let change = NumberChange { label, assistant, daily_quota, read_receipts, hours, hours_exceptions, away, token };
    let business = state.business.as_ref();
    let changed = numbers::change(&state.platform, business, &caller.actor, &known, change).await?;
    entity::answer(StatusCode::OK, &show::number(&changed))
}
