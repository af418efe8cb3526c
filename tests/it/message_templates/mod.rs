//! Message templates: listed, told of by webhooks, made, changed and deleted.

#![allow(clippy::unwrap_used, reason = "tests")]

mod hearing;
mod managing;
mod syncing;

use domain::template::{Category, NewTemplate, ParameterFormat, Template};
use domain::{Span, TemplateId};
use flow::audit::Actor;
use flow::records::{TemplateChange, template_id};
use flow::templates::{self, Filter, Synced, TemplateError};
use serde_json::{Value, json};
use tests::business::FakeBusiness;
use tests::world::envelope::WABA;
use tests::world::{World, at_once};

/// The bakery's templates are listed now, and not by themselves.
fn sync(world: &mut World) -> Result<Synced, templates::SyncError> {
    let (whose, business) = (world.bakery.clone(), std::sync::Arc::clone(&world.business));
    world.act(move |platform| async move {
        let until = platform.clock.now() + Span::from_minutes(5);
        let accounts = templates::accounts(&platform, &whose).await?;
        templates::sync(&platform, business.as_ref(), &whose, &accounts[0], until).await
    })
}

/// The bakery submits a template.
fn create(world: &mut World, new: NewTemplate) -> Result<Template, TemplateError> {
    let (whose, business) = (world.bakery.clone(), std::sync::Arc::clone(&world.business));
    world.act(move |platform| async move {
        templates::create(&platform, business.as_ref(), &whose, &Actor::system(), None, new).await
    })
}

fn new(name: &str) -> NewTemplate {
    NewTemplate {
        name: name.to_owned(),
        language: "pt_BR".to_owned(),
        category: Category::Utility,
        format: ParameterFormat::Positional,
        components: vec![json!({"type": "BODY", "text": "Bom dia, chegou o pão!"})],
    }
}

/// What the bakery knows of the template with this id of Meta's.
#[track_caller]
fn known(world: &World, meta_id: &str) -> Template {
    at_once(templates::get(&world.bare, &world.bakery, &id(world, meta_id))).unwrap().unwrap().0
}

fn id(world: &World, meta_id: &str) -> TemplateId {
    template_id(&world.bare, &world.bakery, WABA, meta_id)
}

fn history(world: &World, meta_id: &str) -> Vec<TemplateChange> {
    at_once(templates::history(&world.bare, &world.bakery, &id(world, meta_id), None, 100)).unwrap().items
}

fn names(world: &World, filter: &Filter) -> Vec<String> {
    let page = at_once(templates::list(&world.bare, &world.bakery, filter, None, 100)).unwrap();
    page.items.into_iter().map(|template| template.name).collect()
}

/// The body of an event about a template, as Meta posts it.
fn body(at: i64, field: &str, meta_id: &str, more: &Value) -> Value {
    let mut value = json!({"message_template_id": meta_id.parse::<u64>().unwrap(), "message_template_name": "oi",
                           "message_template_language": "pt-BR"});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let change = json!({"field": field, "value": value});
    json!({"object": "whatsapp_business_account", "entry": [{"id": WABA, "time": at, "changes": [change]}]})
}

fn status(at: i64, meta_id: &str, event: &str) -> Value {
    body(at, "message_template_status_update", meta_id, &json!({"event": event, "reason": "NONE"}))
}

/// Whole seconds since 1970 at the world's time.
fn seconds(world: &World) -> i64 {
    world.now().micros() / 1_000_000
}

fn meta(world: &World) -> &FakeBusiness {
    world.business.as_ref()
}
