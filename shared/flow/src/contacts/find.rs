//! Finding contacts.

use std::collections::BTreeSet;

use domain::contact::{AttributeKey, AttributeValue, Contact, LanguageCode, Tag};
use domain::{OrganizationId, Phone};

use crate::browse::{Cursor, Page};
use crate::job::JobError;
use crate::keyed::keyed;
use crate::platform::Platform;
use crate::records::{queries, read_contact};

/// A word of a name is found by its first two to six letters; more letters find no fewer people.
const PREFIXES: std::ops::RangeInclusive<usize> = 2..=6;
/// So many words of a contact's names are looked at.
const WORDS: usize = 12;
/// The lengths of the ends of a phone number that it is found by.
const ENDS: [usize; 3] = [4, 8, 9];
/// So many characters of an attribute's value are looked at.
const VALUE: usize = 100;

/// Which contacts to list: those that meet all of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// Their names have words that begin so.
    pub name: Option<String>,
    /// Their phone.
    pub phone: Option<PhoneSearch>,
    /// They have all of these tags.
    pub tags: Vec<Tag>,
    /// They have all of these values.
    pub attributes: Vec<(AttributeKey, AttributeValue)>,
    /// They have this language.
    pub language: Option<LanguageCode>,
    /// They are blocked, or are not.
    pub blocked: Option<bool>,
    /// They may get marketing, or may not.
    pub takes_marketing: Option<bool>,
}

/// A phone as it is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneSearch {
    /// The whole number.
    Whole(Phone),
    /// Its last 4, 8 or 9 digits.
    End(String),
}

impl PhoneSearch {
    /// Reads what somebody looks for: 4, 8 or 9 digits are the end of a number, more are a whole one.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let only_digits = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')' | '+'));
        match digits.len() {
            length if ENDS.contains(&length) && only_digits && !text.contains('+') => Some(Self::End(digits)),
            _ => Phone::parse(text).ok().map(Self::Whole),
        }
    }
}

/// The keys that a contact is found by.
pub fn keys_of(platform: &Platform, organization: &OrganizationId, contact: &Contact) -> Vec<String> {
    let keys = Keys { platform, organization };
    let given = contact.given_name.as_ref().map(|name| name.as_str());
    let said = [&contact.name, &contact.username];
    let said = said.into_iter().flatten().map(|dated| dated.value.as_str());
    let words: BTreeSet<String> = given.into_iter().chain(said).flat_map(words).take(WORDS).collect();
    let beginnings: BTreeSet<&str> = words.iter().flat_map(|word| beginnings(word)).collect();
    let mut all: Vec<String> = beginnings.into_iter().map(|beginning| keys.name(beginning)).collect();
    if let Some(phone) = contact.phone() {
        all.push(keys.key("phone", &[phone.digits()]));
        all.extend(ENDS.iter().filter_map(|length| end(phone.digits(), *length)).map(|end| keys.key("end", &[end])));
    }
    all.extend(contact.tags.iter().map(|tag| keys.tag(tag)));
    all.extend(contact.attributes.iter().map(|(key, value)| keys.attribute(key, value)));
    all.extend(contact.language.as_ref().map(|language| keys.key("language", &[language.as_str()])));
    all.push(keys.flag("blocked", contact.blocked_at.is_some()));
    all.push(keys.flag("takes marketing", contact.takes_marketing()));
    all
}

/// The contacts that the filter names, the newest first. Where it asks for one thing, a page costs what is on it; where
/// for several, the rarest of them is looked through, at most 1,000 contacts at a time: a page may then be shorter than
/// asked for, or empty, while more follow. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn search(
    platform: &Platform,
    organization: &OrganizationId,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<Contact>, JobError> {
    let wanted = filter.keys(&Keys { platform, organization });
    let Some(wanted) = wanted else { return Ok(Page { items: Vec::new(), next: None }) };
    let query =
        |key: Option<&str>, after: Option<&str>, limit| queries::contacts_newest_first(organization, key, after, limit);
    let page = keyed(platform, &wanted, after, limit, query).await?;
    let items = page.items.iter().map(|document| read_contact(platform, document)).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next })
}

