use std::collections::BTreeSet;

use domain::access::Permission;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Permissions, as callers name them.
pub(crate) struct Scopes(pub Vec<Permission>);

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(names: D) -> Result<Self, D::Error> {
        let scopes = Vec::<Scope>::deserialize(names)?;
        let names = scopes.iter().map(|scope| scope.0.as_str()).collect::<BTreeSet<_>>();
        match names.len() == scopes.len() {
            true => Ok(Self(scopes.into_iter().map(|scope| scope.0).collect())),
            false => Err(D::Error::custom("names a permission twice")),
        }
    }
}

/// One of them, so that an error points at it.
struct Scope(Permission);

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(name: D) -> Result<Self, D::Error> {
        let name = String::deserialize(name)?;
        Permission::parse(&name).map(Self).ok_or_else(|| D::Error::custom("is not a permission"))
    }
}
