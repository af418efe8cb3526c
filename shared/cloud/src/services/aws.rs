use aws_client::{Credentials, Deadlines, SdkConfig, Settings};
use boot::settings::{Kind, Reader};

/// Reads who the function is at AWS, which Lambda says, and `AWS_ENDPOINT_URL`, which only emulators have.
pub(crate) fn config(read: &Reader<'_>) -> Option<SdkConfig> {
    let region = read.required("AWS_REGION", Kind::TEXT);
    let access_key = read.required("AWS_ACCESS_KEY_ID", Kind::TEXT);
    let secret_key = read.required("AWS_SECRET_ACCESS_KEY", Kind::SECRET);
    let session_token = read.optional("AWS_SESSION_TOKEN", Kind::SECRET);
    let endpoint = read.optional("AWS_ENDPOINT_URL", Kind::URL);
    let credentials = Credentials { access_key: access_key?, secret_key: secret_key?, session_token: session_token? };
    let settings = Settings { region: region?, endpoint: endpoint?, credentials, deadlines: Deadlines::SMALL };
    Some(settings.config())
}
