//! What contacts decide about being written to, and the evidence.
//!
//! The stop gate is the truth about marketing, and is written before anything else says so; the records here are never
//! changed, and are what is shown to whoever asks by what right somebody was written to.

use domain::contact::{Consent, ConsentSource, Decision, LegalBasis, Purpose};
use domain::gate::StopGate;
use domain::wording::WrongField;
use domain::{ConsentId, ContactId, OrganizationId, Timestamp};

use super::manage::get;
use crate::audit::{self, Actor};
use crate::browse::{Cursor, Page, page};
use crate::feed::Entries;
use crate::job::JobError;
use crate::manage::ManageError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::receive::write_gates;
use crate::records::{aliases_of, consent_path, contact_path, queries, read_consent, write_consent, write_contact};

/// A decision that a person or program of the organization records.
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// For what.
    pub purpose: Purpose,
    /// Whether it may be sent.
    pub granted: bool,
    /// When they decided; `None`: now.
    pub at: Option<Timestamp>,
    /// Where they said it.
    pub place: String,
    /// What they saw or said.
    pub evidence: Option<String>,
    /// What the law allows it by.
    pub basis: Option<LegalBasis>,
}

/// Records what a contact decided. Of marketing, the latest decision counts, a stop word included: an older consent undoes
/// no later stop.
///
/// # Errors
/// [`ManageError`].
pub async fn record_consent(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    contact: &ContactId,
    new: NewConsent,
) -> Result<Consent, ManageError> {
    let now = platform.clock.now();
    let id = ConsentId::from_bits(platform.entropy.bits());
    if let Some(document) = platform.documents.get(&consent_path(organization, &id)).await? {
        // An earlier request with the same `Idempotency-Key` has recorded it.
        return Ok(read_consent(platform, &document)?);
    }
    let mut consent = Consent {
        id,
        contact: contact.clone(),
        purpose: new.purpose,
        granted: new.granted,
        at: new.at.unwrap_or(now),
        source: ConsentSource::Recorded,
        place: Some(new.place),
        evidence: new.evidence,
        basis: new.basis.or(new.granted.then_some(LegalBasis::Consent)),
        recorded_by: actor.who.id().map(ToOwned::to_owned),
        recorded_at: now,
    };
    let faults = consent.faults(now);
    if !faults.is_empty() {
        use domain::contact::InvalidConsent as I;
        let pointer = |fault: &I| match fault {
            I::Place => "/place",
            I::Evidence => "/evidence",
            I::Future => "/at",
        };
        return Err(ManageError::Invalid(
            faults.iter().map(|fault| WrongField::new(pointer(fault), fault.to_string())).collect(),
        ));
    }
    let counts_from = consent.counts_from(now);
    for _ in 0..TRIES {
        let (before, version) = get(platform, organization, contact).await?.ok_or(ManageError::NotFound)?;
        let mut after = before.clone();
        consent.contact = after.id.clone();
        if consent.purpose == Purpose::Marketing {
            let choice = StopGate { stopped: !consent.granted, at: counts_from };
            write_gates(platform, organization, &aliases_of(platform, organization, &after), choice).await?;
            after.choose(choice);
        }
        let decision = Decision { granted: consent.granted, at: counts_from, consent: consent.id.clone() };
        after.consents.decide(consent.purpose, decision);
        let mut entries = Entries::after(platform, organization, [before.changed_at]);
        entries.contact(Some((&before, &version)), &mut after);
        let details = [
            ("purpose", consent.purpose.as_str()),
            ("granted", if consent.granted { "true" } else { "false" }),
            ("consent", consent.id.as_str()),
        ];
        let target = Some(after.id.as_str());
        let path = consent_path(organization, &consent.id);
        let writes = vec![
            Write::Set {
                fields: write_consent(platform, &path, &consent),
                path,
                precondition: Precondition::MustNotExist,
            },
            Write::Set {
                path: contact_path(organization, &after.id),
                fields: write_contact(platform, organization, &after),
                precondition: Precondition::Unchanged(version),
            },
            audit::entry(platform, organization, actor, "consent.recorded", target, &details),
        ];
        match entries.commit(writes).await {
            Ok(()) => return Ok(consent),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// What a contact decided, with those that live on in it, the latest record first; `None`: there is no such contact.
/// `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn consents_of(
    platform: &Platform,
    organization: &OrganizationId,
    contact: &ContactId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Option<Page<Consent>>, JobError> {
    let Some((contact, _)) = get(platform, organization, contact).await? else { return Ok(None) };
    let query = queries::consents_of(organization, &contact, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_consent(platform, document)).await.map(Some)
}

/// A decision that the contact said to us or to Meta: the same event makes the same record.
pub(crate) fn said(
    platform: &Platform,
    organization: &OrganizationId,
    contact: &ContactId,
    (event, choice, source): (&str, StopGate, ConsentSource),
    evidence: Option<&str>,
) -> Consent {
    Consent {
        id: ConsentId::derived(&platform.id_key, &[organization.as_str(), event]),
        contact: contact.clone(),
        purpose: Purpose::Marketing,
        granted: !choice.stopped,
        at: choice.at,
        source,
        place: None,
        evidence: evidence.map(ToOwned::to_owned),
        basis: (!choice.stopped).then_some(LegalBasis::Consent),
        recorded_by: None,
        recorded_at: platform.clock.now(),
    }
}

/// Writes such a decision.
pub(crate) fn write_said(platform: &Platform, organization: &OrganizationId, consent: &Consent) -> Write {
    let path = consent_path(organization, &consent.id);
    Write::Set { fields: write_consent(platform, &path, consent), path, precondition: Precondition::None }
}
