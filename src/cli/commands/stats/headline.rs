//! The first lines of the screen: the delivered share and its change, the number of messages by
//! outcome, the latency and the cost.

use chrono::{DateTime, FixedOffset, TimeDelta};
use omnilogs::sink::Colour;
use omnilogs::stats::{BucketFigures, Delivery, Figures, Incident, Summary};

use super::comparison::EarlierWindow;
use super::figures::{costs, joined_clauses, latency, percent};
use super::options::span_text;
use crate::commands::stats::chart::ChartStyle;
use crate::text::{count, counted};

const HOUR: i64 = 3_600_000;

/// The lines, of at most this width.
pub(super) fn lines(
    summary: &Summary,
    earlier: Option<&EarlierWindow>,
    width: usize,
    style: ChartStyle,
) -> Vec<String> {
    let mark = if style.ascii { ", " } else { " · " };
    let mut lines = share_lines(summary, earlier, mark, width);
    if let Some(line) = lines.first_mut()
        && let Some(colour) = colour(summary)
    {
        // Only the share itself is coloured. It is the start of the line.
        let end = line.find(" delivered").unwrap_or(0);
        let (share, rest) = line.split_at(end);
        *line = format!("{}{rest}", style.paint(share, colour));
    }
    let total = &summary.total;
    let counts = [
        counted(total.messages, "message"),
        format!("{} failed", count(total.failed())),
        format!("{} pending", count(total.pending())),
    ];
    let mut clauses = counts.to_vec();
    if let Some(of) = &total.latency {
        clauses.push(format!("latency p50 {}", latency(Some(of.p50))));
        clauses.push(format!("p90 {}", latency(Some(of.p90))));
        // p99 is shown only if it does not need another line.
        let whole = [clauses.as_slice(), &[format!("p99 {}", latency(Some(of.p99)))]].concat();
        let line_count = |clauses: &[String]| joined_clauses(clauses, mark, width).len();
        if line_count(&whole) == line_count(&clauses) {
            clauses = whole;
        }
    }
    lines.extend(joined_clauses(&clauses, mark, width));
    let costs = cost_clauses(total, summary.findings.incident.as_ref());
    lines.extend(joined_clauses(&costs, mark, width));
    lines
}

/// The colour of the share: red while an incident lasts. `None` without a share.
fn colour(summary: &Summary) -> Option<Colour> {
    let incident = summary.findings.incident.as_ref();
    match incident {
        Some(Incident { end: None, .. }) => Some(Colour::Red),
        _ if summary.total.finals > 0 => Some(Colour::Green),
        _ => None,
    }
}

/// The share and its change, in words that need no colour.
fn share_lines(
    summary: &Summary,
    earlier: Option<&EarlierWindow>,
    mark: &str,
    width: usize,
) -> Vec<String> {
    let total = &summary.total;
    if total.finals == 0 {
        return joined_clauses(&["no message with a final status yet".to_owned()], mark, width);
    }
    let share = percent(total.delivered, total.finals);
    let mut clauses = vec![format!("{share} delivered of {} final", count(total.finals))];
    if let Some(earlier) = earlier {
        let before = &earlier.summary.total;
        clauses.push(match before.finals {
            0 => format!("{}: no final message", earlier.label),
            finals => format!(
                "{} {} of {} ({})",
                earlier.label,
                percent(before.delivered, finals),
                count(finals),
                points(total.delivery(), before.delivery())
            ),
        });
    }
    match (&summary.findings.incident, earlier) {
        (Some(incident), _) => clauses.push(incident_clause(incident, summary)),
        (None, Some(_)) => {}
        (None, None) => clauses.extend(recent_clause(summary)),
    }
    joined_clauses(&clauses, mark, width)
}

fn incident_clause(incident: &Incident, summary: &Summary) -> String {
    let (inside, outside) = (incident.inside, incident.outside);
    let other = if incident.end.is_some() { "other times" } else { "before" };
    format!(
        "{} {}, {} {other} ({})",
        period(incident, summary),
        percent(inside.delivered, inside.finals),
        percent(outside.delivered, outside.finals),
        points(inside, outside)
    )
}

