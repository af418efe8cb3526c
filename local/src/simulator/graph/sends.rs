//! `POST {phone_number_id}/messages`: sends, read receipts and the typing indicator.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Span;
use futures::stream;
use serde_json::{Map, Value, json};

use super::message::{self, Message, Needs, To};
use super::part::{Part, invalid};
use super::{GraphError, answer};
use crate::simulator::Shared;
use crate::simulator::entries::{Entry, Fate, FromBusiness, Recipient};
use crate::simulator::faults::{Answer, Target};
use crate::simulator::identity::{self, Side};
use crate::simulator::world::World;

/// No caller waits longer for an answer that never comes.
const FOR_EVER: Span = Span::from_hours(1);

pub(super) async fn post(shared: &Arc<Shared>, path: &str, body: &Map<String, Value>) -> Result<Response, GraphError> {
    if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
        return Err(GraphError::parameter("The parameter messaging_product is required and must be whatsapp."));
    }
    if body.contains_key("status") {
        return read_receipt(shared, body).map(answer);
    }
    let message = message::read(body)?;
    // What Meta has begun it finishes, whether the caller still waits or not.
    let (taking, path) = (shared.clone(), path.to_owned());
    match tokio::spawn(async move { take(&taking, &path, message).await }).await {
        Ok(response) => response,
        Err(_) => Err(GraphError::of(1)),
    }
}

fn read_receipt(shared: &Shared, body: &Map<String, Value>) -> Result<Value, GraphError> {
    let call = Part::new(body, "message");
    if call.text("status", 16)? != "read" {
        return Err(invalid("Param status must be read."));
    }
    let message = call.text("message_id", 512)?;
    let typing = match call.optional_part("typing_indicator")? {
        Some(indicator) if indicator.text("type", 16)? == "text" => true,
        Some(_) => return Err(invalid("typing_indicator['type'] must be text.")),
        None => false,
    };
    if !shared.world().mark_read(message, typing, shared.clock.now()) {
        return Err(invalid("There is no message of a customer with this id."));
    }
    shared.touch();
    shared.work.notify_one();
    Ok(json!({ "success": true }))
}

/// Everything after the form: the fault plan, the world, and the answer.
async fn take(shared: &Arc<Shared>, path: &str, message: Message) -> Result<Response, GraphError> {
    let on_send = {
        let mut world = shared.world();
        let (to, user_id) = resolve(&world, &message.to);
        let number = match &to {
            Recipient::Number(number) => Some(number.as_str()),
            Recipient::Stranger(_) => None,
        };
        let target = Target { number, user_id: user_id.as_deref() };
        world.faults.on_send(&target, &*shared.entropy)
    };
    if on_send.delay > Span::ZERO {
        shared.clock.sleep(on_send.delay).await;
    }
    if let Some(fault) = on_send.answer.filter(|fault| !fault.accepted()) {
        return misbehave(shared, path, fault, &Value::Null).await;
    }
    let accepted = accept(shared, message, on_send.fate)?;
    match on_send.answer {
        Some(fault) => misbehave(shared, path, fault, &accepted).await,
        None => Ok(answer(accepted)),
    }
}

