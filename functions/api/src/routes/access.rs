//! Who signs in, and who may do what.

use domain::access::Permission;
use utoipa_axum::routes;

use crate::endpoint::Endpoint;
use crate::endpoints::{
    change_api_key, change_member, change_organization, create_api_key, create_invitation, create_session, end_session,
    end_sessions, get_api_key, get_business_hours, get_me, get_member, get_organization, list_api_keys,
    list_invitations, list_members, list_sessions, refresh_session, remove_member, revoke_api_key, revoke_invitation,
    rotate_api_key, set_availability,
};
use crate::problem::Code;

pub(super) fn sign_in() -> Vec<Endpoint> {
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

pub(super) fn organization() -> Vec<Endpoint> {
    use Permission as P;
    vec![
        Endpoint::allowed(P::OrganizationRead, routes!(get_organization::get_organization)),
        Endpoint::allowed(P::OrganizationWrite, routes!(change_organization::change_organization)).changes(),
        Endpoint::allowed(P::OrganizationRead, routes!(get_business_hours::get_business_hours))
            .may_answer([Code::NotFound]),
    ]
}

pub(super) fn members() -> Vec<Endpoint> {
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

pub(super) fn api_keys() -> Vec<Endpoint> {
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
