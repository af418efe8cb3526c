use std::net::SocketAddr;

use super::{ACCOUNT, CREDENTIALS, FunctionSettings, REGION};

/// The variables that Lambda itself gives to a function of an OS-only runtime, as AWS documents them. The credentials are
/// those that emulators take.
pub(super) fn of_lambda(settings: &FunctionSettings, runtime_api: SocketAddr) -> Vec<(&'static str, String)> {
    let folder = settings.binary.parent().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
    let name = &settings.name;
    let told = [
        ("_HANDLER", "bootstrap"),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &settings.memory.to_string()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{name}")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", &format!("{ACCOUNT}/[$LATEST]")),
        ("AWS_LAMBDA_RUNTIME_API", &runtime_api.to_string()),
        ("LAMBDA_TASK_ROOT", &folder),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
        ("TZ", ":UTC"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let credentials = CREDENTIALS.map(|(name, value)| (name, value.to_owned()));
    told.into_iter().chain(credentials).collect()
}
