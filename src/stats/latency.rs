//! Percentiles of latencies, in bounded memory.
//!
//! The first values are kept exactly. More values are counted in classes, as in a histogram. The width
//! of a class is a fixed share of its values, and empty classes take no memory, so that one latency of
//! 8000 years takes no more than one of a second. [`ClassLimit`] bounds the classes of all groups
//! together.

/// The most values that are kept exactly; most groups are smaller.
const MAX_VALUES: usize = 1024;

/// The most classes of all groups together, which take 16 MB; with more, all become coarser.
const MAX_CLASSES: usize = 2_000_000;

/// The precision of classes: there are 2 to this power of them between a value and its double.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Precision(u32);

impl Precision {
    /// The error is at most one in 1000.
    pub(super) const FINE: Self = Self(10);
    /// The error is at most one in 100, for the buckets of a timeline.
    pub(super) const MEDIUM: Self = Self(7);
    /// The error is at most one in 10. There are so few classes that the number of groups bounds the
    /// memory.
    const COARSE: Self = Self(4);

    fn coarser(self) -> Option<Self> {
        match self {
            Self::FINE => Some(Self::MEDIUM),
            Self::MEDIUM => Some(Self::COARSE),
            _ => None,
        }
    }

    /// The number of correct significant digits.
    fn digits(self) -> u8 {
        match self {
            Self::FINE => 3,
            Self::MEDIUM => 2,
            _ => 1,
        }
    }

    /// The class of a value. Each value below the double of 2 to this power has its own class.
    fn class(self, value: u64) -> u16 {
        let Self(bits) = self;
        let exponent = (u64::BITS - value.leading_zeros()).saturating_sub(bits + 1);
        // At most (53 << 10) + 2047.
        u16::try_from((u64::from(exponent) << bits) + (value >> exponent)).unwrap_or(u16::MAX)
    }

    /// The least and the greatest value of a class.
    fn range(self, class: u16) -> (u64, u64) {
        let (Self(bits), class) = (self, u64::from(class));
        let exponent = (class >> bits).saturating_sub(1);
        let first = class - (exponent << bits);
        let edge = |at: u64| u128::from(at) << exponent;
        let value = |at: u128| u64::try_from(at).unwrap_or(u64::MAX);
        (value(edge(first)), value(edge(first + 1) - 1))
    }
}

/// Bounds the number of classes that several [`Latencies`] have together, by their precision.
#[derive(Clone, Debug)]
pub(super) struct ClassLimit {
    precision: Precision,
    classes: usize,
    max_classes: usize,
}

impl ClassLimit {
    /// A limit that begins with this precision.
    pub(super) fn new(precision: Precision) -> Self {
        Self { precision, classes: 0, max_classes: MAX_CLASSES }
    }

    /// Adds a latency to one of the latencies that share this limit.
    pub(super) fn add(&mut self, latencies: &mut Latencies, millis: i64) {
        self.classes += latencies.add(millis, self.precision);
    }

    /// Checks the limit. When there are too many classes, returns the new precision; the caller must
    /// then call [`Self::coarsen`] for all latencies.
    pub(super) fn exceeded(&mut self) -> Option<Precision> {
        if self.classes <= self.max_classes {
            return None;
        }
        self.precision = self.precision.coarser()?;
        self.classes = 0;
        Some(self.precision)
    }

    /// Reduces one of the latencies to the precision that [`Self::exceeded`] returned.
    pub(super) fn coarsen(&mut self, latencies: &mut Latencies) {
        self.classes += latencies.coarsen(self.precision);
    }

    /// The number of correct significant digits in the percentiles of many messages.
    pub(super) fn digits(&self) -> u8 {
        self.precision.digits()
    }
}

