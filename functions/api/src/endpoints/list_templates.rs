//! `GET /templates`: an organization's message templates, in the order of their names.
//!
//! Parameters: `limit` (1 to 100), `cursor`, `status`, `category`, `language`, `name` (what it begins with).

use axum::extract::State;
use axum::response::Response;
use domain::template::{Category, TemplateStatus};
use flow::browse::Cursor;
use flow::templates::{self, Filter};
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownTemplate};
use crate::state::ApiState;

/// List message templates
///
/// In the order of their names. Deleted ones are listed as well, with that status.
#[utoipa::path(
    get,
    path = "/templates",
    tag = "Templates",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
        ("status" = Option<String>, Query, pattern = "^[a-z_]{1,64}$", description = "Only those that stand like this, such as `approved`."),
        ("category" = Option<String>, Query, pattern = "^[a-z_]{1,64}$", description = "Only those of this category, such as `utility`."),
        ("language" = Option<String>, Query, pattern = "^[A-Za-z_]{1,16}$", description = "Only those in this language, such as `pt_BR`."),
        ("name" = Option<String>, Query, pattern = "^[a-z0-9_]{1,512}$", description = "Only those whose name begins like this.")
    ),
    responses((status = 200, body = ShownPage<ShownTemplate<'static>>))
)]
pub(crate) async fn list_templates(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of_templates(text).ok())?;
    let is_name =
        |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let is_language =
        |text: &str| (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    let is_begin = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let lower = "must have lower-case letters and underscores";
    let filter = Filter {
        status: parameters.take("status", lower, |text| is_name(text).then(|| TemplateStatus::parse(text)))?,
        category: parameters.take("category", lower, |text| is_name(text).then(|| Category::parse(text)))?,
        language: parameters
            .take("language", "must be a code such as pt_BR", |text| is_language(text).then(|| text.to_owned()))?,
        name: parameters.take("name", "must have lower-case letters, digits and underscores", |text| {
            ((1..=512).contains(&text.len()) && text.bytes().all(is_begin)).then(|| text.to_owned())
        })?,
    };
    parameters.end()?;
    let page = templates::list(&state.platform, &caller.organization, &filter, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, show::template))
}
