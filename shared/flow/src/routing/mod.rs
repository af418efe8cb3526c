//! Routing rules: what happens to a customer's message because of what it says, where it came from and when. They are
//! carried out in the commit that records the message, and so once for each message; what they would have done
//! to earlier ones is seen before ([`dry_run`]). Every change of them stands in the audit log.

mod apply;
mod dry_run;

use domain::routing::{Action, Condition, MAX_RULES, Rule};
use domain::wording::WrongField;
use domain::{AssistantId, DisplayName, OrganizationId, RuleId, TeamId};

use crate::access::{Versioned, teams};
use crate::assistants;
use crate::audit::{self, Actor};
use crate::contacts;
use crate::job::JobError;
use crate::manage::{ManageError, valid};
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Document, Precondition, StoreError, Version, Write};
use crate::records::{read_rules, rules_path, write_rules};

pub(crate) use apply::{Arrived, apply};
pub use dry_run::{Tried, dry_run};

/// All rules of an organization have at most so many bytes as JSON: they stand in one document, which is read for each message.
const LARGEST: usize = 500_000;

/// A rule to make.
#[derive(Debug, Clone)]
pub struct NewRule {
    /// What it is called.
    pub name: DisplayName,
    /// Whether it counts.
    pub is_enabled: bool,
    /// Which messages it is for.
    pub when: Condition,
    /// What it does.
    pub then: Vec<Action>,
    /// Whether the rules after it decide as well.
    pub goes_on: bool,
}

/// What to change of a rule; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct RuleChange {
    /// What it is called.
    pub name: Option<DisplayName>,
    /// Whether it counts.
    pub is_enabled: Option<bool>,
    /// Which messages it is for.
    pub when: Option<Condition>,
    /// What it does.
    pub then: Option<Vec<Action>>,
    /// Whether the rules after it decide as well.
    pub goes_on: Option<bool>,
}

impl NewRule {
    /// The rule, with its id.
    pub fn with_id(self, id: RuleId) -> Rule {
        let Self { name, is_enabled, when, then, goes_on } = self;
        Rule { id, name, is_enabled, when, then, goes_on }
    }
}

/// An organization's rules in their order: [`MAX_RULES`] at most.
///
/// # Errors
/// [`JobError`].
pub async fn list(platform: &Platform, organization: &OrganizationId) -> Result<Vec<Rule>, JobError> {
    Ok(read(platform, organization).await?.0)
}

/// One of them, with the state of all; `None`: the organization has no such rule.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &RuleId,
) -> Result<Option<Versioned<Rule>>, JobError> {
    let (rules, document) = read(platform, organization).await?;
    let found = rules.into_iter().find(|rule| rule.id == *id).zip(document);
    Ok(found.map(|(value, document)| Versioned { value, version: document.version }))
}

/// Makes a rule, after all others.
///
/// # Errors
/// [`ManageError`].
pub async fn create(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    new: NewRule,
) -> Result<Rule, ManageError> {
    let known = contacts::definitions(platform, organization).await?;
    let rule = new.with_id(RuleId::from_bits(platform.entropy.bits())).settled(&known);
    valid(rule.check())?;
    edit(platform, organization, actor, "rule.created", None, |rules| {
        if let Some(made) = rules.iter().find(|made| made.id == rule.id) {
            // An earlier request with the same `Idempotency-Key` has made it.
            return Ok(made.clone());
        }
        if rules.len() >= MAX_RULES {
            return Err(ManageError::Full("at most 100 routing rules in an organization"));
        }
        rules.push(rule.clone());
        Ok(rule.clone())
    })
    .await
}

/// Changes a rule. With `expected` only as all of them were in that state.
///
/// # Errors
/// [`ManageError`].
pub async fn change(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &RuleId,
    expected: Option<&Version>,
    change: RuleChange,
) -> Result<Rule, ManageError> {
    let known = contacts::definitions(platform, organization).await?;
    edit(platform, organization, actor, "rule.changed", expected, |rules| {
        let rule = rules.iter_mut().find(|rule| rule.id == *id).ok_or(ManageError::NotFound)?;
        let RuleChange { name, is_enabled, when, then, goes_on } = change.clone();
        *rule = Rule {
            id: id.clone(),
            name: name.unwrap_or_else(|| rule.name.clone()),
            is_enabled: is_enabled.unwrap_or(rule.is_enabled),
            when: when.unwrap_or_else(|| rule.when.clone()),
            then: then.unwrap_or_else(|| rule.then.clone()),
            goes_on: goes_on.unwrap_or(rule.goes_on),
        }
        .settled(&known);
        valid(rule.check())?;
        Ok(rule.clone())
    })
    .await
}

/// Removes a rule.
///
/// # Errors
/// [`ManageError`].
pub async fn delete(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &RuleId,
) -> Result<(), ManageError> {
    edit(platform, organization, actor, "rule.deleted", None, |rules| {
        let position = rules.iter().position(|rule| rule.id == *id).ok_or(ManageError::NotFound)?;
        Ok(rules.remove(position))
    })
    .await?;
    Ok(())
}

