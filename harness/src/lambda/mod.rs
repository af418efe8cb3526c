//! Lambda: functions as processes behind the Runtime API.

mod environment;
mod function;
mod process;
mod runtime_api;
mod variables;

use std::path::PathBuf;
use std::time::Duration;

pub use function::Function;
pub use process::Listener;

/// The region in which everything is.
pub const REGION: &str = "sa-east-1";

/// The account to which everything belongs: the one that emulators have.
pub const ACCOUNT: &str = "123456789012";

/// Who functions are at AWS: nobody, which emulators take for anybody.
pub(crate) const CREDENTIALS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "ASIAHARNESS"), ("AWS_SECRET_ACCESS_KEY", "harness"), ("AWS_SESSION_TOKEN", "harness")];

/// A function as it is deployed.
#[derive(Debug, Clone)]
pub struct FunctionSettings {
    /// Its name.
    pub name: String,
    /// The program that is its runtime.
    pub binary: PathBuf,
    /// The variables of its own, besides those that Lambda gives.
    pub variables: Vec<(String, String)>,
    /// How long an invocation may take; then its process is killed.
    pub timeout: Duration,
    /// How much memory it says that it has, in MB. Nothing holds it to that.
    pub memory: u32,
    /// How many invocations run at once; further ones wait. (Lambda would refuse them when the account's limit is reached.)
    pub concurrency: usize,
}

impl FunctionSettings {
    fn arn(&self) -> String {
        format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", self.name)
    }
}