/// The time of an incident in words: `since 06:40`, `from 14:05 to 15:10`.
pub(super) fn period(incident: &Incident, summary: &Summary) -> String {
    let starts = |bucket: Option<&BucketFigures>| bucket.map(|bucket| bucket.start);
    let ends = starts(summary.timeline.first()).zip(starts(summary.timeline.last()));
    let shown = |time: &DateTime<FixedOffset>| {
        // In less than a day there is each time of the day once: the date would only take the space of
        // the figures, shortly after midnight.
        let is_plain = ends.is_some_and(|(first, last)| {
            last - first < TimeDelta::days(1) || time.date_naive() == last.date_naive()
        });
        time.format(if is_plain { "%H:%M" } else { "%m-%d %H:%M" }).to_string()
    };
    match &incident.end {
        None => format!("since {}", shown(&incident.start)),
        Some(end) => format!("from {} to {}", shown(&incident.start), shown(end)),
    }
}

/// The share in the newest part of the window, and in the part before. The newest part is the last
/// hour, or the last third of a window of less than three hours. `None` where a part has no final
/// messages.
fn recent_clause(summary: &Summary) -> Option<String> {
    let (since, until) = summary.window?;
    let length = ((until - since) / 3).min(HOUR);
    let width = summary.width.millis();
    // Both parts consist of whole buckets.
    let from = until - (length / width).max(1) * width;
    let [mut recent, mut before] = [Delivery::default(); 2];
    for bucket in &summary.timeline {
        let is_recent = bucket.start.timestamp_millis() >= from;
        let side = if is_recent { &mut recent } else { &mut before };
        side.finals += bucket.finals;
        side.delivered += bucket.delivered;
    }
    (recent.finals > 0 && before.finals > 0).then(|| {
        format!(
            "last {} {}, {} before ({})",
            span_text(until - from),
            percent(recent.delivered, recent.finals),
            percent(before.delivered, before.finals),
            points(recent, before)
        )
    })
}

/// The difference of two shares in percentage points.
pub(super) fn points(now: Delivery, before: Delivery) -> String {
    let tenths = |of: Delivery| {
        let (part, whole) = (i128::from(of.delivered), i128::from(of.finals));
        if whole == 0 { 0 } else { (part * 2000 + whole) / (whole * 2) }
    };
    let difference = tenths(now) - tenths(before);
    let sign = match difference {
        0 => "",
        positive if positive > 0 => "+",
        _ => "-",
    };
    let size = difference.abs();
    format!("{sign}{}.{} points", size / 10, size % 10)
}

/// The cost of all messages, of the failed ones, and of those that failed in an incident.
fn cost_clauses(total: &Figures, incident: Option<&Incident>) -> Vec<String> {
    if total.cost.is_empty() {
        return Vec::new();
    }
    let mut clauses = vec![format!("cost {}", costs(&total.cost).join(" + "))];
    if total.failed() > 0 {
        let failed = costs(&total.failed_cost);
        let failed = if failed.is_empty() { "0.00".to_owned() } else { failed.join(" + ") };
        clauses.push(format!("failed messages {failed}"));
    }
    if let Some(incident) = incident.filter(|incident| !incident.failed_cost.is_empty()) {
        let when = if incident.end.is_some() { "during the incident" } else { "since then" };
        clauses.push(format!("{when} {}", costs(&incident.failed_cost).join(" + ")));
    }
    clauses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(delivered: u64, finals: u64) -> Delivery {
        let mut delivery = Delivery::default();
        (delivery.finals, delivery.delivered) = (finals, delivered);
        delivery
    }

    #[test]
    fn a_change_is_a_difference_of_what_is_shown() {
        let change = |now: (u64, u64), before: (u64, u64)| {
            points(delivery(now.0, now.1), delivery(before.0, before.1))
        };
        assert_eq!(change((80, 100), (915, 1000)), "-11.5 points");
        assert_eq!(change((1, 1), (0, 1)), "+100.0 points");
        assert_eq!(change((9999, 10_000), (1, 1)), "0.0 points");
    }
}
