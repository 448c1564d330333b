//! One message as text for people: its outcome in a sentence, then the details that explain it.

use std::fmt::Write as _;

use chrono::NaiveDate;
use omnilogs::model::codes::Code;
use omnilogs::sink::width::{display_width, wrap_words};
use omnilogs::sink::{Colour, DeliveryResult, Sink as _, SinkError, bold, duration, printable};
use omnilogs::sms_encoding::{Alphabet, SmsEncoding, costly_character};
use omnilogs::stats::{Key, Stats};
use omnilogs::visible::is_dangerous;
use omnilogs::zone::Zone;
use omnilogs::{Field, Log, Outcome, Timestamp};

use super::view::{Attempt, MessageView};
use crate::text::counted;
use crate::time_input::{day_time_text, format_time};

/// How messages are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShowStyle {
    /// Columns of a line.
    pub(super) width: usize,
    pub(super) colour: bool,
    pub(super) zone: Zone,
    /// The day of the run, in that zone.
    pub(super) today: NaiveDate,
}

/// Columns of the labels.
const LABEL_WIDTH: usize = 10;

/// A detail of a message, with its label.
pub(super) struct LabelledLine {
    /// Empty for a line that continues the one above.
    pub(super) label: &'static str,
    pub(super) value: String,
    /// The colour of the result in the value, if the value contains a result.
    colour: Option<Colour>,
}

/// The details that explain a message, in the order of reading.
pub(super) fn details(
    view: &MessageView,
    style: ShowStyle,
) -> Result<Vec<LabelledLine>, SinkError> {
    let row = view.decisive().map(Attempt::row);
    let sent = view.rows().find_map(Log::sent_at);
    let time = |time: Timestamp| format_time(time, style.zone, "%Y-%m-%d %H:%M:%S%.3f %:z");
    let code = row.and_then(Log::explaining_code);
    let description = row.map(|row| server_description(row, code)).unwrap_or_default();
    // A delivered message needs no advice.
    let is_delivered = view.outcome() == Outcome::Delivered;
    let advice = code.filter(|_| !is_delivered).map(|code| code.advice().into_owned());
    let detail = |(label, value)| LabelledLine { label, value, colour: None };
    let mut details: Vec<LabelledLine> =
        [("Message", view.id()), parties(view), ("Sent", sent.map(time).unwrap_or_default())]
            .map(detail)
            .into();
    for (at, (value, colour)) in journey(view, style).into_iter().enumerate() {
        let label = if at == 0 { "Journey" } else { "" };
        details.push(LabelledLine { label, value, colour: Some(colour) });
    }
    details.extend(
        [
            ("Codes", row.map(codes).unwrap_or_default()),
            ("Meaning", code.map_or(description, |code| code.meaning().into_owned())),
            ("Do", advice.unwrap_or_default()),
            ("Cost", cost(view, style.zone)?),
            ("Text", text(view)),
            ("Encoding", costly_encoding(view)),
            ("Bulk", view.text(Field::BulkId)),
        ]
        .map(detail),
    );
    details.retain(|detail| !detail.value.is_empty());
    for detail in &mut details {
        detail.value = printable(&detail.value);
    }
    Ok(details)
}

/// The block of a message.
pub(super) fn block(view: &MessageView, style: ShowStyle) -> Result<String, SinkError> {
    let mut block = String::new();
    let sentence = printable(&view.sentence());
    for line in wrap_words(&sentence, style.width, 2).lines() {
        let line = if style.colour { view.colour().paint(line) } else { line.to_owned() };
        // Writing to a String cannot fail.
        let _ = writeln!(block, "{line}");
    }
    block.push('\n');
    for detail in details(view, style)? {
        block.push_str(&lines_of(&detail, style));
    }
    Ok(block)
}

