//! Logs: one JSON object a line on standard error, or plain lines where a developer reads them.

use std::io;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::settings::{AppEnv, Kind, Reader};

/// Crates that log what passes through them (bodies, addresses, arguments of a call), each with the level at which it
/// does not. `RUST_LOG` cannot lift these.
const QUIETED: [(&str, LevelFilter); 8] = [
    ("async_openai", LevelFilter::OFF),
    ("lambda_runtime", LevelFilter::INFO),
    ("lambda_http", LevelFilter::INFO),
    ("hyper", LevelFilter::INFO),
    ("h2", LevelFilter::INFO),
    ("reqwest", LevelFilter::INFO),
    ("axum", LevelFilter::INFO),
    ("tower_http", LevelFilter::INFO),
];

/// How and what to log.
#[derive(Debug, Clone)]
pub struct Telemetry {
    format: Format,
    directives: String,
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, for machines.
    Json,
    /// Plain text, for a developer.
    Plain,
}

impl Telemetry {
    /// Logs from `info` up, or from `debug` up.
    pub fn new(format: Format, debug: bool) -> Self {
        Self { format, directives: if debug { "debug" } else { "info" }.to_owned() }
    }

    /// Reads `DEBUG` and `RUST_LOG` (which wins, in the syntax of tracing-subscriber's `EnvFilter`).
    pub fn read(read: &Reader<'_>, app_env: AppEnv) -> Option<Self> {
        let format = if app_env == AppEnv::Development { Format::Plain } else { Format::Json };
        let debug = read.or("DEBUG", Kind::FLAG, false);
        let directives = read.optional("RUST_LOG", DIRECTIVES);
        let default = Self::new(format, debug?);
        Some(Self { directives: directives?.unwrap_or(default.directives), ..default })
    }

    fn filter(&self) -> EnvFilter {
        let filter = EnvFilter::builder().parse_lossy(&self.directives);
        QUIETED.into_iter().fold(filter, |filter, (target, level)| match format!("{target}={level}").parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        })
    }

    fn subscriber<W>(&self, writer: W) -> Box<dyn Subscriber + Send + Sync>
    where
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        let builder = tracing_subscriber::fmt().with_env_filter(self.filter()).with_writer(writer);
        match self.format {
            Format::Json => Box::new(builder.json().flatten_event(true).with_span_list(false).finish()),
            Format::Plain => Box::new(builder.with_target(false).finish()),
        }
    }
}

/// Logs to standard error from now on. Where logging was installed before, that stays.
pub fn install(telemetry: &Telemetry) {
    // An error only says that a subscriber is there already.
    let _ = telemetry.subscriber(io::stderr).try_init();
}

const DIRECTIVES: Kind<String> = Kind::shown("log directives such as `info` or `warn,flow=debug`", |text| {
    EnvFilter::builder().parse(text).ok().map(|_| text.to_owned())
});

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;
    use crate::settings::Environment;

    /// What the code logs, as it would reach standard error.
    pub(crate) fn logged(telemetry: &Telemetry, code: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Sink(Arc<Mutex<Vec<u8>>>);
        impl io::Write for Sink {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let sink = Sink::default();
        let shared = sink.clone();
        tracing::subscriber::with_default(telemetry.subscriber(move || shared.clone()), code);
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn read(variables: &[(&str, &str)]) -> Result<Telemetry, String> {
        let environment = Environment::from_pairs(variables.iter().copied());
        environment.read(|read| Telemetry::read(read, AppEnv::Production)).map_err(|error| error.to_string())
    }

    fn all_levels() {
        tracing::trace!("tiny");
        tracing::debug!("small");
        tracing::info!("usual");
    }

    #[test]
    fn each_line_is_a_json_object_with_its_fields() {
        let log = logged(&read(&[]).unwrap(), || {
            tracing::info_span!("turn", conversation.id = "cnv_1")
                .in_scope(|| tracing::warn!(message.id = "msg_1", "not sent"));
        });
        let line: Value = serde_json::from_str(log.trim_end()).unwrap();
        assert_eq!((&line["level"], &line["message"]), (&json!("WARN"), &json!("not sent")));
        assert_eq!((&line["message.id"], &line["span"]["conversation.id"]), (&json!("msg_1"), &json!("cnv_1")));
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn debug_and_rust_log_choose_the_level() {
        let lines = |variables: &[(&str, &str)]| logged(&read(variables).unwrap(), all_levels).lines().count();
        assert_eq!(lines(&[]), 1);
        assert_eq!(lines(&[("DEBUG", "true")]), 2);
        assert_eq!(lines(&[("DEBUG", "true"), ("RUST_LOG", "trace")]), 3);
        assert_eq!(lines(&[("RUST_LOG", "error")]), 0);
        assert!(read(&[("RUST_LOG", "boot=loud")]).unwrap_err().contains("RUST_LOG"));
    }

    #[test]
    fn a_library_that_logs_bodies_stays_silent_whatever_rust_log_says() {
        for directives in ["trace", "async_openai=trace"] {
            let log = logged(&read(&[("RUST_LOG", directives)]).unwrap(), || {
                tracing::error!(target: "async_openai::client", "failed deserialization of: bom dia");
                tracing::trace!(target: "hyper::proto::h1::io", "received 512 bytes");
                let span = tracing::debug_span!(target: "tower_http::trace", "request", uri = "/phones/5511987654321");
                span.in_scope(|| tracing::debug!(target: "tower_http::trace", "started"));
            });
            assert_eq!(log, "");
        }
    }

    #[test]
    fn a_developer_reads_plain_lines() {
        let log = logged(&Telemetry::new(Format::Plain, false), all_levels);
        assert!(log.contains("INFO") && log.contains("usual") && !log.contains('{'), "{log}");
    }
}
