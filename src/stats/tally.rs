//! What is counted of a set of messages.

use std::borrow::Cow;

use super::cost::{Charge, Cost, Costs, Currencies};
use super::delivery::Delivery;
use super::latency::{ClassLimit, Latencies, Latency};
use crate::model::{Cell, Field, Log, Outcome, StatusGroup, Timestamp};

/// What the statistics need of a row, each cell read once.
pub(super) struct CountedRow<'l> {
    pub(super) sent_at: Option<Timestamp>,
    pub(super) group: Option<StatusGroup>,
    pub(super) is_final: bool,
    pub(super) is_delivered: bool,
    /// Milliseconds, of a message with a final status.
    pub(super) latency: Option<i64>,
    segments: u64,
    pub(super) price: Cell<'l>,
    pub(super) currency: Cow<'l, str>,
}

impl<'l> CountedRow<'l> {
    pub(super) fn read(log: &'l Log) -> Self {
        let group = log.status_group();
        let outcome = log.outcome();
        let is_final = outcome != Outcome::Pending;
        let sent_at = log.sent_at();
        // As `Log::latency_millis`, but reading `sentAt` and the status once.
        let latency = match (is_final, sent_at) {
            (true, Some(sent)) => log.done_at().map(|done| done.millis() - sent.millis()),
            _ => None,
        };
        let segments = log.cell(Field::MessageCount).integer();
        Self {
            sent_at,
            group,
            is_final,
            is_delivered: outcome == Outcome::Delivered,
            latency,
            segments: segments.and_then(|count| u64::try_from(count).ok()).unwrap_or(0),
            price: log.cell(Field::PricePerMessage),
            currency: log.cell(Field::Currency).into_text(),
        }
    }
}

impl CountedRow<'_> {
    pub(super) const fn is_failed(&self) -> bool {
        self.is_final && !self.is_delivered
    }
}

/// Counts messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    messages: u64,
    segments: u128,
    finals: u64,
    delivered: u64,
    latencies: Latencies,
    costs: Costs,
    failed_costs: Costs,
}

impl Tally {
    pub(super) fn add(&mut self, row: &CountedRow<'_>, charge: &Charge, limit: &mut ClassLimit) {
        self.messages += 1;
        self.segments += u128::from(row.segments);
        self.finals += u64::from(row.is_final);
        self.delivered += u64::from(row.is_delivered);
        if let Some(millis) = row.latency {
            limit.add(&mut self.latencies, millis);
        }
        self.costs.add(charge);
        if row.is_failed() {
            self.failed_costs.add(charge);
        }
    }

    pub(super) const fn messages(&self) -> u64 {
        self.messages
    }

    /// Brings the latencies to the precision that the limit now has.
    pub(super) fn coarsen(&mut self, limit: &mut ClassLimit) {
        limit.coarsen(&mut self.latencies);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.messages += other.messages;
        self.segments += other.segments;
        self.finals += other.finals;
        self.delivered += other.delivered;
        self.latencies.merge(&other.latencies);
        self.costs.merge(&other.costs);
        self.failed_costs.merge(&other.failed_costs);
    }

    pub(super) fn result(&self, currencies: &Currencies) -> Figures {
        Figures {
            messages: self.messages,
            segments: self.segments,
            finals: self.finals,
            delivered: self.delivered,
            latency: self.latencies.result(),
            cost: self.costs.sums(currencies),
            failed_cost: self.failed_costs.sums(currencies),
            refused_prices: self.costs.refused(),
            unpriced: self.costs.missing(),
        }
    }
}

/// The figures of a set of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figures {
    /// Rows. A message that failover tried on two channels counts on both.
    pub messages: u64,
    /// Segments sent (`messageCount`); a row without it adds none.
    pub segments: u128,
    /// Messages with a final status.
    pub finals: u64,
    /// Those of them that were delivered.
    pub delivered: u64,
    /// How long the messages with a final status took; `None` when no row says.
    pub latency: Option<Latency>,
    /// What they cost, by currency; a price counts once per row.
    pub cost: Vec<Cost>,
    /// What those of them cost that failed, by currency.
    pub failed_cost: Vec<Cost>,
    /// Prices that are in no sum: they are not numbers, or are in a currency beyond the first
    /// [`MAX_CURRENCIES`](super::MAX_CURRENCIES).
    pub refused_prices: u64,
    /// Messages without a price per message.
    pub unpriced: u64,
}

impl Figures {
    /// Messages without a final status; one whose status is not known is among them.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.messages - self.finals
    }

    /// Messages that have come to an end other than delivery.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.finals - self.delivered
    }

    /// The messages with a final status, and the delivered ones.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        Delivery { finals: self.finals, delivered: self.delivered }
    }

    /// The part of the final messages that arrived, from 0 to 1; `None` when none is final.
    #[must_use]
    pub fn delivered_share(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "no share needs more than 52 bits")]
        (self.finals > 0).then(|| self.delivered as f64 / self.finals as f64)
    }
}
