use serde_json::json;

use super::{IndexSet, Mode, Reach};
use crate::ports::{Direction, Query, Scope};

/// What answers a query.
#[derive(Debug, PartialEq, Eq)]
pub enum Cover<'a> {
    /// No index is needed: all documents of a collection, by path.
    EveryDocument,
    /// An index over these fields: first those that are fixed to a value, then the ordered one, then the summed one.
    Index(Vec<(&'a str, Mode)>),
}

/// What an index must offer for one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// By its value, in any order: it is fixed to one, or only summed.
    Value,
    /// By its value, in this order.
    Ordered(Direction),
    /// By the elements of its list.
    Element,
}

impl Need {
    fn met_by(self, mode: Mode) -> bool {
        match self {
            Self::Value => mode != Mode::Contains,
            Self::Ordered(Direction::Ascending) => mode == Mode::Ascending,
            Self::Ordered(Direction::Descending) => mode == Mode::Descending,
            Self::Element => mode == Mode::Contains,
        }
    }

    /// The mode that meets it best.
    fn mode(self) -> Mode {
        match self {
            Self::Value | Self::Ordered(Direction::Ascending) => Mode::Ascending,
            Self::Ordered(Direction::Descending) => Mode::Descending,
            Self::Element => Mode::Contains,
        }
    }
}

impl IndexSet {
    /// Finds the declared index that answers the query, or says which one to declare. A field that is summed takes part as
    /// the last one.
    ///
    /// An index answers a query only when it holds exactly the query's fields: one with more would leave out documents that
    /// lack them.
    ///
    /// # Errors
    /// What is wrong with the query, or the declaration that is missing, as it would stand in the index file.
    pub fn cover<'a>(&'a self, query: &'a Query, summed: Option<&'a str>) -> Result<Cover<'a>, String> {
        let (collection, reach) = match &query.scope {
            Scope::Collection(path) => (path.id(), Reach::Collection),
            Scope::Group(id) => (id.as_str(), Reach::Group),
        };
        let fixed: Vec<(&str, Need)> = (query.equals.iter().map(|(field, _)| (field.as_str(), Need::Value)))
            .chain(query.one_of.iter().map(|(field, _)| (field.as_str(), Need::Value)))
            .chain(query.contains.iter().map(|(field, _)| (field.as_str(), Need::Element)))
            .collect();
        let ordered = query.order.as_ref().map(|order| (order.field.as_str(), Need::Ordered(order.direction)));
        let summed = summed.filter(|field| ordered.is_none_or(|(ordered, _)| ordered != *field));
        let last: Vec<(&str, Need)> = ordered.into_iter().chain(summed.map(|field| (field, Need::Value))).collect();

        let wanted: Vec<(&str, Need)> = fixed.iter().chain(&last).copied().collect();
        for (n, (field, _)) in wanted.iter().enumerate() {
            if wanted[..n].iter().any(|(other, _)| other == field) {
                return Err(format!("the query names the field {field:?} twice"));
            }
        }
        match wanted.as_slice() {
            [] if reach == Reach::Collection => return Ok(Cover::EveryDocument),
            [] => return Err("a query over a collection group needs a filter or an order".into()),
            [(field, need)] => {
                for mode in Mode::ALL {
                    if need.met_by(mode) && self.has_single(collection, field, reach, mode) {
                        return Ok(Cover::Index(vec![(field, mode)]));
                    }
                }
            }
            _ => {
                let answers = |fields: &[(String, Mode)]| {
                    let holds = |wanted: &(&str, Need), (field, mode): &(String, Mode)| {
                        wanted.0 == field && wanted.1.met_by(*mode)
                    };
                    fields.len() == wanted.len()
                        && fixed.iter().all(|need| fields[..fixed.len()].iter().any(|field| holds(need, field)))
                        && last.iter().zip(&fields[fixed.len()..]).all(|(need, field)| holds(need, field))
                };
                let composites = self.composites(collection).iter();
                if let Some(found) = composites.filter(|c| c.reach == reach).find(|c| answers(&c.fields)) {
                    return Ok(Cover::Index(
                        found.fields.iter().map(|(field, mode)| (field.as_str(), *mode)).collect(),
                    ));
                }
            }
        }
        Err(format!("no declared index covers the query; declare {}", declaration(collection, reach, &wanted)))
    }
}

