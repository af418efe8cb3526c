//! What an organization speaks from, and what came of it.

use domain::access::Permission;
use utoipa_axum::routes;

use crate::endpoint::Endpoint;
use crate::endpoints::{
    change_number, change_template, connect_number, create_template, delete_template, disconnect_number,
    export_analytics, export_analytics_breakdown, export_ledger, get_analytics, get_analytics_breakdown, get_ledger,
    get_number, get_template, get_usage, list_numbers, list_template_history, list_templates, preview_template,
    recount_analytics, register_number, sync_templates, verify_number,
};
use crate::problem::Code;

pub(super) fn numbers() -> Vec<Endpoint> {
    use Permission as P;
    let meta = [Code::MetaRefused, Code::MetaUnavailable];
    vec![
        Endpoint::allowed(P::NumbersRead, routes!(list_numbers::list_numbers)),
        Endpoint::allowed(P::NumbersRead, routes!(get_number::get_number)),
        Endpoint::allowed(P::NumbersWrite, routes!(connect_number::connect_number))
            .creates()
            .may_answer(meta)
            .may_answer([Code::NumberTaken]),
        Endpoint::allowed(P::NumbersWrite, routes!(change_number::change_number)).changes().may_answer(meta),
        Endpoint::allowed(P::NumbersWrite, routes!(register_number::register_number))
            .may_answer(meta)
            .may_answer([Code::NoToken]),
        Endpoint::allowed(P::NumbersWrite, routes!(verify_number::verify_number)).may_answer([Code::NoToken]),
        Endpoint::allowed(P::NumbersWrite, routes!(disconnect_number::disconnect_number)),
    ]
}

pub(super) fn templates() -> Vec<Endpoint> {
    use Permission as P;
    // What is asked of Meta may be refused, and Meta may be silent.
    let meta = [Code::MetaRefused, Code::MetaUnavailable, Code::NoNumber];
    vec![
        Endpoint::allowed(P::TemplatesRead, routes!(list_templates::list_templates)),
        Endpoint::allowed(P::TemplatesRead, routes!(get_template::get_template)),
        Endpoint::allowed(P::TemplatesRead, routes!(list_template_history::list_template_history)),
        Endpoint::allowed(P::TemplatesRead, routes!(preview_template::preview_template)),
        Endpoint::allowed(P::TemplatesWrite, routes!(create_template::create_template))
            .creates()
            .may_answer(meta)
            .may_answer([Code::TemplateExists]),
        Endpoint::allowed(P::TemplatesWrite, routes!(change_template::change_template))
            .changes()
            .may_answer(meta)
            .may_answer([Code::TemplateNotEditable]),
        Endpoint::allowed(P::TemplatesWrite, routes!(delete_template::delete_template)).may_answer(meta),
        Endpoint::allowed(P::TemplatesWrite, routes!(sync_templates::sync_templates)).may_answer(meta),
    ]
}

/// What came of it all, and what it cost.
pub(super) fn analytics() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::AnalyticsRead, routes!(get_analytics::get_analytics)),
        Endpoint::allowed(P::AnalyticsRead, routes!(get_analytics_breakdown::get_analytics_breakdown))
            .may_answer([Code::NotFound]),
        Endpoint::allowed(P::AnalyticsRead, routes!(export_analytics::export_analytics)),
        Endpoint::allowed(P::AnalyticsRead, routes!(export_analytics_breakdown::export_analytics_breakdown))
            .may_answer([Code::NotFound]),
        Endpoint::allowed(P::AnalyticsRecount, routes!(recount_analytics::recount_analytics)).creates(),
        Endpoint::allowed(P::LedgerRead, routes!(get_ledger::get_ledger)),
        Endpoint::allowed(P::LedgerRead, routes!(export_ledger::export_ledger)),
        Endpoint::allowed(P::OrganizationRead, routes!(get_usage::get_usage)),
    ]
}
