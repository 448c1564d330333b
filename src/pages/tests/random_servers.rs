//! Made-up servers, messages and questions.

use proptest::prelude::*;

use super::model_server::{Model, Order, Row, at};
use crate::query::Query;

/// Moments of the model lie before this one.
pub(super) const NOW: i64 = 1000;

pub(super) fn a_row(span: i64) -> impl Strategy<Value = Row> {
    let channel =
        prop::sample::select(vec!["SMS", "SMS", "SMS", "SMS", "VIBER", "EMAIL", "RCS", ""]);
    let status =
        prop::sample::select(vec!["DELIVERED", "DELIVERED", "DELIVERED", "PENDING", "SEEN"]);
    let network = prop::sample::select(vec!["22801", "22801", "22802", "310260", ""]);
    let sender = prop::sample::select(vec!["InfoSMS", "InfoSMS", "447700900123", ""]);
    let bulk = prop::sample::select(vec!["b1", "b2"]);
    (0..span, 0..30_u8, 0..8_u8, (channel, status, network, sender, bulk)).prop_map(
        |(sent, dated, named, (channel, status, network, sender, bulk))| Row {
            dated: dated < 29,
            named: named < 7,
            channel,
            status,
            network,
            sender,
            bulk,
            ..Row::new(0, sent)
        },
    )
}

fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    prop::sample::select(vec![1_i64, 2, 3, 10, 50, 900])
        .prop_flat_map(move |span| prop::collection::vec(a_row(span), 0..most))
        .prop_map(|mut rows| {
            for (key, row) in rows.iter_mut().enumerate() {
                row.key = key;
            }
            rows
        })
}

prop_compose! {
    /// A server that heeds what it is asked, but makes no other promise.
    pub(super) fn a_server()(
        rows in rows(120),
        cap in prop::sample::select(vec![4_usize, 7, 20, 100, 1000]),
        since_counts: bool,
        until_counts: bool,
        order in prop::sample::select(vec![Order::Newest, Order::Oldest, Order::Mixed]),
        mixes_ties: bool,
        seed in 1_u64..,
    ) -> Model {
        let model = Model::new(rows);
        Model { cap, since_counts, until_counts, order, mixes_ties, seed, ..model }
    }
}

prop_compose! {
    pub(super) fn a_question()(
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
