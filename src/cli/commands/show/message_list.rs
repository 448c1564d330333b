//! A list of messages for people: two lines per message.

use std::fmt::Write as _;

use omnilogs::sink::width::{display_width, truncate};
use omnilogs::sink::{DeliveryResult, bold, printable};
use omnilogs::{Field, Log};

use super::block::ShowStyle;
use super::view::{Attempt, MessageView};
use crate::time_input::day_time_text;

/// Columns of the beginning of an id.
const SHORT_ID_WIDTH: usize = 8;
/// Columns of a whole id, which is a UUID.
const WHOLE_ID_WIDTH: usize = 36;
/// A result with fewer columns than this has a line of its own.
const MIN_RESULT_WIDTH: usize = 20;

/// Messages in two lines each: the time, the channels, the result and the id; then the sender and the
/// text. `whole_ids` is for messages whose ids have the same beginning.
pub(super) fn message_list(views: &[MessageView], style: ShowStyle, whole_ids: bool) -> String {
    let heads: Vec<[String; 2]> = views.iter().map(|view| head(view, style)).collect();
    let widest = |at: usize| {
        let widths = heads.iter().filter_map(|head| head.get(at)).map(|cell| display_width(cell));
        widths.max().unwrap_or(0)
    };
    let (time_width, channels_width) = (widest(0), widest(1));
    let id_width = if whole_ids { WHOLE_ID_WIDTH } else { SHORT_ID_WIDTH };
    let room = style.width.saturating_sub(time_width + channels_width + id_width + 6);
    let needed = views.iter().map(|view| display_width(&whole_result(view))).max().unwrap_or(0);
    let room = if room >= MIN_RESULT_WIDTH { room.min(needed) } else { room };
    let is_one_line = room >= MIN_RESULT_WIDTH.min(needed);
    let mut lines = String::new();
    for (view, [time, channels]) in views.iter().zip(&heads) {
        let blanks = " ".repeat(time_width + 2);
        let padding = " ".repeat(channels_width.saturating_sub(display_width(channels)));
        let id: String = printable(&view.id()).chars().take(id_width).collect();
        let id = if style.colour { bold(&id) } else { id };
        let time = format!("{time:>time_width$}");
        // Writing to a String cannot fail.
        let _ = if is_one_line {
            let result = result(view, room, style);
            writeln!(lines, "{time}  {channels}{padding}  {result}  {id}")
        } else {
            let result = result(view, style.width.saturating_sub(2), style);
            let separator = |columns| if columns <= style.width { "  " } else { "\n  " };
            let before_channels = separator(time_width + display_width(channels) + 2);
            let before_id = separator(time_width + display_width(channels) + id_width + 4);
            let head = format!("{time}{before_channels}{channels}{before_id}{id}");
            writeln!(lines, "{head}\n  {}", result.trim_end())
        };
        let indent = if is_one_line { blanks.as_str() } else { "  " };
        let text = sender_and_text(view);
        let text_room = style.width.saturating_sub(indent.len());
        let _ = writeln!(lines, "{}", format!("{indent}{}", truncate(&text, text_room)).trim_end());
    }
    lines
}

/// The time and the channels of a message.
fn head(view: &MessageView, style: ShowStyle) -> [String; 2] {
    let sent = view.rows().find_map(Log::sent_at);
    let time = sent.map(|sent| day_time_text(sent, style.zone, style.today)).unwrap_or_default();
    let channels: Vec<String> = view.attempts().iter().map(Attempt::channel).collect();
    [time, printable(&channels.join("→"))]
}

fn whole_result(view: &MessageView) -> String {
    let result = view.decisive().map(|decisive| DeliveryResult::of(decisive.row()).to_string());
    printable(&result.unwrap_or_default())
}

/// The result in exactly this many columns.
fn result(view: &MessageView, room: usize, style: ShowStyle) -> String {
    let Some(decisive) = view.decisive() else { return String::new() };
    let result = DeliveryResult::of(decisive.row());
    let whole = whole_result(view);
    let brief = result.brief().map(|brief| printable(&brief));
    let text = match brief {
        Some(brief) if display_width(&whole) > room => brief,
        _ => whole,
    };
    let text = truncate(&text, room);
    let padding = " ".repeat(room.saturating_sub(display_width(&text)));
    let text = if style.colour { view.colour().paint(&text) } else { text.into_owned() };
    format!("{text}{padding}")
}

/// The sender and the text of a message.
fn sender_and_text(view: &MessageView) -> String {
    let (from, text) = (view.text(Field::From), view.text(Field::Text));
    printable(&if from.is_empty() { text } else { format!("{from}: {text}") })
}
