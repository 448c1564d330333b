//! Counts messages: how many were delivered, how long they took, what they cost.
//!
//! [`Stats`] is a sink; after the rows, its [`Summary`] is the result. Memory must not grow with the
//! number of rows: groups, buckets and series are bounded, and messages beyond a bound are counted
//! together. This module does not fetch rows, and does not format figures.

mod buckets;
mod cost;
mod delivery;
mod incident;
mod key;
mod latency;
mod serialization;
mod series;
mod summary;
mod tally;
mod timeline;

pub use buckets::BucketWidth;
pub use cost::{Amount, Cost, MAX_CURRENCIES};
pub use delivery::Delivery;
pub use incident::{Findings, Incident, WorstValue};
pub use key::Key;
pub use latency::Latency;
pub use serialization::{BEFORE_COLUMNS, ComparedSummary, FIGURE_COLUMNS, cells, cells_before};
pub use summary::{Group, Order, Summary, Value};
pub use tally::Figures;
pub use timeline::BucketFigures;

use std::collections::HashMap;

use self::buckets::Buckets;
use self::cost::Currencies;
use self::latency::{ClassLimit, Precision};
use self::series::AllSeries;
use self::summary::{GroupTally, GroupValue};
use self::tally::{CountedRow, Tally};
use self::timeline::Timeline;
use crate::model::{Log, Timestamp};
use crate::sink::{Flow, Sink, SinkError};
use crate::zone::Zone;

/// The most groups; the messages of later groups are counted together.
pub const MAX_GROUPS: usize = 10_000;

/// How many bytes of the text of a key are compared; texts that begin with the same bytes are one
/// group.
const MAX_TEXT_BYTES: usize = 256;

/// Counts rows.
#[derive(Debug)]
pub struct Stats {
    keys: Vec<Key>,
    /// The chosen width; `None` when the window decides.
    width: Option<BucketWidth>,
    /// The requested window, in milliseconds since 1970.
    window: Option<(i64, i64)>,
    /// The buckets of the groups.
    starts: Buckets,
    /// The index in `groups` of the group with these key texts.
    index: HashMap<Box<[u8]>, usize>,
    groups: Vec<GroupTally>,
    /// The messages of groups beyond [`MAX_GROUPS`].
    overflow: Tally,
    /// Bounds the memory of the latencies of all groups.
    limit: ClassLimit,
    currencies: Currencies,
    timeline: Timeline,
    series: AllSeries,
    /// The key texts of the current row, in a buffer that rows reuse.
    key_texts: Vec<u8>,
}

impl Stats {
    /// Groups rows by these keys, with the buckets of this zone.
    #[must_use]
    pub fn new(keys: Vec<Key>, zone: Zone) -> Self {
        let finest = Buckets::new(zone, BucketWidth::FINEST);
        Self {
            keys,
            width: None,
            window: None,
            index: HashMap::new(),
            groups: Vec::new(),
            overflow: Tally::default(),
            limit: ClassLimit::new(Precision::FINE),
            currencies: Currencies::default(),
            timeline: Timeline::new(finest.clone()),
            series: AllSeries::new(finest.clone()),
            starts: finest,
            key_texts: Vec::new(),
        }
    }

    /// Sets the width of the buckets in the result, and the requested window in milliseconds since
    /// 1970. Without a width, the window decides it; without a window, the rows do.
    #[must_use]
    pub fn with_buckets(self, width: Option<BucketWidth>, window: Option<(i64, i64)>) -> Self {
        let chosen = width.or_else(|| window.map(width_for));
        let starts = chosen.map_or(self.starts.clone(), |width| self.starts.with_width(width));
        Self { width, window, starts, ..self }
    }

