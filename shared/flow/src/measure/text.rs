//! Prometheus' text format, version 0.0.4, as far as gauges need it.

use std::fmt::Write;

/// The content type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A metric with its samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
    /// Its values.
    pub samples: Vec<Sample>,
}

/// One value of a metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// What tells it from the others of its metric.
    pub label: Option<(&'static str, &'static str)>,
    /// The value.
    pub value: u64,
}

impl Family {
    /// A gauge without samples.
    pub(super) fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, help, samples: Vec::new() }
    }

    /// With its only sample.
    pub(super) fn of(mut self, value: u64) -> Self {
        self.samples.push(Sample { label: None, value });
        self
    }

    /// With one more sample.
    pub(super) fn with(mut self, name: &'static str, value: &'static str, sample: u64) -> Self {
        self.samples.push(Sample { label: Some((name, value)), value: sample });
        self
    }
}

/// The metrics as text.
pub(super) fn render(families: &[Family]) -> String {
    let mut text = String::new();
    for Family { name, help, samples } in families {
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        // Writing into a string does not fail.
        let _ = writeln!(text, "# HELP {name} {help}");
        let _ = writeln!(text, "# TYPE {name} gauge");
        for Sample { label, value } in samples {
            let _ = match label {
                Some((label, of)) => writeln!(text, "{name}{{{label}=\"{}\"}} {value}", escaped(of)),
                None => writeln!(text, "{name} {value}"),
            };
        }
    }
    text
}

fn escaped(label: &str) -> String {
    label.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauges_are_written_as_prometheus_reads_them() {
        let families = [
            Family::gauge("porfin_rows", "Rows that wait.").of(3),
            Family::gauge("porfin_depth", "Depth.").with("queue", "inbound", 0).with("queue", "send", 18_446_744),
        ];
        let text = "# HELP porfin_rows Rows that wait.\n# TYPE porfin_rows gauge\nporfin_rows 3\n\
            # HELP porfin_depth Depth.\n# TYPE porfin_depth gauge\n\
            porfin_depth{queue=\"inbound\"} 0\nporfin_depth{queue=\"send\"} 18446744\n";
        assert_eq!(render(&families), text);
    }

    #[test]
    fn what_ends_a_label_or_a_line_is_escaped() {
        let family = Family::gauge("m", "back\\slash\nand \"quotes\"").with("l", "a\"b\\c\nd", 1);
        let text = "# HELP m back\\\\slash\\nand \"quotes\"\n# TYPE m gauge\nm{l=\"a\\\"b\\\\c\\nd\"} 1\n";
        assert_eq!(render(&[family]), text);
    }
}
