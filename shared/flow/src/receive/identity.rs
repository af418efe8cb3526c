//! Who an event is about: contacts and their aliases.

use domain::contact::{Contact, Identity, PhoneStanding, identify, phone_standing};
use domain::inbound::{Person, UserIdChange};
use domain::{ContactId, OrganizationId, Span, Timestamp};

use super::preference::write_gates;
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{DocPath, Document, Precondition, StoreError, Write};
use crate::records::{
    Alias, alias_path, aliases_of, contact_path, read_alias, read_contact, write_alias, write_contact,
};

/// A contact that an event is about, and what must be written so that it is found again.
pub(super) struct Resolved {
    /// The contact, with all that the event tells about it.
    pub contact: Contact,
    /// Its record before, if it had one.
    before: Option<(Contact, Document)>,
    /// Other contacts that the event changes: those that are merged into this one, and who had its phone until now.
    others: Vec<Other>,
    /// Aliases that are new or move.
    writes: Vec<Write>,
}

/// Another contact that an event changes.
struct Other {
    before: Contact,
    after: Contact,
    document: Document,
}

impl Resolved {
    /// Everything to commit together with the event's effect. The contact itself is written only where it changed.
    pub fn writes(
        mut self,
        platform: &Platform,
        organization: &OrganizationId,
        entries: &mut Entries<'_>,
    ) -> Vec<Write> {
        let changes_others = self.changes_others();
        let mut writes = self.writes;
        for Other { before, mut after, document } in self.others {
            entries.contact(Some((&before, &document.version)), &mut after);
            writes.push(Write::Set {
                path: contact_path(organization, &after.id),
                fields: write_contact(platform, organization, &after),
                precondition: Precondition::Unchanged(document.version),
            });
        }
        let before = self.before.as_ref().map(|(before, document)| (before, &document.version));
        if before.is_some_and(|(before, _)| *before == self.contact) && !changes_others && writes.is_empty() {
            return writes;
        }
        entries.contact(before, &mut self.contact);
        writes.push(Write::Set {
            path: contact_path(organization, &self.contact.id),
            fields: write_contact(platform, organization, &self.contact),
            precondition: before
                .map_or(Precondition::MustNotExist, |(_, version)| Precondition::Unchanged(version.clone())),
        });
        writes
    }

    /// When the contacts that the event changes last changed.
    pub fn changed(&self) -> impl Iterator<Item = Timestamp> {
        let before = self.before.as_ref().map(|(before, _)| before.changed_at);
        before.into_iter().chain(self.others.iter().map(|other| other.before.changed_at))
    }

    /// Whether other contacts or names change with this one.
    fn changes_others(&self) -> bool {
        !self.writes.is_empty() || !self.others.is_empty()
    }

    /// Whether the document at this path is written already.
    fn writes_to(&self, organization: &OrganizationId, path: &DocPath) -> bool {
        self.writes.iter().any(|write| write.path() == path)
            || self.others.iter().any(|other| contact_path(organization, &other.after.id) == *path)
    }

    /// A stop holds for the person, whatever they go by: names that are new to the contact get its gate, before anything
    /// else says that they are the contact's.
    async fn carry_stop(&self, platform: &Platform, organization: &OrganizationId) -> Result<(), JobError> {
        match self.contact.marketing.filter(|choice| choice.stopped && self.changes_others()) {
            Some(stop) => {
                write_gates(platform, organization, &aliases_of(platform, organization, &self.contact), stop).await
            }
            None => Ok(()),
        }
    }

    /// Whether marketing was already stopped before the event.
    pub fn was_stopped(&self) -> bool {
        self.before.as_ref().and_then(|(before, _)| before.marketing).is_some_and(|choice| choice.stopped)
    }
}

/// An alias and where it leads today.
struct Known {
    alias: Alias,
    /// The alias's document, and the contact that it leads to.
    found: Option<(Document, Contact, Document)>,
}

impl Known {
    fn contact(&self) -> Option<&Contact> {
        self.found.as_ref().map(|(_, contact, _)| contact)
    }
}

