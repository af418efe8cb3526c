//! Connecting a number: Meta says whether the token owns it, and one commit makes it the organization's.

use domain::line::Line;
use domain::organization::Number;
use domain::template::Violation;
use domain::{AssistantId, NumberId, OrganizationId};
use secrecy::{ExposeSecret, SecretString};

use super::manage::{NumberError, check_assistant, check_label, check_pin, check_quota, check_token};
use super::{KnownNumber, get};
use crate::audit::{self, Actor};
use crate::feed::Entries;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Account, Business, Channel, Precondition, StoreError, Write};
use crate::records::{
    AccountRecord, account_path, line_path, number_path, read_account, read_number, write_account, write_line,
    write_number,
};
use crate::setup::token_changed;
use crate::templates::sync_by_itself;

/// A number to connect.
#[derive(Clone)]
pub struct NewNumber {
    /// Meta's id of it.
    pub id: NumberId,
    /// Meta's id of the WhatsApp business account that it belongs to.
    pub waba_id: String,
    /// An access token that may manage both.
    pub token: SecretString,
    /// The PIN to register it with; without one it is registered already.
    pub pin: Option<String>,
    /// What the organization calls it.
    pub label: Option<String>,
    /// Who answers its messages, if an assistant does.
    pub assistant: Option<AssistantId>,
    /// How many business-initiated templates it may send in a day.
    pub daily_quota: Option<i64>,
}

/// Connects a number: the token must own it and its account, the app is subscribed, and from then on its events come to
/// this organization. Doing it again with the same token changes nothing.
///
/// # Errors
/// [`NumberError`]; [`NumberError::Taken`] says of a number that cannot be connected not whose it is.
pub async fn connect(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    actor: &Actor,
    new: NewNumber,
) -> Result<KnownNumber, NumberError> {
    let mut wrong = Vec::new();
    check_token(&new.token, &mut wrong);
    check_label(new.label.as_deref(), &mut wrong);
    check_pin(new.pin.as_deref(), &mut wrong);
    let is_account = (1..=64).contains(&new.waba_id.len()) && new.waba_id.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_account {
        wrong.push(Violation::new("/business_account_id", "must be Meta's id of a WhatsApp business account"));
    }
    let still = check_assistant(platform, organization, new.assistant.as_ref(), &mut wrong).await?;
    if !wrong.is_empty() {
        return Err(NumberError::Invalid(wrong));
    }
    if let Some(made) = already(platform, organization, &new).await? {
        return Ok(made);
    }
    account(platform, organization, &new).await?;
    let channel = Channel { number: new.id.clone(), token: new.token.clone() };
    let meta = Account { waba_id: new.waba_id.clone(), token: new.token.clone() };
    let asked_at = platform.clock.now();
    let report = business.number(&channel).await?;
    if !business.owns_number(&meta, &new.id).await? {
        let reason = "must be the account that the number belongs to";
        return Err(NumberError::Invalid(vec![Violation::new("/business_account_id", reason)]));
    }
    let mut line = Line { label: new.label.clone(), connected_at: asked_at, ..Line::default() };
    line.report(&report, asked_at);
    let mut wrong = Vec::new();
    check_quota(new.daily_quota, &line, &mut wrong);
    if !wrong.is_empty() {
        return Err(NumberError::Invalid(wrong));
    }
    line.daily_quota = new.daily_quota;
    if let Some(pin) = &new.pin {
        business.register(&channel, pin).await?;
        if let Ok(report) = business.number(&channel).await {
            line.report(&report, platform.clock.now());
        }
    }
    business.subscribe(&meta).await?;
    let number = Number {
        id: new.id.clone(),
        organization: organization.clone(),
        waba_id: new.waba_id.clone(),
        display: report.display.unwrap_or_default(),
        assistant: new.assistant.clone(),
    };
    for _ in 0..TRIES {
        let account = account(platform, organization, &new).await?;
        let mut entries = Entries::after(platform, organization, []);
        let change = domain::feed::Change::NumberConnected { phone_number_id: new.id.clone() };
        entries.add(&[new.id.as_str(), &platform.nonce()], change);
        line.changed_at = entries.changed_at();
        let path = line_path(organization, &new.id);
        let mut writes = vec![
            Write::Set {
                path: number_path(&new.id),
                fields: write_number(platform, &number, Some(&new.token)),
                precondition: Precondition::MustNotExist,
            },
            account,
            Write::Set { fields: write_line(platform, &path, &line), path, precondition: Precondition::None },
            audit::entry(platform, organization, actor, "number.connected", Some(new.id.as_str()), &[]),
        ];
        writes.extend(still.clone());
        match entries.commit(writes).await {
            Ok(()) => {
                begin(platform, &new).await?;
                return get(platform, organization, &new.id).await?.ok_or(NumberError::NotFound);
            }
            // Somebody else connected it at the same moment, or something else changed its account.
            Err(StoreError::Conflict) => {
                if let Some(made) = already(platform, organization, &new).await? {
                    return Ok(made);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// The write that holds the number's account for the organization; an error, where another one has it.
async fn account(platform: &Platform, organization: &OrganizationId, new: &NewNumber) -> Result<Write, NumberError> {
    let path = account_path(&new.waba_id);
    let (account, precondition) = match platform.documents.get(&path).await? {
        None => (AccountRecord::of(organization), Precondition::MustNotExist),
        Some(document) => (read_account(platform, &document)?, Precondition::Unchanged(document.version)),
    };
    if account.organization != *organization {
        return Err(NumberError::Taken);
    }
    Ok(Write::Set { fields: write_account(platform, &path, &account), path, precondition })
}

/// What follows from a connection: its sends are tried, and the account's templates are listed.
async fn begin(platform: &Platform, new: &NewNumber) -> Result<(), NumberError> {
    token_changed(platform, &new.id).await?;
    Ok(sync_by_itself(platform, &new.waba_id).await?)
}

/// The number, where an earlier request with the same token connected it; an error, where it cannot be connected.
async fn already(
    platform: &Platform,
    organization: &OrganizationId,
    new: &NewNumber,
) -> Result<Option<KnownNumber>, NumberError> {
    let Some(document) = platform.documents.get(&number_path(&new.id)).await? else { return Ok(None) };
    let (number, token) = read_number(platform, &document)?;
    let same_token = token.is_some_and(|token| token.expose_secret() == new.token.expose_secret());
    if number.organization != *organization || number.waba_id != new.waba_id || !same_token {
        return Err(NumberError::Taken);
    }
    // It may not have come to this.
    begin(platform, new).await?;
    Ok(get(platform, organization, &new.id).await?)
}
