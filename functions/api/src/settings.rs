use boot::settings::{Kind, Reader};
use http::HeaderValue;
use url::Url;

/// What shapes the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiSettings {
    /// The path before every route of version 1.
    pub prefix: String,
    /// How many requests a key may make in a minute.
    pub requests_per_minute: u32,
    /// The origins whose pages may call the API, such as `https://console.example`.
    pub origins: Vec<HeaderValue>,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self { prefix: "/api/v1".to_owned(), requests_per_minute: 100, origins: Vec::new() }
    }
}

impl ApiSettings {
    /// Reads `API_V1_PREFIX`, `API_RATE_LIMIT_PER_MINUTE` and `API_CORS_ORIGINS`.
    pub fn read(read: &Reader<'_>) -> Option<Self> {
        let default = Self::default();
        let prefix = read.or("API_V1_PREFIX", Kind::ROUTE, default.prefix);
        let requests_per_minute = read.or("API_RATE_LIMIT_PER_MINUTE", REQUESTS, default.requests_per_minute);
        let origins = read.or("API_CORS_ORIGINS", ORIGINS, default.origins);
        let prefix = prefix?;
        if matches!(prefix.split('/').nth(1), Some("health" | "webhooks" | "simulator" | "docs" | "openapi.json")) {
            read.wrong("API_V1_PREFIX", &format!("{prefix:?}"), "a path that no other route begins with");
        }
        Some(Self { prefix, requests_per_minute: requests_per_minute?, origins: origins? })
    }
}

const REQUESTS: Kind<u32> = Kind::shown("whole requests from 1 to 100000", |text| {
    text.parse().ok().filter(|requests| (1..=100_000).contains(requests))
});

/// Origins as browsers write them: scheme and host, a port if it is not the usual one, and no path.
const ORIGINS: Kind<Vec<HeaderValue>> =
    Kind::shown("origins, comma-separated: https://console.example, http://localhost:5173", |text| {
        let origin = |text: &str| {
            let text = text.trim();
            let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
            (url.origin().ascii_serialization() == text).then(|| HeaderValue::from_str(text).ok())?
        };
        text.split(',').map(origin).collect()
    });

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use boot::settings::Environment;

    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<ApiSettings, String> {
        let environment = Environment::from_pairs(variables.iter().copied());
        environment.read(ApiSettings::read).map_err(|error| error.to_string())
    }

    #[test]
    fn without_variables_the_defaults_hold() {
        assert_eq!(read(&[]), Ok(ApiSettings::default()));
    }

    #[test]
    fn the_prefix_and_the_limit_can_be_set() {
        let settings = read(&[("API_V1_PREFIX", "/v1"), ("API_RATE_LIMIT_PER_MINUTE", "6000")]);
        assert_eq!(
            settings,
            Ok(ApiSettings { prefix: "/v1".to_owned(), requests_per_minute: 6000, ..ApiSettings::default() })
        );
    }

    #[test]
    fn origins_are_listed() {
        let settings = read(&[("API_CORS_ORIGINS", "https://console.example, http://localhost:5173")]).unwrap();
        assert_eq!(settings.origins, ["https://console.example", "http://localhost:5173"]);
    }

    #[test]
    fn a_wrong_value_is_named() {
        for (name, value) in [
            ("API_V1_PREFIX", "api"),
            ("API_V1_PREFIX", "/health/api"),
            ("API_RATE_LIMIT_PER_MINUTE", "0"),
            ("API_RATE_LIMIT_PER_MINUTE", "many"),
            ("API_CORS_ORIGINS", "*"),
            ("API_CORS_ORIGINS", "https://console.example/"),
            ("API_CORS_ORIGINS", "console.example"),
        ] {
            assert!(read(&[(name, value)]).unwrap_err().contains(name), "{name}={value}");
        }
    }
}
