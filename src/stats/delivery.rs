//! Counts of messages with a final status, and of the delivered ones among them.

/// The number of messages with a final status, and of the delivered ones among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// Messages with a final status.
    pub finals: u64,
    /// The delivered messages among them.
    pub delivered: u64,
}

impl Delivery {
    /// The messages with a final status that were not delivered.
    #[must_use]
    pub fn failed(self) -> u64 {
        self.finals - self.delivered
    }

    pub(super) fn add(&mut self, [finals, delivered]: [u64; 2]) {
        self.finals += finals;
        self.delivered += delivered;
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self { finals: self.finals - other.finals, delivered: self.delivered - other.delivered }
    }

    /// The share of final messages that was delivered, from 0 to 1; `None` without final messages.
    #[must_use]
    pub fn delivered_share(self) -> Option<f64> {
        (self.finals > 0).then(|| self.share())
    }

    /// The delivered share; 0 without final messages.
    pub(super) fn share(self) -> f64 {
        ratio(self.delivered, self.finals)
    }

    /// The failed share; 0 without final messages.
    pub(super) fn failed_share(self) -> f64 {
        ratio(self.failed(), self.finals)
    }
}

/// The share of `part` in `whole`, from 0 to 1; 0 when `whole` is 0.
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}

#[expect(clippy::cast_precision_loss, reason = "no share needs more than 52 bits")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}
