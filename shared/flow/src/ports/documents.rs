use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use domain::Timestamp;

use super::StoreError;

/// The system of record, shaped as Firestore is: documents in collections, queries over declared indexes, and one
/// atomic commit of writes with preconditions.
///
/// Limits, the same in every adapter: a document at most 1 MiB; 400 writes a commit, one per document; indexed values at
/// most 1,500 bytes (longer ones must be exempted in the index file); `in` at most 30 values; a query returns at most
/// 1,000 documents. A query that no declared index covers is [`StoreError::Invalid`].
///
/// Indexes are declared in `firestore.indexes.json`. As in Firestore, a single field of one collection needs no
/// declaration (unless exempted); more than one field, and any query over a collection group, does.
#[async_trait::async_trait]
pub trait Documents: Send + Sync {
    /// The document, as the last finished commit left it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn get(&self, path: &DocPath) -> Result<Option<Document>, StoreError>;

    /// Several documents in the order asked for, all from one moment.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn get_many(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError>;

    /// The documents that match, in order.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when no declared index covers the query; [`StoreError::Unavailable`].
    async fn query(&self, query: &Query) -> Result<Vec<Document>, StoreError>;

    /// How many documents match, whatever the query's limit.
    ///
    /// # Errors
    /// As [`Self::query`].
    async fn count(&self, query: &Query) -> Result<u64, StoreError>;

    /// The sum of a numeric field over the documents that match; documents without it count as zero. The field takes
    /// part in the index as Firestore demands: a query with filters needs a composite that ends in it.
    ///
    /// # Errors
    /// As [`Self::query`].
    async fn sum(&self, query: &Query, field: &str) -> Result<i64, StoreError>;

    /// Carries out all writes or none. Once it returns `Ok`, they survive a crash. A write that took effect although
    /// its answer was lost is recognised by its operation id and reported as `Ok`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a precondition does not hold; [`StoreError::Invalid`] over a limit;
    /// [`StoreError::Unavailable`] when the outcome could not be found out.
    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError>;
}

/// Where documents live: an odd number of segments, `organizations/org_…/contacts`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollectionPath(String);

impl CollectionPath {
    /// A root collection.
    pub fn root(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The document with this id in the collection.
    pub fn doc(&self, id: &str) -> DocPath {
        DocPath(format!("{}/{id}", self.0))
    }

    /// The last segment: the collection's id, by which indexes are declared.
    pub fn id(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The whole path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CollectionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One document: an even number of segments, `organizations/org_…/contacts/ct_…`. Ids hold no `/` and no personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocPath(String);

impl DocPath {
    /// A collection below the document.
    pub fn collection(&self, id: &str) -> CollectionPath {
        CollectionPath(format!("{}/{id}", self.0))
    }

    /// The collection that the document is in.
    pub fn parent(&self) -> CollectionPath {
        CollectionPath(self.0.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned())
    }

    /// The document's id: the last segment.
    pub fn id(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The segment `n`, counted from 0.
    pub fn segment(&self, n: usize) -> Option<&str> {
        self.0.split('/').nth(n)
    }

    /// The whole path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for DocPath {
    fn from(path: &str) -> Self {
        Self(path.to_owned())
    }
}

impl fmt::Debug for DocPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A document's fields.
pub type Fields = BTreeMap<String, Value>;

/// A field's value. An absent field is how null is written. One field has one type in all documents of a collection.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// True or false; false orders first.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A finite double.
    Double(f64),
    /// A moment, to the microsecond.
    Time(Timestamp),
    /// Text, ordered by its UTF-8 bytes.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list; its elements take part in `array-contains`.
    Array(Vec<Value>),
    /// Fields within a field; not indexed.
    Map(Fields),
}

impl fmt::Debug for Value {
    /// Texts and bytes may hold sealed or personal data and print as `***`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(v) => v.fmt(f),
            Self::Int(v) => v.fmt(f),
            Self::Double(v) => v.fmt(f),
            Self::Time(v) => v.fmt(f),
            Self::Text(_) | Self::Bytes(_) => f.write_str("***"),
            Self::Array(v) => v.fmt(f),
            Self::Map(v) => v.fmt(f),
        }
    }
}

/// The state of a document, opaque: it changes with every write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub String);

/// A document as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Where it is.
    pub path: DocPath,
    /// What it holds.
    pub fields: Fields,
    /// The state it was read in.
    pub version: Version,
}

