//! Meta's error codes: what each means for the message, and what it means in plain words.
//!
//! Meta documents that software should go by the code alone: never by the HTTP status, the subcode or the title, which
//! change. The explanations are for the people who run the business; they say what happened and what helps.

mod account;
mod other;
mod sending;

use domain::locale::Language;
use domain::outcome::RefusalClass;

/// A code, or a range of codes with one meaning.
#[derive(Debug)]
pub struct Entry {
    /// The first code.
    pub first: i64,
    /// The last code; mostly the same.
    pub last: i64,
    /// A short English name, stable enough for a log or a chart.
    pub name: &'static str,
    /// What follows for the message.
    pub class: RefusalClass,
    /// In Portuguese, English and Spanish.
    words: [&'static str; 3],
}

impl Entry {
    /// What it means, in plain words.
    pub fn explanation(&self, language: Language) -> &'static str {
        let [portuguese, english, spanish] = self.words;
        match language {
            Language::Portuguese => portuguese,
            Language::English => english,
            Language::Spanish => spanish,
        }
    }
}

/// The entry of a code: its own, else that of the range it lies in.
pub fn find(code: i64) -> Option<&'static Entry> {
    let own = entries().find(|entry| entry.first == code && entry.last == code);
    own.or_else(|| entries().find(|entry| (entry.first..=entry.last).contains(&code)))
}

/// What follows from a code. One that the catalogue lacks is judged by the HTTP status: a fault of Meta's (5xx) passes,
/// anything else is the message's.
pub fn class(code: i64, http_status: u16) -> RefusalClass {
    match find(code) {
        Some(entry) => entry.class,
        None if (500..600).contains(&http_status) => RefusalClass::Transient,
        None => RefusalClass::Invalid,
    }
}

/// What a code means, in plain words; a general word for one that the catalogue lacks.
pub fn explain(code: i64, language: Language) -> &'static str {
    find(code).unwrap_or(&UNKNOWN).explanation(language)
}

/// Every entry.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    account::ENTRIES.iter().chain(sending::ENTRIES).chain(other::ENTRIES)
}

const fn code(code: i64, name: &'static str, class: RefusalClass, words: [&'static str; 3]) -> Entry {
    Entry { first: code, last: code, name, class, words }
}

const fn codes(first: i64, last: i64, name: &'static str, class: RefusalClass, words: [&'static str; 3]) -> Entry {
    Entry { first, last, name, class, words }
}

/// The general word.
static UNKNOWN: Entry = code(
    -1,
    "unknown code",
    RefusalClass::Invalid,
    [
        "O WhatsApp recusou com um código que ainda não conhecemos. Consulte o código na documentação da Meta.",
        "WhatsApp refused with a code that we do not know yet. Look the code up in Meta's documentation.",
        "WhatsApp rechazó con un código que aún no conocemos. Consulte el código en la documentación de Meta.",
    ],
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::collections::HashSet;

    /// The codes that Meta documents, or that its interfaces are known to answer with.
    const DOCUMENTED: [i64; 112] = [
        0, 1, 2, 3, 4, 10, 33, 100, 104, 190, 200, 210, 299, 368, 400, 403, 80007, 130403, 130429, 130472, 130497,
        131000, 131005, 131008, 131009, 131016, 131020, 131021, 131026, 131030, 131031, 131037, 131041, 131042, 131044,
        131045, 131047, 131048, 131049, 131050, 131051, 131052, 131053, 131055, 131056, 131057, 131059, 131060, 131062,
        131063, 131064, 131201, 131204, 131212, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018,
        132068, 132069, 133000, 133004, 133005, 133006, 133008, 133009, 133010, 133015, 133016, 134011, 134100, 134101,
        134102, 135000, 136024, 136025, 137000, 138000, 138006, 138012, 139000, 139001, 139002, 139003, 139004, 139100,
        139101, 139102, 139103, 147001, 147002, 147003, 147004, 200005, 200006, 200007, 1752041, 2388001, 2388024,
        2388091, 2388103, 2388299, 2494100, 2593107, 2593108, 2593109, 131208,
    ];

    #[test]
    fn every_documented_code_is_explained_in_three_languages() {
        for code in DOCUMENTED {
            let entry = find(code).unwrap_or_else(|| unreachable!("{code} is missing"));
            let words: HashSet<_> = Language::ALL.map(|language| entry.explanation(language)).into();
            assert_eq!(words.len(), 3, "{code}");
            assert!(words.iter().all(|words| words.len() > 20 && words.ends_with('.')), "{code}");
        }
    }

    #[test]
    fn no_two_entries_are_of_one_code() {
        let mut seen = HashSet::new();
        for entry in entries() {
            assert!(entry.first <= entry.last, "{}", entry.name);
            assert!(seen.insert((entry.first, entry.last)), "{} is there twice", entry.first);
        }
    }

    #[test]
    fn each_code_has_its_documented_consequence() {
        for (class, codes) in [
            (RefusalClass::Auth, &[0, 3, 10, 104, 190, 200, 250, 299, 403, 131005, 133010][..]),
            (RefusalClass::Throughput, &[4, 80007, 130429, 131057]),
            (RefusalClass::PairRate, &[131056]),
            (RefusalClass::Transient, &[1, 2, 131000, 131016, 131053, 133004]),
            (RefusalClass::Restricted, &[368, 131031, 131042, 131048, 132015, 132016]),
            (RefusalClass::WindowClosed, &[131047]),
            (RefusalClass::Recipient, &[131026, 131049, 130472, 130403]),
            (RefusalClass::OptedOut, &[131050]),
            (RefusalClass::Invalid, &[100, 400, 131008, 131009, 131051, 132000, 132012, 131062]),
        ] {
            for code in codes {
                assert_eq!(super::class(*code, 400), class, "{code}");
            }
        }
    }

    #[test]
    fn the_code_decides_and_not_the_http_status() {
        for status in [400, 429, 500] {
            assert_eq!(class(131_056, status), RefusalClass::PairRate);
            assert_eq!(class(100, status), RefusalClass::Invalid);
        }
    }

    #[test]
    fn an_unknown_code_is_judged_by_the_http_status() {
        assert_eq!(class(999_999, 503), RefusalClass::Transient);
        assert_eq!(class(999_999, 400), RefusalClass::Invalid);
        assert!(find(999_999).is_none());
        assert!(explain(999_999, Language::Spanish).contains("código"));
    }

    #[test]
    fn a_codes_own_entry_goes_before_its_ranges() {
        assert_eq!(find(139_101).unwrap().first, 139_101);
        assert_eq!(find(250).unwrap().first, 200);
    }
}
