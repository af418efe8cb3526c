//! Which routes there are, and who may use each.

mod access;
mod assistants;
mod business;
mod changes;
mod desk;
mod operation;
mod people;

use utoipa_axum::routes;

use crate::endpoint::Endpoint;
use crate::endpoints::{get_jwks, get_metrics, health};
use crate::problem::Code;

/// The routes that are not of a version.
pub(crate) fn unversioned() -> Vec<Endpoint> {
    vec![
        Endpoint::open(routes!(health::get_health)),
        Endpoint::open(routes!(health::get_liveness)),
        Endpoint::open(routes!(get_jwks::get_jwks)),
        Endpoint::open(routes!(health::get_readiness)).may_answer([
            Code::NotReady,
            Code::Unauthorized,
            Code::TooManyAttempts,
        ]),
        Endpoint::operator(routes!(get_metrics::get_metrics)),
    ]
}

/// Every route of version 1.
pub(crate) fn version_1() -> Vec<Endpoint> {
    [
        access::sign_in(),
        desk::conversations(),
        desk::messages(),
        desk::media(),
        people::contacts(),
        people::attributes(),
        people::segments(),
        people::files(),
        assistants::assistants(),
        desk::canned_replies(),
        desk::teams(),
        desk::routing(),
        desk::unknown_sends(),
        access::organization(),
        access::members(),
        access::api_keys(),
        changes::events(),
        changes::webhooks(),
        business::templates(),
        business::numbers(),
        business::analytics(),
        operation::control(),
        operation::operators(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
