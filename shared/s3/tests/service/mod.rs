//! What the tests share: the way to a service of this machine, and a bucket in it.

use aws_client::{Credentials, Deadlines, SdkConfig, Settings};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;

/// How a service at this address is called, within these deadlines.
pub fn within(endpoint: &str, deadlines: Deadlines) -> SdkConfig {
    let credentials =
        Credentials { access_key: "test".into(), secret_key: "test".to_owned().into(), session_token: None };
    let endpoint = Some(endpoint.parse().unwrap());
    Settings { region: "us-east-1".into(), endpoint, credentials, deadlines }.config()
}

/// A client of the service itself.
pub fn client(config: &SdkConfig) -> Client {
    Client::from_conf(Builder::from(config).force_path_style(true).build())
}

/// Makes a bucket, and names it.
pub async fn bucket(config: &SdkConfig, name: &str) -> String {
    client(config).create_bucket().bucket(name).send().await.unwrap();
    name.to_owned()
}
