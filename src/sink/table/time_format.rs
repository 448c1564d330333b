//! The format of times in a table: short on a narrow terminal, without the date of today, always in one
//! zone, and never ambiguous when clocks change.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};

use super::{ColumnSelection, TableOptions};
use crate::model::{Log, Timestamp};
use crate::zone::Zone;

/// From this width on, there is room for the year and milliseconds.
const MIN_WIDTH_FOR_FULL: usize = 120;

/// From this width on, there is room for a complete time beside its title.
const MIN_WIDTH_FOR_FULL_ALONE: usize = 40;

/// The format of every time in a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeFormat {
    zone: Zone,
    /// Whether times have the year and milliseconds.
    full: bool,
    /// The day whose times are shown without their date.
    today: Option<NaiveDate>,
    /// Whether the first page has a time with its date.
    dated: bool,
    /// The UTC offset in the title; a different offset follows its time.
    title_offset: Option<FixedOffset>,
    /// Whether some times may have a different offset.
    mixed: bool,
}

impl TimeFormat {
    /// Chooses the format by the options and by the times of the first page. Without a width the table
    /// goes into a pipe, where each line must be complete.
    pub(super) fn choose(options: &TableOptions, first_page: &[Log]) -> Self {
        let (zone, width) = (options.zone, options.width);
        let full = match options.columns {
            ColumnSelection::Fitting => width.is_none(),
            ColumnSelection::Wide | ColumnSelection::Chosen(_) => {
                width.is_none_or(|width| width >= MIN_WIDTH_FOR_FULL)
            }
        };
        let first = first_page.iter().find_map(|log| instant(log.sent_at()?));
        let title_offset = first.filter(|_| width.is_some()).map(|first| *zone.at(first).offset());
        // Later pages go back two days; one more day as a reserve.
        let changes = |days: i64| {
            let near = first.and_then(|first| first.checked_add_signed(TimeDelta::days(days)));
            near.is_some_and(|near| Some(*zone.at(near).offset()) != title_offset)
        };
        let mixed = title_offset.is_some() && (changes(-3) || changes(3));
        let today = options.today.filter(|_| !full && !mixed);
        let is_other_day =
            |instant: DateTime<Utc>| Some(zone.at(instant).date_naive()) != options.today;
        let mut instants = first_page.iter().filter_map(|log| instant(log.sent_at()?));
        let dated = today.is_none() || instants.any(is_other_day);
        Self { zone, full, today, dated, title_offset, mixed }
    }

    /// The format for one field per line, where a title has no UTC offset: each time has its own. It is
    /// complete if the width is sufficient.
    pub(super) fn alone(self, width: usize) -> Self {
        let alone = Self { title_offset: None, ..self };
        if width < MIN_WIDTH_FOR_FULL_ALONE {
            return alone;
        }
        Self { full: true, today: None, dated: true, ..alone }
    }

    /// Whether times are aligned to the right, so that the hours of times with and without a date are
    /// below each other.
    pub(super) fn is_right(&self) -> bool {
        self.today.is_some()
    }

    /// How many columns a time of the first page takes.
    pub(super) fn width(&self) -> usize {
        if self.dated { self.longest() } else { "10:00:05".len() }
    }

    /// How many columns the longest time takes.
    pub(super) fn longest(&self) -> usize {
        let example = if self.full { "2026-11-22 10:00:05.123" } else { "11-22 10:00:05" };
        let has_offset = self.title_offset.is_none() || self.mixed;
        example.len() + if has_offset { "+01:00".len() } else { 0 }
    }

    /// The UTC offset for the title of a time column.
    pub(super) fn offset_in_title(&self) -> Option<String> {
        self.title_offset.map(|offset| match offset.local_minus_utc() {
            0 => "UTC".to_owned(),
            _ => offset.to_string(),
        })
    }

    /// Formats a time in the zone of the table; `None` for a year outside the range of chrono.
    pub(super) fn show(&self, timestamp: Timestamp) -> Option<String> {
        let local = self.zone.at(instant(timestamp)?);
        let mut shown = String::with_capacity(32);
        if self.full {
            // Writing to a String cannot fail.
            let _ = write!(shown, "{:04}-", local.year());
        }
        let (day, time) = (local.day(), local.time());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        if self.today != Some(local.date_naive()) {
            let _ = write!(shown, "{:02}-{day:02} ", local.month());
        }
        let _ = write!(shown, "{hour:02}:{minute:02}:{second:02}");
        if self.full {
            let _ = write!(shown, ".{:03}", timestamp.millis().rem_euclid(1000));
        }
        if self.title_offset != Some(*local.offset()) {
            let _ = write!(shown, "{}", local.offset());
        }
        Some(shown)
    }
}

fn instant(timestamp: Timestamp) -> Option<DateTime<Utc>> {
    timestamp.to_datetime().map(|timestamp| timestamp.to_utc())
}
