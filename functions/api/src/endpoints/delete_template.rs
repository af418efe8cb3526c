//! `DELETE /templates/{id}`: delete a template at Meta.

use axum::extract::State;
use axum::response::Response;
use domain::TemplateId;
use flow::templates;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Delete a message template
///
/// At Meta, in its language alone. The name of one that was approved cannot be used again for 30 days. It stays listed here as `deleted`.
#[utoipa::path(
    delete,
    path = "/templates/{id}",
    tag = "Templates",
    params(
        ("id" = String, Path, description = "The template.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn delete_template(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TemplateId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let business = state.business.as_ref();
    templates::delete(&state.platform, business, &caller.organization, &caller.actor, &id).await?;
    Ok(entity::nothing())
}
