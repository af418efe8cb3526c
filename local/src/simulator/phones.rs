//! `phones/{wa_id}/messages`: what a customer's phone does, and what it shows.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::Phone;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::customer::{self, NewFile};
use super::entries::{Entry, FromCustomer};
use super::identity::{self, Side};
use super::problem::{FieldError, Problem};
use super::world::World;
use super::{Shared, SimulatorSettings};

const LARGEST_BODY: usize = 24 * 1024 * 1024;
const LONGEST_WAIT: u64 = 30;

/// `POST` and `GET /phones/{wa_id}/messages`.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/phones/{wa_id}/messages", get(show_messages).post(write_message))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

/// The customer writes a message: 202 with its id, once it cannot be lost any more.
async fn write_message(
    State(shared): State<Arc<Shared>>,
    Path(wa_id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let (wa_id, number) = person(&wa_id)?;
    let customer::Written { profile, mut message, file } = customer::read(&body).map_err(Problem::invalid)?;
    let at = shared.clock.now();
    let mut world = shared.world();
    if world.outbox.waiting() >= shared.settings.limits.waiting_events {
        let detail = "Too many webhooks wait for the platform. Is its webhook reachable?";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "webhooks_pile_up", detail));
    }
    if let Some(user_id) = &profile.user_id
        && world.belongs_to_another(user_id, &number)
    {
        return Err(Problem::invalid(vec![FieldError::new("/user_id", "Another phone has this user id.")]));
    }
    if let Some(file) = file {
        keep_file(&shared, &mut world, &mut message, file);
    }
    let hidden = profile.hide_phone.unwrap_or_else(|| world.known(&number).is_some_and(|phone| phone.hidden));
    let user_id = profile.user_id.clone().or_else(|| world.known(&number).map(|phone| phone.user_id.clone()));
    let user_id = user_id.unwrap_or_else(|| identity::user_id(&shared.settings.app_secret, &number));
    let writer = if hidden { &user_id } else { &wa_id };
    let id = identity::wamid(&*shared.entropy, writer, Side::Customer);
    complete_context(&shared.settings, &world, &number, writer, &mut message);
    let entry = Entry::Customer(FromCustomer { wa_id: wa_id.clone(), profile, id: id.clone(), at, message });
    shared.happen(&mut world, &entry).map_err(|_| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_written_down", "The journal could not be written.")
    })?;
    let revision = world.known(&number).map_or(0, super::phone::Phone::revision);
    drop(world);
    shared.work.notify_one();
    let answer = json!({ "id": id, "wa_id": wa_id, "user_id": user_id, "revision": revision });
    Ok((StatusCode::ACCEPTED, axum::Json(answer)).into_response())
}

/// What the phone shows. `after=<revision>` leaves out what has not changed since, and `wait=<seconds>` holds the
/// answer back until something does.
async fn show_messages(
    State(shared): State<Arc<Shared>>,
    Path(wa_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (wa_id, number) = person(&wa_id)?;
    let Asked { after, wait } = Asked::read(query.as_deref().unwrap_or_default()).map_err(Problem::invalid)?;
    if wait > Duration::ZERO {
        let news = async {
            tokio::select! {
                () = changed_since(&shared, &wa_id, &number, after) => {}
                () = shared.closing.cancelled() => {}
            }
        };
        // Whether it came or not, the answer is what the phone shows then.
        let _ = timeout(wait, news).await;
    }
    let now = shared.clock.now();
    let mut screen = shared.world().phone(&shared.settings, &wa_id, &number, now).screen(after, now);
    screen["business"] = json!({
        "name": shared.settings.verified_name,
        "number": shared.settings.display_phone_number.e164(),
    });
    Ok(axum::Json(screen).into_response())
}

/// Returns once the phone is at another revision.
async fn changed_since(shared: &Shared, wa_id: &str, number: &str, revision: u64) {
    let look = || {
        let mut world = shared.world();
        let phone = world.phone(&shared.settings, wa_id, number, shared.clock.now());
        (phone.changed(), phone.revision())
    };
    loop {
        let (changed, _) = look();
        let mut change = std::pin::pin!(changed.notified());
        change.as_mut().enable();
        // Only what happens from here on wakes, so look again.
        if look().1 != revision {
            return;
        }
        change.await;
    }
}

struct Asked {
    after: u64,
    wait: Duration,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Vec<FieldError>> {
        let mut asked = Self { after: 0, wait: Duration::ZERO };
        let mut errors = Vec::new();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (key.as_ref(), value.parse::<u64>()) {
                ("after", Ok(after)) => asked.after = after,
                ("wait", Ok(seconds)) if seconds <= LONGEST_WAIT => asked.wait = Duration::from_secs(seconds),
                ("after", _) => errors.push(FieldError::new("/after", "A revision, as an earlier answer gave it.")),
                ("wait", _) => errors.push(FieldError::new("/wait", "Whole seconds, at most 30.")),
                (key, _) => errors.push(FieldError::new(format!("/{key}"), "This parameter is not known here.")),
            }
        }
        if errors.is_empty() { Ok(asked) } else { Err(errors) }
    }
}

/// The number as the path gives it, and its canonical digits.
fn person(wa_id: &str) -> Result<(String, String), Problem> {
    let digits = wa_id.strip_prefix('+').unwrap_or(wa_id);
    match Phone::parse(digits) {
        Ok(phone) if digits.bytes().all(|b| b.is_ascii_digit()) => Ok((digits.to_owned(), phone.digits().to_owned())),
        _ => {
            let detail = "The path must name a phone number with its country code, digits only.";
            Err(Problem::new(StatusCode::NOT_FOUND, "no_such_phone", detail))
        }
    }
}

/// Gives the file a place at Meta, and the message its id and hash.
fn keep_file(shared: &Shared, world: &mut World, message: &mut Map<String, Value>, file: NewFile) {
    let id = identity::digits(&*shared.entropy);
    let hash = world.media.keep(&id, &file.mime_type, file.bytes, shared.settings.limits.media_bytes);
    if let Some(content) = message.get_mut(&file.kind).and_then(Value::as_object_mut) {
        content.entry("mime_type").or_insert_with(|| file.mime_type.into());
        content.entry("sha256").or_insert_with(|| hash.base64().into());
        content.insert("id".into(), id.into());
    }
}

/// A quoted message's writer, which Meta tells and a test need not know: the business, unless the customer quotes
/// themselves.
fn complete_context(
    settings: &SimulatorSettings,
    world: &World,
    number: &str,
    customer: &str,
    message: &mut Map<String, Value>,
) {
    let Some(context) = message.get_mut("context").and_then(Value::as_object_mut) else { return };
    let Some(quoted) = context.get("id").and_then(Value::as_str).filter(|_| !context.contains_key("from")) else {
        return;
    };
    let own = world.known(number).and_then(|phone| phone.writer(quoted)) == Some(Side::Customer);
    let from = if own { customer } else { settings.display_phone_number.digits() };
    let mut complete = Map::new();
    complete.insert("from".into(), from.into());
    complete.extend(std::mem::take(context));
    *context = complete;
}
