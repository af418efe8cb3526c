//! `DELETE /attributes/{id}`: use it no more.

use axum::extract::State;
use axum::response::Response;
use domain::contact::AttributeKey;
use flow::contacts;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Retire an attribute
///
/// It is shown and asked for no more. The values that contacts have are kept, for when it is made again.
#[utoipa::path(
    delete,
    path = "/attributes/{id}",
    tag = "Contacts",
    params(("id" = String, Path, description = "The attribute's key.")),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn retire_attribute(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<AttributeKey>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    contacts::retire_attribute(&state.platform, &caller.organization, &caller.actor, &id).await?;
    Ok(entity::nothing())
}
