//! Files at Meta. An upload is kept for 30 days; a file that a customer sent, for some days; the address of a file is good
//! for 5 minutes and wants the token.

use std::time::Duration;

use async_trait::async_trait;
use flow::ports::{Channel, MediaBytes, MediaFile, OpenMedia, WhatsAppError};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use serde::Deserialize;
use url::Url;

use super::number::parse;
use super::{Answer, Client, Failure, MAX_ANSWER, answer, read};

/// What Graph says of a file.
#[derive(Deserialize)]
struct Found {
    /// Where it is, for the next 5 minutes.
    url: String,
    mime_type: Option<String>,
    sha256: Option<String>,
    file_size: Option<u64>,
}

/// How long an upload may take: whoever sends has half a minute for all that a send needs.
const UPLOAD: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Uploaded {
    id: String,
}

impl Client {
    /// Uploads a file for later messages and returns its id.
    pub(super) async fn upload(&self, channel: &Channel, file: MediaFile) -> Result<String, WhatsAppError> {
        let part = Part::bytes(file.bytes)
            .file_name(file.name)
            .mime_str(&file.mime_type)
            .map_err(|_| WhatsAppError::Unavailable("the MIME type is malformed"))?;
        let form = Form::new().text("messaging_product", "whatsapp").text("type", file.mime_type).part("file", part);
        let request = self.request(Method::POST, &[channel.number.as_str(), "media"], &channel.token);
        let request = request.map(|request| request.timeout(self.timeouts.media.min(UPLOAD)).multipart(form));
        let Uploaded { id } = parse(&self.call(request).await?)?;
        Ok(id)
    }

    /// Opens a file. The token goes to Meta's hosts only, whatever address Graph names.
    pub(super) async fn open(&self, channel: &Channel, id: &str) -> Result<OpenMedia, WhatsAppError> {
        let request = self.get(id, ("phone_number_id", channel.number.as_str()), &channel.token);
        let found: Found = parse(&self.call(request).await?)?;
        let url = Url::parse(&found.url).ok().filter(|url| self.endpoint.trusts(url));
        let url = url.ok_or(WhatsAppError::Unavailable("the file's address is not Meta's"))?;
        let request = self.request_to(Method::GET, url, &channel.token).ok_or_else(answer::bad_token)?;
        let response = request.timeout(self.timeouts.media).send().await.map_err(|error| lost(&error))?;
        let status = response.status().as_u16();
        if !response.status().is_success() {
            let unread = |failure: Failure| WhatsAppError::Unavailable(failure.reason());
            let body = read(response, MAX_ANSWER).await.map_err(unread)?;
            Answer::new(status, None, body).success()?;
            return Err(WhatsAppError::Unavailable("the file was not given"));
        }
        Ok(OpenMedia {
            mime_type: found.mime_type,
            sha256: found.sha256,
            size: found.file_size,
            bytes: Box::new(Bytes(response)),
        })
    }
}

/// A file that is being read.
struct Bytes(Response);

#[async_trait]
impl MediaBytes for Bytes {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, WhatsAppError> {
        let chunk = self.0.chunk().await.map_err(|error| lost(&error))?;
        Ok(chunk.map(Vec::from))
    }
}

fn lost(error: &reqwest::Error) -> WhatsAppError {
    WhatsAppError::Unavailable(Failure::of(error).reason())
}
