//! `POST /contacts/{id}/consents`: they agreed, or want no more.

use axum::extract::State;
use axum::response::Response;
use domain::contact::{LegalBasis, Purpose};
use domain::{ContactId, Timestamp};
use flow::contacts::{self, NewConsent};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownConsent};
use crate::state::ApiState;

/// What they decided, and how that can be shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentToRecord {
    #[schema(schema_with = schema::purpose)]
    purpose: String,
    granted: bool,
    /// When they decided; now, where it is not given.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_time, required = false)]
    at: Option<Timestamp>,
    /// Where they said it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "checkout form")]
    place: String,
    /// What they saw or said; needed where they agreed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000, pattern = r"\S", example = "Quero receber novidades por WhatsApp.")]
    evidence: Option<String>,
    #[serde(default)]
    #[schema(schema_with = schema::maybe_legal_basis, required = false)]
    legal_basis: Option<String>,
}

/// Record what a contact decided
///
/// Of marketing the latest decision counts, stop and start words included: a consent that is older than a stop undoes nothing.
#[utoipa::path(
    post,
    path = "/contacts/{id}/consents",
    tag = "Contacts",
    params(("id" = String, Path, description = "The contact.")),
    request_body = ConsentToRecord,
    responses((status = 201, body = ShownConsent<'static>))
)]
pub(crate) async fn record_consent(
    State(_): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    Id(id): Id<ContactId>,
    parameters: Parameters,
    Json(new): Json<ConsentToRecord>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let wrong = |pointer, reason| Problem::new(Code::InvalidBody).field(Place::Body, pointer, reason);
    let purpose = Purpose::parse(&new.purpose).ok_or_else(|| wrong("/purpose", "must be marketing or utility"))?;
    let basis = new.legal_basis.as_deref().map(|name| {
        let reason = "must be consent, contract, legitimate_interest or legal_obligation";
        LegalBasis::parse(name).ok_or_else(|| wrong("/legal_basis", reason))
    });
    let ConsentToRecord { granted, at, place, evidence, .. } = new;
    let new = NewConsent { purpose, granted, at, place, evidence, basis: basis.transpose()? };
    let recorded = contacts::record_consent(&platform, &caller.organization, &caller.actor, &id, new).await?;
    entity::answer(StatusCode::CREATED, &show::consent(&recorded))
}
