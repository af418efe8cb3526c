//! What is said when a task panics.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

/// Logs every panic with its place and a fixed text. What the panic itself says is left out: it may hold what a customer
/// wrote.
pub fn install() {
    std::panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let backtrace = Backtrace::capture();
    if !tracing::dispatcher::has_been_set() {
        eprintln!("panicked at {place}");
        return;
    }
    if backtrace.status() == BacktraceStatus::Captured {
        tracing::error!(panic.place = place, panic.backtrace = %backtrace, "panicked");
    } else {
        tracing::error!(panic.place = place, "panicked");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::tests::logged;
    use crate::telemetry::{Format, Telemetry};

    #[test]
    fn a_panic_is_logged_without_what_it_says() {
        let log = logged(&Telemetry::new(Format::Json, false), || {
            install();
            let caught = std::panic::catch_unwind(|| panic!("the phone of {} is {}", "Ana", "5511987654321"));
            drop(std::panic::take_hook());
            assert!(caught.is_err());
        });
        assert!(log.contains("panicked") && log.contains("panic.rs:"), "{log}");
        assert!(!log.contains("Ana") && !log.contains("5511987654321"), "{log}");
    }
}