impl Filter {
    /// What a contact must have, the rarest first; `None`: nobody can have it.
    fn keys(&self, keys: &Keys<'_>) -> Option<Vec<String>> {
        let mut all = Vec::new();
        match &self.phone {
            Some(PhoneSearch::Whole(phone)) => all.push(keys.key("phone", &[phone.digits()])),
            Some(PhoneSearch::End(end)) => all.push(keys.key("end", &[end])),
            None => {}
        }
        if let Some(name) = &self.name {
            let mut words: Vec<String> = words(name).collect();
            words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
            words.dedup();
            let is_empty = words.is_empty();
            let long = words.iter().filter_map(|word| beginnings(word).last()).map(|beginning| keys.name(beginning));
            let before = all.len();
            all.extend(long);
            // A single letter, or no letter at all, finds nobody.
            if is_empty || all.len() == before {
                return None;
            }
        }
        all.extend(self.attributes.iter().map(|(key, value)| keys.attribute(key, value)));
        all.extend(self.tags.iter().map(|tag| keys.tag(tag)));
        all.extend(self.language.as_ref().map(|language| keys.key("language", &[language.as_str()])));
        all.extend(self.blocked.filter(|blocked| *blocked).map(|blocked| keys.flag("blocked", blocked)));
        all.extend(self.takes_marketing.map(|takes| keys.flag("takes marketing", takes)));
        all.extend(self.blocked.filter(|blocked| !*blocked).map(|blocked| keys.flag("blocked", blocked)));
        Some(all)
    }
}

/// The words of a name, in small letters without accents.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words: Vec<String> = domain::stop::normalised(text).split(' ').map(ToOwned::to_owned).collect();
    words.into_iter().filter(|word| !word.is_empty())
}

/// The beginnings that a word is found by, the shortest first.
fn beginnings(word: &str) -> impl Iterator<Item = &str> {
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.enumerate().filter(|(n, _)| PREFIXES.contains(&(n + 1))).map(|(_, end)| &word[..end])
}

fn end(digits: &str, length: usize) -> Option<&str> {
    digits.len().checked_sub(length).map(|from| &digits[from..])
}

/// Makes the keys of an organization: 80 bits each, since a wrong match is as bad as none is likely.
struct Keys<'a> {
    platform: &'a Platform,
    organization: &'a OrganizationId,
}

impl Keys<'_> {
    fn key(&self, kind: &str, parts: &[&str]) -> String {
        let parts: Vec<&str> = [self.organization.as_str(), kind].iter().chain(parts).copied().collect();
        let mut key = self.platform.id_key.blind("find contact", &parts);
        key.truncate(16);
        key
    }

    fn name(&self, beginning: &str) -> String {
        self.key("name", &[beginning])
    }

    fn tag(&self, tag: &Tag) -> String {
        self.key("tag", &[&tag.key()])
    }

    fn attribute(&self, key: &AttributeKey, value: &AttributeValue) -> String {
        let value: String = value.key().chars().take(VALUE).collect();
        self.key("attribute", &[key.as_str(), &value])
    }

    fn flag(&self, kind: &str, value: bool) -> String {
        self.key(kind, &[if value { "yes" } else { "no" }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_by_its_first_letters() {
        assert_eq!(beginnings("joao").collect::<Vec<_>>(), ["jo", "joa", "joao"]);
        assert_eq!(beginnings("fernanda").last(), Some("fernan"));
        assert_eq!(beginnings("é").count(), 0);
        assert_eq!(words("  João-Pedro D'Ávila ").collect::<Vec<_>>(), ["joao", "pedro", "d", "avila"]);
    }

    #[test]
    fn the_end_of_a_number_is_told_from_a_whole_one() {
        let end = |digits: &str| Some(PhoneSearch::End(digits.to_owned()));
        assert_eq!(PhoneSearch::parse("4321"), end("4321"));
        assert_eq!(PhoneSearch::parse("98765-4321"), end("987654321"));
        assert_eq!(PhoneSearch::parse("+551187654321"), Phone::parse("5511987654321").ok().map(PhoneSearch::Whole));
        for text in ["", "12", "abc4", "12345a789", "0123456"] {
            assert_eq!(PhoneSearch::parse(text), None, "{text}");
        }
    }
}