/// Puts the rules into this order, all at once.
///
/// # Errors
/// [`ManageError`]; of `/ids`, where they are not all rules, each once: another one may have been made meanwhile.
pub async fn reorder(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    ids: &[RuleId],
) -> Result<Vec<Rule>, ManageError> {
    for _ in 0..TRIES {
        let (rules, document) = read(platform, organization).await?;
        let ordered: Option<Vec<Rule>> =
            ids.iter().map(|id| rules.iter().find(|rule| rule.id == *id).cloned()).collect();
        let is_whole = ids.len() == rules.len() && ids.iter().enumerate().all(|(at, id)| !ids[..at].contains(id));
        let Some(ordered) = ordered.filter(|_| is_whole) else {
            return Err(ManageError::wrong("/ids", "must be the ids of all rules, each once"));
        };
        if ordered == rules {
            return Ok(ordered);
        }
        let entry = audit::entry(platform, organization, actor, "rules.reordered", None, &[]);
        let writes = vec![set(platform, organization, &ordered, document), entry];
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(ordered),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Whether a rule lets this assistant answer.
pub(crate) async fn names_assistant(
    platform: &Platform,
    organization: &OrganizationId,
    id: &AssistantId,
) -> Result<Option<RuleId>, JobError> {
    let (rules, _) = read(platform, organization).await?;
    Ok(rules.into_iter().find(|rule| rule.assistants().any(|named| named == id)).map(|rule| rule.id))
}

/// The rule that hands over to this team, if one does.
pub(crate) async fn names_team(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TeamId,
) -> Result<Option<RuleId>, JobError> {
    let (rules, _) = read(platform, organization).await?;
    Ok(rules.into_iter().find(|rule| rule.teams().any(|named| named == id)).map(|rule| rule.id))
}

async fn read(platform: &Platform, organization: &OrganizationId) -> Result<(Vec<Rule>, Option<Document>), JobError> {
    let document = platform.documents.get(&rules_path(organization)).await?;
    Ok((read_rules(platform, document.as_ref())?, document))
}

fn size(rules: &[Rule]) -> usize {
    serde_json::to_string(rules).map_or(usize::MAX, |json| json.len())
}

fn set(platform: &Platform, organization: &OrganizationId, rules: &[Rule], before: Option<Document>) -> Write {
    let path = rules_path(organization);
    let precondition = before.map_or(Precondition::MustNotExist, |document| Precondition::Unchanged(document.version));
    Write::Set { fields: write_rules(platform, &path, rules), path, precondition }
}

/// Changes the rules on condition that they are as they were read. `apply` changes them and says which one it was about.
async fn edit(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    action: &str,
    expected: Option<&Version>,
    apply: impl Fn(&mut Vec<Rule>) -> Result<Rule, ManageError>,
) -> Result<Rule, ManageError> {
    for _ in 0..TRIES {
        let (before, document) = read(platform, organization).await?;
        if expected.is_some_and(|expected| document.as_ref().is_none_or(|found| found.version != *expected)) {
            return Err(ManageError::Changed);
        }
        let mut after = before.clone();
        let rule = apply(&mut after)?;
        if after == before {
            return Ok(rule);
        }
        let is_larger = size(&after) > size(&before);
        if is_larger && size(&after) > LARGEST {
            return Err(ManageError::Full("at most 500,000 bytes of routing rules in an organization"));
        }
        let mut writes = match after.contains(&rule) {
            true => answering(platform, organization, &rule).await?,
            false => Vec::new(),
        };
        writes.push(set(platform, organization, &after, document));
        writes.push(audit::entry(platform, organization, actor, action, Some(rule.id.as_str()), &[]));
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(rule),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// What a rule asks or notes of customers that the organization does not keep of them.
async fn unknown_attributes(
    platform: &Platform,
    organization: &OrganizationId,
    rule: &Rule,
) -> Result<Vec<WrongField>, ManageError> {
    let mut wrong = Vec::new();
    let known = contacts::definitions(platform, organization).await?;
    for (pointer, condition) in rule.when.of_customers() {
        let faults = condition.faults(&known).into_iter();
        wrong.extend(faults.map(|fault| WrongField::new(format!("{pointer}{}", fault.pointer), fault.reason)));
    }
    for (at, action) in rule.then.iter().enumerate() {
        let Action::Attribute { key, value } = action else { continue };
        let reason = match known.get(key).filter(|known| !known.retired) {
            None => Some("is no attribute of the organization".to_owned()),
            Some(known) => {
                let value = serde_json::to_value(value).unwrap_or_default();
                known.read(&value).err().map(|error| error.to_string())
            }
        };
        wrong.extend(reason.map(|reason| WrongField::new(format!("/then/{at}"), reason)));
    }
    Ok(wrong)
}

/// Writes that hold the assistants and the team which a rule names: each assistant answers, and none of them is removed
/// before the rule names it.
async fn answering(platform: &Platform, organization: &OrganizationId, rule: &Rule) -> Result<Vec<Write>, ManageError> {
    let mut writes = Vec::new();
    let mut wrong = Vec::new();
    for (at, action) in rule.then.iter().enumerate() {
        let Action::Assistant { assistant_id } = action else { continue };
        match assistants::published(platform, organization, assistant_id).await? {
            Some(in_charge) => writes.push(in_charge.still),
            None => wrong.push(WrongField::new(
                format!("/then/{at}/assistant_id"),
                "must be the id of an assistant of the organization that is published",
            )),
        }
    }
    for (at, action) in rule.then.iter().enumerate() {
        let Action::Team { team_id } = action else { continue };
        match teams::still(platform, organization, team_id).await? {
            Some(still) => writes.push(still),
            None => wrong
                .push(WrongField::new(format!("/then/{at}/team_id"), "must be the id of a team of the organization")),
        }
    }
    wrong.extend(unknown_attributes(platform, organization, rule).await?);
    valid(wrong)?;
    Ok(writes)
}
