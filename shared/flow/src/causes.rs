//! Errors as logs show them.

use std::error::Error;
use std::fmt;

/// An error with everything that led to it, in one line: `a store did not answer: no connection: refused`. A log's
/// formatter would show the first of them alone where it writes JSON.
pub struct Causes<'e>(pub &'e dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::JobError;
    use crate::ports::StoreError;

    #[test]
    fn an_error_is_shown_with_all_that_led_to_it() {
        let error = JobError::from(StoreError::Unavailable("refused".into()));
        let shown = Causes(&error).to_string();
        assert!(shown.starts_with(&error.to_string()) && shown.ends_with(": refused"), "{shown}");
        assert!(shown.matches(": ").count() >= 2, "{shown}");
    }
}
