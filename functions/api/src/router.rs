use axum::Router;
use axum::middleware::from_fn_with_state;
use domain::access::Permission;
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa_axum::routes;

use crate::caller::guard;
use crate::conduct::{conduct, cors, method_not_allowed, not_found, panicked};
use crate::docs::docs;
use crate::document::document;
use crate::endpoint::Endpoint;
use crate::endpoints::{
    ask_assistant, assign_conversation, cancel_task, change_api_key, change_assistant, change_attribute,
    change_canned_reply, change_contact, change_knowledge_text, change_member, change_number, change_organization,
    change_plan, change_routing_rule, change_segment, change_team, change_template, change_webhook_endpoint,
    close_conversation, connect_number, count_segment, create_api_key, create_assistant, create_attribute,
    create_canned_reply, create_contact, create_contact_export, create_contact_import, create_direct_message,
    create_invitation, create_knowledge_text, create_message, create_note, create_routing_rule, create_segment,
    create_session, create_team, create_template, create_webhook_endpoint, delete_template, discard_dead_letters,
    discard_quarantined, discard_unowned_event, disconnect_number, dry_run_routing_rules, end_session, end_sessions,
    export_analytics, export_analytics_breakdown, export_ledger, get_analytics, get_analytics_breakdown, get_api_key,
    get_assistant, get_attribute, get_business_hours, get_canned_reply, get_contact, get_contact_export_part,
    get_conversation, get_deployment_kill_switch, get_jwks, get_knowledge_text, get_ledger, get_me, get_media,
    get_media_content, get_member, get_message, get_message_media, get_metrics, get_number, get_organization,
    get_routing_rule, get_segment, get_task, get_team, get_template, get_usage, get_webhook_endpoint, hand_back,
    health, label_conversation, list_api_keys, list_assistant_versions, list_assistants, list_attributes,
    list_audit_entries, list_canned_replies, list_consents, list_contacts, list_conversations, list_dead_letters,
    list_events, list_invitations, list_kill_switches, list_knowledge, list_members, list_messages, list_notes,
    list_numbers, list_quarantine, list_routing_rules, list_row_errors, list_segments, list_sessions, list_tasks,
    list_teams, list_template_history, list_templates, list_unknown_sends, list_unowned_events,
    list_webhook_deliveries, list_webhook_endpoints, mark_conversation_read, preview_segment, preview_template,
    publish_assistant, put_contact_import_part, record_consent, recount_analytics, refresh_session, register_number,
    remove_assistant, remove_canned_reply, remove_knowledge_text, remove_member, remove_note, remove_routing_rule,
    remove_segment, remove_team, remove_webhook_endpoint, render_canned_reply, reopen_conversation,
    reorder_routing_rules, replay_dead_letters, replay_failed_deliveries, replay_quarantined, replay_webhook_delivery,
    resolve_unknown_send, retire_attribute, revoke_api_key, revoke_invitation, roll_back_assistant, rotate_api_key,
    rotate_webhook_secret, send_again, set_availability, start_contact_import, sync_templates, take_over,
    test_webhook_endpoint, trace_message, turn_deployment_kill_switch, turn_kill_switch, upload_media, verify_number,
};
use crate::idempotency::once;
use crate::problem::Code;
use crate::state::ApiState;

