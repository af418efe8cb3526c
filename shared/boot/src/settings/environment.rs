use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::wrong::Wrong;
use super::{Kind, WrongSettings};

/// How much of a wrong value is shown.
const SHOWN_CHARS: usize = 80;

/// The variables that a program was started with.
pub struct Environment {
    variables: BTreeMap<String, Variable>,
}

enum Variable {
    Text(String),
    NotText,
}

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is where the settings are read")]
        let variables = std::env::vars_os();
        let variables = variables.filter_map(|(name, value)| {
            let value = value.into_string().map_or(Variable::NotText, Variable::Text);
            Some((name.into_string().ok()?, value))
        });
        Self { variables: variables.collect() }
    }

    /// The variables that are given, and no others.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (name.into(), Variable::Text(value.into())));
        Self { variables: variables.collect() }
    }

    /// Adds what the file says (in the form of `.env`), if there is one. What is set already wins.
    ///
    /// # Errors
    /// [`WrongSettings`] when the file is there and cannot be read.
    pub fn and_file(mut self, file: &Path) -> Result<Self, WrongSettings> {
        if !file.exists() {
            return Ok(self);
        }
        // The library's own errors quote the line, which may hold a secret.
        let wrong = |found: String| {
            let expected = "lines of the form NAME=value, with quotes around a value that holds spaces".to_owned();
            WrongSettings(vec![Wrong { name: file.display().to_string(), found, expected }])
        };
        let entries = dotenvy::from_path_iter(file).map_err(|_| wrong("a file that cannot be opened".to_owned()))?;
        let mut last = None;
        for entry in entries {
            let (name, value) = entry.map_err(|_| match &last {
                Some(name) => wrong(format!("something else after {name}")),
                None => wrong("something else at its start".to_owned()),
            })?;
            self.variables.entry(name.clone()).or_insert(Variable::Text(value));
            last = Some(name);
        }
        Ok(self)
    }

    /// The variables whose text begins with the prefix, each with what follows it.
    pub fn beginning_with<'e>(&'e self, prefix: &'e str) -> impl Iterator<Item = (&'e str, &'e str)> {
        self.variables.iter().filter_map(move |(name, value)| match value {
            Variable::Text(text) => Some((name.as_str(), text.trim().strip_prefix(prefix)?)),
            Variable::NotText => None,
        })
    }

    /// Gives a variable another text.
    pub fn set(&mut self, name: &str, text: impl Into<String>) {
        self.variables.insert(name.to_owned(), Variable::Text(text.into()));
    }

    /// The names that the closure asks for when nothing is set.
    pub fn names<T>(settings: impl FnOnce(&Reader<'_>) -> Option<T>) -> BTreeSet<String> {
        let nothing = Self { variables: BTreeMap::new() };
        let reader = Reader { environment: &nothing, wrong: RefCell::default(), asked: RefCell::default() };
        settings(&reader);
        reader.asked.into_inner()
    }

    /// Reads settings. The closure asks for every variable before it uses the first answer, so that all wrong ones are
    /// reported at once; where it gets `None` for an answer, so does its caller.
    ///
    /// # Errors
    /// [`WrongSettings`] when a variable is missing, malformed or called wrong by the closure.
    pub fn read<T>(&self, settings: impl FnOnce(&Reader<'_>) -> Option<T>) -> Result<T, WrongSettings> {
        let reader = Reader { environment: self, wrong: RefCell::default(), asked: RefCell::default() };
        let settings = settings(&reader);
        let wrong = reader.wrong.into_inner();
        settings.filter(|_| wrong.is_empty()).ok_or(WrongSettings(wrong))
    }
}

/// Asks for variables and notes what is wrong with them. A variable that is set to nothing counts as not set.
pub struct Reader<'e> {
    environment: &'e Environment,
    wrong: RefCell<Vec<Wrong>>,
    asked: RefCell<BTreeSet<String>>,
}

impl Reader<'_> {
    /// The variable, which must be set.
    pub fn required<T>(&self, name: &str, kind: Kind<T>) -> Option<T> {
        let value = self.optional(name, kind)?;
        if value.is_none() {
            self.wrong(name, "nothing", kind.expected);
        }
        value
    }

    /// The variable, or the default if it is not set.
    pub fn or<T>(&self, name: &str, kind: Kind<T>, default: T) -> Option<T> {
        Some(self.optional(name, kind)?.unwrap_or(default))
    }

    /// The variable, if it is set.
    pub fn optional<T>(&self, name: &str, kind: Kind<T>) -> Option<Option<T>> {
        self.asked.borrow_mut().insert(name.to_owned());
        let text = match self.environment.variables.get(name) {
            None => return Some(None),
            Some(Variable::Text(text)) => text.trim(),
            Some(Variable::NotText) => {
                self.wrong(name, "bytes that are no text", kind.expected);
                return None;
            }
        };
        if text.is_empty() {
            return Some(None);
        }
        let value = (kind.parse)(text);
        if value.is_none() {
            let length = text.chars().count();
            let found = match (kind.may_show)(text) {
                false => format!("{length} characters, which are not shown"),
                true if length > SHOWN_CHARS => {
                    format!("{:?}… ({length} characters)", text.chars().take(SHOWN_CHARS).collect::<String>())
                }
                true => format!("{text:?}"),
            };
            self.wrong(name, &found, kind.expected);
        }
        value.map(Some)
    }

    /// Notes that a variable is wrong for a reason of the caller's own, such as that it does not fit another one.
    /// `found` completes the sentence "found …" and `expected` the sentence "expected …".
    pub fn wrong(&self, name: &str, found: &str, expected: &str) {
        let (name, found, expected) = (name.to_owned(), found.to_owned(), expected.to_owned());
        self.wrong.borrow_mut().push(Wrong { name, found, expected });
    }
}
