//! Counts a set of messages.

use std::borrow::Cow;

use super::cost::{Charge, Cost, Costs, Currencies};
use super::delivery::Delivery;
use super::latency::{ClassLimit, Latencies, Latency};
use crate::model::{Cell, Field, Log, Outcome, StatusGroup, Timestamp};

/// The values of a row that the statistics need. Each cell is read once, for speed.
pub(super) struct CountedRow<'l> {
    pub(super) sent_at: Option<Timestamp>,
    pub(super) group: Option<StatusGroup>,
    pub(super) is_final: bool,
    pub(super) is_delivered: bool,
    /// The latency in milliseconds, for a message with a final status.
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
        // Equal to `Log::latency_millis`, but reads `sentAt` and the status only once.
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

    /// Reduces the latencies to the current precision of the limit.
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
    /// The number of rows. A message that failover tried on two channels has two rows.
    pub messages: u64,
    /// The sum of the segments (`messageCount`); a row without this field adds 0.
    pub segments: u128,
    /// The number of messages with a final status.
    pub finals: u64,
    /// The number of delivered messages among them.
    pub delivered: u64,
    /// The latency of the messages with a final status; `None` when no row has one.
    pub latency: Option<Latency>,
    /// The cost of all messages, by currency; a price counts once per row.
    pub cost: Vec<Cost>,
    /// The cost of the failed messages, by currency.
    pub failed_cost: Vec<Cost>,
    /// The number of prices that are in no sum: they are not numbers, or are in a currency beyond the
    /// first [`MAX_CURRENCIES`](super::MAX_CURRENCIES).
    pub refused_prices: u64,
    /// The number of messages without a price.
    pub unpriced: u64,
}

impl Figures {
    /// The messages without a final status, including those with an unknown status.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.messages - self.finals
    }

    /// The messages with a final status that were not delivered.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.delivery().failed()
    }

    /// The number of messages with a final status, and of the delivered ones among them.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        Delivery { finals: self.finals, delivered: self.delivered }
    }

    /// The share of the final messages that was delivered, from 0 to 1; `None` without final messages.
    #[must_use]
    pub fn delivered_share(&self) -> Option<f64> {
        self.delivery().delivered_share()
    }
}
