//! `GET /attributes/{id}`: one attribute.

use axum::extract::State;
use axum::response::Response;
use domain::contact::AttributeKey;
use flow::contacts;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownAttribute};
use crate::state::ApiState;

/// Get an attribute
#[utoipa::path(
    get,
    path = "/attributes/{id}",
    tag = "Contacts",
    params(("id" = String, Path, description = "The attribute's key.")),
    responses((status = 200, body = ShownAttribute<'static>))
)]
pub(crate) async fn get_attribute(
    State(state): State<ApiState>,
    caller: Caller,
    Id(key): Id<AttributeKey>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = contacts::get_attribute(&state.platform, &caller.organization, &key).await?;
    let (definition, _) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::read(&headers, &show::attribute(&definition))
}
