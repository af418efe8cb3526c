//! Files and places.

use serde::{Deserialize, Serialize};

/// A file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Where it is.
    #[serde(flatten)]
    pub source: MediaRef,
    /// The words under it, at most 1,024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The name a document shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Audio: a voice note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<bool>,
}

/// Where a file is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaRef {
    /// At Meta, under this id.
    Id(String),
    /// At this address, from which Meta fetches it.
    Link(String),
}

/// A place.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north.
    pub latitude: Degrees,
    /// Degrees east.
    pub longitude: Degrees,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A coordinate. Meta takes it quoted too.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Degrees {
    /// As a number.
    Number(serde_json::Number),
    /// Quoted.
    Text(String),
}

impl From<f64> for Degrees {
    fn from(degrees: f64) -> Self {
        serde_json::Number::from_f64(degrees).map_or_else(|| Self::Text(degrees.to_string()), Self::Number)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_file_is_named_by_id_or_by_address() {
        for media in [
            json!({"id": "1"}),
            json!({"link": "https://example.com/a", "caption": "c", "filename": "f", "voice": true}),
        ] {
            let read: Media = serde_json::from_value(media.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), media);
        }
        assert!(serde_json::from_value::<Media>(json!({"caption": "c"})).is_err());
    }

    #[test]
    fn a_coordinate_keeps_its_form() {
        for place in [json!({"latitude": -23, "longitude": -46.63}), json!({"latitude": "-23.5", "longitude": "0"})] {
            let read: Location = serde_json::from_value(place.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), place);
        }
        assert!(Degrees::from(-46.63) == Degrees::Number(serde_json::Number::from_f64(-46.63).unwrap()));
    }
}