/// The routes that are not of a version.
fn unversioned() -> Vec<Endpoint> {
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
fn version_1() -> Vec<Endpoint> {
    [
        sign_in(),
        conversations(),
        messages(),
        media(),
        contacts(),
        attributes(),
        segments(),
        files(),
        assistants(),
        canned_replies(),
        teams(),
        routing(),
        unknown_sends(),
        organization(),
        members(),
        api_keys(),
        events(),
        webhooks(),
        templates(),
        numbers(),
        analytics(),
        control(),
        operators(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn sign_in() -> Vec<Endpoint> {
    vec![
        Endpoint::open(routes!(create_session::create_session)).may_answer([
            Code::Unauthorized,
            Code::NoMembership,
            Code::InvitationInvalid,
            Code::TooManyAttempts,
            Code::SignInUnavailable,
        ]),
        Endpoint::open(routes!(refresh_session::refresh_session))
            .may_answer([Code::Unauthorized, Code::TooManyAttempts]),
        Endpoint::signed_in(routes!(get_me::get_me)),
        Endpoint::signed_in(routes!(set_availability::set_availability)),
        Endpoint::signed_in(routes!(list_sessions::list_sessions)),
        Endpoint::signed_in(routes!(end_session::end_session)),
        Endpoint::signed_in(routes!(end_sessions::end_sessions)),
    ]
}

fn conversations() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::ConversationsRead, routes!(list_conversations::list_conversations)),
        Endpoint::allowed(P::ConversationsRead, routes!(get_conversation::get_conversation)),
        Endpoint::allowed(P::ConversationsWrite, routes!(take_over::take_over)),
        Endpoint::allowed(P::ConversationsWrite, routes!(hand_back::hand_back)),
        Endpoint::allowed(P::ConversationsWrite, routes!(assign_conversation::assign_conversation)),
        Endpoint::allowed(P::ConversationsWrite, routes!(label_conversation::label_conversation)),
        Endpoint::allowed(P::ConversationsWrite, routes!(mark_conversation_read::mark_conversation_read)),
        Endpoint::allowed(P::ConversationsWrite, routes!(close_conversation::close_conversation))
            .may_answer([Code::WrongState]),
        Endpoint::allowed(P::ConversationsWrite, routes!(reopen_conversation::reopen_conversation)),
        Endpoint::allowed(P::ConversationsRead, routes!(list_notes::list_notes)),
        Endpoint::allowed(P::ConversationsWrite, routes!(create_note::create_note)).creates(),
        Endpoint::allowed(P::ConversationsWrite, routes!(remove_note::remove_note)),
        Endpoint::allowed(P::ConversationsRead, routes!(list_messages::list_messages)),
        Endpoint::allowed(P::MessagesSend, routes!(create_message::create_message)).may_answer([
            Code::IdempotencyKeyRequired,
            Code::IdempotencyKeyInvalid,
            Code::IdempotencyKeyReused,
            Code::WindowClosed,
            Code::ContactBlocked,
            Code::TemplateUnusable,
        ]),
    ]
}

/// Messages by themselves: to anybody, and by their ids.
fn messages() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::MessagesDirect, routes!(create_direct_message::create_direct_message)).may_answer([
            Code::IdempotencyKeyRequired,
            Code::IdempotencyKeyInvalid,
            Code::IdempotencyKeyReused,
            Code::WindowClosed,
            Code::ContactBlocked,
            Code::TemplateUnusable,
            Code::NoConsent,
        ]),
        Endpoint::allowed(P::ConversationsRead, routes!(get_message::get_message)),
    ]
}

/// Files.
fn media() -> Vec<Endpoint> {
    use Permission as P;
    let file = [Code::MediaPending, Code::MediaUnavailable, Code::RangeNotSatisfiable];
    vec![
        Endpoint::allowed(P::MediaWrite, routes!(upload_media::upload_media)).creates(),
        Endpoint::allowed(P::ConversationsRead, routes!(get_media::get_media)),
        Endpoint::allowed(P::ConversationsRead, routes!(get_media_content::get_media_content)).may_answer(file),
        Endpoint::allowed(P::ConversationsRead, routes!(get_message_media::get_message_media)).may_answer(file),
    ]
}

fn contacts() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::ContactsRead, routes!(list_contacts::list_contacts)),
        Endpoint::allowed(P::ContactsRead, routes!(get_contact::get_contact)),
        Endpoint::allowed(P::ContactsWrite, routes!(create_contact::create_contact))
            .creates()
            .may_answer([Code::AlreadyExists]),
        Endpoint::allowed(P::ContactsWrite, routes!(change_contact::change_contact)).changes(),
        Endpoint::allowed(P::ContactsRead, routes!(list_consents::list_consents)),
        Endpoint::allowed(P::ContactsWrite, routes!(record_consent::record_consent)).creates(),
    ]
}

