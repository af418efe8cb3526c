//! What the words of a language mean to the engine.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::english::ENGLISH;
use super::facts::Ask;
use super::fold::Word;
use super::portuguese::PORTUGUESE;
use super::sign::{Meaning, sign_or_word};
use super::spanish::SPANISH;
use super::stem::Stems;
use super::tables::{Tables, Traits, known_words, set};
use super::typo::Sounding;
use crate::locale::Language;

/// How much a word tells about the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It must be found.
    Key,
    /// It must be found unless the texts use it.
    Business,
    /// It must be found if nothing else must.
    Light,
    /// It may be found.
    Weak,
}

/// Which phrases to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phrases {
    /// Those of a message.
    All,
    /// Those of a text, which wants nothing: "o restante é pago" says something, "é pago?" asks for a price.
    OfWords,
}

/// The tables of one language, ready to look things up in.
pub(super) struct Lexicon {
    pub(super) language: Language,
    tables: &'static Tables,
    stems: Stems,
    stop: HashSet<String>,
    empty: Forms,
    anything: Forms,
    weak: Forms,
    light: HashSet<String>,
    business: Forms,
    keep: HashSet<String>,
    of: HashSet<String>,
    spelling: HashMap<String, &'static str>,
    phrases: HashMap<String, Vec<(Vec<String>, &'static str)>>,
    groups: Vec<Vec<String>>,
    groups_of: HashMap<String, Vec<usize>>,
    general: HashMap<String, Vec<String>>,
    days: [String; 7],
    traits: HashMap<String, Traits>,
    known: Vec<(Sounding, Word)>,
    /// By sound: the first of `known`.
    by_sound: HashMap<String, usize>,
    words: HashSet<String>,
    known_terms: HashSet<String>,
}

/// Words in any of their forms.
#[derive(Default)]
struct Forms {
    words: HashSet<String>,
    terms: HashSet<String>,
}

/// A stem of so many letters is a word's own.
const LONG_STEM: usize = 4;

impl Forms {
    fn hold(&self, plain: &str, term: &str) -> bool {
        self.words.contains(plain) || self.terms.contains(term)
    }
}

static LEXICONS: LazyLock<[Lexicon; 3]> = LazyLock::new(|| Language::ALL.map(Lexicon::new));

impl Lexicon {
    /// The lexicon of a language; made once.
    pub(super) fn of(language: Language) -> &'static Self {
        let [portuguese, english, spanish] = &*LEXICONS;
        match language {
            Language::Portuguese => portuguese,
            Language::English => english,
            Language::Spanish => spanish,
        }
    }

