//! The last lines of the screen: the network, the reason and the sender with most of the failures.

use omnilogs::model::Country;
use omnilogs::model::codes;
use omnilogs::sink::printable;
use omnilogs::sink::width::{truncate, wrap_words};
use omnilogs::stats::{Delivery, Summary, WorstValue};

use super::figures::percent;
use super::headline::period;
use crate::text::count;

/// The column at which the names begin.
const NAME_COLUMN: usize = 15;
/// With fewer columns than this, lines are not aligned.
const MIN_ALIGNED_WIDTH: usize = 40;

/// The lines, of at most this width; none without failures.
pub(super) fn lines(summary: &Summary, width: usize) -> Vec<String> {
    let findings = &summary.findings;
    let when = findings.incident.as_ref().map(|incident| period(incident, summary));
    let is_over = findings.incident.as_ref().is_some_and(|incident| incident.end.is_some());
    let other = if is_over { "other times" } else { "before" };
    let share = |worst: &WorstValue| {
        let inside = delivered(worst.inside);
        match &when {
            Some(when) if worst.outside.finals > 0 => {
                let before = percent(worst.outside.delivered, worst.outside.finals);
                format!("{inside} {when}, {before} {other}")
            }
            Some(when) => format!("{inside} {when}"),
            None => inside,
        }
    };
    let mut lines = Vec::new();
    if let Some(worst) = &findings.network {
        let name = network_name(worst);
        lines.push(line("worst network", &name, &share(worst), width));
    }
    if let Some(worst) = &findings.reason {
        let all = findings.incident.as_ref().map_or(summary.total.failed(), |i| i.inside.failed());
        let failed = worst.inside.finals;
        let part = percent(failed, all);
        let text = match &when {
            Some(when) => {
                let outside = findings.incident.as_ref().map_or(0, |i| i.outside.failed());
                let before = percent(worst.outside.finals, outside);
                format!("{} ({part} of failures) {when}, {before} {other}", count(failed))
            }
            None => format!("{} ({part} of failures)", count(failed)),
        };
        lines.push(line("worst error", &printable(&worst.name), &text, width));
        if let Some(meaning) = meaning(&worst.name) {
            let indent = if width < MIN_ALIGNED_WIDTH { 0 } else { NAME_COLUMN };
            let text = format!("{:indent$}{meaning}: omnilogs explain {}", "", worst.name);
            lines.push(wrap_words(&text, width, 4));
        }
    }
    if let Some(worst) = &findings.sender {
        lines.push(line("worst sender", &printable(&worst.name), &share(worst), width));
    }
    lines
}

fn delivered(of: Delivery) -> String {
    format!("{} of {}", percent(of.delivered, of.finals), count(of.finals))
}

/// A line: its label, the name, and the figures. A name that does not fit is cut.
fn line(what: &str, name: &str, figures: &str, width: usize) -> String {
    let taken = NAME_COLUMN + 2 + figures.chars().count();
    let name = truncate(name, width.saturating_sub(taken).max(12));
    wrap_words(&format!("{what:13}  {name}  {figures}"), width, 4)
}

/// A network for people: the channel, the code and the country.
fn network_name(worst: &WorstValue) -> String {
    let channel = worst.channel.as_deref().map(printable).unwrap_or_default();
    let country = Country::of_network(&worst.name).map_or("", |country| country.name);
    let name = format!("{channel} {} {country}", printable(&worst.name));
    name.trim().to_owned()
}

/// The meaning of a reason in a few words, where it is a published code.
fn meaning(name: &str) -> Option<&'static str> {
    let error = codes::error(name).and_then(|error| error.text);
    let status = || codes::status(name).and_then(|status| status.text);
    Some(error.or_else(status)?.short)
}
