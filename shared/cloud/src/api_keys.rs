use boot::settings::Kind;
use domain::OrganizationId;
use secrecy::SecretString;

/// Keys of the API, each with the organization that it opens.
pub(crate) const API_KEYS: Kind<Vec<(OrganizationId, SecretString)>> =
    Kind::secret("organizations and their keys, comma-separated: org_…=key", |text| {
        let pair = |pair: &str| {
            let (organization, key) = pair.trim().split_once('=')?;
            let is_long_enough = key.len() >= SHORTEST && !key.contains(char::is_whitespace);
            Some((organization.parse().ok()?, SecretString::from(is_long_enough.then_some(key)?)))
        };
        text.split(',').map(pair).collect()
    });

/// A key that is shorter than this can be guessed.
const SHORTEST: usize = 32;
