//! Counts messages: how many were delivered, how long they took, what they cost.
//!
//! A [`Stats`] is a sink; when the rows have passed, its [`Summary`] is the result. Memory does not
//! grow with the rows: groups, buckets of time and series are bounded, and what is beyond is counted
//! together. Nothing
//! here fetches rows, and nothing decides how figures look.

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
pub use incident::{Findings, Incident, Worst};
pub use key::Key;
pub use latency::Latency;
pub use serialization::{BEFORE, FIGURES, WithBefore, cells, cells_before};
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

/// Groups that are counted on their own; the messages of all later ones are counted together.
pub const MAX_GROUPS: usize = 10_000;

/// Bytes of a key's text that count; texts that begin with the same bytes are one group.
const MAX_TEXT: usize = 256;

/// Counts the rows that go into it.
#[derive(Debug)]
pub struct Stats {
    keys: Vec<Key>,
    /// The width that was chosen; `None` chooses it from the window.
    width: Option<BucketWidth>,
    /// The window that was requested, in milliseconds since 1970.
    window: Option<(i64, i64)>,
    /// The buckets that groups are counted in.
    starts: Buckets,
    /// Where in `groups` the one of these key texts is.
    index: HashMap<Box<[u8]>, usize>,
    groups: Vec<GroupTally>,
    /// The messages of groups for which there was no room.
    beyond: Tally,
    /// Bounds the latencies of all groups together.
    limit: ClassLimit,
    currencies: Currencies,
    timeline: Timeline,
    series: AllSeries,
    /// The key texts of the row at hand, kept so that rows allocate nothing.
    texts: Vec<u8>,
}

impl Stats {
    /// Groups by these keys; buckets are those of the zone.
    #[must_use]
    pub fn new(keys: Vec<Key>, zone: Zone) -> Self {
        let finest = Buckets::new(zone, BucketWidth::FINEST);
        Self {
            keys,
            width: None,
            window: None,
            index: HashMap::new(),
            groups: Vec::new(),
            beyond: Tally::default(),
            limit: ClassLimit::new(Precision::FINE),
            currencies: Currencies::default(),
            timeline: Timeline::new(finest.clone()),
            series: AllSeries::new(finest.clone()),
            starts: finest,
            texts: Vec::new(),
        }
    }

    /// With the window that was requested, in milliseconds since 1970, and with buckets of this width
    /// in the result; the window decides where no width is given, and the rows where no window is.
    #[must_use]
    pub fn with_buckets(self, width: Option<BucketWidth>, window: Option<(i64, i64)>) -> Self {
        let chosen = width.or_else(|| window.map(width_for));
        let starts = chosen.map_or(self.starts.clone(), |width| self.starts.with_width(width));
        Self { width, window, starts, ..self }
    }

    /// The figures of all rows so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut total = self.beyond.clone();
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
            widened = self.widened(&mut starts);
            &widened
        } else {
            &self.groups
        };
        let groups = groups.iter().map(|group| group.result(&starts, &self.currencies));
        let (timeline, untimed) = self.timeline.result(&starts);
        Summary {
            keys: self.keys.clone(),
            groups: summary::sorted(&self.keys, groups, self.beyond.result(&self.currencies)),
            overflow: self.beyond.messages(),
            total: total.result(&self.currencies),
            width,
            window,
            timeline,
            findings: incident::find(&self.timeline, &self.series, &starts, &self.currencies),
            untimed,
            latency_digits: self.limit.digits(),
        }
    }

    /// The groups with wider buckets: those that have the same one now become one.
    fn widened(&self, starts: &mut Buckets) -> Vec<GroupTally> {
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

    /// Joins the key texts of a row.
    fn gather(&mut self, log: &Log, bucket: Option<i64>) {
        self.texts.clear();
        for key in &self.keys {
            match (key, bucket) {
                (Key::Bucket, Some(start)) => push_bucket(&mut self.texts, start),
                (key, _) => push_text(&mut self.texts, key.text(log).as_deref().map(start_of)),
            }
        }
    }

    /// Where the group of the row is; `None` when there is no room for it.
    fn group(&mut self, log: &Log, row: &CountedRow<'_>) -> Option<usize> {
        let mut bucket = self.bucket(row);
        self.gather(log, bucket);
        if let Some(at) = self.index.get(self.texts.as_slice()) {
            return Some(*at);
        }
        while self.groups.len() >= MAX_GROUPS {
            self.make_room()?;
            bucket = self.bucket(row);
            self.gather(log, bucket);
            if let Some(at) = self.index.get(self.texts.as_slice()) {
                return Some(*at);
            }
        }
        let at = self.groups.len();
        self.index.insert(self.texts.as_slice().into(), at);
        self.groups.push(GroupTally::new(&self.keys, log, bucket));
        Some(at)
    }

    /// When the bucket began in which a row was sent.
    fn bucket(&mut self, row: &CountedRow<'_>) -> Option<i64> {
        row.sent_at.and_then(|sent_at: Timestamp| self.starts.start_of(sent_at))
    }

    /// Makes the buckets of groups wider, where their width was not chosen; `None` when there is
    /// nothing to gain.
    fn make_room(&mut self) -> Option<()> {
        if self.width.is_some() || !self.keys.contains(&Key::Bucket) {
            return None;
        }
        self.starts = self.starts.with_width(self.starts.width().coarser()?);
        let mut starts = self.starts.clone();
        self.groups = self.widened(&mut starts);
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
        group.unwrap_or(&mut self.beyond).add(&row, &charge, &mut self.limit);
        if self.limit.exceeded().is_some() {
            self.groups.iter_mut().for_each(|group| group.tally.coarsen(&mut self.limit));
            self.beyond.coarsen(&mut self.limit);
        }
        self.timeline.add(&row, &charge);
        self.series.add(log, &row);
        Ok(Flow::Continue)
    }
}

/// The width for a window.
fn width_for((since, until): (i64, i64)) -> BucketWidth {
    BucketWidth::for_span(until.saturating_sub(since))
}

/// Ends each of the key texts of a group; no UTF-8 holds these bytes.
const END: u8 = 0xFF;
const MISSING: u8 = 0xFE;

/// Appends a text to the key texts of a group.
fn push_text(texts: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => texts.extend_from_slice(text.as_bytes()),
        None => texts.push(MISSING),
    }
    texts.push(END);
}

/// Appends the start of a bucket to them: always eight bytes.
fn push_bucket(texts: &mut Vec<u8>, start: i64) {
    texts.extend_from_slice(&start.to_be_bytes());
    texts.push(END);
}

/// The text, or as much of its start as counts.
fn start_of(text: &str) -> &str {
    if text.len() <= MAX_TEXT {
        return text;
    }
    let end = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