/// Takes the message, or says what stands against it.
fn accept(shared: &Shared, message: Message, planned: Option<Fate>) -> Result<Value, GraphError> {
    let Message { to: address, input, mut content, callback_data, needs } = message;
    let at = shared.clock.now();
    let mut world = shared.world();
    if world.outbox.waiting() >= shared.settings.limits.waiting_events {
        return Err(GraphError::of(131_016));
    }
    let (to, _) = resolve(&world, &address);
    if matches!(&to, Recipient::Number(number) if number == shared.settings.display_phone_number.digits()) {
        return Err(GraphError::of(131_021));
    }
    let mut category = "service".to_owned();
    let template = matches!(needs, Needs::Template { .. });
    match needs {
        Needs::Nothing => {}
        Needs::Media { id, kind } => {
            if !world.media.has(&id) {
                let details = format!("Param {kind}['id'] is not a valid media id.");
                return Err(GraphError::parameter(details));
            }
        }
        Needs::Message { id } => {
            if !matches!(&to, Recipient::Number(number) if world.number_with(&id) == Some(number)) {
                return Err(invalid("There is no message with this id to react to."));
            }
        }
        Needs::Template { name, language, components } => {
            let template = world.templates.ready(&name, &language)?;
            let rendered = template.fill(&components)?;
            category = template.category.to_ascii_lowercase();
            if category == "authentication" && matches!(address, To::User(_)) {
                return Err(GraphError::of(131_062));
            }
            content.insert("rendered".into(), rendered);
        }
    }
    let (open, contact, person) = match (&to, &address) {
        (Recipient::Number(number), To::Number(_)) => {
            let phone = world.known(number);
            let wa_id = phone.map_or_else(|| number.clone(), |phone| phone.wa_id.clone());
            let contact = json!({ "input": input, "wa_id": wa_id });
            (phone.is_some_and(|phone| phone.window_open(at)), contact, wa_id)
        }
        (Recipient::Number(number), To::User(user_id)) => {
            let open = world.known(number).is_some_and(|phone| phone.window_open(at));
            (open, json!({ "input": input, "user_id": user_id }), user_id.clone())
        }
        (Recipient::Stranger(user_id), _) => (false, json!({ "input": input, "user_id": user_id }), user_id.clone()),
    };
    let fate = match &to {
        Recipient::Stranger(_) => Fate::Fails { code: 131_026 },
        Recipient::Number(_) if !open && !template => Fate::Fails { code: 131_047 },
        Recipient::Number(_) => planned.unwrap_or(Fate::Arrives { late_ms: 0 }),
    };
    let id = identity::wamid(&*shared.entropy, &person, Side::Business);
    let taken = FromBusiness { to, id: id.clone(), at, message: content, callback_data, category, fate };
    shared.happen(&mut world, &Entry::Business(taken)).map_err(|_| GraphError::of(131_016))?;
    drop(world);
    shared.work.notify_one();
    let mut named = json!({ "id": id });
    if template {
        named["message_status"] = "accepted".into();
    }
    Ok(json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [named] }))
}

/// Whose phone it is, and their user id if it is known.
fn resolve(world: &World, to: &To) -> (Recipient, Option<String>) {
    match to {
        To::Number(phone) => {
            let number = phone.digits().to_owned();
            let user_id = world.known(&number).map(|phone| phone.user_id.clone());
            (Recipient::Number(number), user_id)
        }
        To::User(user_id) => match world.number_of(user_id) {
            Some(number) => (Recipient::Number(number.to_owned()), Some(user_id.clone())),
            None => (Recipient::Stranger(user_id.clone()), Some(user_id.clone())),
        },
    }
}

/// Gives the answer that the fault plan wants.
async fn misbehave(shared: &Shared, path: &str, fault: Answer, accepted: &Value) -> Result<Response, GraphError> {
    match fault {
        Answer::Error { code } => Err(GraphError::of(code)),
        Answer::ServerError => Err(GraphError::of(1)),
        Answer::BadGateway { .. } => {
            let page = "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>";
            Ok((StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], page).into_response())
        }
        Answer::Redirect => {
            let there = HeaderValue::from_str(path).unwrap_or_else(|_| HeaderValue::from_static("/"));
            Ok((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, there)]).into_response())
        }
        Answer::Truncated => {
            let mut text = accepted.to_string();
            text.truncate(text.len() / 2);
            Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
        }
        Answer::Cut => Ok(cut()),
        Answer::Hang { .. } => {
            tokio::select! {
                () = shared.closing.cancelled() => {}
                () = shared.clock.sleep(FOR_EVER) => {}
            }
            Ok(cut())
        }
    }
}

/// A response whose body fails before its first byte: the server then closes the connection with nothing sent.
fn cut() -> Response {
    let broken = stream::once(async { Err::<&[u8], _>(std::io::Error::other("cut by the fault plan")) });
    ([(header::CONTENT_LENGTH, "1000")], Body::from_stream(broken)).into_response()
}
