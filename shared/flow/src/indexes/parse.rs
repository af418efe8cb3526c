use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Composite, EVERY_FIELD, FieldIndexes, IndexSet, Mode, Reach};

/// Why index declarations cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The text is not JSON of the documented form.
    #[error("the index file is not in Firebase's format")]
    Format(#[source] serde_json::Error),
    /// A declaration makes no sense.
    #[error("{at} of the index file: {reason}")]
    Declaration {
        /// Which one, such as `indexes[2]`.
        at: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Firebase documents the file: composites under `indexes`, single fields under `fieldOverrides`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct File {
    indexes: Vec<CompositeEntry>,
    #[serde(default)]
    field_overrides: Vec<OverrideEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CompositeEntry {
    collection_group: String,
    query_scope: QueryScope,
    fields: Vec<FieldEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FieldEntry {
    field_path: String,
    order: Option<OrderEntry>,
    array_config: Option<ArrayEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OverrideEntry {
    collection_group: String,
    field_path: String,
    /// Firestore removes documents some time after the moment in this field. These stores keep them: what must be gone
    /// is removed by who made it.
    #[serde(default, rename = "ttl")]
    _ttl: bool,
    indexes: Vec<SingleEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SingleEntry {
    query_scope: QueryScope,
    order: Option<OrderEntry>,
    array_config: Option<ArrayEntry>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum QueryScope {
    Collection,
    CollectionGroup,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum OrderEntry {
    Ascending,
    Descending,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ArrayEntry {
    Contains,
}

impl From<QueryScope> for Reach {
    fn from(scope: QueryScope) -> Self {
        match scope {
            QueryScope::Collection => Self::Collection,
            QueryScope::CollectionGroup => Self::Group,
        }
    }
}

fn mode(order: Option<OrderEntry>, array: Option<ArrayEntry>) -> Result<Mode, String> {
    match (order, array) {
        (Some(OrderEntry::Ascending), None) => Ok(Mode::Ascending),
        (Some(OrderEntry::Descending), None) => Ok(Mode::Descending),
        (None, Some(ArrayEntry::Contains)) => Ok(Mode::Contains),
        _ => Err("a field has either an order or an arrayConfig".into()),
    }
}

fn check_name(what: &str, name: &str) -> Result<(), String> {
    if name.is_empty() || name.contains('/') || name.starts_with("__") {
        return Err(format!("{name:?} is no {what}"));
    }
    Ok(())
}

impl IndexSet {
    /// Reads the declarations from the text of a `firestore.indexes.json`.
    ///
    /// # Errors
    /// [`IndexError`], with the place in the file and what is wrong there.
    pub fn parse(json: &str) -> Result<Self, IndexError> {
        let file: File = serde_json::from_str(json).map_err(IndexError::Format)?;
        let mut set = Self::default();
        for (n, entry) in file.indexes.into_iter().enumerate() {
            set.add_composite(entry)
                .map_err(|reason| IndexError::Declaration { at: format!("indexes[{n}]"), reason })?;
        }
        for (n, entry) in file.field_overrides.into_iter().enumerate() {
            set.add_override(entry)
                .map_err(|reason| IndexError::Declaration { at: format!("fieldOverrides[{n}]"), reason })?;
        }
        Ok(set)
    }

    fn add_composite(&mut self, entry: CompositeEntry) -> Result<(), String> {
        check_name("collection id", &entry.collection_group)?;
        let mut fields = Vec::new();
        let mut names = BTreeSet::new();
        for field in entry.fields {
            check_name("field", &field.field_path)?;
            if !names.insert(field.field_path.clone()) {
                return Err(format!("{:?} is in it twice", field.field_path));
            }
            let mode = mode(field.order, field.array_config)?;
            fields.push((field.field_path, mode));
        }
        if fields.len() < 2 {
            return Err("an index over one field belongs under fieldOverrides".into());
        }
        if fields.iter().filter(|(_, mode)| *mode == Mode::Contains).count() > 1 {
            return Err("at most one field of an index may have an arrayConfig".into());
        }
        let composite = Composite { reach: entry.query_scope.into(), fields };
        let composites = &mut self.collections.entry(entry.collection_group).or_default().composites;
        if composites.contains(&composite) {
            return Err("the same index is declared before".into());
        }
        composites.push(composite);
        Ok(())
    }

    fn add_override(&mut self, entry: OverrideEntry) -> Result<(), String> {
        check_name("collection id", &entry.collection_group)?;
        if entry.field_path != EVERY_FIELD {
            check_name("field", &entry.field_path)?;
        }
        let mut indexes = FieldIndexes::new();
        for single in entry.indexes {
            if !indexes.insert((single.query_scope.into(), mode(single.order, single.array_config)?)) {
                return Err("the same index is declared twice".into());
            }
        }
        let fields = &mut self.collections.entry(entry.collection_group).or_default().fields;
        if fields.insert(entry.field_path, indexes).is_some() {
            return Err("the field has an override before".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn refusal(json: &str) -> String {
        IndexSet::parse(json).unwrap_err().to_string()
    }

    #[test]
    fn a_field_without_a_declaration_is_indexed_in_its_collection_only() {
        let set = IndexSet::parse(r#"{"indexes": []}"#).unwrap();
        for mode in [Mode::Ascending, Mode::Descending, Mode::Contains] {
            assert!(set.has_single("notes", "title", Reach::Collection, mode));
            assert!(!set.has_single("notes", "title", Reach::Group, mode));
        }
    }

    #[test]
    fn an_override_replaces_what_is_automatic_and_the_star_stands_for_the_other_fields() {
        let set = IndexSet::parse(
            r#"{"indexes": [], "fieldOverrides": [
                {"collectionGroup": "notes", "fieldPath": "*", "indexes": []},
                {"collectionGroup": "notes", "fieldPath": "due", "ttl": false,
                 "indexes": [{"order": "ASCENDING", "queryScope": "COLLECTION_GROUP"}]}]}"#,
        )
        .unwrap();
        assert!(set.has_single("notes", "due", Reach::Group, Mode::Ascending));
        assert!(!set.has_single("notes", "due", Reach::Collection, Mode::Ascending));
        assert!(!set.has_single("notes", "title", Reach::Collection, Mode::Ascending));
        assert!(set.has_single("other", "title", Reach::Collection, Mode::Ascending));
    }

    #[test]
    fn a_wrong_declaration_is_refused_with_its_place() {
        let one = r#"{"indexes": [{"collectionGroup": "a", "queryScope": "COLLECTION",
            "fields": [{"fieldPath": "x", "order": "ASCENDING"}]}]}"#;
        assert_eq!(refusal(one), "indexes[0] of the index file: an index over one field belongs under fieldOverrides");
        let both = r#"{"indexes": [], "fieldOverrides": [{"collectionGroup": "a", "fieldPath": "x",
            "indexes": [{"queryScope": "COLLECTION", "order": "ASCENDING", "arrayConfig": "CONTAINS"}]}]}"#;
        assert!(
            refusal(both).starts_with("fieldOverrides[0] of the index file: a field has either"),
            "{}",
            refusal(both)
        );
        assert_eq!(refusal(r#"{"indices": []}"#), "the index file is not in Firebase's format");
    }

    #[test]
    fn two_lists_in_one_index_and_a_field_named_twice_are_refused() {
        let fields = |first: &str, second: &str| {
            format!(
                r#"{{"indexes": [{{"collectionGroup": "a", "queryScope": "COLLECTION", "fields": [{first}, {second}]}}]}}"#
            )
        };
        let x = r#"{"fieldPath": "x", "arrayConfig": "CONTAINS"}"#;
        let y = r#"{"fieldPath": "y", "arrayConfig": "CONTAINS"}"#;
        assert!(refusal(&fields(x, y)).contains("at most one field"));
        assert!(refusal(&fields(x, x)).contains("twice"));
    }
}