fn attributes() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::ContactsRead, routes!(list_attributes::list_attributes)),
        Endpoint::allowed(P::ContactsRead, routes!(get_attribute::get_attribute)),
        Endpoint::allowed(P::AttributesWrite, routes!(create_attribute::create_attribute))
            .creates()
            .may_answer([Code::AlreadyExists, Code::LimitReached]),
        Endpoint::allowed(P::AttributesWrite, routes!(change_attribute::change_attribute)).changes(),
        Endpoint::allowed(P::AttributesWrite, routes!(retire_attribute::retire_attribute))
            .may_answer([Code::PreconditionFailed]),
    ]
}

fn segments() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::ContactsRead, routes!(list_segments::list_segments)),
        Endpoint::allowed(P::ContactsRead, routes!(get_segment::get_segment)),
        Endpoint::allowed(P::SegmentsWrite, routes!(create_segment::create_segment))
            .creates()
            .may_answer([Code::LimitReached]),
        Endpoint::allowed(P::SegmentsWrite, routes!(change_segment::change_segment)).changes(),
        Endpoint::allowed(P::SegmentsWrite, routes!(remove_segment::remove_segment))
            .may_answer([Code::PreconditionFailed]),
        Endpoint::allowed(P::ContactsRead, routes!(preview_segment::preview_segment)),
        Endpoint::allowed(P::SegmentsWrite, routes!(count_segment::count_segment))
            .creates()
            .may_answer([Code::InvalidBody]),
    ]
}

/// Contacts from and into files, and all long work.
fn files() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::ContactsImport, routes!(create_contact_import::create_contact_import)).creates(),
        Endpoint::allowed(P::ContactsImport, routes!(put_contact_import_part::put_contact_import_part))
            .may_answer([Code::WrongState, Code::LimitReached]),
        Endpoint::allowed(P::ContactsImport, routes!(start_contact_import::start_contact_import))
            .may_answer([Code::WrongState, Code::InvalidBody]),
        Endpoint::allowed(P::ContactsImport, routes!(list_row_errors::list_row_errors)),
        Endpoint::allowed(P::ContactsExport, routes!(create_contact_export::create_contact_export)).creates(),
        Endpoint::allowed(P::ContactsExport, routes!(get_contact_export_part::get_contact_export_part)),
        Endpoint::allowed(P::ContactsRead, routes!(list_tasks::list_tasks)),
        Endpoint::allowed(P::ContactsRead, routes!(get_task::get_task)),
        Endpoint::allowed(P::ContactsImport, routes!(cancel_task::cancel_task)),
    ]
}

/// Who answers by itself, and from what.
fn assistants() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::AssistantsRead, routes!(list_assistants::list_assistants)),
        Endpoint::allowed(P::AssistantsRead, routes!(get_assistant::get_assistant)),
        Endpoint::allowed(P::AssistantsWrite, routes!(create_assistant::create_assistant))
            .creates()
            .may_answer([Code::LimitReached]),
        Endpoint::allowed(P::AssistantsWrite, routes!(change_assistant::change_assistant)).changes(),
        Endpoint::allowed(P::AssistantsWrite, routes!(remove_assistant::remove_assistant)).may_answer([Code::InUse]),
        Endpoint::allowed(P::AssistantsRead, routes!(list_assistant_versions::list_assistant_versions)),
        Endpoint::allowed(P::AssistantsWrite, routes!(publish_assistant::publish_assistant)),
        Endpoint::allowed(P::AssistantsWrite, routes!(roll_back_assistant::roll_back_assistant)),
        Endpoint::allowed(P::AssistantsWrite, routes!(ask_assistant::ask_assistant)).may_answer([Code::NotPublished]),
        Endpoint::allowed(P::KnowledgeRead, routes!(list_knowledge::list_knowledge)),
        Endpoint::allowed(P::KnowledgeRead, routes!(get_knowledge_text::get_knowledge_text)),
        Endpoint::allowed(P::KnowledgeWrite, routes!(create_knowledge_text::create_knowledge_text))
            .creates()
            .may_answer([Code::PlanLimit, Code::LimitReached]),
        Endpoint::allowed(P::KnowledgeWrite, routes!(change_knowledge_text::change_knowledge_text))
            .changes()
            .may_answer([Code::LimitReached]),
        Endpoint::allowed(P::KnowledgeWrite, routes!(remove_knowledge_text::remove_knowledge_text)),
    ]
}

