use domain::access::{Permission, Role};
use domain::{DisplayName, Email, OrganizationId};
use flow::access::{AccessError, api_keys, invitations};
use flow::audit::{Actor, Who};
use flow::platform::Platform;
use secrecy::ExposeSecret;

/// Makes an API key and returns its secret, which cannot be had again.
pub(crate) async fn key(
    platform: &Platform,
    organization: &OrganizationId,
    name: DisplayName,
    scopes: Vec<Permission>,
) -> Result<String, AccessError> {
    let new = api_keys::NewApiKey { name, scopes, ranges: Vec::new(), expires_at: None };
    let issued = api_keys::create(platform, &operator(), organization, &new).await?;
    Ok(issued.secret.expose().to_owned())
}

/// Invites a person and returns the token that accepts the invitation, which cannot be had again.
pub(crate) async fn invite(
    platform: &Platform,
    organization: &OrganizationId,
    email: &Email,
    role: Role,
) -> Result<String, AccessError> {
    let invited = invitations::create(platform, &operator(), organization, email, role).await?;
    Ok(invited.token.expose_secret().to_owned())
}

/// Whoever is at the terminal: there is no request, and no address that it came from.
fn operator() -> Actor {
    Actor { who: Who::Operator, request_id: String::new(), address: None }
}

/// A permission by its name, or those that there are.
pub(crate) fn permission(name: &str) -> Result<Permission, String> {
    Permission::parse(name).ok_or_else(|| format!("one of {}", Permission::ALL.map(Permission::as_str).join(", ")))
}

/// A role by its name, or those that there are.
pub(crate) fn role(name: &str) -> Result<Role, String> {
    Role::parse(name).ok_or_else(|| format!("one of {}", Role::ALL.map(Role::as_str).join(", ")))
}
