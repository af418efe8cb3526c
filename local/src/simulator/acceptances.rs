//! How often Meta took what: the judge of "at most once".

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::Shared;

/// Different callback data that are counted one by one; the oldest is forgotten beyond.
const MOST: usize = 200_000;

/// `GET /acceptances`, and `DELETE` to count from zero.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/acceptances", get(show_acceptances).delete(reset_acceptances))
}

async fn show_acceptances(State(shared): State<Arc<Shared>>) -> Response {
    axum::Json(&shared.world().acceptances).into_response()
}

async fn reset_acceptances(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.world().acceptances = Acceptances::default();
    shared.touch();
    StatusCode::NO_CONTENT
}

/// The counts since the last reset.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Acceptances {
    /// All messages taken.
    total: u64,
    /// Those without `biz_opaque_callback_data`.
    without_callback_data: u64,
    /// The largest count of one callback data: 1 is what it should be.
    most: u64,
    /// Counts that were forgotten.
    forgotten: u64,
    /// By callback data.
    by_callback_data: BTreeMap<String, u64>,
    #[serde(skip)]
    order: VecDeque<String>,
}

impl Acceptances {
    /// Fills in what a snapshot leaves out.
    pub(super) fn restored(&mut self) {
        self.order = self.by_callback_data.keys().cloned().collect();
    }

    /// Counts one message.
    pub(super) fn count(&mut self, callback_data: Option<&str>) {
        self.total += 1;
        let Some(data) = callback_data else {
            self.without_callback_data += 1;
            return;
        };
        let count = self.by_callback_data.entry(data.to_owned()).or_insert_with(|| {
            self.order.push_back(data.to_owned());
            0
        });
        *count += 1;
        self.most = self.most.max(*count);
        if self.by_callback_data.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_callback_data.remove(&oldest);
            self.forgotten += 1;
        }
    }
}