    fn new(language: Language) -> Self {
        let tables = match language {
            Language::Portuguese => &PORTUGUESE,
            Language::English => &ENGLISH,
            Language::Spanish => &SPANISH,
        };
        let keep = set(tables.keep);
        let stems = Stems::of(language);
        let stem = |word: &str| stem_of(&stems, &keep, &Word::new(word).plain);
        // A short stem stands for too many words (`pod` for "pode" and "poda"): there, only the forms in the list count.
        let stemmed = |words: &str| {
            words.split_whitespace().map(|word| (stem(word), word)).fold(Forms::default(), |mut forms, (term, word)| {
                forms.words.insert(Word::new(word).plain);
                if term.len() >= LONG_STEM {
                    forms.terms.insert(term);
                }
                forms
            })
        };
        let groups: Vec<Vec<String>> =
            tables.same.iter().map(|group| group.split_whitespace().map(stem).collect()).collect();
        let mut groups_of: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, group) in groups.iter().enumerate() {
            for term in group {
                groups_of.entry(term.clone()).or_default().push(n);
            }
        }
        let mut general: HashMap<String, Vec<String>> = HashMap::new();
        for (word, kinds) in tables.kinds {
            for kind in kinds.split_whitespace() {
                general.entry(stem(kind)).or_default().push(stem(word));
            }
        }
        let mut phrases: HashMap<String, Vec<(Vec<String>, &'static str)>> = HashMap::new();
        for (ways, meaning) in tables.phrases {
            for way in ways.split('|') {
                let mut words = way.split_whitespace().map(|word| Word::new(word).plain);
                if let Some(first) = words.next() {
                    phrases.entry(first).or_default().push((words.collect(), meaning));
                }
            }
        }
        phrases.values_mut().for_each(|ways| ways.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len())));
        let spelling = tables
            .spelling
            .iter()
            .flat_map(|(ways, word)| ways.split_whitespace().map(|way| (Word::new(way).plain, *word)))
            .collect();
        let known: Vec<(Sounding, Word)> =
            known_words(tables).into_iter().map(|word| (Sounding::new(&word, language), word)).collect();
        let mut by_sound = HashMap::new();
        for (n, (sounding, _)) in known.iter().enumerate() {
            for sound in sounding.sounds() {
                by_sound.entry(sound.to_owned()).or_insert(n);
            }
        }
        Self {
            language,
            tables,
            stop: set(tables.stop),
            empty: stemmed(tables.empty),
            anything: stemmed(tables.anything),
            weak: stemmed(tables.weak),
            light: set(tables.light),
            business: stemmed(tables.business),
            of: set(tables.of),
            spelling,
            phrases,
            groups,
            groups_of,
            general,
            days: tables.days.map(stem),
            traits: Traits::of(tables),
            words: known.iter().map(|(_, word)| word.plain.clone()).collect(),
            known_terms: known.iter().map(|(_, word)| stem(&word.plain)).collect(),
            known,
            by_sound,
            keep,
            stems,
        }
    }

    /// The term of a word: the same for all its forms.
    pub(super) fn stem(&self, plain: &str) -> String {
        stem_of(&self.stems, &self.keep, plain)
    }

    /// The terms of what a word may be a small one of: `vela` of "velinha". Many such words mean something else, as
    /// "coxinha" does, so this is for words that the texts do not have.
    pub(super) fn bases(&self, plain: &str) -> impl Iterator<Item = String> {
        let small = match self.language {
            Language::Portuguese => ["inha", "inho", "inhas", "inhos"],
            Language::Spanish => ["ita", "ito", "itas", "itos"],
            Language::English => [""; 4],
        };
        const LEAST: usize = 3;
        let rest = small.into_iter().filter(|ending| !ending.is_empty()).find_map(|ending| plain.strip_suffix(ending));
        let rest = rest.filter(|rest| rest.len() >= LEAST);
        rest.into_iter().flat_map(|rest| ["a", "o", "e"].map(|end| self.stem(&format!("{rest}{end}"))))
    }

    pub(super) fn is_stop(&self, plain: &str) -> bool {
        self.stop.contains(plain)
    }

    pub(super) fn is_of(&self, plain: &str) -> bool {
        self.of.contains(plain)
    }

    pub(super) fn is_with(&self, plain: &str) -> bool {
        plain == self.tables.with
    }

    pub(super) fn is_and(&self, plain: &str) -> bool {
        plain == self.tables.and
    }

    /// Whether the word says nothing in any of its forms.
    pub(super) fn is_empty(&self, plain: &str, term: &str) -> bool {
        self.empty.hold(plain, term)
    }

    /// Whether the word stands for whatever a business sells.
    pub(super) fn is_anything(&self, plain: &str, term: &str) -> bool {
        self.anything.hold(plain, term)
    }

    /// Whether the word makes any product of a product.
    pub(super) fn is_universal(&self, plain: &str) -> bool {
        self.tables.universal.split_whitespace().any(|word| word == plain)
    }

    /// How much a word says.
    pub(super) fn weight(&self, word: &Word, term: &str) -> Weight {
        let small = word.is_number() || word.plain.chars().count() == 1;
        if small || self.weak.hold(&word.plain, term) || self.anything.hold(&word.plain, term) {
            Weight::Weak
        } else if self.light.contains(&word.plain) {
            Weight::Light
        } else if self.business.hold(&word.plain, term) {
            Weight::Business
        } else {
            Weight::Key
        }
    }

    /// The words that this spelling stands for, if it is not a word itself.
    pub(super) fn spelled(&self, plain: &str) -> Option<&'static str> {
        self.spelling.get(plain).copied()
    }

    /// The longest phrase that begins with this word and those that follow: how many words it takes and what it means.
    pub(super) fn phrase<'a>(
        &self,
        first: &str,
        following: impl Iterator<Item = &'a str>,
        phrases: Phrases,
    ) -> Option<(usize, Vec<Meaning>)> {
        let ways = self.phrases.get(first)?;
        let following: Vec<&str> = following.collect();
        let (rest, meaning) = ways.iter().find(|(rest, meaning)| {
            let taken = match phrases {
                Phrases::All => !meaning.starts_with('='),
                Phrases::OfWords => !meaning.contains('#'),
            };
            taken
                && rest.len() <= following.len()
                && rest.iter().zip(&following).all(|(expected, found)| expected == found || is_is(expected, found))
        })?;
        Some((1 + rest.len(), meaning.trim_start_matches('=').split_whitespace().filter_map(sign_or_word).collect()))
    }

    /// The terms that mean the same as this one.
    pub(super) fn same(&self, term: &str) -> impl Iterator<Item = &str> {
        let groups = self.groups_of.get(term).map(Vec::as_slice).unwrap_or_default();
        groups.iter().flat_map(|n| &self.groups[*n]).map(String::as_str)
    }

    /// The terms that this one is a kind of.
    pub(super) fn general(&self, term: &str) -> &[String] {
        self.general.get(term).map(Vec::as_slice).unwrap_or_default()
    }

    /// The days of a range such as "Tuesday to Friday", as terms; from `first` on round the week.
    pub(super) fn days_between(&self, first: &str, last: &str) -> Option<Vec<&str>> {
        let at = |term: &str| self.days.iter().position(|day| day == term);
        let (first, last) = (at(first)?, at(last)?);
        let count = (last + 7 - first) % 7 + 1;
        Some((0..count).map(|n| self.days[(first + n) % 7].as_str()).collect())
    }

    /// Whether the term is a day of the week.
    pub(super) fn is_day(&self, term: &str) -> bool {
        self.days.iter().any(|day| day == term)
    }

    /// Whether a question with this word stands by itself.
    pub(super) fn is_asking(&self, plain: &str) -> bool {
        self.tables.asking.split_whitespace().any(|word| word == plain)
    }

    pub(super) fn is_until(&self, plain: &str) -> bool {
        self.tables.until.split_whitespace().any(|word| word == plain)
    }

    /// Whether the language has a word of this term, so that it is not a slip of another one.
    pub(super) fn knows(&self, term: &str) -> bool {
        self.known_terms.contains(term)
    }

    /// The words of the tables that a slip may have come from.
    pub(super) fn known(&self) -> &[(Sounding, Word)] {
        &self.known
    }

    /// The word of the tables that sounds like this one, which is none of them.
    pub(super) fn heard(&self, word: &Word) -> Option<&Word> {
        if self.words.contains(&word.plain) || self.knows(&self.stem(&word.plain)) {
            return None;
        }
        let at = self.by_sound.get(Sounding::new(word, self.language).sound()?)?;
        Some(&self.known[*at].1)
    }

    /// What a question is about that only asks for a kind of answer.
    pub(super) fn topic(&self, ask: Ask) -> impl Iterator<Item = String> {
        let words = match ask {
            Ask::Clock => self.tables.clock_topic,
            Ask::Price => self.tables.price_topic,
            Ask::Place => self.tables.place_topic,
            Ask::Duration | Ask::When | Ask::Count | Ask::Digits | Ask::Who | Ask::Sale => "",
        };
        words.split_whitespace().map(|word| self.stem(word))
    }

    /// What the word tells about the kind of answer that a passage holds.
    pub(super) fn traits(&self, plain: &str) -> Traits {
        self.traits.get(plain).copied().unwrap_or_default()
    }
}

