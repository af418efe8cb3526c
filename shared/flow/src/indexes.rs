//! The declared indexes of the documents, and which of them answers a query: the same rules as Firestore's, made strict
//! where Firestore would combine several indexes into one answer. Every adapter of [`Documents`](crate::ports::Documents)
//! goes by them, so that a query that one of them refuses is refused by all.

mod cover;
mod parse;

use std::collections::{BTreeMap, BTreeSet};

pub use self::cover::Cover;
pub use self::parse::IndexError;

/// The declarations of a `firestore.indexes.json`.
///
/// Without a declaration every field of a collection is indexed by itself, in both orders and by the elements of its
/// list; a `fieldOverrides` entry replaces that for one field, or with the path `*` for all fields of the collection
/// that have none of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexSet {
    collections: BTreeMap<String, CollectionIndexes>,
}

/// The declarations for the collections of one id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct CollectionIndexes {
    composites: Vec<Composite>,
    fields: BTreeMap<String, FieldIndexes>,
}

/// How one field is indexed by itself.
type FieldIndexes = BTreeSet<(Reach, Mode)>;

/// An index over several fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composite {
    /// What it spans.
    pub reach: Reach,
    /// Its fields, in their order.
    pub fields: Vec<(String, Mode)>,
}

/// An index that is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index<'a> {
    /// The id of its collections.
    pub collection: &'a str,
    /// What it spans.
    pub reach: Reach,
    /// Its fields, in their order.
    pub fields: Vec<(&'a str, Mode)>,
}

/// What an index spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// One collection.
    Collection,
    /// All collections of the id.
    Group,
}

impl Reach {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Collection, Self::Group];
}

/// How an index holds a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// By its value, smallest first.
    Ascending,
    /// By its value, largest first.
    Descending,
    /// By each element of its list.
    Contains,
}

impl Mode {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Ascending, Self::Descending, Self::Contains];
}

/// What holds for a field that nothing is declared for.
const AUTOMATIC: [(Reach, Mode); 3] =
    [(Reach::Collection, Mode::Ascending), (Reach::Collection, Mode::Descending), (Reach::Collection, Mode::Contains)];

/// The field path that stands for every field.
const EVERY_FIELD: &str = "*";

impl IndexSet {
    /// Whether a field by itself has such an index.
    pub fn has_single(&self, collection: &str, field: &str, reach: Reach, mode: Mode) -> bool {
        let declared = self.collections.get(collection);
        match declared.and_then(|c| c.fields.get(field).or_else(|| c.fields.get(EVERY_FIELD))) {
            Some(indexes) => indexes.contains(&(reach, mode)),
            None => AUTOMATIC.contains(&(reach, mode)),
        }
    }

    /// The composites of the collections with this id.
    pub fn composites(&self, collection: &str) -> &[Composite] {
        self.collections.get(collection).map_or(&[], |c| &c.composites)
    }

    /// Every index that is declared.
    pub fn declared(&self) -> Vec<Index<'_>> {
        let mut declared = Vec::new();
        for (collection, indexes) in &self.collections {
            for Composite { reach, fields } in &indexes.composites {
                let fields = fields.iter().map(|(field, mode)| (field.as_str(), *mode)).collect();
                declared.push(Index { collection, reach: *reach, fields });
            }
            for (field, modes) in &indexes.fields {
                let single =
                    |(reach, mode): &(Reach, Mode)| Index { collection, reach: *reach, fields: vec![(field, *mode)] };
                declared.extend(modes.iter().map(single));
            }
        }
        declared
    }

    /// The ids of the collections in which no field is indexed by itself without being declared.
    pub fn exempted(&self) -> impl Iterator<Item = &str> {
        let is_exempted = |indexes: &CollectionIndexes| indexes.fields.get(EVERY_FIELD).is_some_and(BTreeSet::is_empty);
        self.collections.iter().filter(move |(_, indexes)| is_exempted(indexes)).map(|(id, _)| id.as_str())
    }

    /// A text that is the same exactly when the declarations are.
    pub fn fingerprint(&self) -> String {
        format!("{:?}", self.collections)
    }
}