/// What must hold of the very document that a write touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// It is not there.
    MustNotExist,
    /// It is there.
    MustExist,
    /// It is as it was read.
    Unchanged(Version),
}

/// One write of a commit.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Replaces the whole document.
    Set {
        /// Which one.
        path: DocPath,
        /// All of its fields.
        fields: Fields,
        /// What must hold before.
        precondition: Precondition,
    },
    /// Removes the document; documents below it stay.
    Delete {
        /// Which one.
        path: DocPath,
        /// What must hold before.
        precondition: Precondition,
    },
}

impl Write {
    /// The document that it writes.
    pub fn path(&self) -> &DocPath {
        match self {
            Self::Set { path, .. } | Self::Delete { path, .. } => path,
        }
    }
}

/// Which documents a query looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those of one collection.
    Collection(CollectionPath),
    /// Those of every collection with this id, across all organizations: for upkeep only.
    Group(String),
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// The one field that a list is ordered by, and its range. Documents without the field are not in the list. Where two
/// documents have the same value, the one with the smaller path comes first (last when descending); a list that is
/// paged must order by a field that is unique, since its last value is the cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The field.
    pub field: String,
    /// Which way.
    pub direction: Direction,
    /// Where the values begin (the smaller end, whatever the direction).
    pub from: Bound<Value>,
    /// Where the values end (the larger end).
    pub to: Bound<Value>,
}

impl Order {
    /// All values of the field, smallest first.
    pub fn ascending(field: &str) -> Self {
        Self { field: field.into(), direction: Direction::Ascending, from: Bound::Unbounded, to: Bound::Unbounded }
    }

    /// All values of the field, largest first.
    pub fn descending(field: &str) -> Self {
        Self { direction: Direction::Descending, ..Self::ascending(field) }
    }

    /// Goes on after this value of the field.
    #[must_use]
    pub fn after(mut self, value: Value) -> Self {
        match self.direction {
            Direction::Ascending => self.from = Bound::Excluded(value),
            Direction::Descending => self.to = Bound::Excluded(value),
        }
        self
    }

    /// Only values up to and including this one.
    #[must_use]
    pub fn up_to(mut self, value: Value) -> Self {
        self.to = Bound::Included(value);
        self
    }
}

/// A question to the store: equalities, at most one `array-contains`, at most one `in`, one ordered field.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Where to look.
    pub scope: Scope,
    /// Fields that must equal a value.
    pub equals: Vec<(String, Value)>,
    /// A list field that must hold a value.
    pub contains: Option<(String, Value)>,
    /// A field that must equal one of at most 30 values.
    pub one_of: Option<(String, Vec<Value>)>,
    /// The order, with its range; without it, by path.
    pub order: Option<Order>,
    /// At most so many, 1 to 1,000.
    pub limit: u32,
}

impl Query {
    /// All documents of a collection.
    pub fn collection(path: CollectionPath, limit: u32) -> Self {
        Self { scope: Scope::Collection(path), equals: vec![], contains: None, one_of: None, order: None, limit }
    }

    /// All documents of a collection group.
    pub fn group(id: &str, limit: u32) -> Self {
        Self { scope: Scope::Group(id.into()), equals: vec![], contains: None, one_of: None, order: None, limit }
    }

    /// Only those whose field equals the value.
    #[must_use]
    pub fn equal(mut self, field: &str, value: Value) -> Self {
        self.equals.push((field.into(), value));
        self
    }

    /// In this order.
    #[must_use]
    pub fn ordered(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }
}