/// The percentiles of latencies, in milliseconds. They are exact for up to 1024 messages, if each took
/// less than 49 days. For more messages, three significant digits are correct, fewer when there are
/// very many groups ([`Summary::latency_digits`](super::Summary::latency_digits)), and two in a bucket
/// of the timeline. The maximum is always exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Latency {
    /// The median: half of the messages took at most this long.
    pub p50: u64,
    /// 90 % of the messages took at most this long.
    pub p90: u64,
    /// 99 % of the messages took at most this long.
    pub p99: u64,
    /// The longest latency.
    pub max: u64,
    /// How many messages were done before they were sent, by the times of the server; each counts as 0.
    pub clamped: u64,
    /// How many messages have a latency.
    pub count: u64,
    /// The sum of all latencies.
    pub sum: u128,
}

/// Collects latencies.
#[derive(Clone, Debug, Default)]
pub(super) struct Latencies {
    held: LatencyValues,
    max: u64,
    clamped: u64,
    count: u64,
    sum: u128,
}

#[derive(Clone, Debug)]
enum LatencyValues {
    /// Every value, in the order of arrival.
    Values(Vec<u32>),
    Classes(Classes),
}

impl Default for LatencyValues {
    fn default() -> Self {
        Self::Values(Vec::new())
    }
}

/// The number of values in each class that is not empty, sorted by class.
#[derive(Clone, Debug)]
struct Classes {
    precision: Precision,
    counts: Vec<(u16, u32)>,
}

impl Classes {
    fn new(values: &[u32], precision: Precision) -> Self {
        let mut classes = Self { precision, counts: Vec::new() };
        for value in values {
            classes.add(u64::from(*value), 1);
        }
        classes
    }

    /// Adds a value `count` times. Returns whether its class is new.
    fn add(&mut self, value: u64, count: u32) -> bool {
        let class = self.precision.class(value);
        match self.counts.binary_search_by_key(&class, |(class, _)| *class) {
            Ok(at) => {
                if let Some((_, held)) = self.counts.get_mut(at) {
                    *held = held.saturating_add(count);
                }
                false
            }
            Err(at) => {
                self.counts.insert(at, (class, count));
                true
            }
        }
    }

    fn coarsen(&mut self, precision: Precision) {
        if precision >= self.precision {
            return;
        }
        let mut coarse = Self { precision, counts: Vec::new() };
        for (class, count) in &self.counts {
            coarse.add(self.precision.range(*class).0, *count);
        }
        coarse.counts.shrink_to_fit();
        *self = coarse;
    }

    /// The upper end of the class of the value with this rank, counted from 1.
    fn at_rank(&self, rank: u64) -> u64 {
        let mut below = 0;
        let reaches = |(_, count): &&(u16, u32)| {
            below += u64::from(*count);
            below >= rank
        };
        let found = self.counts.iter().find(reaches).or(self.counts.last());
        found.map_or(0, |(class, _)| self.precision.range(*class).1)
    }

    fn len(&self) -> u64 {
        self.counts.iter().map(|(_, count)| u64::from(*count)).sum()
    }
}

impl Latencies {
    /// Adds a latency; a negative one counts as 0. Returns how many classes are new.
    fn add(&mut self, millis: i64, precision: Precision) -> usize {
        self.clamped += u64::from(millis < 0);
        let millis = u64::try_from(millis).unwrap_or(0);
        self.max = self.max.max(millis);
        self.count += 1;
        self.sum += u128::from(millis);
        let mut taken = 0;
        if let LatencyValues::Values(values) = &mut self.held {
            match u32::try_from(millis) {
                Ok(short) if values.len() < MAX_VALUES => {
                    values.push(short);
                    return 0;
                }
                // There are too many values, or this one, of seven weeks or longer, does not fit.
                _ => {
                    let classes = Classes::new(values, precision);
                    taken = classes.counts.len();
                    self.held = LatencyValues::Classes(classes);
                }
            }
        }
        if let LatencyValues::Classes(classes) = &mut self.held {
            taken += usize::from(classes.add(millis, 1));
        }
        taken
    }

