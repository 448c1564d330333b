//! The delivered shares of every channel, network and sender over time, and the failures by reason, in
//! which `incident` searches. Memory is bounded: only the first values have a series, and with too many
//! points all buckets become wider.

use std::collections::{BTreeMap, HashMap};

use super::buckets::Buckets;
use super::start_of;
use super::tally::CountedRow;
use crate::model::{Field, Log};

/// The most series of one dimension; an account has far fewer networks and senders.
const MAX_VALUES: usize = 1_000;

/// The most points of all series together, which take about 4 MB; with more, the buckets become wider.
const MAX_POINTS: usize = 60_000;

/// Separates the channel and the network in the name of a value. It is a control character, which
/// channels and networks do not contain.
pub(super) const SEPARATOR: char = '\u{1f}';

/// The kind of value that a series counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Channel,
    /// A network and a channel: another channel to the same phones may work.
    Network,
    Sender,
    /// Why a message failed: the error, or else the status.
    Reason,
}

impl Dimension {
    pub(super) const ALL: [Self; 4] = [Self::Channel, Self::Network, Self::Sender, Self::Reason];

    /// Writes the value of a row to `to`; `false` when the row has none.
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

/// The number of messages with a final status, and of the delivered ones among them.
pub(super) type Counts = [u64; 2];

/// The counts of one value over time.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) name: Box<str>,
    points: BTreeMap<i64, Counts>,
    /// The start and the counts of the bucket of the latest rows, which is not in `points` yet.
    current: (i64, Counts),
}

impl Series {
    /// Counts a message. Returns how many points are new.
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

    /// The counts by the start of the bucket, the earliest first.
    pub(super) fn points(&self) -> BTreeMap<i64, Counts> {
        let mut points = self.points.clone();
        put(&mut points, self.current.0, self.current.1);
        points
    }
}

/// Adds counts to a point. Returns whether the point is new.
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
    dimensions: [DimensionSeries; 4],
    points: usize,
    is_full: bool,
    /// The value of the current row, in a buffer that rows reuse.
    text: String,
}

/// The series of one dimension.
#[derive(Clone, Debug, Default)]
struct DimensionSeries {
    /// The index in `list` of the series with this name.
    index: HashMap<Box<str>, usize>,
    list: Vec<Series>,
    /// The index of the series of the latest row; neighbouring rows often have the same value.
    latest: usize,
}

impl DimensionSeries {
    /// The series with this name, which is added if it is new; `None` beyond [`MAX_VALUES`].
    fn series(&mut self, name: &str, start: i64) -> Option<&mut Series> {
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
        let dimensions = std::array::from_fn(|_| DimensionSeries::default());
        Self { starts: finest, dimensions, points: 0, is_full: false, text: String::new() }
    }

    /// Counts a row, unless its message is pending or has no time of sending.
    pub(super) fn add(&mut self, log: &Log, row: &CountedRow<'_>) {
        if !row.is_final || self.is_full {
            return;
        }
        let start = row.sent_at.and_then(|sent_at| self.starts.start_of(sent_at));
        let Some(start) = start else { return };
        for (dimension, all) in Dimension::ALL.into_iter().zip(&mut self.dimensions) {
            if dimension.write(log, row.is_failed(), &mut self.text)
                && let Some(series) = all.series(&self.text, start)
            {
                self.points += series.add(start, row.is_delivered);
            }
        }
        if self.points > MAX_POINTS {
            self.coarsen();
        }
    }

    /// Makes all buckets wider. When there are too many buckets even of a week, drops all series: an
    /// incident among thousands of weeks is of no interest.
    fn coarsen(&mut self) {
        let Some(width) = self.starts.width().coarser() else {
            self.dimensions = std::array::from_fn(|_| DimensionSeries::default());
            self.is_full = true;
            return;
        };
        self.starts = self.starts.with_width(width);
        self.points = 0;
        for series in self.dimensions.iter_mut().flat_map(|all| &mut all.list) {
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
        place.and_then(|at| self.dimensions.get(at)).map_or(&[], |all| &all.list)
    }
}