/// The lines of a detail: the value beside its label, or below it on a narrow terminal.
fn lines_of(detail: &LabelledLine, style: ShowStyle) -> String {
    let is_narrow = style.width < 3 * LABEL_WIDTH;
    let indent = if is_narrow { 2 } else { LABEL_WIDTH };
    let label = format!("{:<indent$}", detail.label);
    let mut first = if style.colour && !detail.label.is_empty() { bold(&label) } else { label };
    if is_narrow && !detail.label.is_empty() {
        first = format!("{}\n  ", first.trim_end());
    }
    let wrapped = wrap_words(&detail.value, style.width.saturating_sub(indent), 0);
    let mut lines = String::new();
    // The colour begins at the result, and goes on to the end of the value.
    let mut colour = None;
    for (at, line) in wrapped.lines().enumerate() {
        let start = if at == 0 { first.clone() } else { " ".repeat(indent) };
        let result = detail.colour.filter(|_| style.colour).and_then(|found| {
            let at = MARKS.iter().find_map(|mark| line.find(mark))?;
            colour = Some(found);
            line.split_at_checked(at)
        });
        let (plain, result) = match (result, colour) {
            (Some((plain, result)), _) => (plain, result),
            (None, Some(_)) => ("", line),
            (None, None) => (line, ""),
        };
        let result = match colour {
            Some(colour) if !result.is_empty() => colour.paint(result),
            _ => result.to_owned(),
        };
        let _ = writeln!(lines, "{}", format!("{start}{plain}{result}").trim_end());
    }
    lines
}

/// The marks in front of a result.
const MARKS: [&str; 4] = ["✓ ", "✗ ", "… ", "? "];

/// `From` with `InfoSMS → 447700900123 (United Kingdom, network 23410)`; without a sender `To` with
/// the destination, which would look like the sender otherwise.
fn parties(view: &MessageView) -> (&'static str, String) {
    match (view.text(Field::From), destination(view)) {
        (from, to) if from.is_empty() => ("To", to),
        (from, to) if to.is_empty() => ("From", from),
        (from, to) => ("From", format!("{from} → {to}")),
    }
}

/// The destination with its country and network, as far as they are known.
fn destination(view: &MessageView) -> String {
    let to = view.text(Field::To);
    let network = view.text(Field::Mccmnc);
    let country = view.rows().find_map(Log::country).map(|country| country.name);
    let place = match (country, network.as_str()) {
        (Some(country), "") => country.to_owned(),
        (Some(country), network) => format!("{country}, network {network}"),
        (None, "") => return to,
        (None, network) => format!("network {network}"),
    };
    if to.is_empty() { place } else { format!("{to} ({place})") }
}

/// A line for each version of each attempt: the time, the channel and the result, with its colour; from
/// an archive, also when the version was first seen. These times can be days apart, so each has its
/// date.
fn journey(view: &MessageView, style: ShowStyle) -> Vec<(String, Colour)> {
    let attempts = view.attempts();
    let channels: Vec<String> = attempts.iter().map(|it| printable(&it.channel())).collect();
    let width = channels.iter().map(|channel| display_width(channel)).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (attempt, channel) in attempts.iter().zip(&channels) {
        for (at, version) in attempt.versions().enumerate() {
            let row = &version.log;
            let time = if at == 0 { row.sent_at() } else { row.done_at() };
            let dated = |time| format_time(time, style.zone, "%Y-%m-%d %H:%M:%S");
            let (time, seen) = if let Some(seen) = version.seen_at {
                (time.map(dated), format!(" (seen {})", dated(seen)))
            } else {
                let time = time.map(|time| day_time_text(time, style.zone, style.today));
                (time, String::new())
            };
            let padding = " ".repeat(width.saturating_sub(display_width(channel)));
            let time = time.unwrap_or_else(|| "--:--:--".to_owned());
            let (result, colour) = (journey_result(row), DeliveryResult::of(row).colour());
            lines.push((format!("{time}  {channel}{padding}  {result}{seen}"), colour));
        }
    }
    lines
}

