use super::{Kind, Reader};

/// Where the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppEnv {
    /// On a developer's machine.
    Development,
    /// In the cloud, for trying out.
    Staging,
    /// In the cloud, for customers.
    Production,
}

impl AppEnv {
    const KIND: Kind<Self> = Kind::shown("development, staging or production", |text| match text {
        "development" => Some(Self::Development),
        "staging" => Some(Self::Staging),
        "production" => Some(Self::Production),
        _ => None,
    });

    /// Reads `APP_ENV`; development if it is not set.
    pub fn read(read: &Reader<'_>) -> Option<Self> {
        read.or("APP_ENV", Self::KIND, Self::Development)
    }
}
