//! Strategies for random servers, messages and queries.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::model_server::{Model, ModelRow, Picks, RowOrder, at};
use crate::model::StatusGroup;
use crate::query::Query;

/// The time of this machine, which is after all times of the model.
pub(super) const NOW: i64 = 200_000;

/// A server, a query, and the number of rows per request.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) model: Model,
    pub(super) query: Query,
    pub(super) page_rows: u32,
}

/// The numbers of the cases to run: `OMNILOGS_RANDOM_SERVERS` sets how many, by default 250, and
/// `OMNILOGS_RANDOM_SEED` the first number. The same number always gives the same case.
pub(super) fn numbers() -> std::ops::Range<u64> {
    let variable = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let first = variable("OMNILOGS_RANDOM_SEED").unwrap_or(0);
    first..first + variable("OMNILOGS_RANDOM_SERVERS").unwrap_or(250)
}

/// The value that a strategy generates for a number.
pub(super) fn numbered<T>(strategy: &impl Strategy<Value = T>, number: u64) -> T {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    strategy.new_tree(&mut runner).unwrap().current()
}

pub(super) fn a_row(span: i64) -> impl Strategy<Value = ModelRow> {
    let channel =
        prop::sample::select(vec!["SMS", "SMS", "SMS", "SMS", "VIBER", "EMAIL", "RCS", ""]);
    let status =
        prop::sample::select(vec!["DELIVERED", "DELIVERED", "DELIVERED", "PENDING", "SEEN"]);
    let network = prop::sample::select(vec!["22801", "22801", "22802", "310260", ""]);
    let sender = prop::sample::select(vec!["InfoSMS", "InfoSMS", "447700900123", ""]);
    let bulk = prop::sample::select(vec!["b1", "b2"]);
    (0..span, 0..30_u8, 0..8_u8, (channel, status, network, sender, bulk)).prop_map(
        |(sent, dated, named, (channel, status, network, sender, bulk))| ModelRow {
            dated: dated < 29,
            named: named < 7,
            channel,
            status,
            network,
            sender,
            bulk,
            ..ModelRow::new(0, sent)
        },
    )
}

/// Fewer than `end` rows in a short or a long time. Sometimes, half of them are of one instant or one
/// second.
fn rows(end: usize) -> impl Strategy<Value = Vec<ModelRow>> {
    let span = prop::sample::select(vec![1_i64, 2, 3, 10, 50, 900, 5_000, 150_000]);
    let crowd = prop::sample::select(vec![None, None, None, Some(1_i64), Some(1000)]);
    (span, crowd)
        .prop_flat_map(move |(span, crowd)| {
            (prop::collection::vec(a_row(span), 0..end), Just((span, crowd)))
        })
        .prop_map(|(mut rows, (span, crowd))| {
            for (key, row) in rows.iter_mut().enumerate() {
                row.key = key;
                if let Some(unit) = crowd
                    && key % 2 == 0
                {
                    row.at = span / 2 + row.at % unit;
                }
            }
            rows
        })
}

prop_compose! {
    /// A server that respects the parameters, but guarantees nothing else.
    pub(super) fn a_server()(
        rows in rows(120),
        cap in prop::sample::select(vec![1_usize, 2, 4, 7, 20, 49, 100, 1000]),
        bounds: (bool, bool),
        order in prop::sample::select(vec![RowOrder::Newest, RowOrder::Oldest, RowOrder::Mixed]),
        mixes_ties: bool,
        seed in 1_u64..,
    ) -> Model {
        let (since_counts, until_counts) = bounds;
        Model { cap, since_counts, until_counts, order, mixes_ties, seed, ..Model::new(rows) }
    }
}

prop_compose! {
    /// A server that can have any fault.
    fn a_bad_server()(
        model in a_server(),
        reads_to in prop::sample::select(vec![1_i64, 1, 1, 1000, 60_000]),
        picks in prop::sample::select(vec![
            Picks::Newest, Picks::Newest, Picks::Newest, Picks::Oldest, Picks::Fixed, Picks::Random,
        ]),
        empty_at in prop::option::weighted(0.4, 0_usize..8),
        clock in prop::option::weighted(0.7, (-100_000_i64..100_000, 1_i64..30_000)),
        keeps in prop::option::weighted(0.3, 60_000_i64..NOW),
    ) -> Model {
        let time = clock.map(|(ahead, step)| match keeps {
            // The retention depends on the clock of the server, and so do the times of the messages.
            Some(_) => (NOW, step),
            None => (NOW + ahead, step),
        });
        let empty_at = empty_at.into_iter().collect();
        Model { picks, reads_to, empty_at, time, keeps, ..model }
    }
}

prop_compose! {
    pub(super) fn a_query()(
        since in prop::option::of(0_i64..60),
        until in prop::option::of(0_i64..1000),
        sender in prop::option::weighted(0.2, Just("InfoSMS".to_owned())),
        bulk in prop::option::weighted(0.2, Just("b1".to_owned())),
    ) -> Query {
        Query {
            since: since.map(at),
            until: until.map(at),
            from: sender,
            bulk_ids: bulk.into_iter().collect(),
            ..Query::default()
        }
    }
}

pub(super) fn a_page_size() -> impl Strategy<Value = u32> {
    prop::sample::select(vec![3_u32, 5, 8, 50, 1000])
}

prop_compose! {
    /// A bad server and a query.
    pub(super) fn a_case()(
        model in a_bad_server(), query in a_query(), page_rows in a_page_size(),
        since in prop::option::weighted(0.3, 0_i64..150_000),
        until in prop::option::weighted(0.3, 0_i64..150_000),
    ) -> Case {
        let (since, until) = (since.map(at).or(query.since), until.map(at).or(query.until));
        Case { model, query: Query { since, until, ..query }, page_rows }
    }
}

prop_compose! {
    /// A query of several status groups or channels.
    pub(super) fn a_query_of_parts()(
        query in a_query(),
        statuses in prop::sample::subsequence(
            vec![StatusGroup::Pending, StatusGroup::Delivered, StatusGroup::Rejected], 1..=3),
        channels in prop::sample::subsequence(vec!["SMS", "VIBER", "EMAIL"], 0..=3),
    ) -> Query {
        let channels = match (statuses.len(), channels.len()) {
            (1, 0 | 1) => vec!["SMS", "EMAIL"],
            _ => channels,
        };
        let channels = channels.into_iter().map(str::to_owned).collect();
        Query { statuses, channels, ..query }
    }
}

prop_compose! {
    /// A bad server and a query of several parts.
    pub(super) fn a_case_of_parts()(case in a_case(), query in a_query_of_parts()) -> Case {
        let Query { statuses, channels, .. } = query;
        Case { query: Query { statuses, channels, ..case.query }, ..case }
    }
}
