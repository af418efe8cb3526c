//! What people and programs do with a connected number.

use domain::away::AwayMessage;
use domain::hours::{Exceptions, WeeklyHours};
use domain::line::{Credential, Line};
use domain::organization::Number;
use domain::outcome::RefusalClass;
use domain::template::Violation;
use domain::{AssistantId, NumberId, OrganizationId, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::{KnownNumber, get};
use crate::assistants;
use crate::audit::{self, Actor};
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Account, Business, BusinessError, Channel, Precondition, StoreError, Write};
use crate::records::{RecordError, account_path, line_path, number_path, queries, write_line, write_number};
use crate::setup::token_changed;

/// The longest label, in characters.
const LONGEST_LABEL: usize = 100;

/// What to change of a number; `None` leaves it as it is.
#[derive(Clone, Default)]
pub struct NumberChange {
    /// What the organization calls it; `Some(None)`: nothing.
    pub label: Option<Option<String>>,
    /// Who answers its messages; `Some(None)`: people alone.
    pub assistant: Option<Option<AssistantId>>,
    /// How many business-initiated templates it may send in a day; `Some(None)`: the usual number.
    pub daily_quota: Option<Option<i64>>,
    /// When it is open in a usual week; `Some(None)`: as its organization.
    pub hours: Option<Option<WeeklyHours>>,
    /// The days that are otherwise than their weekday, besides those of its organization.
    pub hours_exceptions: Option<Exceptions>,
    /// What it says to who writes while it is closed; `Some(None)`: what its organization says.
    pub away: Option<Option<AwayMessage>>,
    /// Whether customers are told when somebody has read what they wrote.
    pub read_receipts: Option<bool>,
    /// Another token.
    pub token: Option<SecretString>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NumberError {
    /// The organization has no such number.
    #[error("there is no such number")]
    NotFound,
    /// Fields break their rules.
    #[error("the number is not valid")]
    Invalid(Vec<Violation>),
    /// It cannot be connected: it is already.
    #[error("the number cannot be connected")]
    Taken,
    /// It has no token to ask Meta with.
    #[error("the number has no token")]
    NoToken,
    /// It was changed since it was read.
    #[error("the number was changed meanwhile")]
    Changed,
    /// Meta refused, or did not answer.
    #[error(transparent)]
    Meta(#[from] BusinessError),
    /// A store failed.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for NumberError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

impl From<RecordError> for NumberError {
    fn from(error: RecordError) -> Self {
        Self::Job(error.into())
    }
}

/// Changes a number as it was read. Another token is shown to Meta first, and sends go on with it at once.
///
/// # Errors
/// [`NumberError`].
pub async fn change(
    platform: &Platform,
    business: &dyn Business,
    actor: &Actor,
    known: &KnownNumber,
    change: NumberChange,
) -> Result<KnownNumber, NumberError> {
    let organization = &known.number.organization;
    let mut wrong = Vec::new();
    check_label(change.label.as_ref().and_then(Option::as_deref), &mut wrong);
    check_quota(change.daily_quota.flatten(), &known.line, &mut wrong);
    if let Some(token) = &change.token {
        check_token(token, &mut wrong);
    }
    let away = change.away.iter().flatten().flat_map(|away| away.check("/away_message"));
    wrong.extend(away.map(|wrong| Violation::new(wrong.pointer, wrong.reason)));
    let assistant = change.assistant.as_ref().and_then(Option::as_ref);
    let still = check_assistant(platform, organization, assistant, &mut wrong).await?;
    if !wrong.is_empty() {
        return Err(NumberError::Invalid(wrong));
    }
    let (mut number, mut line) = (known.number.clone(), known.line.clone());
    let mut changed = Vec::new();
    if let Some(label) = change.label.filter(|label| *label != line.label) {
        line.label = label;
        changed.push(("label", "changed"));
    }
    if let Some(assistant) = change.assistant.filter(|assistant| *assistant != number.assistant) {
        number.assistant = assistant;
        changed.push(("assistant", number.assistant.as_ref().map_or("none", AssistantId::as_str)));
    }
    if let Some(quota) = change.daily_quota.filter(|quota| *quota != line.daily_quota) {
        line.daily_quota = quota;
        changed.push(("daily_quota", "changed"));
    }
    if let Some(week) = change.hours {
        line.hours.week = week;
    }
    if let Some(exceptions) = change.hours_exceptions {
        line.hours.exceptions = exceptions;
    }
    if line.hours != known.line.hours {
        changed.push(("hours", "changed"));
    }
    if let Some(away) = change.away.filter(|away| *away != line.away) {
        line.away = away;
        changed.push(("away_message", "changed"));
    }
    if let Some(tells) = change.read_receipts.filter(|tells| *tells == line.hides_reads) {
        line.hides_reads = !tells;
        changed.push(("read_receipts", if tells { "on" } else { "off" }));
    }
    let token = change.token.clone().or_else(|| known.token.clone());
    if let Some(token) = &change.token {
        let asked_at = platform.clock.now();
        let channel = Channel { number: number.id.clone(), token: token.clone() };
        let report = business.number(&channel).await?;
        let account = Account { waba_id: number.waba_id.clone(), token: token.clone() };
        if !business.owns_number(&account, &number.id).await? {
            let reason = "must be a token for the account that the number belongs to";
            return Err(NumberError::Invalid(vec![Violation::new("/access_token", reason)]));
        }
        line.report(&report, asked_at);
        changed.push(("access_token", "changed"));
    }
    if changed.is_empty() {
        return Ok(known.clone());
    }
    let audit = audit::entry(platform, organization, actor, "number.changed", Some(number.id.as_str()), &changed);
    let writing =
        Writing { known, number: Some((&number, token.as_ref())), also: still.into_iter().chain([audit]).collect() };
    match writing.commit(platform, line).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(NumberError::Changed),
        Err(error) => return Err(error.into()),
    }
    if change.token.is_some() {
        token_changed(platform, &number.id).await?;
    }
    get(platform, organization, &number.id).await?.ok_or(NumberError::NotFound)
}

/// Registers a number for the Cloud API with the PIN of its two-step verification, and looks how it stands then.
///
/// # Errors
/// [`NumberError`].
pub async fn register(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    actor: &Actor,
    id: &NumberId,
    pin: &str,
) -> Result<KnownNumber, NumberError> {
    let mut wrong = Vec::new();
    check_pin(Some(pin), &mut wrong);
    if !wrong.is_empty() {
        return Err(NumberError::Invalid(wrong));
    }
    let known = get(platform, organization, id).await?.ok_or(NumberError::NotFound)?;
    let token = known.token(platform).ok_or(NumberError::NoToken)?;
    business.register(&Channel { number: id.clone(), token }, pin).await?;
    let audit = audit::entry(platform, organization, actor, "number.registered", Some(id.as_str()), &[]);
    look(platform, business, organization, id, Some(audit)).await
}

/// Asks Meta how a number stands, and shows what it says: that Meta refuses the token, or does not answer, is an answer as
/// well.
///
/// # Errors
/// [`NumberError`].
pub async fn verify(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    id: &NumberId,
) -> Result<KnownNumber, NumberError> {
    look(platform, business, organization, id, None).await
}

/// Asks Meta how each number of an account stands, until this time at the latest.
pub(crate) async fn verify_all(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    waba_id: &str,
    until: Timestamp,
) -> Result<(), JobError> {
    for known in super::list(platform, organization).await? {
        if known.number.waba_id != waba_id || platform.clock.now() >= until {
            continue;
        }
        // One that has no token, or was disconnected meanwhile, is left alone.
        if let Err(NumberError::Job(error)) = verify(platform, business, organization, &known.number.id).await {
            return Err(error);
        }
    }
    Ok(())
}

async fn look(
    platform: &Platform,
    business: &dyn Business,
    organization: &OrganizationId,
    id: &NumberId,
    audit: Option<Write>,
) -> Result<KnownNumber, NumberError> {
    let known = get(platform, organization, id).await?.ok_or(NumberError::NotFound)?;
    let token = known.token(platform).ok_or(NumberError::NoToken)?;
    let asked_at = platform.clock.now();
    let said = business.number(&Channel { number: id.clone(), token }).await;
    let works = said.is_ok();
    let apply = |line: &mut Line| match &said {
        Ok(report) => line.report(report, asked_at),
        Err(BusinessError::Refused(refusal)) if refusal.class == RefusalClass::Auth || refusal.code == 100 => {
            line.note_credential(Credential::Refused(refusal.code), asked_at);
        }
        Err(_) => line.note_credential(Credential::Silent, asked_at),
    };
    update(platform, organization, id, audit, apply).await?;
    if works {
        // Sends that were refused for the token are tried at once.
        token_changed(platform, id).await?;
    }
    get(platform, organization, id).await?.ok_or(NumberError::NotFound)
}

/// Changes how a number stands, over whatever happened to it meanwhile.
pub(super) async fn update(
    platform: &Platform,
    organization: &OrganizationId,
    id: &NumberId,
    also: Option<Write>,
    apply: impl Fn(&mut Line),
) -> Result<(), NumberError> {
    for _ in 0..TRIES {
        let known = get(platform, organization, id).await?.ok_or(NumberError::NotFound)?;
        let mut line = known.line.clone();
        apply(&mut line);
        let writing = Writing { known: &known, number: None, also: also.iter().cloned().collect() };
        match writing.commit(platform, line).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// What is written of a number, in one commit.
pub(super) struct Writing<'a> {
    pub known: &'a KnownNumber,
    pub number: Option<(&'a Number, Option<&'a SecretString>)>,
    pub also: Vec<Write>,
}

impl Writing<'_> {
    pub async fn commit(self, platform: &Platform, mut line: Line) -> Result<(), StoreError> {
        let (known, organization) = (self.known, &self.known.number.organization);
        let (before, version) = (&known.line, known.versions.1.as_ref());
        let mut entries = Entries::after(platform, organization, [before.changed_at]);
        let shown = |line: &Line| {
            let quality =
                line.quality.as_ref().map(|dated| dated.value.clone()).unwrap_or(domain::template::Quality::Unknown);
            (line.state(false).0, quality, line.label.clone(), line.daily_quota, line.limit())
        };
        let assistant = self.number.map(|(number, _)| number.assistant.as_ref());
        let is_other = assistant.is_some_and(|assistant| assistant != known.number.assistant.as_ref());
        if shown(before) != shown(&line) || is_other {
            let (state, quality, ..) = shown(&line);
            let phone_number_id = known.number.id.clone();
            let state = state.as_str().to_owned();
            let change = domain::feed::Change::NumberUpdated { phone_number_id, state, quality };
            entries.add(
                &[known.number.id.as_str(), &known.versions.0.0, version.map_or("", |version| &version.0)],
                change,
            );
            line.changed_at = entries.changed_at();
        }
        let path = line_path(organization, &known.number.id);
        let precondition =
            version.map_or(Precondition::MustNotExist, |version| Precondition::Unchanged(version.clone()));
        let mut writes = self.also;
        writes.push(Write::Set { fields: write_line(platform, &path, &line), path, precondition });
        if let Some((number, token)) = self.number {
            writes.push(Write::Set {
                path: number_path(&number.id),
                fields: write_number(platform, number, token),
                precondition: Precondition::Unchanged(known.versions.0.clone()),
            });
        }
        entries.commit(writes).await
    }
}

/// Disconnects a number: its events are nobody's from now on, and what waits to be sent from it ends as suppressed. Another
/// organization may connect it then.
///
/// # Errors
/// [`NumberError`].
pub async fn disconnect(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &NumberId,
) -> Result<(), NumberError> {
    for _ in 0..TRIES {
        let known = get(platform, organization, id).await?.ok_or(NumberError::NotFound)?;
        let mut entries = Entries::after(platform, organization, [known.line.changed_at]);
        let change = domain::feed::Change::NumberDisconnected { phone_number_id: id.clone() };
        entries.add(&[id.as_str(), &known.versions.0.0], change);
        let delete = |path, precondition| Write::Delete { path, precondition };
        let mut writes = vec![
            delete(number_path(id), Precondition::Unchanged(known.versions.0.clone())),
            delete(line_path(organization, id), Precondition::None),
            audit::entry(platform, organization, actor, "number.disconnected", Some(id.as_str()), &[]),
        ];
        // Read before the numbers: whoever connects another of the account, or disconnects it, in between changes it.
        let path = account_path(&known.number.waba_id);
        let account = platform.documents.get(&path).await?;
        let others = platform.documents.query(&queries::numbers_of(organization)).await?;
        let of_account = |document: &crate::ports::Document| {
            let read = crate::records::read_number(platform, document);
            read.is_ok_and(|(number, _)| number.id != *id && number.waba_id == known.number.waba_id)
        };
        let is_last = !others.iter().any(of_account);
        writes.extend(account.map(|account| {
            let precondition = Precondition::Unchanged(account.version);
            match is_last {
                true => delete(path, precondition),
                false => Write::Set { path, fields: account.fields, precondition },
            }
        }));
        match entries.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

pub(super) fn check_token(token: &SecretString, wrong: &mut Vec<Violation>) {
    let text = token.expose_secret();
    if text.is_empty() || text.len() > 4_096 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        wrong.push(Violation::new("/access_token", "must be an access token of Meta's"));
    }
}

pub(super) fn check_label(label: Option<&str>, wrong: &mut Vec<Violation>) {
    let is_wrong = |label: &str| {
        label.trim().is_empty() || label.chars().count() > LONGEST_LABEL || label.contains(char::is_control)
    };
    if label.is_some_and(is_wrong) {
        wrong.push(Violation::new("/label", format!("must have 1 to {LONGEST_LABEL} characters, on one line")));
    }
}

pub(super) fn check_pin(pin: Option<&str>, wrong: &mut Vec<Violation>) {
    if pin.is_some_and(|pin| pin.len() != 6 || !pin.bytes().all(|b| b.is_ascii_digit())) {
        wrong.push(Violation::new("/pin", "must have six digits"));
    }
}

pub(super) fn check_quota(quota: Option<i64>, line: &Line, wrong: &mut Vec<Violation>) {
    let Some(quota) = quota else { return };
    let most = line.limit().unwrap_or(i64::MAX);
    if quota < 0 {
        wrong.push(Violation::new("/daily_quota", "must not be negative"));
    } else if quota > most {
        wrong.push(Violation::new("/daily_quota", format!("Meta lets this number write to {most} people a day first")));
    }
}

pub(super) async fn check_assistant(
    platform: &Platform,
    organization: &OrganizationId,
    assistant: Option<&AssistantId>,
    wrong: &mut Vec<Violation>,
) -> Result<Option<Write>, JobError> {
    let Some(id) = assistant else { return Ok(None) };
    match assistants::published(platform, organization, id).await? {
        Some(in_charge) => Ok(Some(in_charge.still)),
        None => {
            wrong.push(Violation::new("/assistant_id", "must be an assistant of yours that is published"));
            Ok(None)
        }
    }
}
