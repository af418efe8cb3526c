//! Message templates: a few to begin with, and those that are made. Meta approves all of them after a moment, and decides
//! otherwise where it is told to.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Span;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::part::Part;
use super::{GraphError, Query, chosen};
use crate::simulator::Shared;

/// Meta documents 250 templates for an account that is not verified.
const MOST: usize = 250;
const DECIDED_AFTER: Span = Span::from_seconds(1);
const PAGE: usize = 25;
const LARGEST_PAGE: usize = 250;

/// All templates, oldest first.
#[derive(Serialize, Deserialize)]
pub(in crate::simulator) struct Templates {
    all: Vec<Template>,
}

/// A template.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::simulator) struct Template {
    /// Meta's id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    #[serde(default = "approved")]
    status: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    quality: Option<String>,
    #[serde(default)]
    format: Option<String>,
    components: Vec<Value>,
}

/// What stands in a state of an earlier version.
fn approved() -> String {
    "APPROVED".to_owned()
}

/// What Meta decides on a template.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(in crate::simulator) enum Decision {
    /// It stands otherwise: an event of Meta's.
    Event(String),
    /// People think otherwise of it.
    Quality(String),
    /// It is of another category.
    Category(String),
}

impl Default for Templates {
    fn default() -> Self {
        let make = |id, name: &str, language: &str, category: &str, body: &str| Template {
            id,
            name: name.to_owned(),
            language: language.to_owned(),
            category: category.to_owned(),
            status: approved(),
            reason: None,
            quality: None,
            format: None,
            components: vec![json!({ "type": "BODY", "text": body })],
        };
        let ready = "Olá, {{1}}! Seu pedido {{2}} está pronto para retirada.";
        let news = "Olá, {{1}}! Novidade da semana: {{2}}. Para não receber mais ofertas, responda SAIR.";
        Self {
            all: vec![
                make(1_000_000_000_000_001, "pedido_pronto", "pt_BR", "UTILITY", ready),
                make(1_000_000_000_000_002, "novidade_da_semana", "pt_BR", "MARKETING", news),
                make(1_000_000_000_000_003, "hello_world", "en_US", "UTILITY", "Hello! This is a test message."),
            ],
        }
    }
}

impl Templates {
    /// The approved template with this name in this language.
    pub(super) fn ready(&self, name: &str, language: &str) -> Result<Template, GraphError> {
        let found = self.all.iter().find(|template| template.name == name && template.language == language);
        let found = found.ok_or_else(|| GraphError::of(132_001))?;
        match found.status.as_str() {
            "APPROVED" | "FLAGGED" => Ok(found.clone()),
            "PAUSED" => Err(GraphError::of(132_015)),
            "DISABLED" => Err(GraphError::of(132_016)),
            _ => Err(GraphError::of(132_001)),
        }
    }

    /// Approves a template, if it is still there and waits for that.
    pub(in crate::simulator) fn approve(&mut self, id: u64) -> Option<Template> {
        let template = self.all.iter_mut().find(|template| template.id == id && template.status == "PENDING")?;
        template.status = approved();
        Some(template.clone())
    }

    /// Lets a decision of Meta's happen; the template, and the change that tells of it.
    pub(in crate::simulator) fn decide(&mut self, id: u64, decision: &Decision, reason: Option<&str>) -> Option<Value> {
        let template = self.all.iter_mut().find(|template| template.id == id)?;
        let (field, mut value) = match decision {
            Decision::Event(event) => {
                template.status = match event.as_str() {
                    "REINSTATED" | "UNARCHIVED" => approved(),
                    other => other.to_owned(),
                };
                template.reason = reason.map(str::to_owned);
                let reason = reason.unwrap_or("NONE");
                ("message_template_status_update", json!({ "event": event, "reason": reason }))
            }
            Decision::Quality(score) => {
                let before = template.quality.replace(score.clone()).unwrap_or_else(|| "UNKNOWN".to_owned());
                let value = json!({ "previous_quality_score": before, "new_quality_score": score });
                ("message_template_quality_update", value)
            }
            Decision::Category(category) => {
                let before = std::mem::replace(&mut template.category, category.clone());
                ("template_category_update", json!({ "previous_category": before, "new_category": category }))
            }
        };
        value["message_template_id"] = template.id.into();
        value["message_template_name"] = template.name.as_str().into();
        value["message_template_language"] = template.language.as_str().into();
        Some(json!({ "value": value, "field": field }))
    }

    /// `GET {template_id}`.
    pub(super) fn show(&self, id: &str) -> Option<Value> {
        let id: u64 = id.parse().ok()?;
        self.all.iter().find(|template| template.id == id).map(|template| Value::Object(template.json()))
    }

