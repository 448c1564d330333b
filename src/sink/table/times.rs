//! How a table shows moments: short where there is little room, always in one zone, and never
//! ambiguous when clocks change.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, Timelike, Utc};

use crate::model::{Log, Timestamp};
use crate::zone::Zone;

/// From this many columns on there is room for the year and milliseconds.
const ROOM_FOR_FULL: usize = 120;

/// From this many columns on there is room for a whole time and its UTC offset beside its title.
const ROOM_FOR_OFFSET: usize = 40;

/// The form of every moment in a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    zone: Zone,
    full: bool,
    /// The offset that the title tells; a moment with another one tells its own.
    told: Option<FixedOffset>,
    /// Whether some cells may tell their own.
    mixed: bool,
}

impl Times {
    /// Chooses by the width (`None`: into a pipe, where each line stands for itself) and by the
    /// moments of the first page.
    pub(super) fn choose(zone: Zone, width: Option<usize>, first_page: &[Log]) -> Self {
        let full = width.is_none_or(|width| width >= ROOM_FOR_FULL);
        let first = first_page.iter().find_map(|log| instant(log.sent_at()?));
        let told = first.filter(|_| width.is_some()).map(|first| *zone.at(first).offset());
        // Later pages reach two days back, and a day to spare.
        let changes = |days: i64| {
            let near = first.and_then(|first| first.checked_add_signed(TimeDelta::days(days)));
            near.is_some_and(|near| Some(*zone.at(near).offset()) != told)
        };
        let mixed = told.is_some() && (changes(-3) || changes(3));
        Self { zone, full, told, mixed }
    }

    /// For one field a line, where no title tells the offset: each moment does, if there is room.
    pub(super) fn alone(self, width: usize) -> Self {
        if width < ROOM_FOR_OFFSET {
            return self;
        }
        Self { full: true, told: None, ..self }
    }

    /// Columns that a moment takes.
    pub(super) fn width(&self) -> usize {
        let moment = if self.full { "2026-11-22 10:00:05.123" } else { "11-22 10:00:05" };
        let tells_offset = self.told.is_none() || self.mixed;
        moment.len() + if tells_offset { "+01:00".len() } else { 0 }
    }

    /// What the title of a time column tells.
    pub(super) fn offset_in_title(&self) -> Option<String> {
        self.told.map(|offset| match offset.local_minus_utc() {
            0 => "UTC".to_owned(),
            _ => offset.to_string(),
        })
    }

    /// The moment in the table's zone; `None` for one that no calendar shows.
    pub(super) fn show(&self, moment: Timestamp) -> Option<String> {
        let local = self.zone.at(instant(moment)?);
        let mut shown = String::with_capacity(32);
        if self.full {
            // Writing to a String cannot fail.
            let _ = write!(shown, "{:04}-", local.year());
        }
        let (day, time) = (local.day(), local.time());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let _ = write!(shown, "{:02}-{day:02} {hour:02}:{minute:02}:{second:02}", local.month());
        if self.full {
            let _ = write!(shown, ".{:03}", moment.millis().rem_euclid(1000));
        }
        if self.told != Some(*local.offset()) {
            let _ = write!(shown, "{}", local.offset());
        }
        Some(shown)
    }
}

fn instant(moment: Timestamp) -> Option<DateTime<Utc>> {
    moment.to_datetime().map(|moment| moment.to_utc())
}
