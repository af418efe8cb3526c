//! What happened, for programs.

use domain::access::Permission;
use utoipa_axum::routes;

use crate::endpoint::Endpoint;
use crate::endpoints::{
    change_webhook_endpoint, create_webhook_endpoint, get_webhook_endpoint, list_events, list_webhook_deliveries,
    list_webhook_endpoints, remove_webhook_endpoint, replay_failed_deliveries, replay_webhook_delivery,
    rotate_webhook_secret, test_webhook_endpoint,
};
use crate::problem::Code;

pub(super) fn events() -> Vec<Endpoint> {
    vec![Endpoint::allowed(Permission::EventsRead, routes!(list_events::list_events)).may_answer([Code::EventsGone])]
}

pub(super) fn webhooks() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::WebhooksRead, routes!(list_webhook_endpoints::list_webhook_endpoints)),
        Endpoint::allowed(P::WebhooksRead, routes!(get_webhook_endpoint::get_webhook_endpoint)),
        Endpoint::allowed(P::WebhooksWrite, routes!(create_webhook_endpoint::create_webhook_endpoint))
            .creates()
            .may_answer([Code::PlanLimit]),
        Endpoint::allowed(P::WebhooksWrite, routes!(change_webhook_endpoint::change_webhook_endpoint)).changes(),
        Endpoint::allowed(P::WebhooksWrite, routes!(remove_webhook_endpoint::remove_webhook_endpoint)),
        Endpoint::allowed(P::WebhooksWrite, routes!(rotate_webhook_secret::rotate_webhook_secret)),
        Endpoint::allowed(P::WebhooksWrite, routes!(test_webhook_endpoint::test_webhook_endpoint))
            .may_answer([Code::EndpointDisabled]),
        Endpoint::allowed(P::WebhooksRead, routes!(list_webhook_deliveries::list_webhook_deliveries)),
        Endpoint::allowed(P::WebhooksWrite, routes!(replay_webhook_delivery::replay_webhook_delivery))
            .may_answer([Code::EndpointDisabled, Code::EventsGone]),
        Endpoint::allowed(P::WebhooksWrite, routes!(replay_failed_deliveries::replay_failed_deliveries))
            .may_answer([Code::EndpointDisabled]),
    ]
}
