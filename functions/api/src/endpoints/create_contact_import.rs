//! `POST /contact-imports`: contacts from a file.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use domain::contact::Tag;
use flow::contacts::{self, Column, ImportOptions};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownTask};
use crate::state::ApiState;

/// How the file is read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportToCreate {
    /// What the columns hold, by their headings: `phone`, `name`, `language`, `tags`, `consent_place`, `consent_evidence`, `consent_at`, `consent_basis`, `attribute.<key>` or `ignored`. Headings that say it themselves need not be named.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>, required = false)]
    columns: BTreeMap<String, String>,
    /// Pass over columns that are not known, rather than refuse the file.
    #[serde(default)]
    ignore_unknown_columns: bool,
    /// The country code of numbers that have none.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{1,3}$", example = "55")]
    country_code: Option<String>,
    /// What everybody in the file is marked with.
    #[serde(default)]
    #[schema(schema_with = schema::tags, required = false)]
    tags: Vec<Tag>,
    /// Leave contacts that are there already as they are.
    #[serde(default)]
    only_new: bool,
}

/// Create an import of contacts
///
/// Then send the file in parts and start it. CSV with a row of headings, in UTF-8 or Windows-1252, separated by commas, semicolons or tabs. An empty cell leaves what is known as it is.
#[utoipa::path(
    post,
    path = "/contact-imports",
    tag = "Imports and exports",
    request_body = ImportToCreate,
    responses((status = 201, body = ShownTask<'static>))
)]
pub(crate) async fn create_contact_import(
    State(_): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<ImportToCreate>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let mut columns = BTreeMap::new();
    for (heading, name) in new.columns {
        let Some(column) = Column::parse(&name) else {
            let pointer = format!("/columns/{}", heading.replace('~', "~0").replace('/', "~1"));
            let reason = format!("must be attribute.<key> or one of {}", Column::NAMES.join(", "));
            return Err(Problem::new(Code::InvalidBody).field(Place::Body, &pointer, &reason));
        };
        columns.insert(heading, column);
    }
    let options = ImportOptions {
        columns,
        ignore_unknown: new.ignore_unknown_columns,
        country_code: new.country_code,
        tags: new.tags,
        only_new: new.only_new,
    };
    let made = contacts::create_import(&platform, &caller.organization, &caller.actor, options).await?;
    entity::answer(StatusCode::CREATED, &show::task(&made))
}
