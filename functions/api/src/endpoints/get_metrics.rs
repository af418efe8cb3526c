//! `GET /metrics`: how the deployment stands, for Prometheus.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use flow::measure;
use http::header;

use crate::caller::Operator;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Read the metrics
///
/// Gauges in Prometheus' text format, read from the stores at this moment: functions live too briefly to count anything. A part that cannot be read is left out and named by `porfin_scrape_failed`. Once a minute is often enough.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Operators",
    responses((status = 200, body = String, content_type = "text/plain"))
)]
pub(crate) async fn get_metrics(
    State(state): State<ApiState>,
    _: Operator,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.end()?;
    let metrics = measure::metrics(&state.platform, state.queues.as_ref()).await;
    Ok(([(header::CONTENT_TYPE, measure::CONTENT_TYPE)], metrics).into_response())
}
