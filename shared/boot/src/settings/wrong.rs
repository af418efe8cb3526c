use std::fmt;

/// Settings that stop the start, each with what was found (never a secret's value) and what is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongSettings(pub(super) Vec<Wrong>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) name: String,
    pub(super) found: String,
    pub(super) expected: String,
}

impl fmt::Display for WrongSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("one setting is wrong:")?,
            count => write!(f, "{count} settings are wrong:")?,
        }
        for Wrong { name, found, expected } in &self.0 {
            write!(f, "\n  {name}: found {found}; expected {expected}")?;
        }
        Ok(())
    }
}

impl std::error::Error for WrongSettings {}
