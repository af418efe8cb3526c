//! What the people who answer work with.

use domain::access::Permission;
use utoipa_axum::routes;

use crate::endpoint::Endpoint;
use crate::endpoints::{
    assign_conversation, change_canned_reply, change_routing_rule, change_team, close_conversation,
    create_canned_reply, create_direct_message, create_message, create_note, create_routing_rule, create_team,
    dry_run_routing_rules, get_canned_reply, get_conversation, get_media, get_media_content, get_message,
    get_message_media, get_routing_rule, get_team, hand_back, label_conversation, list_canned_replies,
    list_conversations, list_messages, list_notes, list_routing_rules, list_teams, list_unknown_sends,
    mark_conversation_read, remove_canned_reply, remove_note, remove_routing_rule, remove_team, render_canned_reply,
    reopen_conversation, reorder_routing_rules, resolve_unknown_send, send_again, take_over, trace_message,
    upload_media,
};
use crate::problem::Code;

/// Why a message is not recorded that somebody wants to send.
const UNSENT: [Code; 6] = [
    Code::IdempotencyKeyRequired,
    Code::IdempotencyKeyInvalid,
    Code::IdempotencyKeyReused,
    Code::WindowClosed,
    Code::ContactBlocked,
    Code::TemplateUnusable,
];

pub(super) fn conversations() -> Vec<Endpoint> {
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
        Endpoint::allowed(P::MessagesSend, routes!(create_message::create_message)).may_answer(UNSENT),
    ]
}

/// Messages by themselves: to anybody, and by their ids.
pub(super) fn messages() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::MessagesDirect, routes!(create_direct_message::create_direct_message))
            .may_answer(UNSENT)
            .may_answer([Code::NoConsent]),
        Endpoint::allowed(P::ConversationsRead, routes!(get_message::get_message)),
    ]
}

/// Files.
pub(super) fn media() -> Vec<Endpoint> {
    use Permission as P;
    let file = [Code::MediaPending, Code::MediaUnavailable, Code::RangeNotSatisfiable];
    vec![
        Endpoint::allowed(P::MediaWrite, routes!(upload_media::upload_media)).creates(),
        Endpoint::allowed(P::ConversationsRead, routes!(get_media::get_media)),
        Endpoint::allowed(P::ConversationsRead, routes!(get_media_content::get_media_content)).may_answer(file),
        Endpoint::allowed(P::ConversationsRead, routes!(get_message_media::get_message_media)).may_answer(file),
    ]
}

pub(super) fn canned_replies() -> Vec<Endpoint> {
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

pub(super) fn teams() -> Vec<Endpoint> {
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
pub(super) fn routing() -> Vec<Endpoint> {
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

pub(super) fn unknown_sends() -> Vec<Endpoint> {
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