    /// The figures of all rows so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut total = self.overflow.clone();
        for group in &self.groups {
            total.merge(&group.tally);
        }
        let window = self.window.or_else(|| {
            let (first, last) = self.timeline.ends()?;
            Some((first, self.timeline.end(last) - 1))
        });
        let chosen = window.map_or(BucketWidth::FINEST, width_for);
        let width =
            self.width.unwrap_or(chosen).max(self.timeline.width()).max(self.starts.width());
        let mut starts = self.starts.with_width(width);
        let widened;
        let groups = if width > self.starts.width() && self.keys.contains(&Key::Bucket) {
            widened = self.with_wider_buckets(&mut starts);
            &widened
        } else {
            &self.groups
        };
        let groups = groups.iter().map(|group| group.result(&starts, &self.currencies));
        let (timeline, untimed) = self.timeline.result(&starts);
        Summary {
            keys: self.keys.clone(),
            groups: summary::sorted(&self.keys, groups, self.overflow.result(&self.currencies)),
            overflow: self.overflow.messages(),
            total: total.result(&self.currencies),
            width,
            window,
            timeline,
            findings: incident::find(&self.timeline, &self.series, &starts, &self.currencies),
            untimed,
            latency_digits: self.limit.digits(),
        }
    }

    /// The groups with wider buckets. Groups that have the same bucket and keys then become one.
    fn with_wider_buckets(&self, starts: &mut Buckets) -> Vec<GroupTally> {
        let mut places: HashMap<Vec<GroupValue>, usize> = HashMap::new();
        let mut wider: Vec<GroupTally> = Vec::new();
        for group in &self.groups {
            let mut group = group.clone();
            let values = group.widen(starts);
            if let Some(known) = places.get(&values).and_then(|at| wider.get_mut(*at)) {
                known.tally.merge(&group.tally);
            } else {
                places.insert(values, wider.len());
                wider.push(group);
            }
        }
        wider
    }

    /// Writes the key texts of a row to `key_texts`.
    fn join_key_texts(&mut self, log: &Log, bucket: Option<i64>) {
        self.key_texts.clear();
        for key in &self.keys {
            match (key, bucket) {
                (Key::Bucket, Some(start)) => push_bucket(&mut self.key_texts, start),
                (key, _) => push_text(&mut self.key_texts, key.text(log).as_deref().map(start_of)),
            }
        }
    }

    /// The index of the group of the row, which is added if necessary; `None` beyond [`MAX_GROUPS`].
    fn group(&mut self, log: &Log, row: &CountedRow<'_>) -> Option<usize> {
        let mut bucket = self.bucket(row);
        self.join_key_texts(log, bucket);
        if let Some(at) = self.index.get(self.key_texts.as_slice()) {
            return Some(*at);
        }
        while self.groups.len() >= MAX_GROUPS {
            self.make_room()?;
            bucket = self.bucket(row);
            self.join_key_texts(log, bucket);
            if let Some(at) = self.index.get(self.key_texts.as_slice()) {
                return Some(*at);
            }
        }
        let at = self.groups.len();
        self.index.insert(self.key_texts.as_slice().into(), at);
        self.groups.push(GroupTally::new(&self.keys, log, bucket));
        Some(at)
    }

    /// The start of the bucket in which a row was sent.
    fn bucket(&mut self, row: &CountedRow<'_>) -> Option<i64> {
        row.sent_at.and_then(|sent_at: Timestamp| self.starts.start_of(sent_at))
    }

    /// Reduces the number of groups by wider buckets; `None` when that is not possible, because the
    /// width was chosen or the rows are not grouped by bucket.
    fn make_room(&mut self) -> Option<()> {
        if self.width.is_some() || !self.keys.contains(&Key::Bucket) {
            return None;
        }
        self.starts = self.starts.with_width(self.starts.width().coarser()?);
        let mut starts = self.starts.clone();
        self.groups = self.with_wider_buckets(&mut starts);
        self.index.clear();
        for (at, group) in self.groups.iter().enumerate() {
            self.index.insert(group.texts().into(), at);
        }
        Some(())
    }
}

impl Sink for Stats {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let row = CountedRow::read(log);
        let charge = self.currencies.charge(&row.price, &row.currency);
        let at = self.group(log, &row);
        let group = at.and_then(|at| self.groups.get_mut(at)).map(|group| &mut group.tally);
        group.unwrap_or(&mut self.overflow).add(&row, &charge, &mut self.limit);
        if self.limit.exceeded().is_some() {
            self.groups.iter_mut().for_each(|group| group.tally.coarsen(&mut self.limit));
            self.overflow.coarsen(&mut self.limit);
        }
        self.timeline.add(&row, &charge);
        self.series.add(log, &row);
        Ok(Flow::Continue)
    }
}

/// The width of buckets for a window.
fn width_for((since, until): (i64, i64)) -> BucketWidth {
    BucketWidth::for_span(until.saturating_sub(since))
}

/// Ends each key text of a group. UTF-8 never contains this byte.
const END_OF_TEXT: u8 = 0xFF;
/// The key text of a row without a value. UTF-8 never contains this byte.
const MISSING_TEXT: u8 = 0xFE;

/// Appends a text to the key texts of a group.
fn push_text(texts: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => texts.extend_from_slice(text.as_bytes()),
        None => texts.push(MISSING_TEXT),
    }
    texts.push(END_OF_TEXT);
}

/// Appends the start of a bucket, always eight bytes, to the key texts of a group.
fn push_bucket(texts: &mut Vec<u8>, start: i64) {
    texts.extend_from_slice(&start.to_be_bytes());
    texts.push(END_OF_TEXT);
}

/// The start of a text, at most [`MAX_TEXT_BYTES`].
fn start_of(text: &str) -> &str {
    if text.len() <= MAX_TEXT_BYTES {
        return text;
    }
    let end = (0..=MAX_TEXT_BYTES).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
