//! Files at Meta. An upload is kept for 30 days; a file that a customer sent, for 7; the address of a file is good for 5
//! minutes and wants the token.

use bytes::Bytes;
use flow::ports::{Channel, WhatsAppError};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use url::Url;

use super::number::parse;
use super::{Answer, Client, Failure, answer, read};

/// What Graph says of a file.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct MediaInfo {
    /// Where it is, for the next 5 minutes.
    pub url: String,
    /// Its MIME type.
    pub mime_type: Option<String>,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// Its length in bytes.
    pub file_size: Option<u64>,
}

#[derive(Deserialize)]
struct Uploaded {
    id: String,
}

impl Client {
    /// Uploads a file for later messages and returns its id.
    ///
    /// # Errors
    /// [`WhatsAppError`].
    pub async fn upload_media(
        &self,
        channel: &Channel,
        file: Bytes,
        mime_type: &str,
        filename: &str,
    ) -> Result<String, WhatsAppError> {
        let length = u64::try_from(file.len()).unwrap_or(u64::MAX);
        let part = Part::stream_with_length(file, length)
            .file_name(filename.to_owned())
            .mime_str(mime_type)
            .map_err(|_| WhatsAppError::Unavailable("the MIME type is malformed"))?;
        let form =
            Form::new().text("messaging_product", "whatsapp").text("type", mime_type.to_owned()).part("file", part);
        let request = self.request(Method::POST, &[channel.number.as_str(), "media"], &channel.token);
        let request = request.map(|request| request.timeout(self.timeouts.media).multipart(form));
        let Uploaded { id } = parse(&self.call(request).await?)?;
        Ok(id)
    }

    /// Asks where a file is.
    ///
    /// # Errors
    /// [`WhatsAppError`].
    pub async fn media(&self, channel: &Channel, id: &str) -> Result<MediaInfo, WhatsAppError> {
        let request = self.get(id, ("phone_number_id", channel.number.as_str()), &channel.token);
        parse(&self.call(request).await?)
    }

    /// Fetches a file of at most `max` bytes. The token goes to Meta's hosts only, whatever address Graph names.
    ///
    /// # Errors
    /// [`WhatsAppError`]; also when it is larger, or its address is not Meta's.
    pub async fn download_media(&self, channel: &Channel, id: &str, max: usize) -> Result<Bytes, WhatsAppError> {
        let info = self.media(channel, id).await?;
        let too_large = || WhatsAppError::Unavailable(Failure::TooLarge.reason());
        if info.file_size.is_some_and(|size| usize::try_from(size).map_or(true, |size| size > max)) {
            return Err(too_large());
        }
        let url = Url::parse(&info.url).ok().filter(|url| self.endpoint.trusts(url));
        let url = url.ok_or(WhatsAppError::Unavailable("the file's address is not Meta's"))?;
        let request = self.request_to(Method::GET, url, &channel.token).ok_or_else(answer::bad_token)?;
        let lost = |failure: Failure| WhatsAppError::Unavailable(failure.reason());
        let response = request.timeout(self.timeouts.media).send().await.map_err(|error| lost(Failure::of(&error)))?;
        let status = response.status().as_u16();
        let body = read(response, max).await.map_err(lost)?;
        let body = Answer::new(status, None, body).success()?;
        Ok(Bytes::from(body))
    }
}
