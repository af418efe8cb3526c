use std::sync::Arc;

use flow::ports::{
    CollectionPath, Direction, DocPath, Document, Documents, Order, Precondition, Query, Scope, StoreError, Version,
    Write,
};

use super::planted;
use crate::contract::embedded::in_memory;
use crate::contract::{World, documents, documents_query};

/// What the wrapper does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    IgnoresPreconditions,
    IgnoresUnchanged,
    CommitsOneByOne,
    TakesAnyNumberOfWrites,
    MergesFields,
    DeletesWhatIsBelow,
    RepeatsVersions,
    ShufflesReads,
    DropsMissingReads,
    FindsNoIndexMissing,
    LacksAnIndex,
    OrdersByPath,
    BreaksTiesBackwards,
    IgnoresTheLimit,
    CountsTheLimit,
    RepeatsTheCursor,
    IgnoresUpperBounds,
    SumsEverything,
    SpansCollections,
    KeepsOneCollectionOfAGroup,
    TakesNoIn,
}

struct Faulty {
    inner: Arc<dyn Documents>,
    fault: Fault,
}

fn faulty(fault: Fault) -> World<dyn Documents> {
    in_memory(|stores| Arc::new(Faulty { inner: stores.documents, fault }) as Arc<dyn Documents>)
}

planted! { faulty;
    an_ignored_precondition_is_found: Fault::IgnoresPreconditions, documents,
        must_not_exist_holds_for_a_new_document_only;
    an_ignored_version_is_found: Fault::IgnoresUnchanged, documents, unchanged_holds_until_the_next_write;
    a_lost_update_is_found: Fault::IgnoresUnchanged, documents, of_many_who_change_a_document_as_read_one_succeeds;
    a_commit_that_is_not_atomic_is_found: Fault::CommitsOneByOne, documents, one_failed_precondition_undoes_every_write;
    a_commit_without_a_limit_is_found: Fault::TakesAnyNumberOfWrites, documents, a_commit_takes_400_writes_and_no_more;
    a_write_that_merges_is_found: Fault::MergesFields, documents, a_write_replaces_the_whole_document;
    a_deletion_that_goes_deeper_is_found: Fault::DeletesWhatIsBelow, documents, documents_below_a_deleted_one_stay;
    a_version_that_does_not_change_is_found: Fault::RepeatsVersions, documents, every_write_changes_the_version;
    reads_in_another_order_are_found: Fault::ShufflesReads, documents, several_documents_come_in_the_order_asked_for;
    missing_documents_left_out_are_found: Fault::DropsMissingReads, documents, a_missing_document_is_nothing;
    an_unenforced_index_is_found: Fault::FindsNoIndexMissing, documents_query,
        a_query_that_no_declared_index_covers_is_refused;
    a_missing_index_is_found: Fault::LacksAnIndex, documents_query, an_equality_and_an_order_go_together;
    a_wrong_order_is_found: Fault::OrdersByPath, documents_query, a_list_is_ordered_by_its_field_in_both_directions;
    ties_in_another_order_are_found: Fault::BreaksTiesBackwards, documents_query, equal_values_are_ordered_by_path;
    an_ignored_limit_is_found: Fault::IgnoresTheLimit, documents_query, a_query_returns_at_most_its_limit;
    a_count_cut_by_the_limit_is_found: Fault::CountsTheLimit, documents_query, a_count_counts_all_whatever_the_limit;
    a_cursor_that_repeats_is_found: Fault::RepeatsTheCursor, documents_query, a_list_is_paged_by_its_last_value;
    an_ignored_bound_is_found: Fault::IgnoresUpperBounds, documents_query, a_range_has_the_bounds_that_were_asked_for;
    a_sum_over_everything_is_found: Fault::SumsEverything, documents_query, a_sum_adds_the_field_of_what_matches;
    a_query_that_leaves_its_organization_is_found: Fault::SpansCollections, documents_query,
        a_query_never_leaves_its_collection;
    a_group_that_is_one_collection_is_found: Fault::KeepsOneCollectionOfAGroup, documents_query,
        a_group_spans_all_collections_of_its_id;
    a_lost_value_of_one_of_is_found: Fault::TakesNoIn, documents_query, one_of_finds_any_of_its_values_in_order;
}

#[tokio::test]
async fn the_wrapper_without_a_fault_keeps_the_contract() {
    crate::contract::keeps(&documents::cases(), async || faulty(Fault::None)).await;
    crate::contract::keeps(&documents_query::cases(), async || faulty(Fault::None)).await;
}

impl Faulty {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn spoil_write(&self, mut write: Write) -> Write {
        let (Write::Set { precondition, .. } | Write::Delete { precondition, .. }) = &mut write;
        match (self.fault, &*precondition) {
            (Fault::IgnoresPreconditions, _) => *precondition = Precondition::None,
            (Fault::IgnoresUnchanged, Precondition::Unchanged(_)) => *precondition = Precondition::MustExist,
            (Fault::RepeatsVersions, Precondition::Unchanged(_)) => *precondition = Precondition::MustExist,
            _ => {}
        }
        write
    }

    fn spoil_document(&self, mut document: Document) -> Document {
        if self.is(Fault::RepeatsVersions) {
            document.version = Version("1".into());
        }
        document
    }

