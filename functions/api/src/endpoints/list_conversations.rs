//! `GET /conversations`: what an organization's numbers and customers say to each other.

use axum::extract::State;
use axum::response::Response;
use domain::contact::Tag;
use domain::conversation::ConversationState;
use domain::{ContactId, MemberId, NumberId, TeamId};
use flow::browse::{Cursor, Page};
use flow::contacts::{self, PhoneSearch};
use flow::desk::{self, Filter};
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownConversation, ShownPage};
use crate::state::ApiState;

/// List conversations
///
/// Those that meet all that is asked for, the one with the newest message first. Where several things are asked for, a page may be shorter than its limit, or empty, and still have a next one.
#[utoipa::path(
    get,
    path = "/conversations",
    tag = "Conversations",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
        ("state" = inline(Option<schema::StateOfConversation>), Query, description = "Only those in this state."),
        ("needs_person" = Option<bool>, Query, description = "Only those that a person should look at, or only the others."),
        ("phone_number_id" = Option<String>, Query, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "Only those of this number."),
        ("team_id" = Option<String>, Query, pattern = "^team_[a-z2-7]{25}[aeimquy4]$", description = "Only those that this team looks after."),
        ("assignee_id" = Option<String>, Query, pattern = "^(none|mem_[a-z2-7]{25}[aeimquy4])$", description = "Only those that this person looks after; `none`: nobody."),
        ("label" = inline(Option<schema::TagOfList>), Query, description = "A label; may be given several times."),
        ("unread" = Option<bool>, Query, description = "Only those with something that nobody has read, or only the others."),
        ("unanswered" = Option<bool>, Query, description = "Only those whose customer still waits for a first answer, or only the others."),
        ("contact_id" = Option<String>, Query, pattern = "^ct_[a-z2-7]{25}[aeimquy4]$", description = "Only those with this contact, on one page."),
        ("customer" = Option<String>, Query, min_length = 1, max_length = 200, description = "Only those with customers of this name, or with this phone or its last 4, 8 or 9 digits; then in the order of the contacts.")
    ),
    responses((status = 200, body = ShownPage<ShownConversation<'static>>))
)]
pub(crate) async fn list_conversations(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let customer = parameters.take("customer", "must have 1 to 200 characters", customer)?;
    let is_cursor = |text: &str| match customer {
        Some(_) => Cursor::of::<domain::ContactId>(text).ok(),
        None => Cursor::of::<domain::ConversationId>(text).ok(),
    };
    let cursor = parameters.take("cursor", "must be the next_cursor of an earlier page", is_cursor)?;
    let assignee = |text: &str| match text {
        "none" => Some(None),
        id => MemberId::try_from(id.to_owned()).ok().map(Some),
    };
    let mut filter = Filter {
        state: parameters.take("state", "must be assistant, person or closed", ConversationState::parse)?,
        needs_person: parameters.take("needs_person", "must be true or false", |text| text.parse().ok())?,
        number: parameters
            .take("phone_number_id", "must be the id of a number", |text| NumberId::try_from(text.to_owned()).ok())?,
        team: parameters.take("team_id", "must be the id of a team", |text| TeamId::try_from(text.to_owned()).ok())?,
        assignee: parameters.take("assignee_id", "must be the id of a member, or none", assignee)?,
        unread: parameters.take("unread", "must be true or false", |text| text.parse().ok())?,
        unanswered: parameters.take("unanswered", "must be true or false", |text| text.parse().ok())?,
        labels: Vec::new(),
    };
    while let Some(label) = parameters.take("label", "must be a label", |text| Tag::parse(text).ok())? {
        filter.labels.push(label);
    }
    let contact = parameters
        .take("contact_id", "must be the id of a contact", |text| ContactId::try_from(text.to_owned()).ok())?;
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let page = match (contact, customer) {
        (Some(contact), _) => {
            let items = desk::with_customers(platform, organization, &[contact], &filter).await?;
            Page { items, next: None }
        }
        (None, Some(customer)) => {
            desk::with_customer(platform, organization, &customer, &filter, cursor.as_ref(), limit).await?
        }
        (None, None) => desk::list(platform, organization, &filter, cursor.as_ref(), limit).await?,
    };
    let now = state.platform.clock.now();
    entity::read(&headers, &show::page(&page, |conversation| show::conversation(conversation, now)))
}

/// Whom somebody looks for: by their phone, where it is one, else by their name.
fn customer(text: &str) -> Option<contacts::Filter> {
    let fits = (1..=200).contains(&text.chars().count());
    let filter = match PhoneSearch::parse(text) {
        Some(phone) => contacts::Filter { phone: Some(phone), ..contacts::Filter::default() },
        None => contacts::Filter { name: Some(text.to_owned()), ..contacts::Filter::default() },
    };
    fits.then_some(filter)
}