fn canned_replies() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::CannedRepliesRead, routes!(list_canned_replies::list_canned_replies)),
        Endpoint::allowed(P::CannedRepliesRead, routes!(get_canned_reply::get_canned_reply)),
        Endpoint::allowed(P::CannedRepliesWrite, routes!(create_canned_reply::create_canned_reply))
            .creates()
            .may_answer([Code::NameTaken, Code::LimitReached]),
        Endpoint::allowed(P::CannedRepliesWrite, routes!(change_canned_reply::change_canned_reply))
            .changes()
            .may_answer([Code::NameTaken]),
        Endpoint::allowed(P::CannedRepliesWrite, routes!(remove_canned_reply::remove_canned_reply)),
        Endpoint::allowed(P::CannedRepliesRead, routes!(render_canned_reply::render_canned_reply)),
    ]
}

fn teams() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::TeamsRead, routes!(list_teams::list_teams)),
        Endpoint::allowed(P::TeamsRead, routes!(get_team::get_team)),
        Endpoint::allowed(P::TeamsWrite, routes!(create_team::create_team))
            .creates()
            .may_answer([Code::NameTaken, Code::LimitReached]),
        Endpoint::allowed(P::TeamsWrite, routes!(change_team::change_team)).changes().may_answer([Code::NameTaken]),
        Endpoint::allowed(P::TeamsWrite, routes!(remove_team::remove_team)).may_answer([Code::InUse]),
    ]
}

/// What else happens to a message.
fn routing() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::RoutingRead, routes!(list_routing_rules::list_routing_rules)),
        Endpoint::allowed(P::RoutingRead, routes!(get_routing_rule::get_routing_rule)),
        Endpoint::allowed(P::RoutingWrite, routes!(create_routing_rule::create_routing_rule))
            .creates()
            .may_answer([Code::LimitReached]),
        Endpoint::allowed(P::RoutingWrite, routes!(change_routing_rule::change_routing_rule))
            .changes()
            .may_answer([Code::LimitReached]),
        Endpoint::allowed(P::RoutingWrite, routes!(remove_routing_rule::remove_routing_rule)),
        Endpoint::allowed(P::RoutingWrite, routes!(reorder_routing_rules::reorder_routing_rules)),
        Endpoint::allowed(P::RoutingRead, routes!(dry_run_routing_rules::dry_run_routing_rules)),
    ]
}

/// What came of it all, and what it cost.
fn analytics() -> Vec<Endpoint> {
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

fn unknown_sends() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::SendsRead, routes!(trace_message::trace_message)).may_answer([Code::NotFound]),
        Endpoint::allowed(P::SendsRead, routes!(list_unknown_sends::list_unknown_sends)),
        Endpoint::allowed(P::SendsResolve, routes!(resolve_unknown_send::resolve_unknown_send))
            .may_answer([Code::OutcomeKnown]),
        Endpoint::allowed(P::SendsResolve, routes!(send_again::send_again)).may_answer([
            Code::IdempotencyKeyRequired,
            Code::IdempotencyKeyInvalid,
            Code::IdempotencyKeyReused,
            Code::WindowClosed,
            Code::ContactBlocked,
            Code::TemplateUnusable,
            Code::OutcomeKnown,
        ]),
    ]
}

fn events() -> Vec<Endpoint> {
    vec![Endpoint::allowed(Permission::EventsRead, routes!(list_events::list_events)).may_answer([Code::EventsGone])]
}

