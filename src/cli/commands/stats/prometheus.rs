//! The figures as metrics in the text format of Prometheus, for the textfile collector of
//! node_exporter or a Pushgateway. Names and units follow Prometheus' conventions: base units, a
//! sample for each group, and labels named after the keys.
//!
//! The samples are those of a window, and may fall from one run to the next: all metrics but the
//! summary of latencies are gauges. No sample has a timestamp, which node_exporter refuses.

use std::fmt::Display;
use std::io::{self, Write};

use omnilogs::sink::printable;
use omnilogs::stats::{Cost, Figures, Group, Key, Latency, Summary, Value};

use super::view::View;
use crate::failure::Failure;

/// The number of groups without `--top`: each has about ten time series.
pub(super) const DEFAULT_TOP: usize = 100;

/// Refuses options that make no sense for metrics.
///
/// # Errors
/// When a key is the bucket of time, or when windows are compared.
pub(super) fn check(keys: &[Key], is_compared: bool) -> Result<(), Failure> {
    if keys.contains(&Key::Bucket) {
        return Err(Failure::usage("-o prometheus cannot be used with --by bucket")
            .because("each bucket would become a new time series")
            .hint(
                "run it every few minutes with --since: Prometheus keeps the samples over time",
            ));
    }
    if is_compared {
        return Err(Failure::usage("-o prometheus cannot be used with --vs")
            .hint("compare in Prometheus: omnilogs_delivered_ratio offset 1d"));
    }
    Ok(())
}

/// Writes every metric.
pub(super) fn write(summary: &Summary, view: &View, out: &mut dyn Write) -> io::Result<()> {
    // A group can have the labels of the one for all other messages, for example a sender `(other)`.
    let groups: Vec<_> =
        summary.groups.iter().filter(|group| !group.values.contains(&Value::Other)).collect();
    let mut metrics = Metrics { keys: &summary.keys, view, out };
    metrics.messages(&groups)?;
    metrics.delivered(&groups)?;
    metrics.latency(&groups)?;
    let cost: fn(&Figures) -> &[Cost] = |figures| &figures.cost;
    metrics.cost(&groups, "omnilogs_cost", "Sum of the prices of messages, by currency.", cost)?;
    let failed: fn(&Figures) -> &[Cost] = |figures| &figures.failed_cost;
    let help = "Sum of the prices of messages that failed, by currency.";
    metrics.cost(&groups, "omnilogs_failed_cost", help, failed)?;
    let help = "All messages sent within the window, also of groups without series of their own.";
    metrics.single("omnilogs_window_messages", help, summary.total.messages)?;
    if let Some((since, until)) = summary.window {
        let help = "Length of the window in which the messages were sent.";
        metrics.single(
            "omnilogs_window_seconds",
            help,
            Seconds::of(until.saturating_sub(since)),
        )?;
    }
    let help = "When messages were last counted completely, in seconds since 1970.";
    let name = "omnilogs_last_success_timestamp_seconds";
    metrics.single(name, help, Seconds::of(view.finished))
}

/// Writes metrics, one family after the other.
struct Metrics<'m> {
    keys: &'m [Key],
    view: &'m View,
    out: &'m mut dyn Write,
}

