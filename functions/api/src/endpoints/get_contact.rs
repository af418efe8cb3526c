//! `GET /contacts/{id}`: one contact.

use axum::extract::State;
use axum::response::Response;
use domain::ContactId;
use flow::contacts;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownContactRecord};
use crate::state::ApiState;

/// Get a contact
///
/// One that turned out to be another person is shown as that one.
#[utoipa::path(
    get,
    path = "/contacts/{id}",
    tag = "Contacts",
    params(("id" = String, Path, description = "The contact.")),
    responses((status = 200, body = ShownContactRecord<'static>))
)]
pub(crate) async fn get_contact(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<ContactId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = contacts::get(platform, organization, &id).await?;
    let (contact, _) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    let definitions = contacts::definitions(platform, organization).await?;
    entity::read(&headers, &show::contact(&contact, &definitions))
}