/// The declaration that would cover the query, as it stands in the index file.
fn declaration(collection: &str, reach: Reach, wanted: &[(&str, Need)]) -> String {
    let scope = match reach {
        Reach::Collection => "COLLECTION",
        Reach::Group => "COLLECTION_GROUP",
    };
    let held = |mode: Mode| match mode {
        Mode::Ascending => ("order", "ASCENDING"),
        Mode::Descending => ("order", "DESCENDING"),
        Mode::Contains => ("arrayConfig", "CONTAINS"),
    };
    if let [(field, need)] = wanted {
        let (key, value) = held(need.mode());
        let entry = json!({ "collectionGroup": collection, "fieldPath": field,
            "indexes": [{ "queryScope": scope, key: value }] });
        return format!("under fieldOverrides {entry}");
    }
    let fields: Vec<_> = wanted
        .iter()
        .map(|(field, need)| {
            let (key, value) = held(need.mode());
            json!({ "fieldPath": field, key: value })
        })
        .collect();
    let entry = json!({ "collectionGroup": collection, "queryScope": scope, "fields": fields });
    format!("under indexes {entry}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::ports::{CollectionPath, Order, Value};

    const FILE: &str = r#"{"indexes": [
        {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": [
            {"fieldPath": "shelf", "order": "ASCENDING"}, {"fieldPath": "due", "order": "DESCENDING"}]},
        {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": [
            {"fieldPath": "tags", "arrayConfig": "CONTAINS"}, {"fieldPath": "due", "order": "ASCENDING"},
            {"fieldPath": "size", "order": "ASCENDING"}]}],
      "fieldOverrides": [
        {"collectionGroup": "notes", "fieldPath": "body", "indexes": []},
        {"collectionGroup": "notes", "fieldPath": "due", "indexes": [
            {"queryScope": "COLLECTION_GROUP", "order": "ASCENDING"}]}]}"#;

    fn notes() -> Query {
        Query::collection(CollectionPath::root("notes"), 10)
    }

    fn answer(query: &Query, summed: Option<&str>) -> Result<usize, String> {
        let set = IndexSet::parse(FILE).unwrap();
        set.cover(query, summed).map(|cover| match cover {
            Cover::EveryDocument => 0,
            Cover::Index(fields) => fields.len(),
        })
    }

    #[test]
    fn a_composite_answers_in_its_own_direction_only() {
        let query = notes().equal("shelf", Value::Int(1));
        assert_eq!(answer(&query.clone().ordered(Order::descending("due")), None), Ok(2));
        assert_eq!(
            answer(&query.ordered(Order::ascending("due")), None).unwrap_err(),
            "no declared index covers the query; declare under indexes \
             {\"collectionGroup\":\"notes\",\"queryScope\":\"COLLECTION\",\"fields\":\
             [{\"fieldPath\":\"shelf\",\"order\":\"ASCENDING\"},{\"fieldPath\":\"due\",\"order\":\"ASCENDING\"}]}"
        );
    }

    #[test]
    fn an_index_with_more_fields_than_the_query_does_not_answer_it() {
        let tagged = Query { contains: Some(("tags".into(), Value::Int(1))), ..notes() };
        assert!(answer(&tagged.clone().ordered(Order::ascending("due")), None).is_err());
        assert_eq!(answer(&tagged.ordered(Order::ascending("due")), Some("size")), Ok(3));
    }

    #[test]
    fn an_exempted_field_answers_nothing_and_a_group_needs_its_own_declaration() {
        assert!(answer(&notes().equal("body", Value::Int(1)), None).is_err());
        assert!(answer(&notes().ordered(Order::ascending("due")), None).is_err());
        assert_eq!(answer(&Query::group("notes", 1).ordered(Order::ascending("due")), None), Ok(1));
        assert_eq!(
            answer(&Query::group("notes", 1).equal("shelf", Value::Int(1)), None).unwrap_err(),
            "no declared index covers the query; declare under fieldOverrides \
             {\"collectionGroup\":\"notes\",\"fieldPath\":\"shelf\",\
             \"indexes\":[{\"queryScope\":\"COLLECTION_GROUP\",\"order\":\"ASCENDING\"}]}"
        );
        assert!(answer(&Query::group("notes", 1), None).is_err());
    }

    #[test]
    fn a_field_that_is_named_twice_is_refused() {
        let twice = notes().equal("shelf", Value::Int(1)).equal("shelf", Value::Int(2));
        assert_eq!(answer(&twice, None).unwrap_err(), "the query names the field \"shelf\" twice");
    }

    #[test]
    fn a_sum_over_the_ordered_field_needs_no_further_index() {
        assert_eq!(answer(&notes().ordered(Order::ascending("size")), Some("size")), Ok(1));
        assert_eq!(answer(&notes(), Some("size")), Ok(1));
        assert!(answer(&notes().equal("shelf", Value::Int(1)), Some("size")).is_err());
    }
}
