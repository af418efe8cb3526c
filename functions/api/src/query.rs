use axum::extract::{FromRequestParts, Query};
use http::request::Parts;

use crate::problem::{Code, Place, Problem};

/// How many entries a page has when nothing else is asked for.
const USUAL: u32 = 50;

/// How many a page has at most.
const MOST: u32 = 100;

/// The query parameters of a request. Each is taken once; what is left over at the end is refused.
pub(crate) struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<Vec<(String, String)>>::from_request_parts(parts, state).await {
            Ok(Query(pairs)) => Ok(Self(pairs)),
            Err(_) => Err(Problem::new(Code::InvalidParameter).detail("The query cannot be read.")),
        }
    }
}

impl Parameters {
    /// A parameter, read by `parse`.
    pub fn take<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(at) = self.0.iter().position(|(known, _)| known == name) else { return Ok(None) };
        let (_, text) = self.0.remove(at);
        parse(&text).map(Some).ok_or_else(|| wrong(name, expected))
    }

    /// The size of a page.
    pub fn take_limit(&mut self) -> Result<u32, Problem> {
        let in_range = |limit: &u32| (1..=MOST).contains(limit);
        let limit =
            self.take("limit", "must be a whole number from 1 to 100", |text| text.parse().ok().filter(in_range))?;
        Ok(limit.unwrap_or(USUAL))
    }

    /// Refuses whatever was not taken.
    pub fn end(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(wrong(name, "is not a parameter of this route, or is given twice")),
        }
    }
}

fn wrong(name: &str, reason: &str) -> Problem {
    let name = name.replace('~', "~0").replace('/', "~1");
    Problem::new(Code::InvalidParameter).field(Place::Query, &format!("/{name}"), reason)
}