fn stem_of(stems: &Stems, keep: &HashSet<String>, plain: &str) -> String {
    if keep.contains(plain) { plain.trim_end_matches('s').to_owned() } else { stems.stem(plain) }
}

/// Whether a phrase's `e` is the `é` ("is") that a customer wrote with its accent.
fn is_is(expected: &str, found: &str) -> bool {
    (expected, found) == ("e", "eh")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_in_the_tables_is_known() {
        for language in Language::ALL {
            for (ways, meaning) in Lexicon::of(language).tables.phrases {
                let signs = meaning.split_whitespace().filter(|word| word.starts_with('#'));
                assert!(signs.into_iter().all(|sign| sign_or_word(sign).is_some()), "{ways}: {meaning}");
            }
        }
    }

    #[test]
    fn no_phrase_waits_for_a_word_that_spelling_has_replaced() {
        for language in Language::ALL {
            let lexicon = Lexicon::of(language);
            let words = lexicon.tables.phrases.iter().flat_map(|(ways, _)| ways.split(['|', ' ']));
            let replaced: Vec<_> = words.filter(|word| lexicon.spelled(&Word::new(word).plain).is_some()).collect();
            assert!(replaced.is_empty(), "{language:?} {replaced:?}");
        }
    }

    #[test]
    fn a_range_of_days_goes_round_the_week() {
        let lexicon = Lexicon::of(Language::Portuguese);
        let days = lexicon.days_between(&lexicon.stem("sexta"), &lexicon.stem("segunda")).unwrap_or_default();
        let expected = ["sexta", "sabado", "domingo", "segunda"].map(|day| lexicon.stem(day));
        assert_eq!(days, expected);
    }

    #[test]
    fn a_short_stem_does_not_make_a_noun_of_a_verb() {
        let lexicon = Lexicon::of(Language::Portuguese);
        let poda = Word::new("poda");
        assert_eq!(lexicon.weight(&poda, &lexicon.stem(&poda.plain)), Weight::Key);
        assert!(!lexicon.is_empty(&poda.plain, &lexicon.stem(&poda.plain)));
        assert!(lexicon.is_empty("pode", &lexicon.stem("pode")));
    }
}
