//! `GET /audit-log` and `/operator/audit-log`: who changed what.

use axum::extract::State;
use axum::response::Response;
use flow::audit::{self, Filter, Log};
use flow::browse::Cursor;
use http::{HeaderMap, StatusCode};

use crate::caller::{Caller, Operator};
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownAuditEntry, ShownPage};
use crate::state::ApiState;

/// Read the audit log
///
/// Every change in the organization: who made it, of what, when and from where; the newest first.
#[utoipa::path(
    get,
    path = "/audit-log",
    tag = "Audit",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
        ("action" = Option<String>, Query, min_length = 1, max_length = 200, description = "Only this action, such as `api_key.created`."),
        ("target" = Option<String>, Query, min_length = 1, max_length = 200, description = "Only what was done to the thing with this id.")
    ),
    responses((status = 200, body = ShownPage<ShownAuditEntry<'static>>))
)]
pub(crate) async fn list_audit_entries(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Wanted { filter, cursor, limit } = Wanted::of(&mut parameters)?;
    parameters.end()?;
    let log = Log::Organization(caller.organization);
    let page = audit::list(&state.platform, &log, &filter, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, show::audit_entry))
}

/// Read the deployment's audit log
///
/// What operators did, and what was changed outside of all organizations; the newest first.
#[utoipa::path(
    get,
    path = "/operator/audit-log",
    tag = "Operators",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
        ("action" = Option<String>, Query, min_length = 1, max_length = 200, description = "Only this action, such as `quarantine.replayed`."),
        ("target" = Option<String>, Query, min_length = 1, max_length = 200, description = "Only what was done to the thing with this id.")
    ),
    responses((status = 200, body = ShownPage<ShownAuditEntry<'static>>))
)]
pub(crate) async fn list_deployment_audit_entries(
    State(state): State<ApiState>,
    _: Operator,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let Wanted { filter, cursor, limit } = Wanted::of(&mut parameters)?;
    parameters.end()?;
    let page = audit::list(&state.platform, &Log::Deployment, &filter, cursor.as_ref(), limit).await?;
    entity::answer(StatusCode::OK, &show::page(&page, show::operators_audit_entry))
}

/// Which entries are asked for.
struct Wanted {
    filter: Filter,
    cursor: Option<Cursor>,
    limit: u32,
}

impl Wanted {
    fn of(parameters: &mut Parameters) -> Result<Self, Problem> {
        let limit = parameters.take_limit()?;
        let cursor = parameters.take("cursor", "must be the next_cursor of an earlier page", |text| {
            Cursor::of::<domain::AuditId>(text).ok()
        })?;
        let text = |text: &str| (1..=200).contains(&text.chars().count()).then(|| text.to_owned());
        let action = parameters.take("action", "must be the name of an action", text)?;
        let target = parameters.take("target", "must be an id, and not together with action", |id| {
            text(id).filter(|_| action.is_none())
        })?;
        let filter = match (action, target) {
            (Some(action), _) => Filter::Action(action),
            (None, Some(target)) => Filter::Target(target),
            (None, None) => Filter::All,
        };
        Ok(Self { filter, cursor, limit })
    }
}
