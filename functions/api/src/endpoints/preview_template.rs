//! `POST /templates/{id}/preview`: a template with its variables filled in.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use domain::template::{HeaderLocation, HeaderMedia, Values};
use domain::{MediaId, TemplateId};
use flow::templates;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownPreview};
use crate::state::ApiState;

/// What stands for the variables; which there are, the template says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateValues {
    /// The header's variables, by name or number.
    #[serde(default)]
    header: BTreeMap<String, String>,
    /// The text's variables, by name or number.
    #[serde(default)]
    body: BTreeMap<String, String>,
    /// By the button's place, from 0: the end of its address, its code, or what a quick reply sends back.
    #[serde(default)]
    buttons: BTreeMap<String, String>,
    /// The header's file.
    #[serde(default)]
    #[schema(inline)]
    media: Option<MediaFields>,
    /// The header's place.
    #[serde(default)]
    #[schema(inline)]
    location: Option<PlaceFields>,
}

/// Where a file is: one of the three.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MediaFields {
    /// WhatsApp's id of an upload.
    Id(String),
    /// A public https address.
    Link(String),
    /// A file that is stored here.
    MediaId(String),
}

/// A place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceFields {
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
}

fn file(media: MediaFields) -> Result<HeaderMedia, Problem> {
    Ok(match media {
        MediaFields::Id(id) => HeaderMedia::Id(id),
        MediaFields::Link(link) => HeaderMedia::Link(link),
        MediaFields::MediaId(id) => {
            let reason = "must be the id of a file of yours";
            let wrong = |_| Problem::new(Code::InvalidBody).field(Place::Body, "/media/media_id", reason);
            HeaderMedia::Stored(MediaId::try_from(id).map_err(wrong)?)
        }
    })
}

/// Preview a message template
///
/// As a person sees it with these values, and what a message must carry for that. Each variable without a value and each value without a variable is named.
#[utoipa::path(
    post,
    path = "/templates/{id}/preview",
    tag = "Templates",
    params(
        ("id" = String, Path, description = "The template.")
    ),
    request_body = TemplateValues,
    responses((status = 200, body = ShownPreview<'static>))
)]
pub(crate) async fn preview_template(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TemplateId>,
    parameters: Parameters,
    Json(values): Json<TemplateValues>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = templates::get(&state.platform, &caller.organization, &id).await?;
    let (template, _) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    let TemplateValues { header, body, buttons, media, location } = values;
    let media = media.map(file).transpose()?;
    let location = location.map(|PlaceFields { latitude, longitude, name, address }| HeaderLocation {
        latitude,
        longitude,
        name,
        address,
    });
    let values = Values { header, body, buttons, media, location };
    let filled =
        templates::fill(&template, &values).map_err(|wrong| Problem::new(Code::InvalidBody).violations(&wrong))?;
    entity::answer(StatusCode::OK, &show::preview(&filled))
}