/// The result of a row, with how long a failure took.
fn journey_result(row: &Log) -> String {
    let result = DeliveryResult::of(row);
    match row.latency_millis().filter(|millis| *millis >= 0) {
        Some(millis) if result.outcome() == Outcome::Failed => {
            format!("{result}, {}", duration(millis))
        }
        _ => result.to_string(),
    }
}

/// The exact status and error, in the form that `explain` accepts.
fn codes(row: &Log) -> String {
    let cell = |field| row.cell(field).into_text().into_owned();
    let code = |name: String, id: String| match (name.as_str(), id.as_str()) {
        ("", id) => id.to_owned(),
        (name, "") => name.to_owned(),
        (name, id) => format!("{name} ({id})"),
    };
    let status = code(row.status_name().into_owned(), cell(Field::StatusId));
    let error = code(cell(Field::ErrorName), cell(Field::ErrorId));
    let is_error = row.failure().is_some() && !error.is_empty();
    let permanent = if cell(Field::ErrorPermanent) == "true" { ", permanent" } else { "" };
    let has_error = is_error && !error.starts_with("NO_ERROR");
    if has_error { format!("{status} · {error}{permanent}") } else { status }
}

/// The description that the server sent with a code that the program does not know.
fn server_description(row: &Log, code: Option<Code>) -> String {
    if code.is_some() {
        return String::new();
    }
    let cell = |field| row.cell(field).into_text().into_owned();
    let descriptions = [Field::ErrorDescription, Field::StatusDescription].map(cell);
    descriptions.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default()
}

/// The exact cost by channel, with the sum in front where several channels have a cost.
fn cost(view: &MessageView, zone: Zone) -> Result<String, SinkError> {
    let mut stats = Stats::new(vec![Key::Channel], zone);
    for row in view.rows() {
        stats.log(row)?;
    }
    let summary = stats.summary();
    let amounts = |costs: &[omnilogs::stats::Cost]| -> Vec<String> {
        costs.iter().map(|it| format!("{} {}", it.amount, it.currency)).collect()
    };
    let sum = amounts(&summary.total.cost).join(" + ");
    let parts: Vec<String> = view
        .attempts()
        .iter()
        .filter_map(|attempt| {
            let mut one = Stats::new(Vec::new(), zone);
            one.log(attempt.row()).ok()?;
            let costs = amounts(&one.summary().total.cost);
            (!costs.is_empty()).then(|| format!("{} {}", attempt.channel(), costs.join(" + ")))
        })
        .collect();
    Ok(match parts.as_slice() {
        [] => String::new(),
        [_] => sum,
        several => format!("{sum}: {}", several.join(", ")),
    })
}

/// The character that makes the text UCS-2, where it alone does, and the segments that it costs.
fn costly_encoding(view: &MessageView) -> String {
    let Some(sms) = view.rows().find(|row| row.sms_encoding().is_some()) else {
        return String::new();
    };
    let text = sms.cell(Field::Text).into_text();
    let Some(costly) = costly_character(&text) else { return String::new() };
    let SmsEncoding { alphabet, segments } = SmsEncoding::of(&text);
    let character = costly.character;
    let mut name = format!("U+{:04X}", u32::from(character));
    if !character.is_whitespace() && !is_dangerous(character) {
        let _ = write!(name, " ({character})");
    }
    let (now, without) =
        (counted(segments, "segment"), counted(costly.segments_without, "segment"));
    format!(
        "{}: {now}. Without {name} it would be {}: {without}.",
        alphabet.name(),
        Alphabet::Gsm7.name()
    )
}

/// The text, with the number of segments where there are several.
fn text(view: &MessageView) -> String {
    let text = view.text(Field::Text);
    match view.text(Field::MessageCount).parse::<u64>() {
        Ok(segments) if segments > 1 => format!("{text} ({})", counted(segments, "segment")),
        _ => text,
    }
}
