//! `POST /templates`: submit a template to Meta.

use axum::extract::State;
use axum::response::Response;
use domain::template::{Category, NewTemplate as Wanted, ParameterFormat};
use flow::templates;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownTemplate};
use crate::state::ApiState;

/// A template to submit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTemplate {
    #[schema(min_length = 1, max_length = 512, pattern = "^[a-z0-9_]+$", example = "order_ready")]
    name: String,
    #[schema(pattern = "^[a-z]{2,3}(_[A-Z]{2})?$", example = "pt_BR")]
    language: String,
    #[schema(schema_with = schema::new_template_category)]
    category: Category,
    /// How its variables are called: by numbers from 1, or by names.
    #[serde(default)]
    #[schema(schema_with = schema::parameter_format, required = false)]
    parameter_format: ParameterFormat,
    /// Its parts, as WhatsApp writes them: `HEADER`, `BODY`, `FOOTER` and `BUTTONS`.
    #[schema(schema_with = schema::template_components)]
    components: Vec<Value>,
    /// Meta's id of the WhatsApp business account; needed where your numbers belong to more than one.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_text, required = false)]
    business_account_id: Option<String>,
}

/// Submit a message template
///
/// It is checked against Meta's documented limits, and every field that breaks one is named. Then Meta is asked, and decides within minutes, mostly: `GET /templates/{id}` and the feed say how.
#[utoipa::path(
    post,
    path = "/templates",
    tag = "Templates",
    request_body = NewTemplate,
    responses((status = 201, body = ShownTemplate<'static>))
)]
pub(crate) async fn create_template(
    State(state): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<NewTemplate>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let NewTemplate { name, language, category, parameter_format, components, business_account_id } = new;
    let wanted = Wanted { name, language, category, format: parameter_format, components };
    let (business, account) = (state.business.as_ref(), business_account_id.as_deref());
    let made = templates::create(&platform, business, &caller.organization, &caller.actor, account, wanted).await?;
    entity::answer(StatusCode::CREATED, &show::template(&made))
}
