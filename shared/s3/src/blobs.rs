use std::error::Error;

use aws_client::{Fault, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use flow::limits::blobs::{check_key, check_object};
use flow::ports::{Blobs, StoreError};

use crate::Settings;

/// Large values in a bucket.
pub struct S3Blobs {
    client: Client,
    settings: Settings,
}

impl S3Blobs {
    /// The objects of a bucket. Nothing is called yet. An endpoint of its own, as emulators have, is addressed with the
    /// bucket in the path.
    pub fn new(config: &SdkConfig, settings: Settings) -> Self {
        let config = Builder::from(config)
            .timeout_config(settings.deadlines.timeouts())
            .retry_config(settings.deadlines.retries())
            .force_path_style(config.endpoint_url().is_some())
            .build();
        Self { client: Client::from_conf(config), settings }
    }

    async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let call = self.client.get_object().bucket(&self.settings.bucket).key(self.settings.key(key));
        let object = match call.send().await {
            Ok(object) => object,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(unavailable(error)),
        };
        let announced = object.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        check_object(announced).map_err(StoreError::Invalid)?;
        let (mut body, mut bytes) = (object.body, Vec::with_capacity(announced));
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
            check_object(bytes.len() + chunk.len()).map_err(StoreError::Invalid)?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(bytes))
    }
}

#[async_trait::async_trait]
impl Blobs for S3Blobs {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        check_key(key).map_err(StoreError::Invalid)?;
        check_object(bytes.len()).map_err(StoreError::Invalid)?;
        let call = self.client.put_object().bucket(&self.settings.bucket).key(self.settings.key(key));
        call.body(ByteStream::from(bytes)).send().await.map(|_| ()).map_err(unavailable)
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        check_key(key).map_err(StoreError::Invalid)?;
        // The SDK's own deadline ends where the body begins.
        match tokio::time::timeout(self.settings.deadlines.operation, self.read(key)).await {
            Ok(result) => result,
            Err(late) => Err(StoreError::Unavailable(Box::new(late))),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        check_key(key).map_err(StoreError::Invalid)?;
        let call = self.client.delete_object().bucket(&self.settings.bucket).key(self.settings.key(key));
        call.send().await.map(|_| ()).map_err(unavailable)
    }
}

/// The calls are well-formed: what S3 refuses is throttled, or waits for a person to put the bucket or the role right.
fn unavailable<E>(error: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    StoreError::Unavailable(Box::new(Fault::of(error)))
}
