//! The business number and its account, as Graph tells of them.

use flow::ports::{Channel, WhatsAppError};
use reqwest::Method;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Client, json};

/// What Graph says of a number. Everything but the id may be missing.
#[derive(Clone, PartialEq, Deserialize)]
pub struct NumberInfo {
    /// Meta's id of it.
    pub id: String,
    /// As people see it.
    pub display_phone_number: Option<String>,
    /// The name that Meta verified.
    pub verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality_rating: Option<String>,
    /// `CLOUD_API` once it is registered.
    pub platform_type: Option<String>,
    /// `TIER_250` … `TIER_UNLIMITED`: people per day whom the portfolio may write to first.
    pub whatsapp_business_manager_messaging_limit: Option<String>,
}

const FIELDS: &str =
    "id,display_phone_number,verified_name,quality_rating,platform_type,whatsapp_business_manager_messaging_limit";

impl Client {
    /// Asks for the number: it answers only to a token that may see it.
    ///
    /// # Errors
    /// [`WhatsAppError`].
    pub async fn number(&self, channel: &Channel) -> Result<NumberInfo, WhatsAppError> {
        let request = self.get(channel.number.as_str(), ("fields", FIELDS), &channel.token);
        let number: NumberInfo = parse(&self.call(request).await?)?;
        if number.id == channel.number.as_str() {
            Ok(number)
        } else {
            Err(WhatsAppError::Unavailable("the answer is about another number"))
        }
    }

    /// Subscribes the app to the account's webhooks; without that, Meta sends none.
    ///
    /// # Errors
    /// [`WhatsAppError`].
    pub async fn subscribe(&self, waba_id: &str, token: &SecretString) -> Result<(), WhatsAppError> {
        let request = self.request(Method::POST, &[waba_id, "subscribed_apps"], token);
        let body = self.call(request.map(|request| json(request, &serde_json::json!({})))).await?;
        let Done { success } = parse(&body)?;
        if success { Ok(()) } else { Err(WhatsAppError::Unavailable("Meta did not subscribe the app")) }
    }
}

#[derive(Deserialize)]
struct Done {
    success: bool,
}

/// Reads the body of a success.
pub(super) fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, WhatsAppError> {
    serde_json::from_slice(body).map_err(|_| WhatsAppError::Unavailable("the answer cannot be read"))
}
