//! A body taken apart into its levels: body, entries, changes, values, and the elements that are events.

use serde_json::value::RawValue;

use super::class::{EventClass, LISTS};
use super::raw::{Members, elements, write_member};

/// More events than this in one body are not cut (Meta documents at most 1,000 updates a body): a body of a million
/// empty elements must not become a million events.
const MAX_EVENTS: usize = 10_000;
/// Scalars up to this many bytes are copied into every event below them.
const SHORT: usize = 256;
/// At most this many bytes of a level are copied into every event below it.
const SHARED: usize = 1_024;

/// A body: `{object, entry: […]}`.
pub(crate) struct Body<'a> {
    pub(crate) level: Level,
    pub(crate) entries: Vec<Entry<'a>>,
}

/// An entry: `{id, time?, changes: […]}`.
pub(crate) struct Entry<'a> {
    pub(crate) raw: &'a RawValue,
    pub(crate) level: Level,
    pub(crate) id: Option<String>,
    /// Empty when there is nothing to cut: the entry is one event.
    pub(crate) changes: Vec<Change<'a>>,
}

/// A change: `{field, value}`.
pub(crate) struct Change<'a> {
    pub(crate) raw: &'a RawValue,
    pub(crate) level: Level,
    pub(crate) field: Option<String>,
    /// `metadata.phone_number_id` of its value.
    pub(crate) number: Option<String>,
    pub(crate) value: Level,
    pub(crate) contacts: Vec<&'a RawValue>,
    /// The elements that are events, with list and class. Empty when there are none: the change is one event.
    pub(crate) items: Vec<(&'static str, EventClass, &'a RawValue)>,
}

/// The members of a level that stay when its events are cut out, as JSON text with a comma after each.
#[derive(Default)]
pub(crate) struct Level {
    /// Short ones, which every event below carries: they say where it belongs.
    pub(crate) shared: String,
    /// The others, which are carried once.
    pub(crate) own: String,
}

impl<'a> Body<'a> {
    /// Takes a body apart. `None` when it is no JSON object, names a structural member twice (then there is no saying
    /// which counts), or holds more events than Meta ever sends.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let members = Members::parse(text)?;
        if members.repeats(&["entry"]) {
            return None;
        }
        let (raws, level) = members.cut_list("entry");
        let mut budget = MAX_EVENTS.checked_sub(raws.len())?;
        let field = members.text("field");
        let entries = raws.into_iter().map(|raw| Entry::parse(raw, field.as_deref(), &mut budget));
        Some(Self { level, entries: entries.collect::<Option<_>>()? })
    }

    /// How many events the body holds.
    pub(crate) fn events(&self) -> usize {
        self.entries.iter().map(Entry::events).sum::<usize>().max(1)
    }
}

impl<'a> Entry<'a> {
    fn parse(raw: &'a RawValue, field: Option<&str>, budget: &mut usize) -> Option<Self> {
        let Some(members) = Members::of(raw) else {
            return Some(Self { raw, level: Level::default(), id: None, changes: Vec::new() });
        };
        if members.repeats(&["changes"]) {
            return None;
        }
        let (raws, level) = members.cut_list("changes");
        *budget = budget.checked_sub(raws.len())?;
        // Meta's own samples sometimes have `field` a level too high.
        let field = members.text("field").or_else(|| field.map(str::to_owned));
        let changes = raws.into_iter().map(|raw| Change::parse(raw, field.as_deref(), budget));
        Some(Self { raw, level, id: members.text("id"), changes: changes.collect::<Option<_>>()? })
    }

    fn events(&self) -> usize {
        self.changes.iter().map(|change| change.items.len().max(1)).sum::<usize>().max(1)
    }
}

impl<'a> Change<'a> {
    fn parse(raw: &'a RawValue, field: Option<&str>, budget: &mut usize) -> Option<Self> {
        let whole = Self {
            raw,
            level: Level::default(),
            field: field.map(str::to_owned),
            number: None,
            value: Level::default(),
            contacts: Vec::new(),
            items: Vec::new(),
        };
        let Some(members) = Members::of(raw) else { return Some(whole) };
        if members.repeats(&["value", "field"]) {
            return None;
        }
        let Some(value) = members.get("value").and_then(Members::of) else {
            return Some(Self { field: members.text("field").or(whole.field), ..whole });
        };
        if value.repeats(&LISTS) || value.repeats(&["contacts", "metadata"]) {
            return None;
        }
        let field = members.text("field").or_else(|| value.text("field")).or(whole.field);
        let mut items = Vec::new();
        let mut contacts = Vec::new();
        let mut rest = Level::default();
        for (name, json) in value.iter() {
            let list = LISTS.iter().find(|list| **list == name);
            let list = list.and_then(|list| Some((*list, EventClass::of(field.as_deref(), list)?)));
            let found = (list.is_some() || name == "contacts").then(|| elements(json)).flatten();
            match (list, found.filter(|found| !found.is_empty())) {
                (Some((list, class)), Some(found)) => items.extend(found.into_iter().map(|item| (list, class, item))),
                (None, Some(found)) => contacts = found,
                (_, None) => rest.add(name, json),
            }
        }
        *budget = budget.checked_sub(items.len())?;
        let mut level = Level::default();
        members.iter().filter(|(name, _)| *name != "value").for_each(|(name, json)| level.add(name, json));
        Some(Self {
            field,
            number: value.get("metadata").and_then(Members::of).and_then(|metadata| metadata.text("phone_number_id")),
            level,
            value: rest,
            contacts,
            items,
            ..whole
        })
    }
}

impl<'a> Members<'a> {
    /// The elements of the list of that name, and the level that the other members make.
    fn cut_list(&self, name: &str) -> (Vec<&'a RawValue>, Level) {
        let mut cut = Vec::new();
        let mut level = Level::default();
        for (other, json) in self.iter() {
            match (other == name).then(|| elements(json)).flatten() {
                Some(list) if !list.is_empty() => cut = list,
                _ => level.add(other, json),
            }
        }
        (cut, level)
    }
}

impl Level {
    fn add(&mut self, name: &str, json: &RawValue) {
        let raw = json.get();
        let scalar = !raw.starts_with(['{', '[']);
        let says_where = scalar || (name == "metadata" && raw.starts_with('{'));
        let short = raw.len() <= SHORT && name.len() <= SHORT && self.shared.len() <= SHARED;
        write_member(if says_where && short { &mut self.shared } else { &mut self.own }, name, raw);
    }
}
