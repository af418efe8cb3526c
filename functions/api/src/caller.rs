use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::access::{Permission, Role};
use domain::{ApiKeyId, MemberId, OrganizationId, Plan, SessionId, Span};
use flow::access::api_keys::{Authenticated, KeyError, authenticate};
use flow::access::{member_role, sessions};
use flow::audit::{Actor, Who};
use flow::organization;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, header};

use crate::client::{client_address, client_network};
use crate::conduct::RequestId;
use crate::endpoint::Access;
use crate::operator;
use crate::problem::{Code, Problem};
use crate::rate;
use crate::state::ApiState;

/// The header that carries a program's key.
pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// How many wrong keys one client may present in a minute before it is told to wait. A wrong access token is not counted: that
/// it is none is seen without a look at any store.
const WRONG_CREDENTIALS: u32 = 10;

/// Who makes a request to an organization's part of the API.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The organization that the credential opens.
    pub organization: OrganizationId,
    /// What it has agreed on.
    pub plan: Plan,
    /// Who, for the audit log.
    pub actor: Actor,
    /// What they came in with.
    pub credential: Credential,
}

/// What somebody came in with.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// A person's sign-in.
    SignIn { member: MemberId, session: SessionId, role: Role },
    /// A program's key.
    ApiKey { id: ApiKeyId, scopes: Vec<Permission> },
}

impl Caller {
    /// Whether they may do that.
    fn may(&self, permission: Permission) -> bool {
        match &self.credential {
            Credential::SignIn { role, .. } => role.allows(permission),
            Credential::ApiKey { scopes, .. } => scopes.contains(&permission),
        }
    }

    /// By what their requests are counted.
    pub fn counted_as(&self) -> (&'static str, &str) {
        match &self.credential {
            Credential::SignIn { member, .. } => ("user", member.as_str()),
            Credential::ApiKey { id, .. } => ("key", id.as_str()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::new(Code::Unauthorized))
    }
}

/// A person who has signed in, whatever their role: what concerns themselves is theirs.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub member: MemberId,
    pub session: SessionId,
    pub role: Role,
    pub organization: OrganizationId,
    pub actor: Actor,
}

impl<S: Sync> FromRequestParts<S> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Caller { organization, actor, credential, .. } = Caller::from_request_parts(parts, state).await?;
        match credential {
            Credential::SignIn { member, session, role } => Ok(Self { member, session, role, organization, actor }),
            Credential::ApiKey { .. } => {
                Err(Problem::new(Code::Forbidden).detail("This is for people who have signed in, not for keys."))
            }
        }
    }
}

/// Whoever runs the deployment, for the audit log.
#[derive(Debug, Clone)]
pub(crate) struct Operator(pub Actor);

impl<S: Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::new(Code::Unauthorized))
    }
}

/// Lets a request pass whose credential opens the endpoint and keeps its rate. The handler then finds who calls.
pub(crate) async fn guard(
    State((state, access)): State<(ApiState, Access)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if access == Access::Open {
        return Ok(next.run(request).await);
    }
    let presented = Presented::of(request.headers())?;
    if access == Access::Operator {
        let operator = operator(&state, &presented, request.extensions()).await?;
        request.extensions_mut().insert(operator);
        return Ok(next.run(request).await);
    }
    let caller = caller(&state, &presented, request.extensions()).await?;
    let rate = rate::allow(&state, &caller).await?;
    let mut response = match access {
        Access::Allowed(permission) if !caller.may(permission) => {
            let detail = format!("This needs the permission {}.", permission.as_str());
            rate.shown_on(Problem::new(Code::Forbidden).detail(detail))
        }
        _ => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
    };
    rate.show(response.headers_mut());
    Ok(response)
}

/// What a request presents: one credential.
enum Presented<'a> {
    Bearer(&'a str),
    ApiKey(&'a str),
}

impl<'a> Presented<'a> {
    fn of(headers: &'a HeaderMap) -> Result<Self, Problem> {
        let mut keys = headers.get_all(X_API_KEY).iter();
        let mut bearers = headers.get_all(header::AUTHORIZATION).iter();
        let text = |value: &'a HeaderValue| value.to_str().unwrap_or_default();
        match (keys.next().map(text), bearers.next().map(text), keys.next(), bearers.next()) {
            (Some(key), None, None, None) => Ok(Self::ApiKey(key)),
            (None, Some(bearer), None, None) => match bearer.split_once(' ') {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Self::Bearer(token.trim())),
                _ => Err(unauthorized("Authorization must be Bearer and a token.")),
            },
            (None, None, ..) => Err(unauthorized("Send a key in X-API-Key, or an access token in Authorization.")),
            _ => Err(unauthorized("Send one credential, once.")),
        }
    }
}

