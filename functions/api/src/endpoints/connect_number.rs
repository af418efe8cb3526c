//! `POST /numbers`: connect a number.

use axum::extract::State;
use axum::response::Response;
use domain::{AssistantId, NumberId};
use flow::numbers::{self, NewNumber};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownNumberDetails};
use crate::state::ApiState;

/// A number to connect.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConnection {
    /// Meta's id of the number.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,64}$", example = "106540352242922")]
    phone_number_id: NumberId,
    /// Meta's id of the WhatsApp business account that it belongs to.
    #[schema(pattern = "^[A-Za-z0-9]{1,64}$", example = "102290129340398")]
    business_account_id: String,
    /// A token that may manage both. It is stored sealed and never shown again.
    #[schema(min_length = 1, max_length = 4096, pattern = "^[!-~]+$")]
    access_token: String,
    /// Six digits, where the number is to be registered for the Cloud API.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_pin, required = false)]
    pin: Option<String>,
    /// What you call it.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_label, required = false)]
    label: Option<String>,
    /// Who answers its messages; none: people alone.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_assistant_id, required = false)]
    assistant_id: Option<AssistantId>,
    /// How many templates it sends a day to people who did not write; none: the usual number. Never more than Meta allows.
    #[serde(default)]
    #[schema(minimum = 0)]
    daily_quota: Option<i64>,
}

/// Connect a number
///
/// Meta is asked whether the token owns the number and its account; the app is subscribed, and from then on what customers write comes in. A number that is connected elsewhere is refused.
#[utoipa::path(
    post,
    path = "/numbers",
    tag = "Numbers",
    request_body = NewConnection,
    responses((status = 201, body = ShownNumberDetails<'static>))
)]
pub(crate) async fn connect_number(
    State(state): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<NewConnection>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let NewConnection { phone_number_id, business_account_id, access_token, pin, label, assistant_id, daily_quota } =
        new;
    let new = NewNumber {
        id: phone_number_id,
        waba_id: business_account_id,
        token: access_token.into(),
        pin,
        label,
        assistant: assistant_id,
        daily_quota,
    };
    let business = state.business.as_ref();
    let made = numbers::connect(&platform, business, &caller.organization, &caller.actor, new).await?;
    entity::answer(StatusCode::CREATED, &show::number(&made))
}
