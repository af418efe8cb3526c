//! What operators and whoever stops everything need.

use domain::access::Permission;
use utoipa_axum::routes;

use crate::endpoint::Endpoint;
use crate::endpoints::{
    change_plan, discard_dead_letters, discard_quarantined, discard_unowned_event, get_deployment_kill_switch,
    list_audit_entries, list_dead_letters, list_kill_switches, list_quarantine, list_unowned_events,
    replay_dead_letters, replay_quarantined, turn_deployment_kill_switch, turn_kill_switch,
};
use crate::problem::Code;

/// Who changed what, and the brake.
pub(super) fn control() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::AuditRead, routes!(list_audit_entries::list_audit_entries)),
        Endpoint::allowed(P::KillSwitchRead, routes!(list_kill_switches::list_kill_switches)),
        Endpoint::allowed(P::KillSwitchWrite, routes!(turn_kill_switch::turn_kill_switch)).may_answer([Code::NotFound]),
    ]
}

/// What whoever runs the deployment does, outside of all organizations.
pub(super) fn operators() -> Vec<Endpoint> {
    vec![
        Endpoint::operator(routes!(change_plan::change_plan)),
        Endpoint::operator(routes!(get_deployment_kill_switch::get_deployment_kill_switch)),
        Endpoint::operator(routes!(turn_deployment_kill_switch::turn_deployment_kill_switch)),
        Endpoint::operator(routes!(list_audit_entries::list_deployment_audit_entries)),
        Endpoint::operator(routes!(list_dead_letters::list_dead_letters)),
        Endpoint::operator(routes!(replay_dead_letters::replay_dead_letters)),
        Endpoint::operator(routes!(discard_dead_letters::discard_dead_letters)),
        Endpoint::operator(routes!(list_quarantine::list_quarantine)),
        Endpoint::operator(routes!(replay_quarantined::replay_quarantined)),
        Endpoint::operator(routes!(discard_quarantined::discard_quarantined)),
        Endpoint::operator(routes!(list_unowned_events::list_unowned_events)),
        Endpoint::operator(routes!(discard_unowned_event::discard_unowned_event)),
    ]
}
