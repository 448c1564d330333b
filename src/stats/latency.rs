//! How long messages took: percentiles to a number of significant digits, in bounded memory.

use hdrhistogram::Histogram;

/// Values kept one by one before a histogram takes over: most groups are small, and a histogram
/// takes some 50 KB.
const MOST_KEPT: usize = 1024;

/// The percentiles of latencies, in milliseconds: exact of up to a thousand messages, right to three
/// significant digits of more (two, of an hour of the timeline). The maximum is always exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Half of the messages took this long at most.
    pub p50: u64,
    /// Nine in ten took this long at most.
    pub p90: u64,
    /// 99 in a hundred took this long at most.
    pub p99: u64,
    /// The longest.
    pub max: u64,
    /// Messages that were done before they were sent, by the server's own times; counted as 0.
    pub clamped: u64,
}

/// Gathers latencies.
#[derive(Clone, Debug)]
pub(super) struct Latencies {
    held: Held,
    /// Significant digits that are right.
    digits: u8,
    max: u64,
    clamped: u64,
}

#[derive(Clone, Debug)]
enum Held {
    /// Every value, in the order in which they came.
    Few(Vec<u32>),
    Many(Box<Histogram<u32>>),
}

impl Default for Latencies {
    fn default() -> Self {
        Self { held: Held::Few(Vec::new()), digits: 3, max: 0, clamped: 0 }
    }
}

impl Latencies {
    /// Right to two digits, in a fifth of the memory: for one of many points of a picture.
    pub(super) fn coarse() -> Self {
        Self { digits: 2, ..Self::default() }
    }

    /// Takes one latency; a negative one counts as 0.
    pub(super) fn add(&mut self, millis: i64) {
        self.clamped += u64::from(millis < 0);
        let millis = u64::try_from(millis).unwrap_or(0);
        self.max = self.max.max(millis);
        if let Held::Few(few) = &mut self.held {
            match u32::try_from(millis) {
                Ok(short) if few.len() < MOST_KEPT => return few.push(short),
                // Seven weeks and longer fit no such slot.
                _ => self.held = Held::Many(Box::new(histogram(few, self.digits))),
            }
        }
        if let Held::Many(many) = &mut self.held {
            record(many, millis);
        }
    }

    /// Takes all those of others.
    pub(super) fn merge(&mut self, others: &Self) {
        match &others.held {
            Held::Few(few) => few.iter().for_each(|millis| self.add(i64::from(*millis))),
            Held::Many(many) => {
                if let Held::Few(few) = &self.held {
                    self.held = Held::Many(Box::new(histogram(few, self.digits)));
                }
                if let Held::Many(all) = &mut self.held {
                    // An addition fails only where values do not fit, and this one grows.
                    let _ = all.add(many.as_ref());
                }
            }
        }
        self.max = self.max.max(others.max);
        self.clamped += others.clamped;
    }

    /// The percentiles; `None` when there is no latency.
    pub(super) fn result(&self) -> Option<Latency> {
        let of = |at: &dyn Fn(f64) -> u64| Latency {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: self.max,
            clamped: self.clamped,
        };
        match &self.held {
            Held::Few(few) if few.is_empty() => None,
            Held::Few(few) => {
                let mut sorted = few.clone();
                sorted.sort_unstable();
                Some(of(&|quantile| at_quantile(&sorted, quantile)))
            }
            // A histogram names the upper end of a class of values, which nobody may have reached.
            Held::Many(many) => {
                Some(of(&|quantile| many.value_at_quantile(quantile).min(self.max)))
            }
        }
    }
}

/// The value that so great a part of the sorted values does not exceed.
fn at_quantile(sorted: &[u32], quantile: f64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a small count"
    )]
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().map_or(0, u64::from)
}

/// A histogram of these values that grows as it must.
#[expect(clippy::expect_used, reason = "new refuses only a precision of more than five digits")]
fn histogram(few: &[u32], digits: u8) -> Histogram<u32> {
    let mut many = Histogram::new(digits).expect("three digits, or two, are a precision");
    for millis in few {
        record(&mut many, u64::from(*millis));
    }
    many
}

fn record(many: &mut Histogram<u32>, millis: u64) {
    // Refused only where it cannot grow; every span of four-digit years fits 200 KB.
    let _ = many.record(millis);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gathered(values: &[i64]) -> Latencies {
        let mut latencies = Latencies::default();
        for millis in values {
            latencies.add(*millis);
        }
        latencies
    }

    #[test]
    fn no_latency_has_no_percentiles() {
        assert_eq!(Latencies::default().result(), None);
    }

    #[test]
    fn one_latency_is_all_its_percentiles() {
        let latency = gathered(&[61_234]).result().unwrap();
        assert_eq!((latency.p50, latency.p99, latency.max), (61_234, 61_234, 61_234));
    }

    #[test]
    fn what_was_done_before_it_was_sent_counts_as_nothing_and_is_told() {
        let latency = gathered(&[-5, -1, 10]).result().unwrap();
        assert_eq!((latency.p50, latency.max, latency.clamped), (0, 10, 2));
    }

    #[test]
    fn a_latency_of_centuries_is_held() {
        let millennia = 250_000_000_000_000;
        let latency = gathered(&[1, 2, millennia]).result().unwrap();
        assert_eq!(
            (latency.p50, latency.p99, latency.max),
            (2, 250_000_000_000_000, 250_000_000_000_000)
        );
    }

    /// Within one part in so many of the value that so many of the sorted values do not exceed.
    fn is_near(got: u64, sorted: &[u64], quantile: f64, part: u64) -> bool {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small counts"
        )]
        let rank = (quantile * sorted.len() as f64).ceil() as usize;
        let wanted = sorted[rank.clamp(1, sorted.len()) - 1];
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
            let mut merged = gathered(one);
            merged.merge(&gathered(other));
            let mut sorted: Vec<u64> = values.iter().map(|v| u64::try_from(*v).unwrap()).collect();
            sorted.sort_unstable();
            let mut coarse = Latencies::coarse();
            for millis in &values {
                coarse.add(*millis);
            }
            for (latencies, part) in [(gathered(&values), 1000), (merged, 1000), (coarse, 100)] {
                let latency = latencies.result().unwrap();
                prop_assert!(is_near(latency.p50, &sorted, 0.5, part));
                prop_assert!(is_near(latency.p90, &sorted, 0.9, part));
                prop_assert!(is_near(latency.p99, &sorted, 0.99, part));
                prop_assert_eq!(Some(&latency.max), sorted.last());
            }
        }
    }
}
