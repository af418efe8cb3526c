//! Whom an organization talks with.

use domain::access::Permission;
use utoipa_axum::routes;

use crate::endpoint::Endpoint;
use crate::endpoints::{
    cancel_task, change_attribute, change_contact, change_segment, count_segment, create_attribute, create_contact,
    create_contact_export, create_contact_import, create_segment, get_attribute, get_contact, get_contact_export_part,
    get_segment, get_task, list_attributes, list_consents, list_contacts, list_row_errors, list_segments, list_tasks,
    preview_segment, put_contact_import_part, record_consent, remove_segment, retire_attribute, start_contact_import,
};
use crate::problem::Code;

pub(super) fn contacts() -> Vec<Endpoint> {
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

pub(super) fn attributes() -> Vec<Endpoint> {
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

pub(super) fn segments() -> Vec<Endpoint> {
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
pub(super) fn files() -> Vec<Endpoint> {
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
