use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use xshell::Shell;

/// Where the list is.
const LIST: &str = "xtask/mutants.toml";

/// A guard of the code, how it is taken out, and who must notice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mutant {
    /// What it is called.
    pub name: String,
    /// What the code does wrong without the guard.
    pub guard: String,
    /// The promise that is broken then.
    pub promise: Promise,
    /// At least one of these tests must fail.
    pub tests: Vec<Selection>,
    /// The random simulation must notice as well.
    #[serde(default)]
    pub seeds: bool,
    /// How it is taken out.
    #[serde(rename = "edit")]
    pub edits: Vec<Edit>,
}

/// A promise of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) enum Promise {
    G1,
    G2,
    G3,
    G4,
    G5,
    G6,
    G7,
    G8,
    G9,
    G10,
}

/// A change of a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    /// The file.
    pub file: String,
    /// A text that occurs in it exactly once.
    find: String,
    /// What stands there instead.
    replace: String,
}

impl Edit {
    /// The file's text with the change.
    pub fn apply(&self, text: &str) -> anyhow::Result<String> {
        let times = text.matches(&self.find).count();
        ensure!(times == 1, "{} holds this {times} times, not once:\n{}", self.file, self.find);
        Ok(text.replace(&self.find, &self.replace))
    }
}

/// Some tests of one binary, as nextest names them: the binary's id, a space, and the beginning of their names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Selection {
    /// `package`, or `package::test`.
    pub binary: String,
    /// How their names begin.
    pub prefix: String,
}

impl TryFrom<String> for Selection {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (binary, prefix) = text.split_once(' ').context("expected the id of a test binary, a space, and a name")?;
        let is_plain = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':'));
        ensure!(is_plain(binary) && is_plain(prefix) && !prefix.is_empty(), "{text:?} names no tests");
        Ok(Self { binary: binary.to_owned(), prefix: prefix.to_owned() })
    }
}

impl Selection {
    /// Whether it holds the test that nextest names so.
    pub fn holds(&self, test: &str) -> bool {
        test.split_once(' ').is_some_and(|(binary, name)| binary == self.binary && name.starts_with(&self.prefix))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutant: Vec<Mutant>,
}

/// All mutants, in the list's order.
pub(super) fn all(sh: &Shell) -> anyhow::Result<Vec<Mutant>> {
    let list: List = toml::from_str(&sh.read_file(LIST)?).with_context(|| format!("{LIST} cannot be read"))?;
    let mut names = BTreeSet::new();
    for mutant in &list.mutant {
        ensure!(names.insert(&mutant.name), "{LIST} has two mutants named {}", mutant.name);
        ensure!(!mutant.edits.is_empty() && !mutant.tests.is_empty(), "{} lacks an edit or a test", mutant.name);
    }
    Ok(list.mutant)
}

/// Those with these names, in the list's order.
pub(super) fn named(mutants: Vec<Mutant>, names: &[String]) -> anyhow::Result<Vec<Mutant>> {
    for name in names {
        ensure!(mutants.iter().any(|mutant| mutant.name == *name), "there is no mutant named {name}");
    }
    Ok(mutants.into_iter().filter(|mutant| names.contains(&mutant.name)).collect())
}

/// So many of them, in the list's order; which ones is decided by the seed.
pub(super) fn sample(mutants: Vec<Mutant>, size: usize, seed: &str) -> Vec<Mutant> {
    let mut drawn: Vec<&Mutant> = mutants.iter().collect();
    drawn.sort_by_cached_key(|mutant| Sha256::digest(format!("{seed} {}", mutant.name)));
    let drawn: BTreeSet<String> = drawn.into_iter().take(size).map(|mutant| mutant.name.clone()).collect();
    mutants.into_iter().filter(|mutant| drawn.contains(&mutant.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Shell {
        let sh = Shell::new().unwrap();
        sh.change_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
        sh
    }

    #[test]
    fn every_edit_finds_its_text_exactly_once() {
        let sh = workspace();
        for mutant in all(&sh).unwrap() {
            for edit in &mutant.edits {
                let text = sh.read_file(&edit.file).unwrap_or_else(|error| panic!("{}: {error}", mutant.name));
                let changed = edit.apply(&text).unwrap_or_else(|error| panic!("{}: {error}", mutant.name));
                assert_ne!(changed, text, "{} changes nothing", mutant.name);
            }
        }
    }

    #[test]
    fn the_list_is_sorted_by_promise() {
        let mutants = all(&workspace()).unwrap();
        assert!(mutants.is_sorted_by_key(|mutant| mutant.promise));
    }

    #[test]
    fn a_sample_is_decided_by_its_seed_and_each_mutant_has_its_turn() {
        let mutants = all(&workspace()).unwrap();
        let names = |seed: &str| {
            let drawn = sample(mutants.clone(), 5, seed);
            drawn.into_iter().map(|mutant| mutant.name).collect::<BTreeSet<_>>()
        };
        assert_eq!((names("a").len(), names("a")), (5, names("a")));
        let drawn: BTreeSet<String> = (0..500).flat_map(|seed| names(&seed.to_string())).collect();
        assert_eq!(drawn.len(), mutants.len());
    }

    #[test]
    fn a_selection_holds_the_tests_of_its_binary_whose_names_begin_so() {
        let selection = Selection::try_from("tests::it journeys::owners::".to_owned()).unwrap();
        assert!(selection.holds("tests::it journeys::owners::a"));
        assert!(!selection.holds("tests::it journeys::others::a") && !selection.holds("tests journeys::owners::a"));
        for wrong in ["tests::it", "tests::it ", "tests::it a b", "tests::it a)|(b"] {
            assert!(Selection::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