    /// `GET {waba_id}/message_templates`, page by page.
    pub(super) fn list(&self, query: &Query, address: &str) -> Result<Value, GraphError> {
        let limit = match query.get("limit").map(str::parse) {
            None => PAGE,
            Some(Ok(limit)) if (1..=LARGEST_PAGE).contains(&limit) => limit,
            Some(_) => return Err(GraphError::parameter("Param limit must be a number from 1 to 250.")),
        };
        let after = match query.get("after") {
            None => 0,
            Some(cursor) => from_cursor(cursor).ok_or_else(|| GraphError::parameter("Param after is no cursor."))?,
        };
        let wanted = |template: &&Template| {
            query.get("name").is_none_or(|name| template.name.contains(name))
                && query.get("status").is_none_or(|status| status.eq_ignore_ascii_case(&template.status))
                && query.get("language").is_none_or(|language| language == template.language)
        };
        let matching: Vec<&Template> = self.all.iter().filter(wanted).collect();
        let page: Vec<&Template> =
            matching.iter().copied().filter(|template| template.id > after).take(limit).collect();
        let fields = query.fields();
        let data = page.iter().map(|template| match &fields {
            None => Ok(Value::Object(template.json())),
            Some(fields) => chosen(&template.json(), fields),
        });
        let mut answer = json!({ "data": data.collect::<Result<Vec<_>, _>>()? });
        if let (Some(first), Some(last)) = (page.first(), page.last()) {
            let after = cursor(last.id);
            answer["paging"] = json!({ "cursors": { "before": cursor(first.id), "after": after } });
            if matching.last().is_some_and(|newest| newest.id > last.id) {
                let mut next = url::form_urlencoded::Serializer::new(String::new());
                let kept = query.0.iter().filter(|(key, _)| key != "after");
                next.extend_pairs(kept).append_pair("after", &after);
                answer["paging"]["next"] = format!("{address}?{}", next.finish()).into();
            }
        }
        Ok(answer)
    }
}

/// `POST {waba_id}/message_templates`.
pub(super) fn create(shared: &Shared, body: &Map<String, Value>) -> Result<Value, GraphError> {
    let call = Part::new(body, "template");
    let name = call.text("name", 512)?;
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(GraphError::parameter("Param name may hold lower-case letters, digits and underscores only."));
    }
    let language = call.text("language", 16)?;
    let category = call.text("category", 32)?;
    if !matches!(category, "MARKETING" | "UTILITY" | "AUTHENTICATION") {
        return Err(GraphError::parameter("Param category must be one of {AUTHENTICATION, MARKETING, UTILITY}."));
    }
    let format = call.optional_text("parameter_format", 16)?;
    let components = components(call)?;
    let mut world = shared.world();
    let all = &mut world.templates.all;
    if all.iter().any(|template| template.name == name && template.language == language) {
        return Err(GraphError::parameter("This name already has content in this language.").with_subcode(2_388_024));
    }
    if all.len() >= MOST {
        return Err(GraphError::parameter("The account has as many templates as it may have."));
    }
    // Ids grow, so that a cursor can be an id.
    let id = all.last().map_or(1_000_000_000_000_000, |newest| newest.id) + 1 + random_step(shared);
    all.push(Template {
        id,
        name: name.to_owned(),
        language: language.to_owned(),
        category: category.to_owned(),
        status: "PENDING".to_owned(),
        reason: None,
        quality: None,
        format: format.map(str::to_ascii_uppercase),
        components: components.to_vec(),
    });
    world.decide_template(id, shared.clock.now() + DECIDED_AFTER);
    drop(world);
    shared.touch();
    shared.work.notify_one();
    Ok(json!({ "id": id.to_string(), "status": "PENDING", "category": category }))
}

/// `POST {template_id}`: another text, another category.
pub(super) fn edit(shared: &Shared, id: u64, body: &Map<String, Value>) -> Result<Value, GraphError> {
    let call = Part::new(body, "template");
    let category = call.optional_text("category", 32)?;
    let components = if call.has("components") { Some(components(call)?) } else { None };
    let mut world = shared.world();
    let found = world.templates.all.iter_mut().find(|template| template.id == id);
    let template = found.ok_or_else(|| GraphError::parameter("There is no such template."))?;
    if !matches!(template.status.as_str(), "APPROVED" | "REJECTED" | "PAUSED") {
        return Err(GraphError::parameter("The template cannot be edited as it stands."));
    }
    if let Some(category) = category.filter(|category| *category != template.category) {
        if template.status == "APPROVED" {
            return Err(GraphError::parameter("The category of an approved template cannot be changed."));
        }
        category.clone_into(&mut template.category);
    }
    if let Some(components) = components {
        template.components = components.to_vec();
    }
    "PENDING".clone_into(&mut template.status);
    world.decide_template(id, shared.clock.now() + DECIDED_AFTER);
    drop(world);
    shared.touch();
    shared.work.notify_one();
    Ok(json!({ "success": true }))
}