impl Metrics<'_> {
    fn messages(&mut self, groups: &[&Group]) -> io::Result<()> {
        let name = "omnilogs_messages";
        self.family(name, "gauge", "Messages sent within the window, by outcome.")?;
        for group in groups {
            let Figures { delivered, .. } = group.figures;
            let (pending, failed) = (group.figures.pending(), group.figures.failed());
            for (outcome, count) in
                [("delivered", delivered), ("pending", pending), ("failed", failed)]
            {
                self.sample(name, group, Some(("outcome", outcome)), count)?;
            }
        }
        Ok(())
    }

    fn delivered(&mut self, groups: &[&Group]) -> io::Result<()> {
        let name = "omnilogs_delivered_ratio";
        let help = "Delivered part of the messages with a final status, from 0 to 1.";
        self.family(name, "gauge", help)?;
        for group in groups {
            if let Some(share) = group.figures.delivered_share() {
                self.sample(name, group, None, share)?;
            }
        }
        Ok(())
    }

    fn latency(&mut self, groups: &[&Group]) -> io::Result<()> {
        let name = "omnilogs_latency_seconds";
        let help = "Time from sent to done of messages with a final status.";
        self.family(name, "summary", help)?;
        for group in groups {
            let Some(Latency { p50, p90, p99, count, sum, .. }) = group.figures.latency else {
                continue;
            };
            for (quantile, millis) in [("0.5", p50), ("0.9", p90), ("0.99", p99)] {
                let seconds = Seconds(u128::from(millis));
                self.sample(name, group, Some(("quantile", quantile)), seconds)?;
            }
            self.sample(&format!("{name}_sum"), group, None, Seconds(sum))?;
            self.sample(&format!("{name}_count"), group, None, count)?;
        }
        Ok(())
    }

    fn cost(
        &mut self,
        groups: &[&Group],
        name: &str,
        help: &str,
        costs: fn(&Figures) -> &[Cost],
    ) -> io::Result<()> {
        self.family(name, "gauge", help)?;
        for group in groups {
            for cost in costs(&group.figures) {
                self.sample(name, group, Some(("currency", &cost.currency)), &cost.amount)?;
            }
        }
        Ok(())
    }

    /// A metric of all messages together.
    fn single(&mut self, name: &str, help: &str, value: impl Display) -> io::Result<()> {
        self.family(name, "gauge", help)?;
        writeln!(self.out, "{name} {value}")
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) -> io::Result<()> {
        writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}")
    }

    fn sample(
        &mut self,
        name: &str,
        group: &Group,
        more: Option<(&str, &str)>,
        value: impl Display,
    ) -> io::Result<()> {
        let mut labels: Vec<String> = self
            .keys
            .iter()
            .zip(&group.values)
            .filter_map(|(key, value)| Some(self.label(label_name(*key), &value.text()?)))
            .collect();
        labels.extend(more.map(|(name, value)| self.label(name, value)));
        if labels.is_empty() {
            return writeln!(self.out, "{name} {value}");
        }
        writeln!(self.out, "{name}{{{}}} {value}", labels.join(","))
    }

    /// A label. On a terminal, characters that could drive it are replaced.
    fn label(&self, name: &str, value: &str) -> String {
        let escaped =
            if self.view.width.is_some() { escape(&printable(value)) } else { escape(value) };
        format!("{name}=\"{escaped}\"")
    }
}

/// The name of a key as a label: letters in lower case, words joined by underscores.
fn label_name(key: Key) -> &'static str {
    match key {
        Key::StatusName => "status_name",
        Key::BulkId => "bulk_id",
        other => other.name(),
    }
}

/// The value of a label, escaped as the text format requires.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}

/// Milliseconds, displayed in seconds.
struct Seconds(u128);

impl Seconds {
    /// A time since 1970, or a duration; 0 for a negative value.
    fn of(millis: i64) -> Self {
        Self(u128::try_from(millis).unwrap_or(0))
    }
}

impl Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_escaped_as_the_text_format_requires() {
        assert_eq!(escape("a\"b\\c\nd\r\te"), "a\\\"b\\\\c\\nd\r\te");
        assert_eq!(escape("\\n"), "\\\\n");
    }

    #[test]
    fn milliseconds_are_shown_as_seconds_to_the_last_digit() {
        let text = |millis: u128| Seconds(millis).to_string();
        assert_eq!([0, 7, 1500, 25_071].map(text), ["0.000", "0.007", "1.500", "25.071"]);
        assert_eq!(text(u128::from(u64::MAX)), "18446744073709551.615");
    }

    #[test]
    fn every_key_has_a_label_that_prometheus_accepts() {
        for key in Key::ALL {
            let name = label_name(key);
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            assert!(!["outcome", "quantile", "currency", "job", "instance"].contains(&name));
        }
    }
}
