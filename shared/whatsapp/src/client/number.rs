//! Whether a token works for a number.

use flow::ports::{Channel, WhatsAppError};
use serde::Deserialize;

use super::Client;

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Client {
    /// Asks for the number: it answers only to a token that may see it.
    pub(super) async fn sees_number(&self, channel: &Channel) -> Result<(), WhatsAppError> {
        let request = self.get(channel.number.as_str(), ("fields", "id"), &channel.token);
        let number: Named = parse(&self.call(request).await?)?;
        if number.id == channel.number.as_str() {
            Ok(())
        } else {
            Err(WhatsAppError::Unavailable("the answer is about another number"))
        }
    }
}

/// Reads the body of a success.
pub(super) fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, WhatsAppError> {
    serde_json::from_slice(body).map_err(|_| WhatsAppError::Unavailable("the answer cannot be read"))
}