    /// Reduces the classes to at most this precision. Returns how many there are then.
    fn coarsen(&mut self, precision: Precision) -> usize {
        match &mut self.held {
            LatencyValues::Values(_) => 0,
            LatencyValues::Classes(classes) => {
                classes.coarsen(precision);
                classes.counts.len()
            }
        }
    }

    /// Adds all latencies of others.
    pub(super) fn merge(&mut self, others: &Self) {
        let (count, sum) = (self.count + others.count, self.sum + others.sum);
        match &others.held {
            LatencyValues::Values(values) => {
                for millis in values {
                    let precision = self.precision();
                    self.add(i64::from(*millis), precision);
                }
            }
            LatencyValues::Classes(more) => {
                let precision = self.precision().min(more.precision);
                if let LatencyValues::Values(values) = &self.held {
                    self.held = LatencyValues::Classes(Classes::new(values, precision));
                }
                if let LatencyValues::Classes(classes) = &mut self.held {
                    classes.coarsen(precision);
                    for (class, count) in &more.counts {
                        classes.add(more.precision.range(*class).0, *count);
                    }
                }
            }
        }
        (self.count, self.sum) = (count, sum);
        self.max = self.max.max(others.max);
        self.clamped += others.clamped;
    }

    fn precision(&self) -> Precision {
        match &self.held {
            LatencyValues::Values(_) => Precision::FINE,
            LatencyValues::Classes(classes) => classes.precision,
        }
    }

    /// The percentiles; `None` when there is no latency.
    pub(super) fn result(&self) -> Option<Latency> {
        let of = |at: &dyn Fn(f64) -> u64| Latency {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: self.max,
            clamped: self.clamped,
            count: self.count,
            sum: self.sum,
        };
        match &self.held {
            LatencyValues::Values(values) if values.is_empty() => None,
            LatencyValues::Values(values) => {
                let mut sorted = values.clone();
                sorted.sort_unstable();
                Some(of(&|quantile| {
                    let at = usize::try_from(rank(quantile, sorted.len() as u64) - 1);
                    at.ok().and_then(|at| sorted.get(at)).copied().map_or(0, u64::from)
                }))
            }
            // Bounded by the maximum, because the upper end of a class may exceed every value.
            LatencyValues::Classes(classes) => {
                let len = classes.len();
                Some(of(&|quantile| classes.at_rank(rank(quantile, len)).min(self.max)))
            }
        }
    }
}