fn webhooks() -> Vec<Endpoint> {
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

fn templates() -> Vec<Endpoint> {
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

fn numbers() -> Vec<Endpoint> {
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

/// What whoever runs the deployment does, outside of all organizations.
fn operators() -> Vec<Endpoint> {
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

/// Who changed what, and the brake.
fn control() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::AuditRead, routes!(list_audit_entries::list_audit_entries)),
        Endpoint::allowed(P::KillSwitchRead, routes!(list_kill_switches::list_kill_switches)),
        Endpoint::allowed(P::KillSwitchWrite, routes!(turn_kill_switch::turn_kill_switch)).may_answer([Code::NotFound]),
    ]
}

fn organization() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::OrganizationRead, routes!(get_organization::get_organization)),
        Endpoint::allowed(P::OrganizationWrite, routes!(change_organization::change_organization)).changes(),
        Endpoint::allowed(P::OrganizationRead, routes!(get_business_hours::get_business_hours))
            .may_answer([Code::NotFound]),
    ]
}

fn members() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::MembersRead, routes!(list_members::list_members)),
        Endpoint::allowed(P::MembersRead, routes!(get_member::get_member)),
        Endpoint::allowed(P::MembersWrite, routes!(change_member::change_member))
            .changes()
            .may_answer([Code::LastOwner]),
        Endpoint::allowed(P::MembersWrite, routes!(remove_member::remove_member)).may_answer([Code::LastOwner]),
        Endpoint::allowed(P::MembersRead, routes!(list_invitations::list_invitations)),
        Endpoint::allowed(P::MembersWrite, routes!(create_invitation::create_invitation))
            .creates()
            .may_answer([Code::PlanLimit]),
        Endpoint::allowed(P::MembersWrite, routes!(revoke_invitation::revoke_invitation)),
    ]
}

fn api_keys() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::ApiKeysRead, routes!(list_api_keys::list_api_keys)),
        Endpoint::allowed(P::ApiKeysRead, routes!(get_api_key::get_api_key)),
        Endpoint::allowed(P::ApiKeysWrite, routes!(create_api_key::create_api_key))
            .creates()
            .may_answer([Code::PlanLimit]),
        Endpoint::allowed(P::ApiKeysWrite, routes!(change_api_key::change_api_key)).changes(),
        Endpoint::allowed(P::ApiKeysWrite, routes!(rotate_api_key::rotate_api_key)),
        Endpoint::allowed(P::ApiKeysWrite, routes!(revoke_api_key::revoke_api_key)),
    ]
}

/// The OpenAPI document, with version 1 under this prefix.
pub fn openapi(prefix: &str) -> Value {
    let (unversioned, version_1) = (unversioned(), version_1());
    let unversioned = unversioned.iter().map(|endpoint| ("", endpoint));
    document(version_1.iter().map(|endpoint| (prefix, endpoint)).chain(unversioned))
}

/// Every route of the API, with its fallbacks: a program mounts it whole, as the fallback service of a router of its
/// own if it has other routes. The address of a client is taken from API Gateway's request, or from
/// `axum::extract::ConnectInfo<SocketAddr>`.
pub fn router(state: ApiState) -> Router {
    let router = Router::new()
        .merge(docs(openapi(&state.settings.prefix)))
        .merge(mount(&state, unversioned()))
        .nest(&state.settings.prefix, mount(&state, version_1()))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), conduct))
        .layer(CompressionLayer::new());
    let router = match cors(&state.settings.origins) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router.with_state(state)
}

/// A router of these endpoints, each behind its guard.
fn mount(state: &ApiState, endpoints: Vec<Endpoint>) -> Router<ApiState> {
    endpoints.into_iter().fold(Router::new(), |router, endpoint| {
        let Endpoint { access, creates, paths, router: methods, .. } = endpoint;
        let methods = match creates {
            true => methods.route_layer(from_fn_with_state(state.clone(), once)),
            false => methods,
        };
        let methods = methods.route_layer(from_fn_with_state((state.clone(), access), guard));
        paths.paths.keys().fold(router, |router, path| router.route(path, methods.clone()))
    })
}