/// Finds or makes the contact that these names stand for.
pub(super) async fn resolve(
    platform: &Platform,
    organization: &OrganizationId,
    person: &Person,
    at: Timestamp,
) -> Result<Resolved, JobError> {
    let user = match &person.user_id {
        Some(user) => Some(look_up(platform, organization, Alias::of_user(platform, organization, user)).await?),
        None => None,
    };
    let phone = match &person.phone {
        Some(phone) => Some(look_up(platform, organization, Alias::of_phone(platform, organization, phone)).await?),
        None => None,
    };
    let by_user = user.as_ref().and_then(Known::contact);
    let standing = phone.as_ref().and_then(Known::contact).map(|holder| phone_standing(holder, person, at));
    let by_phone = phone.as_ref().and_then(Known::contact).filter(|_| standing == Some(PhoneStanding::Holds));
    let identity = identify(
        person.user_id.as_ref(),
        by_user.map(|contact| &contact.id),
        by_phone.map(|contact| (&contact.id, contact.user_id.as_ref().map(|user| &user.value))),
    );
    let found = [&user, &phone].into_iter().flatten().filter_map(|known| known.found.as_ref());
    let (id, merged) = match identity {
        Identity::New | Identity::NewWithPhone => {
            let first = user.as_ref().or(phone.as_ref()).map_or("", |known| &known.alias.key);
            // Whoever gave the phone up may have got their id from it.
            let former = phone.as_ref().and_then(Known::contact).map_or("", |contact| contact.id.as_str());
            (ContactId::derived(&platform.id_key, &[organization.as_str(), first, former]), None)
        }
        Identity::Known(id) | Identity::PhoneMoves(id) => (id, None),
        Identity::Merge { survivor, merged } => (survivor, Some(merged)),
    };
    let mut by_id = found.map(|(_, contact, document)| (contact.clone(), document.clone())).collect::<Vec<_>>();
    let take = |all: &mut Vec<(Contact, Document)>, id: &ContactId| {
        all.iter().position(|(contact, _)| contact.id == *id).map(|at| all.swap_remove(at))
    };
    let before = take(&mut by_id, &id);
    let mut contact = before.as_ref().map_or_else(|| Contact::begin(id, platform.clock.now()), |(c, _)| c.clone());
    let person = &match standing {
        Some(PhoneStanding::HeldSince) => Person { phone: None, wa_id: None, ..person.clone() },
        _ => person.clone(),
    };
    contact.learn(person, at);
    let mut others = Vec::new();
    if let Some((other, document)) = merged.and_then(|merged| take(&mut by_id, &merged)) {
        others.push(merge(platform, organization, &mut contact, other, document).await?);
    }
    // Whoever had the phone until now must not be written to under it any more.
    for (other, document) in by_id {
        if other.id != contact.id && person.phone.is_some() && other.phone() == person.phone {
            let mut after = other.clone();
            after.lose_phone(at);
            others.push(Other { before: other, after, document });
        }
    }
    let mut writes = Vec::new();
    let phone = phone.filter(|_| standing != Some(PhoneStanding::HeldSince));
    for known in [user, phone].into_iter().flatten() {
        writes.extend(point(platform, organization, &known, &contact.id));
    }
    let resolved = Resolved { contact, before, others, writes };
    resolved.carry_stop(platform, organization).await?;
    Ok(resolved)
}

