use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use data_encoding::HEXLOWER;
use domain::{ApiKeyId, OrganizationId, Span};
use flow::audit::{Actor, Who};
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::client::client_address;
use crate::problem::{Code, Problem};
use crate::rate;
use crate::state::ApiState;

/// The header that carries the key.
pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// How many wrong keys one client may present in a minute before it is refused without a look.
const WRONG_KEYS: u32 = 10;

/// The keys that open the API, and whose they are. Only their SHA-256 is held.
#[derive(Clone, Default)]
pub struct ApiKeys(Arc<[Key]>);

struct Key {
    digest: [u8; 32],
    caller: Caller,
}

impl ApiKeys {
    /// These keys, each with the organization that it opens.
    pub fn new<'a>(keys: impl IntoIterator<Item = (&'a SecretString, OrganizationId)>) -> Self {
        let key = |(key, organization): (&SecretString, OrganizationId)| {
            let digest: [u8; 32] = Sha256::digest(key.expose_secret().as_bytes()).into();
            Key { digest, caller: Caller { key: HEXLOWER.encode(&digest[..8]), organization } }
        };
        Self(keys.into_iter().map(key).collect())
    }

    /// Whose key it is. The time this takes says nothing about the keys: all are compared, and only by their digests.
    fn find(&self, presented: &[u8]) -> Option<Caller> {
        let digest: [u8; 32] = Sha256::digest(presented).into();
        let mut found = None;
        for key in self.0.iter() {
            if bool::from(key.digest.ct_eq(&digest)) {
                found = Some(key.caller.clone());
            }
        }
        found
    }
}

/// Who makes a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// A name of the key that gives nothing of it away.
    pub key: String,
    /// The organization that the key opens.
    pub organization: OrganizationId,
}

impl Caller {
    /// Who changes something, for the audit log.
    pub fn actor(&self, state: &ApiState) -> Actor {
        let key = ApiKeyId::derived(&state.platform.id_key, &[self.organization.as_str(), &self.key]);
        Actor { who: Who::ApiKey(key), ..Actor::system() }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::new(Code::Unauthorized))
    }
}

/// Lets a request pass that carries a key and keeps its rate; the handler then finds its [`Caller`].
pub(crate) async fn guard(
    State(state): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let mut presented = request.headers().get_all(X_API_KEY).iter();
    let caller = match (presented.next(), presented.next()) {
        (Some(key), None) => match state.keys.find(key.as_bytes()) {
            Some(caller) => caller,
            None => {
                let client = client_address(request.extensions());
                return Err(wrong_key(&state, &client).await);
            }
        },
        _ => return Err(unauthorized("Send your key in one X-API-Key header.")),
    };
    let rate = rate::allow(&state, &caller).await?;
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    rate.show(response.headers_mut());
    Ok(response)
}

fn unauthorized(detail: &str) -> Problem {
    Problem::new(Code::Unauthorized)
        .detail(detail)
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey realm=\"porfin\""))
}

/// What a wrong key is answered. Where the attempts cannot be counted, nobody may go on guessing.
async fn wrong_key(state: &ApiState, client: &str) -> Problem {
    let key = format!("wrong-key:{}", state.platform.id_key.blind("client", &[client]));
    match state.platform.limiter.allow(&key, WRONG_KEYS, Span::from_minutes(1)).await {
        Ok(decision) if decision.allowed => unauthorized("The key in X-API-Key is not known."),
        Ok(decision) => Problem::new(Code::TooManyWrongKeys).retry_after(decision.reset),
        Err(error) => Problem::from_error(Code::Unavailable, error).retry_after(Span::from_seconds(5)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_its_own_organization_and_no_other_text_does() {
        let (a, b) = (OrganizationId::from_bits([1; 16]), OrganizationId::from_bits([2; 16]));
        let (first, second) = (SecretString::from("first"), SecretString::from("second"));
        let keys = ApiKeys::new([(&first, a.clone()), (&second, b.clone())]);
        assert_eq!(keys.find(b"first").map(|caller| caller.organization), Some(a));
        assert_eq!(keys.find(b"second").map(|caller| caller.organization), Some(b));
        for wrong in ["", "firs", "first ", "First", "third"] {
            assert!(keys.find(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert!(ApiKeys::default().find(b"").is_none());
    }
}
