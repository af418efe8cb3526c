//! Reading. Nothing is changed by it, so a call that was not answered is made again.

use std::collections::HashMap;
use std::future::Future;

use flow::ports::{DocPath, Document, Query, StoreError};
use futures::TryStreamExt;
use googleapis_tonic_google_firestore_v1::google::firestore::v1 as proto;
use proto::batch_get_documents_response::Result as Got;
use proto::run_aggregation_query_request::QueryType as AggregationType;
use proto::run_query_request::QueryType;
use proto::value::ValueType;
use proto::{BatchGetDocumentsRequest, DocumentMask, RunAggregationQueryRequest, RunQueryRequest};

use crate::failure::Failure;
use crate::link::Client;
use crate::query::{ALIAS, aggregation, parent, structured};
use crate::store::FirestoreDocuments;
use crate::tries::Tries;
use crate::value::document;

impl FirestoreDocuments {
    /// The documents that are there, by name, all from one moment: those that Firestore sends first have not changed until
    /// it sends the last. With a mask, of their fields only those.
    pub(crate) async fn batch_get(
        &self,
        documents: Vec<String>,
        mask: Option<DocumentMask>,
    ) -> Result<HashMap<String, proto::Document>, Failure> {
        let database = self.names.database.clone();
        let request = BatchGetDocumentsRequest { database, documents, mask, consistency_selector: None };
        let answers: Vec<_> = self
            .read(|mut client| {
                let request = request.clone();
                async move { Ok(client.batch_get_documents(request).await?.into_inner().try_collect().await?) }
            })
            .await?;
        let mut named: HashMap<String, Option<proto::Document>> = HashMap::with_capacity(answers.len());
        for answer in answers {
            match answer.result {
                Some(Got::Found(found)) => named.insert(found.name.clone(), Some(found)),
                Some(Got::Missing(name)) => named.insert(name, None),
                None => None,
            };
        }
        // An answer that ends early must not look as if something were not there.
        if request.documents.iter().any(|name| !named.contains_key(name)) {
            return Err(Failure::Garbled("a document that was asked for is not in it"));
        }
        Ok(named.into_iter().filter_map(|(name, found)| Some((name, found?))).collect())
    }

    /// The documents in the order asked for.
    pub(crate) async fn documents(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, Failure> {
        let names: Vec<String> = paths.iter().map(|path| self.names.of(path)).collect();
        let found = self.batch_get(names.clone(), None).await?;
        let read = |name| found.get(name).cloned().map(|found| document(&self.names, found)).transpose();
        names.iter().map(read).collect()
    }

    /// The documents that match.
    pub(crate) async fn matching(&self, query: &Query) -> Result<Vec<Document>, Failure> {
        let request = RunQueryRequest {
            parent: parent(&self.names, query),
            query_type: Some(QueryType::StructuredQuery(structured(query))),
            ..RunQueryRequest::default()
        };
        let answers: Vec<_> = self
            .read(|mut client| {
                let request = request.clone();
                async move { Ok(client.run_query(request).await?.into_inner().try_collect().await?) }
            })
            .await?;
        answers.into_iter().filter_map(|answer| answer.document).map(|found| document(&self.names, found)).collect()
    }

    /// How many documents match, or the sum of a field of theirs.
    pub(crate) async fn number(&self, query: &Query, summed: Option<&str>) -> Result<i64, StoreError> {
        let request = RunAggregationQueryRequest {
            parent: parent(&self.names, query),
            query_type: Some(AggregationType::StructuredAggregationQuery(aggregation(query, summed))),
            ..RunAggregationQueryRequest::default()
        };
        let answers: Vec<_> = self
            .read(|mut client| {
                let request = request.clone();
                async move { Ok(client.run_aggregation_query(request).await?.into_inner().try_collect().await?) }
            })
            .await?;
        let mut results = answers.into_iter().filter_map(|answer| answer.result);
        match results.next().and_then(|mut result| result.aggregate_fields.remove(ALIAS)?.value_type) {
            Some(ValueType::IntegerValue(number)) => Ok(number),
            // Doubles took part, or the integers ran over.
            Some(ValueType::DoubleValue(_)) => Err(StoreError::Invalid("the sum is no 64-bit integer".into())),
            _ => Err(Failure::Garbled("there is no number in it").into()),
        }
    }

    /// Makes the call until it is answered, or there were enough tries.
    async fn read<T, Answer>(&self, send: impl Fn(Client) -> Answer) -> Result<T, Failure>
    where
        Answer: Future<Output = Result<T, Failure>>,
    {
        let mut tries = Tries::new(&*self.clock, &*self.entropy);
        loop {
            match self.link.call(&send).await {
                Err(failure) if failure.is_passing() && tries.again().await => {}
                answer => return answer,
            }
        }
    }
}
