//! `GET /contacts`: the people that the organization talks with.

use axum::extract::State;
use axum::response::Response;
use domain::contact::{AttributeKey, AttributeValue, LanguageCode, Tag};
use flow::browse::Cursor;
use flow::contacts::{self, Filter, PhoneSearch};
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownContactRecord, ShownPage};
use crate::state::ApiState;

/// How many things one request asks for at most.
const MOST: usize = 10;

/// List contacts
///
/// Those who meet all that is asked for, the newest first. Names are found by the beginnings of their words, from two letters on, of which the first six count. Where several things are asked for, a page may be shorter than its limit, or empty, and still have a next one.
#[utoipa::path(
    get,
    path = "/contacts",
    tag = "Contacts",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
        ("name" = Option<String>, Query, max_length = 200, description = "Beginnings of the words of their name."),
        ("phone" = Option<String>, Query, pattern = r"^(\+[1-9][0-9]{5,14}|[0-9]{4}|[0-9]{8,9}|[1-9][0-9]{9,14})$", description = "Their whole number, or its last 4, 8 or 9 digits."),
        ("tag" = inline(Option<schema::TagOfList>), Query, description = "A tag; may be given several times."),
        ("attribute" = Option<String>, Query, description = "`key:value`; may be given several times."),
        ("language" = Option<String>, Query, pattern = "^[a-z]{2,3}(_[A-Z]{2,3})?$", description = "Their language, such as `pt_BR`."),
        ("blocked" = Option<bool>, Query, description = "Only those who are blocked, or only the others."),
        ("takes_marketing" = Option<bool>, Query, description = "Only those who may get marketing, or only the others.")
    ),
    responses((status = 200, body = ShownPage<ShownContactRecord<'static>>))
)]
pub(crate) async fn list_contacts(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters.take("cursor", "must be the next_cursor of an earlier page", |text| {
        Cursor::of::<domain::ContactId>(text).ok()
    })?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let definitions = contacts::definitions(platform, organization).await?;
    let read = |text: &str| -> Option<(AttributeKey, AttributeValue)> {
        let (key, value) = text.split_once(':')?;
        let definition = definitions.get(&AttributeKey::parse(key).ok()?).filter(|known| !known.retired)?;
        Some((definition.key.clone(), definition.read_text(value).ok()?))
    };
    let mut filter = Filter {
        name: parameters.take("name", "must have 1 to 200 characters", |text| {
            (1..=200).contains(&text.chars().count()).then(|| text.to_owned())
        })?,
        phone: parameters.take("phone", "must be a whole number, or its last 4, 8 or 9 digits", PhoneSearch::parse)?,
        language: parameters
            .take("language", "must be a language such as pt_BR", |text| LanguageCode::parse(text).ok())?,
        blocked: parameters.take("blocked", "must be true or false", |text| text.parse().ok())?,
        takes_marketing: parameters.take("takes_marketing", "must be true or false", |text| text.parse().ok())?,
        ..Filter::default()
    };
    while let Some(tag) = parameters.take("tag", "must be a tag", |text| Tag::parse(text).ok())? {
        filter.tags.push(tag);
    }
    let expected = "must be an attribute of the organization, a colon, and a value of its type";
    while let Some(value) = parameters.take("attribute", expected, read)? {
        filter.attributes.push(value);
    }
    if filter.tags.len() + filter.attributes.len() > MOST {
        let problem = Problem::new(Code::InvalidParameter);
        return Err(problem.field(Place::Query, "/tag", "and attributes may be 10 at most"));
    }
    parameters.end()?;
    let page = contacts::search(platform, organization, &filter, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, |contact| show::contact(contact, &definitions)))
}
