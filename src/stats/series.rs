//! Delivered shares over time of every channel, network and sender, and failures by reason: what an
//! incident is found with. Memory is bounded: values beyond a number have no series of their own, and
//! with too many points all buckets become coarser. Decides nothing about what is unusual.

use std::collections::{BTreeMap, HashMap};

use super::buckets::Buckets;
use super::start_of;
use super::tally::CountedRow;
use crate::model::{Field, Log};

/// Values of one kind with a series of their own; an account has far fewer networks and senders.
const MAX_VALUES: usize = 1_000;

/// Points of all series together; with more, their buckets become coarser. They take some 4 MB.
const MAX_POINTS: usize = 60_000;

/// Separates the channel and the network in the name of a value; no text of a row holds it
/// unescaped.
pub(super) const SEPARATOR: char = '\u{1f}';

/// What a series is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Channel,
    /// A network together with the channel: another channel to the same phones may work.
    Network,
    Sender,
    /// Why messages failed: the error, or else the status.
    Reason,
}

impl Dimension {
    pub(super) const ALL: [Self; 4] = [Self::Channel, Self::Network, Self::Sender, Self::Reason];

    /// Writes the value of a row; `false` when it has none.
    fn write(self, log: &Log, is_failed: bool, to: &mut String) -> bool {
        to.clear();
        let cell = |field| log.cell(field).into_text();
        match self {
            Self::Channel => to.push_str(start_of(&cell(Field::Channel))),
            Self::Sender => to.push_str(start_of(&cell(Field::From))),
            Self::Network => {
                let network = cell(Field::Mccmnc);
                if !network.is_empty() {
                    to.push_str(start_of(&cell(Field::Channel)));
                    to.push(SEPARATOR);
                    to.push_str(start_of(&network));
                }
            }
            Self::Reason if is_failed => to.push_str(start_of(&log.failure_code())),
            Self::Reason => {}
        }
        !to.is_empty()
    }
}

/// Final messages and delivered ones.
pub(super) type Counts = [u64; 2];

/// One value over time.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) name: Box<str>,
    points: BTreeMap<i64, Counts>,
    /// The bucket that the latest rows were in, not yet among the points.
    current: (i64, Counts),
}

impl Series {
    /// How many points it has more than before.
    fn add(&mut self, start: i64, is_delivered: bool) -> usize {
        let mut more = 0;
        if self.current.0 != start {
            let (was, counts) = std::mem::replace(&mut self.current, (start, [0, 0]));
            more = usize::from(put(&mut self.points, was, counts));
        }
        let [finals, delivered] = &mut self.current.1;
        *finals += 1;
        *delivered += u64::from(is_delivered);
        more
    }

    /// The points, the earliest first.
    pub(super) fn points(&self) -> BTreeMap<i64, Counts> {
        let mut points = self.points.clone();
        put(&mut points, self.current.0, self.current.1);
        points
    }
}

/// Adds to a point; whether it is a new one.
fn put(points: &mut BTreeMap<i64, Counts>, start: i64, [finals, delivered]: Counts) -> bool {
    if finals == 0 {
        return false;
    }
    let before = points.len();
    let point = points.entry(start).or_default();
    point[0] += finals;
    point[1] += delivered;
    points.len() > before
}

/// All series.
#[derive(Clone, Debug)]
pub(super) struct AllSeries {
    starts: Buckets,
    of: [DimensionSeries; 4],
    points: usize,
    is_full: bool,
    /// The value of the row at hand, kept so that rows allocate nothing.
    text: String,
}

#[derive(Clone, Debug, Default)]
struct DimensionSeries {
    index: HashMap<Box<str>, usize>,
    list: Vec<Series>,
    /// Where the value of the latest row is: neighbouring rows often have the same.
    latest: usize,
}

impl DimensionSeries {
    fn of(&mut self, name: &str, start: i64) -> Option<&mut Series> {
        let is_latest = self.list.get(self.latest).is_some_and(|series| *series.name == *name);
        if !is_latest {
            self.latest = match self.index.get(name) {
                Some(at) => *at,
                None if self.list.len() < MAX_VALUES => {
                    self.index.insert(name.into(), self.list.len());
                    let points = BTreeMap::new();
                    self.list.push(Series { name: name.into(), points, current: (start, [0, 0]) });
                    self.list.len() - 1
                }
                None => return None,
            };
        }
        self.list.get_mut(self.latest)
    }
}

impl AllSeries {
    pub(super) fn new(finest: Buckets) -> Self {
        let of = std::array::from_fn(|_| DimensionSeries::default());
        Self { starts: finest, of, points: 0, is_full: false, text: String::new() }
    }

    /// Counts a row, unless it is pending or has no time of sending.
    pub(super) fn add(&mut self, log: &Log, row: &CountedRow<'_>) {
        if !row.is_final || self.is_full {
            return;
        }
        let start = row.sent_at.and_then(|sent_at| self.starts.start_of(sent_at));
        let Some(start) = start else { return };
        for (dimension, all) in Dimension::ALL.into_iter().zip(&mut self.of) {
            if dimension.write(log, row.is_failed(), &mut self.text)
                && let Some(series) = all.of(&self.text, start)
            {
                self.points += series.add(start, row.is_delivered);
            }
        }
        if self.points > MAX_POINTS {
            self.coarsen();
        }
    }

    /// Makes all buckets wider. Where even those of a week are too many, nothing is kept: an incident
    /// among thousands of weeks is not news.
    fn coarsen(&mut self) {
        let Some(width) = self.starts.width().coarser() else {
            self.of = std::array::from_fn(|_| DimensionSeries::default());
            self.is_full = true;
            return;
        };
        self.starts = self.starts.with_width(width);
        self.points = 0;
        for series in self.of.iter_mut().flat_map(|all| &mut all.list) {
            let mut wider = BTreeMap::new();
            for (start, counts) in series.points() {
                put(&mut wider, self.starts.start(start).unwrap_or(start), counts);
            }
            self.points += wider.len();
            series.points = wider;
            series.current.1 = [0, 0];
        }
    }

    /// The series of a dimension.
    pub(super) fn of(&self, dimension: Dimension) -> &[Series] {
        let place = Dimension::ALL.iter().position(|known| *known == dimension);
        place.and_then(|at| self.of.get(at)).map_or(&[], |all| &all.list)
    }
}