/// Who calls with this credential.
async fn caller(state: &ApiState, presented: &Presented<'_>, client: &Extensions) -> Result<Caller, Problem> {
    let platform = &state.platform;
    let (organization, who, credential) = match presented {
        Presented::ApiKey(key) => {
            let Authenticated { key, organization, scopes } =
                match authenticate(platform, key, client_address(client)).await {
                    Ok(authenticated) => authenticated,
                    Err(KeyError::Job(error)) => return Err(error.into()),
                    Err(error) => return Err(wrong(state, client, &error, "The key in X-API-Key is not good.").await),
                };
            (organization, Who::ApiKey(key.clone()), Credential::ApiKey { id: key, scopes })
        }
        Presented::Bearer(token) if token.starts_with(operator::PREFIX) => {
            return Err(unauthorized("An operator's key opens no organization."));
        }
        Presented::Bearer(token) => {
            let claims = state.tokens.verify(token).map_err(|refusal| {
                tracing::info!(reason = %refusal, "an access token was refused");
                unauthorized("The access token is not good, or not any more.")
            })?;
            let (live, role) = tokio::try_join!(
                sessions::is_live(platform, &claims.member, &claims.session),
                member_role(platform, &claims.organization, &claims.member),
            )?;
            let Some(role) = role.filter(|_| live) else {
                tracing::info!(session.live = live, "an access token was refused: its session or its member is gone");
                return Err(unauthorized("The session has ended."));
            };
            let who = Who::Member(claims.member.clone());
            (claims.organization, who, Credential::SignIn { member: claims.member, session: claims.session, role })
        }
    };
    let known = organization::get(platform, &organization).await?;
    let plan = known.ok_or_else(|| unauthorized("The organization is gone."))?.value.plan;
    Ok(Caller { organization, plan, actor: actor(client, who), credential })
}

async fn operator(state: &ApiState, presented: &Presented<'_>, client: &Extensions) -> Result<Operator, Problem> {
    match presented {
        Presented::Bearer(key) if state.operators.contain(key) => Ok(Operator(actor(client, Who::Operator))),
        _ => {
            let reason = WrongOperator;
            Err(wrong(state, client, &reason, "This needs an operator's key.").await)
        }
    }
}

/// Whether whoever runs the deployment calls what everybody may call.
///
/// # Errors
/// The answer where an operator's key is presented that is none.
pub(crate) async fn is_operator(state: &ApiState, headers: &HeaderMap, client: &Extensions) -> Result<bool, Problem> {
    match Presented::of(headers) {
        Ok(presented @ Presented::Bearer(key)) if key.starts_with(operator::PREFIX) => {
            operator(state, &presented, client).await.map(|_| true)
        }
        _ => Ok(false),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not an operator's key")]
struct WrongOperator;

/// Who it is and from where, for the audit log.
pub(crate) fn actor(extensions: &Extensions, who: Who) -> Actor {
    Actor {
        who,
        request_id: request_id(extensions),
        address: client_address(extensions).as_ref().map(IpAddr::to_string),
    }
}

/// The id of a request.
pub(crate) fn request_id(extensions: &Extensions) -> String {
    extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

fn unauthorized(detail: &str) -> Problem {
    let realm = HeaderValue::from_static("Bearer realm=\"porfin\", ApiKey realm=\"porfin\"");
    Problem::new(Code::Unauthorized).detail(detail).header(header::WWW_AUTHENTICATE, realm)
}

/// What a wrong credential is answered: never why, that is for the log. Where the attempts cannot be counted, nobody may go
/// on guessing.
pub(crate) async fn wrong(
    state: &ApiState,
    client: &Extensions,
    reason: &(dyn std::error::Error + Sync),
    detail: &str,
) -> Problem {
    tracing::info!(%reason, "a credential was refused");
    match attempt(state, "wrong-credential", client).await {
        Ok(()) => unauthorized(detail),
        Err(problem) => problem,
    }
}

/// Counts an attempt of a client's that could be guessing: ten a minute.
///
/// # Errors
/// The answer where there were too many, or where they cannot be counted.
pub(crate) async fn attempt(state: &ApiState, kind: &str, client: &Extensions) -> Result<(), Problem> {
    let network = state.platform.id_key.blind("client", &[&client_network(client)]);
    let key = format!("{kind}:{network}");
    match state.platform.limiter.allow(&key, WRONG_CREDENTIALS, Span::from_minutes(1)).await {
        Ok(decision) if decision.allowed => Ok(()),
        Ok(decision) => Err(Problem::new(Code::TooManyAttempts).retry_after(decision.reset)),
        Err(error) => Err(Problem::from_error(Code::Unavailable, error).retry_after(Span::from_seconds(5))),
    }
}
