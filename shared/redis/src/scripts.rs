use std::sync::LazyLock;

use redis::{Cmd, ErrorKind, Script, ServerErrorKind, Value};

use crate::fault::Fault;
use crate::link::Link;

/// A script and its hash, by which the server knows it once it has run.
pub(crate) struct Source {
    text: &'static str,
    hash: String,
}

macro_rules! sources {
    ($($name:ident: $file:literal;)*) => {$(
        pub(crate) static $name: LazyLock<Source> = LazyLock::new(|| Source::new(include_str!($file)));
    )*};
}

sources! {
    RESERVE: "scripts/reserve.lua";
    SLOW_DOWN: "scripts/slow_down.lua";
    ALLOW: "scripts/allow.lua";
}

impl Source {
    fn new(text: &'static str) -> Self {
        Self { text, hash: Script::new(text).get_hash().to_owned() }
    }
}

/// One run of a script.
pub(crate) struct Call<'a> {
    pub script: &'a Source,
    pub keys: Vec<String>,
    pub arguments: Vec<i64>,
}

impl Call<'_> {
    /// Runs it by its hash, and with its text where the server does not know it, or knows it no longer: that loads it too.
    pub(crate) async fn run(&self, link: &Link) -> Result<Value, Fault> {
        match link.call(&self.command("EVALSHA", &self.script.hash)).await {
            Err(Fault::Refused(error)) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                link.call(&self.command("EVAL", self.script.text)).await
            }
            answer => answer,
        }
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len()).arg(&self.keys).arg(&self.arguments);
        command
    }
}
