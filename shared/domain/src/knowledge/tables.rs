//! The words of a language, by hand: what a lexicon is made of.

use std::collections::{HashMap, HashSet};

use super::fold::Word;

/// The words of one language, by hand. Lists are separated by blanks, alternatives by `|`; accents are left out.
pub(super) struct Tables {
    /// Words that say nothing about the subject.
    pub(super) stop: &'static str,
    /// The same, in any form.
    pub(super) empty: &'static str,
    /// Words for whatever a business sells: what a text says of them holds for each thing it names.
    pub(super) anything: &'static str,
    /// Words that make "any product" of it, of which the whole passage then speaks.
    pub(super) universal: &'static str,
    /// Words that say little, in any form: a passage need not hold them.
    pub(super) weak: &'static str,
    /// Verbs that say little beside anything else, but are the subject if there is nothing else.
    pub(super) light: &'static str,
    /// Kinds of businesses: they say little where the texts use them of themselves.
    pub(super) business: &'static str,
    /// Words that stemming would make equal to another one.
    pub(super) keep: &'static str,
    /// What joins a thing and its kind: "pão de queijo".
    pub(super) of: &'static str,
    /// What joins a thing and what comes with it: "café com leite".
    pub(super) with: &'static str,
    /// What joins two questions.
    pub(super) and: &'static str,
    /// Ways to write a word, and the word.
    pub(super) spelling: &'static [(&'static str, &'static str)],
    /// Ways to say something, and what it means: words, or a sign such as `#price`. After `=`, it means that in the
    /// texts only: who is open "every day" is open on Monday, who asks for "every day" does not ask for Monday.
    pub(super) phrases: &'static [(&'static str, &'static str)],
    /// Words that customers and businesses use for the same.
    pub(super) same: &'static [&'static str],
    /// A word, and words for kinds of it: what a text says of the first holds for the others, not the other way round.
    pub(super) kinds: &'static [(&'static str, &'static str)],
    /// The days of the week from Monday.
    pub(super) days: [&'static str; 7],
    /// Words of a question that stands by itself.
    pub(super) asking: &'static str,
    /// What stands between the first and the last day of a range.
    pub(super) until: &'static str,
    /// Numbers in words.
    pub(super) numerals: &'static str,
    /// What money is counted in.
    pub(super) money: &'static str,
    /// Words for "costs nothing".
    pub(super) free: &'static str,
    /// What time is counted in.
    pub(super) time_units: &'static str,
    /// Words that answer "at what time".
    pub(super) hours: &'static str,
    /// What makes a time of a length of time: "an hour before closing".
    pub(super) before: &'static str,
    /// Words that go with a person's name.
    pub(super) who: &'static str,
    /// Words with which a business says what it sells.
    pub(super) sale: &'static str,
    /// Words that say no.
    pub(super) refusal: &'static str,
    /// What "at what time?" alone is about.
    pub(super) clock_topic: &'static str,
    /// What "how much?" alone is about.
    pub(super) price_topic: &'static str,
    /// What "where?" alone is about.
    pub(super) place_topic: &'static str,
}

/// What a word tells about the kind of answer that a passage holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Traits {
    /// It is a number in words.
    pub(super) numeral: bool,
    /// Money is counted in it.
    pub(super) money: bool,
    /// It says that something costs nothing.
    pub(super) free: bool,
    /// Time is counted in it.
    pub(super) time_unit: bool,
    /// It answers "at what time".
    pub(super) hour: bool,
    /// It makes a time of a length of time.
    pub(super) before: bool,
    /// It goes with a person's name.
    pub(super) who: bool,
    /// It says that something is sold.
    pub(super) sale: bool,
    /// It says no.
    pub(super) refusal: bool,
}

/// Notes one trait.
type Mark = fn(&mut Traits);

impl Traits {
    /// By word.
    pub(super) fn of(tables: &Tables) -> HashMap<String, Self> {
        let lists: [(&str, Mark); 9] = [
            (tables.numerals, |traits| traits.numeral = true),
            (tables.money, |traits| traits.money = true),
            (tables.free, |traits| traits.free = true),
            (tables.time_units, |traits| traits.time_unit = true),
            (tables.hours, |traits| traits.hour = true),
            (tables.before, |traits| traits.before = true),
            (tables.who, |traits| traits.who = true),
            (tables.sale, |traits| traits.sale = true),
            (tables.refusal, |traits| traits.refusal = true),
        ];
        let mut out: HashMap<String, Self> = HashMap::new();
        for (list, mark) in lists {
            for word in set(list) {
                mark(out.entry(word).or_default());
            }
        }
        out
    }
}

/// The words of a list.
pub(super) fn set(words: &str) -> HashSet<String> {
    words.split_whitespace().map(|word| Word::new(word).plain).collect()
}

/// Every word of the tables that is spelled as it should be.
pub(super) fn known_words(tables: &Tables) -> Vec<Word> {
    let mut words: Vec<&str> = [
        tables.stop,
        tables.empty,
        tables.anything,
        tables.weak,
        tables.light,
        tables.business,
        tables.keep,
        tables.free,
        tables.hours,
    ]
    .into_iter()
    .chain(tables.same.iter().copied())
    .chain(tables.kinds.iter().flat_map(|(word, kinds)| [*word, *kinds]))
    .chain(tables.phrases.iter().map(|(ways, _)| *ways))
    .chain(tables.days)
    .flat_map(|list| list.split(|c: char| c == '|' || c.is_whitespace()))
    .filter(|word| !word.is_empty())
    .collect();
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(Word::new).collect()
}
