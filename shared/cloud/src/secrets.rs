//! Variables that refer to a secret: `secret:<name or ARN>#<member>` stands for a member of the JSON object that AWS
//! Secrets Manager keeps under that name.

use std::collections::{BTreeMap, BTreeSet};

use aws_client::{Fault, SdkConfig};
use aws_sdk_secretsmanager::Client;
use boot::settings::Environment;
use secrecy::{ExposeSecret, SecretString};

/// What a reference begins with.
pub const PREFIX: &str = "secret:";

/// Why a reference could not be replaced. Names the variable, and nothing of any secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It does not say which member of which secret.
    #[error("{variable}: expected secret:<name or ARN of a secret>#<member of its JSON>")]
    Reference {
        /// The variable.
        variable: String,
    },
    /// Secrets Manager did not give the secret away.
    #[error("{variable}: the secret {secret} could not be read")]
    Unreadable {
        /// The variable.
        variable: String,
        /// The secret's name.
        secret: String,
        /// What Secrets Manager said.
        #[source]
        source: Fault,
    },
    /// The secret is not a JSON object of texts.
    #[error("{variable}: the secret {secret} is not a JSON object of texts")]
    Form {
        /// The variable.
        variable: String,
        /// The secret's name.
        secret: String,
    },
    /// The object has no such member.
    #[error("{variable}: the secret {secret} has no member {member:?}")]
    Member {
        /// The variable.
        variable: String,
        /// The secret's name.
        secret: String,
        /// The member.
        member: String,
    },
}

/// A variable, and what it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    variable: String,
    secret: String,
    member: String,
}

/// The secrets' own objects.
type Members = BTreeMap<String, SecretString>;

/// Whether any variable refers to a secret.
pub fn any(environment: &Environment) -> bool {
    environment.beginning_with(PREFIX).next().is_some()
}

/// Replaces every reference by what it stands for. Each secret is read once.
///
/// # Errors
/// [`SecretError`] of the first reference that cannot be replaced.
pub async fn resolve(environment: &mut Environment, aws: &SdkConfig) -> Result<(), SecretError> {
    let references = references(environment)?;
    let client = Client::new(aws);
    let mut known: BTreeMap<&str, Members> = BTreeMap::new();
    for Reference { variable, secret, .. } in &references {
        if !known.contains_key(secret.as_str()) {
            known.insert(secret, read(&client, variable, secret).await?);
        }
    }
    for Reference { variable, secret, member } in &references {
        let value = known.get(secret.as_str()).and_then(|members| members.get(member));
        let missing =
            || SecretError::Member { variable: variable.clone(), secret: secret.clone(), member: member.clone() };
        environment.set(variable, value.ok_or_else(missing)?.expose_secret());
    }
    Ok(())
}

fn references(environment: &Environment) -> Result<BTreeSet<Reference>, SecretError> {
    let reference = |(variable, text): (&str, &str)| {
        let variable = variable.to_owned();
        match text.rsplit_once('#') {
            Some((secret, member)) if !secret.is_empty() && !member.is_empty() => {
                Ok(Reference { variable, secret: secret.to_owned(), member: member.to_owned() })
            }
            _ => Err(SecretError::Reference { variable }),
        }
    };
    environment.beginning_with(PREFIX).map(reference).collect()
}

async fn read(client: &Client, variable: &str, secret: &str) -> Result<Members, SecretError> {
    let (variable, secret) = (variable.to_owned(), secret.to_owned());
    let answer = match client.get_secret_value().secret_id(&secret).send().await {
        Ok(answer) => answer,
        Err(error) => return Err(SecretError::Unreadable { variable, secret, source: Fault::of(error) }),
    };
    let members = answer.secret_string().and_then(|text| serde_json::from_str::<BTreeMap<String, String>>(text).ok());
    let members = members.ok_or(SecretError::Form { variable, secret })?;
    Ok(members.into_iter().map(|(member, text)| (member, text.into())).collect())
}

impl PartialOrd for Reference {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reference {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.variable.cmp(&other.variable)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Vec<(String, String, String)>, String> {
        let environment = Environment::from_pairs(pairs.iter().copied());
        let found = references(&environment).map_err(|error| error.to_string())?;
        Ok(found.into_iter().map(|found| (found.variable, found.secret, found.member)).collect())
    }

    #[test]
    fn a_reference_names_a_secret_and_a_member_of_it() {
        let arn = "secret:arn:aws:secretsmanager:sa-east-1:123456789012:secret:porfin/keys-AbCdEf#PORFIN_ID_KEY";
        let found = of(&[("PORFIN_ID_KEY", arn), ("APP_ENV", "production")]).unwrap();
        let name = "arn:aws:secretsmanager:sa-east-1:123456789012:secret:porfin/keys-AbCdEf";
        assert_eq!(found, [("PORFIN_ID_KEY".into(), name.into(), "PORFIN_ID_KEY".into())]);
    }

    #[test]
    fn what_names_no_member_is_refused_by_the_variables_name() {
        for wrong in ["secret:", "secret:porfin/keys", "secret:#A", "secret:porfin/keys#"] {
            assert!(of(&[("PORFIN_ID_KEY", wrong)]).unwrap_err().starts_with("PORFIN_ID_KEY: expected"), "{wrong}");
        }
    }
}