/// Meta says that a person's names changed: from the old ones to the new ones. The contact keeps its conversation.
pub(super) async fn rename(
    platform: &Platform,
    organization: &OrganizationId,
    old: &Person,
    new: &Person,
    at: Timestamp,
) -> Result<Resolved, JobError> {
    let mut resolved = resolve(platform, organization, old, at).await?;
    if resolved.before.is_none() {
        // Nobody is known by the old names: whoever is known by the new ones goes by them too.
        let names = Person { user_id: old.user_id.clone(), ..Person::default() };
        let mut known = resolve(platform, organization, new, at).await?;
        if let Some(user) = &names.user_id {
            let alias = look_up(platform, organization, Alias::of_user(platform, organization, user)).await?;
            known.writes.extend(point(platform, organization, &alias, &known.contact.id));
        }
        return Ok(known);
    }
    // Later than the old names, which the same event states: the new ones stay.
    resolved.contact.learn(new, at + Span::from_micros(1));
    let user = new.user_id.as_ref().map(|user| Alias::of_user(platform, organization, user));
    let phone = new.phone.as_ref().map(|phone| Alias::of_phone(platform, organization, phone));
    for alias in user.into_iter().chain(phone) {
        let known = look_up(platform, organization, alias).await?;
        if let Some((_, other, document)) = &known.found
            && other.id != resolved.contact.id
        {
            let path = contact_path(organization, &other.id);
            if !resolved.writes_to(organization, &path) {
                let other =
                    merge(platform, organization, &mut resolved.contact, other.clone(), document.clone()).await?;
                resolved.others.push(other);
            }
        }
        let path = alias_path(organization, &known.alias);
        if !resolved.writes_to(organization, &path) {
            resolved.writes.extend(point(platform, organization, &known, &resolved.contact.id));
        }
    }
    resolved.carry_stop(platform, organization).await?;
    Ok(resolved)
}

/// A person's user id changed, by Meta's own event.
pub(super) async fn user_id_changed(
    platform: &Platform,
    organization: &OrganizationId,
    change: &UserIdChange,
) -> Result<(), JobError> {
    let old = Person { user_id: Some(change.previous.clone()), ..Person::default() };
    let new = Person { user_id: Some(change.current.clone()), ..change.person.clone() };
    for _ in 0..TRIES {
        let resolved = rename(platform, organization, &old, &new, change.at).await?;
        let mut entries = Entries::after(platform, organization, resolved.changed());
        let writes = resolved.writes(platform, organization, &mut entries);
        if writes.is_empty() {
            return Ok(());
        }
        match entries.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Joins `other` to `contact`: it points to the survivor from now on, and a stop of either holds for both. The gates of
/// all their names are written first.
async fn merge(
    platform: &Platform,
    organization: &OrganizationId,
    contact: &mut Contact,
    other: Contact,
    document: Document,
) -> Result<Other, JobError> {
    let stops = [contact.marketing, other.marketing].into_iter().flatten().filter(|choice| choice.stopped);
    if let Some(stop) = stops.max_by_key(|choice| choice.at) {
        let mut aliases = aliases_of(platform, organization, contact);
        aliases.extend(aliases_of(platform, organization, &other));
        write_gates(platform, organization, &aliases, stop).await?;
        contact.marketing = Some(stop);
    }
    contact.absorb(&other);
    let after = Contact { merged_into: Some(contact.id.clone()), ..other.clone() };
    Ok(Other { before: other, after, document })
}

/// Lets an alias lead to the contact, if it does not already.
fn point(platform: &Platform, organization: &OrganizationId, known: &Known, contact: &ContactId) -> Option<Write> {
    let precondition = match &known.found {
        Some((_, there, _)) if there.id == *contact => return None,
        Some((alias, _, _)) => Precondition::Unchanged(alias.version.clone()),
        None => Precondition::MustNotExist,
    };
    let path = alias_path(organization, &known.alias);
    let fields = write_alias(platform, &path, contact);
    Some(Write::Set { path, fields, precondition })
}

/// Where an alias leads: to a contact, followed to the one that it was merged into.
async fn look_up(platform: &Platform, organization: &OrganizationId, alias: Alias) -> Result<Known, JobError> {
    let Some(document) = platform.documents.get(&alias_path(organization, &alias)).await? else {
        return Ok(Known { alias, found: None });
    };
    let mut id = read_alias(platform, &document)?;
    for _ in 0..TRIES {
        // An alias is written in the same commit as its contact; without it the commit was seen half-way: try again.
        let Some(found) = platform.documents.get(&contact_path(organization, &id)).await? else {
            return Err(StoreError::Conflict.into());
        };
        let contact = read_contact(platform, &found)?;
        match contact.merged_into.clone() {
            Some(survivor) => id = survivor,
            None => return Ok(Known { alias, found: Some((document, contact, found)) }),
        }
    }
    Err(StoreError::Conflict.into())
}