/// The rank of a quantile among this many values, counted from 1.
fn rank(quantile: f64, len: u64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a count"
    )]
    let rank = (quantile * len as f64).ceil() as u64;
    rank.max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn latencies_of(values: &[i64], precision: Precision) -> Latencies {
        let mut latencies = Latencies::default();
        for millis in values {
            latencies.add(*millis, precision);
        }
        latencies
    }

    fn latency(values: &[i64]) -> Latency {
        latencies_of(values, Precision::FINE).result().unwrap()
    }

    #[test]
    fn no_latency_has_no_percentiles() {
        assert_eq!(Latencies::default().result(), None);
    }

    #[test]
    fn one_latency_is_all_its_percentiles() {
        let latency = latency(&[61_234]);
        assert_eq!((latency.p50, latency.p99, latency.max), (61_234, 61_234, 61_234));
    }

    #[test]
    fn a_message_done_before_it_was_sent_counts_as_0_and_is_counted() {
        let latency = latency(&[-5, -1, 10]);
        assert_eq!((latency.p50, latency.max, latency.clamped), (0, 10, 2));
    }

    #[test]
    fn a_latency_of_millennia_takes_one_class() {
        let millennia = 250_000_000_000_000;
        let latencies = latencies_of(&[1, 2, millennia], Precision::FINE);
        let LatencyValues::Classes(classes) = &latencies.held else { panic!("{latencies:?}") };
        assert_eq!(classes.counts.len(), 3);
        let latency = latencies.result().unwrap();
        assert_eq!(
            (latency.p50, latency.p99, latency.max),
            (2, 250_000_000_000_000, 250_000_000_000_000)
        );
    }

    #[test]
    fn too_many_classes_make_all_of_them_coarser() {
        let mut limit = ClassLimit { max_classes: 20_000, ..ClassLimit::new(Precision::FINE) };
        let mut all: Vec<Latencies> = vec![Latencies::default(); 10];
        let values: Vec<i64> = (0..40_000).map(|at| at * 997 % 40_009 * 1000).collect();
        for (at, millis) in values.iter().enumerate() {
            limit.add(&mut all[at % 10], *millis);
            if limit.exceeded().is_some() {
                for latencies in &mut all {
                    limit.coarsen(latencies);
                }
            }
        }
        assert_eq!(limit.digits(), 2);
        let held = |latencies: &Latencies| match &latencies.held {
            LatencyValues::Values(_) => 0,
            LatencyValues::Classes(classes) => classes.counts.len(),
        };
        assert!(all.iter().map(held).sum::<usize>() <= 20_000);
        let mut total = Latencies::default();
        for latencies in &all {
            total.merge(latencies);
        }
        let mut sorted: Vec<u64> = values.iter().map(|v| u64::try_from(*v).unwrap()).collect();
        sorted.sort_unstable();
        let total = total.result().unwrap();
        assert!(is_near(total.p50, &sorted, 0.5, 100) && is_near(total.p99, &sorted, 0.99, 100));
        assert_eq!(Some(&total.max), sorted.last());
    }

    /// Whether a percentile differs from that of the sorted values by at most one in `part`.
    fn is_near(got: u64, sorted: &[u64], quantile: f64, part: u64) -> bool {
        let rank = usize::try_from(rank(quantile, sorted.len() as u64)).unwrap();
        let wanted = sorted[rank - 1];
        got.abs_diff(wanted) <= wanted / part + 1
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn percentiles_are_those_of_the_sorted_values(
            values in prop::collection::vec(0_i64..200_000_000, 1..3000),
            cut in 0_usize..3000,
        ) {
            let (one, other) = values.split_at(cut.min(values.len()));
            let mut merged = latencies_of(one, Precision::FINE);
            merged.merge(&latencies_of(other, Precision::FINE));
            let mut mixed = latencies_of(one, Precision::FINE);
            mixed.merge(&latencies_of(other, Precision::MEDIUM));
            let mut sorted: Vec<u64> = values.iter().map(|v| u64::try_from(*v).unwrap()).collect();
            sorted.sort_unstable();
            let of = |precision| latencies_of(&values, precision);
            for (latencies, part) in [
                (of(Precision::FINE), 1000),
                (merged, 1000),
                (mixed, 100),
                (of(Precision::MEDIUM), 100),
                (of(Precision::COARSE), 10),
            ] {
                let latency = latencies.result().unwrap();
                prop_assert_eq!(latency.count, sorted.len() as u64);
                prop_assert_eq!(latency.sum, sorted.iter().copied().map(u128::from).sum::<u128>());
                prop_assert!(is_near(latency.p50, &sorted, 0.5, part));
                prop_assert!(is_near(latency.p90, &sorted, 0.9, part));
                prop_assert!(is_near(latency.p99, &sorted, 0.99, part));
                prop_assert_eq!(Some(&latency.max), sorted.last());
            }
        }

        #[test]
        fn every_value_is_in_its_class_and_classes_are_adjacent(value in any::<u64>(), bits in prop::sample::select(vec![4, 7, 10])) {
            let precision = Precision(bits);
            let class = precision.class(value);
            let (least, greatest) = precision.range(class);
            prop_assert!((least..=greatest).contains(&value));
            prop_assert!(greatest - least <= least >> bits);
            if greatest < u64::MAX {
                prop_assert_eq!(precision.class(greatest + 1), class + 1);
            }
        }
    }
}