/// The parts of a template, of lengths that Meta takes.
fn components<'a>(call: Part<'a>) -> Result<&'a [Value], GraphError> {
    let components = call.list("components", 1, 10)?;
    for component in components {
        let component = Part::of(component, "components")?;
        let longest = match component.text("type", 32)?.to_ascii_uppercase().as_str() {
            "BODY" => 1_024,
            "HEADER" | "FOOTER" => 60,
            _ => continue,
        };
        component.optional_text("text", longest)?;
    }
    Ok(components)
}

/// `DELETE {waba_id}/message_templates?name=` (all languages), or with `hsm_id` one of them.
pub(super) fn delete(shared: &Shared, query: &Query) -> Result<Value, GraphError> {
    let name = query.get("name").ok_or_else(|| GraphError::parameter("The parameter name is required."))?;
    let only = query.get("hsm_id");
    let mut world = shared.world();
    let before = world.templates.all.len();
    world
        .templates
        .all
        .retain(|template| template.name != name || only.is_some_and(|id| id != template.id.to_string()));
    if world.templates.all.len() == before {
        return Err(GraphError::parameter("There is no such template.").with_subcode(2_593_002));
    }
    drop(world);
    shared.touch();
    Ok(json!({ "success": true }))
}

impl Template {
    fn json(&self) -> Map<String, Value> {
        let fields = [
            ("name", json!(self.name)),
            ("components", json!(self.components)),
            ("language", json!(self.language)),
            ("status", json!(self.status)),
            ("category", json!(self.category)),
            ("correct_category", Value::Null),
            ("parameter_format", json!(self.format.as_deref().unwrap_or("POSITIONAL"))),
            ("quality_score", json!({ "score": self.quality.as_deref().unwrap_or("UNKNOWN") })),
            ("rejected_reason", json!(self.reason.as_deref().unwrap_or("NONE"))),
            ("id", json!(self.id.to_string())),
        ];
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// The template with its parameters filled in, as the phone shows it.
    ///
    /// # Errors
    /// Meta's 132000 when their number differs from the template's, 132012 when one is not of the right form.
    pub(super) fn fill(&self, given: &[Value]) -> Result<Value, GraphError> {
        let mut shown = Map::new();
        for component in &self.components {
            let kind = component.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
            let given = given.iter().find(|part| {
                part.get("type").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(&kind))
            });
            let parameters = given.and_then(|part| part.get("parameters")).and_then(Value::as_array);
            let parameters = parameters.map_or(&[][..], Vec::as_slice);
            match component.get("text").and_then(Value::as_str) {
                Some(text) => {
                    shown.insert(kind, fill_text(text, parameters)?.into());
                }
                None if kind == "header" && parameters.len() != 1 => return Err(GraphError::of(132_012)),
                None => {
                    shown.insert(kind, component.get("buttons").cloned().unwrap_or_default());
                }
            }
        }
        Ok(Value::Object(shown))
    }
}

/// Fills `{{1}}` or `{{name}}` with the parameters.
fn fill_text(text: &str, parameters: &[Value]) -> Result<String, GraphError> {
    let mut out = String::new();
    let mut names: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        let name = name.trim();
        if !names.contains(&name) {
            names.push(name);
        }
        out.push_str(before);
        out.push_str(parameter(name, parameters)?.unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    if names.len() != parameters.len() {
        let details = format!("The template has {} parameters, and {} were given.", names.len(), parameters.len());
        return Err(GraphError::detailed(132_000, details));
    }
    Ok(out)
}

/// The value for a place: by number, or by `parameter_name`.
fn parameter<'a>(name: &str, parameters: &'a [Value]) -> Result<Option<&'a str>, GraphError> {
    let found = match name.parse::<usize>() {
        Ok(place) => parameters.get(place.wrapping_sub(1)),
        Err(_) => parameters.iter().find(|one| one.get("parameter_name").and_then(Value::as_str) == Some(name)),
    };
    let Some(found) = found else { return Ok(None) };
    let text = found.get("text").or_else(|| found.pointer("/currency/fallback_value"));
    let text = text.or_else(|| found.pointer("/date_time/fallback_value")).and_then(Value::as_str);
    text.map(Some).ok_or_else(|| GraphError::detailed(132_012, "A parameter of a text must be a text."))
}

fn random_step(shared: &Shared) -> u64 {
    let mut bits = [0; 2];
    shared.entropy.fill(&mut bits);
    u64::from(u16::from_be_bytes(bits))
}

fn cursor(id: u64) -> String {
    URL_SAFE_NO_PAD.encode(id.to_string())
}

fn from_cursor(cursor: &str) -> Option<u64> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?.parse().ok()
}
