//! `GET /media/{id}`: what is known of a file.

use axum::extract::State;
use axum::response::Response;
use domain::MediaId;
use flow::media;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownMedia};
use crate::state::ApiState;

/// Get what is known of a file
///
/// One that a customer sent, or one that was stored to be sent.
#[utoipa::path(
    get,
    path = "/media/{id}",
    tag = "Media",
    params(("id" = String, Path, description = "The file.")),
    responses((status = 200, body = ShownMedia<'static>))
)]
pub(crate) async fn get_media(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<MediaId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = media::get(&state.platform, &caller.organization, &id).await?;
    let (found, _) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::read(&headers, &show::media(&found))
}