    fn spoil_query(&self, query: &Query) -> Query {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        let mut query = query.clone();
        match self.fault {
            Fault::RepeatsTheCursor => {
                if let Some(order) = &mut query.order {
                    let spoilt = |bound: &_| match bound {
                        Excluded(value) => Included(Clone::clone(value)),
                        bound => Clone::clone(bound),
                    };
                    (order.from, order.to) = (spoilt(&order.from), spoilt(&order.to));
                }
            }
            Fault::IgnoresUpperBounds => {
                if let Some(order) = &mut query.order {
                    order.to = Unbounded;
                }
            }
            Fault::IgnoresTheLimit => query.limit = if query.limit == 0 { 1 } else { query.limit.max(999) + 1 },
            Fault::SpansCollections => {
                if let (Scope::Collection(path), Some(_)) = (&query.scope, &query.order) {
                    query.scope = Scope::Group(path.id().to_owned());
                }
            }
            Fault::KeepsOneCollectionOfAGroup => {
                if let Scope::Group(id) = &query.scope {
                    let path = CollectionPath::root("organizations").doc("org_a").collection(id);
                    query.scope = Scope::Collection(path);
                }
            }
            Fault::TakesNoIn => {
                if let Some((_, values)) = &mut query.one_of {
                    values.truncate(1);
                }
            }
            _ => {}
        }
        query
    }

    /// What a store that filters everything it has would answer.
    async fn scan(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        let Scope::Collection(path) = &query.scope else { return Ok(vec![]) };
        let all = self.inner.query(&Query::collection(path.clone(), 1_000)).await?;
        let matches =
            |document: &Document| query.equals.iter().all(|(field, value)| document.fields.get(field) == Some(value));
        Ok(all.into_iter().filter(matches).collect())
    }
}

#[async_trait::async_trait]
impl Documents for Faulty {
    async fn get(&self, path: &DocPath) -> Result<Option<Document>, StoreError> {
        Ok(self.inner.get(path).await?.map(|document| self.spoil_document(document)))
    }

    async fn get_many(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError> {
        let mut found = self.inner.get_many(paths).await?;
        match self.fault {
            Fault::ShufflesReads => found.reverse(),
            Fault::DropsMissingReads => found.retain(Option::is_some),
            _ => {}
        }
        Ok(found)
    }

    async fn query(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        if self.is(Fault::LacksAnIndex) && !query.equals.is_empty() && query.order.is_some() {
            return Err(StoreError::Invalid("no such index".into()));
        }
        let found = self.inner.query(&self.spoil_query(query)).await;
        if self.is(Fault::FindsNoIndexMissing) && matches!(found, Err(StoreError::Invalid(_))) {
            return self.scan(query).await;
        }
        let mut found: Vec<Document> = found?.into_iter().map(|document| self.spoil_document(document)).collect();
        match (self.fault, &query.order) {
            (Fault::OrdersByPath, Some(_)) => found.sort_by(|a, b| a.path.cmp(&b.path)),
            (Fault::BreaksTiesBackwards, Some(Order { field, direction: Direction::Descending, .. })) => {
                // The values stay in their order; documents with the same one come by ascending path.
                let groups = found.chunk_by(|a, b| a.fields.get(field) == b.fields.get(field));
                found = groups.flat_map(|group| group.iter().rev().cloned()).collect();
            }
            _ => {}
        }
        Ok(found)
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let count = self.inner.count(&self.spoil_query(query)).await;
        if self.is(Fault::FindsNoIndexMissing) && matches!(count, Err(StoreError::Invalid(_))) {
            return Ok(self.scan(query).await?.len() as u64);
        }
        Ok(if self.is(Fault::CountsTheLimit) { count?.min(u64::from(query.limit)) } else { count? })
    }

    async fn sum(&self, query: &Query, field: &str) -> Result<i64, StoreError> {
        match (self.fault, &query.scope) {
            (Fault::SumsEverything, Scope::Collection(path)) => {
                self.inner.sum(&Query::collection(path.clone(), 1), field).await
            }
            _ => self.inner.sum(&self.spoil_query(query), field).await,
        }
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let mut writes: Vec<Write> = writes.into_iter().map(|write| self.spoil_write(write)).collect();
        match self.fault {
            Fault::CommitsOneByOne => {
                for write in writes {
                    self.inner.commit(vec![write]).await?;
                }
                return Ok(());
            }
            Fault::TakesAnyNumberOfWrites => {
                for part in writes.chunks(400) {
                    self.inner.commit(part.to_vec()).await?;
                }
                return Ok(());
            }
            Fault::MergesFields => {
                for write in &mut writes {
                    if let Write::Set { path, fields, .. } = write
                        && let Some(before) = self.inner.get(path).await?
                    {
                        let mut merged = before.fields;
                        merged.append(fields);
                        *fields = merged;
                    }
                }
            }
            Fault::DeletesWhatIsBelow => {
                let below = writes.iter().find_map(|write| match write {
                    Write::Delete { path, .. } => Some(path.collection("notes")),
                    Write::Set { .. } => None,
                });
                if let Some(below) = below {
                    for document in self.inner.query(&Query::collection(below, 100)).await? {
                        writes.push(Write::Delete { path: document.path, precondition: Precondition::None });
                    }
                }
            }
            _ => {}
        }
        self.inner.commit(writes).await
    }
}
