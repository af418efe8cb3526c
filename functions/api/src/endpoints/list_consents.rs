//! `GET /contacts/{id}/consents`: what they decided, with the evidence.

use axum::extract::State;
use axum::response::Response;
use domain::ContactId;
use flow::browse::Cursor;
use flow::contacts;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownConsent, ShownPage};
use crate::state::ApiState;

/// List what a contact decided
///
/// Consents, withdrawals, stop and start words, the latest record first. None is ever changed or removed.
#[utoipa::path(
    get,
    path = "/contacts/{id}/consents",
    tag = "Contacts",
    params(
        ("id" = String, Path, description = "The contact."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownConsent<'static>>))
)]
pub(crate) async fn list_consents(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<ContactId>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters.take("cursor", "must be the next_cursor of an earlier page", |text| {
        Cursor::of::<domain::ConsentId>(text).ok()
    })?;
    parameters.end()?;
    let page = contacts::consents_of(&state.platform, &caller.organization, &id, cursor.as_ref(), limit).await?;
    let page = page.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::read(&headers, &show::page(&page, show::consent))
}
