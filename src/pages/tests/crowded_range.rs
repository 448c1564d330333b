//! One example for each rule of paging through a millisecond with more rows than a response can have.

use super::model_server::{Model, ModelRow, at, key};
use crate::model::Channel;
use crate::pages::{History, Pages, RunReport};
use crate::query::{Extent, Query};

const NOW: i64 = 1000;
/// The crowded millisecond.
const TIE: i64 = 500;

/// Lists everything in pages of four rows. Returns the sorted keys, the report, and the queries.
fn all(model: Model, query: &Query) -> (Vec<usize>, RunReport, Vec<Query>) {
    let server = model.server();
    let mut pages =
        History::new(server.clone(), Query { extent: Extent::All, ..query.clone() }, at(NOW))
            .with_page_rows(4);
    let mut keys = Vec::new();
    while let Some(page) = pages.next_page() {
        keys.extend(page.unwrap().logs.iter().map(key));
    }
    keys.sort_unstable();
    let queries = server.model().queries.clone();
    (keys, pages.report(), queries)
}

/// A newer row, these rows in one millisecond, and an older row, with their keys in order.
fn around(tie: &[ModelRow]) -> Vec<ModelRow> {
    let mut rows = vec![ModelRow::new(0, TIE + 100)];
    rows.extend(tie.iter().zip(1..).map(|(row, key)| ModelRow { key, at: TIE, ..row.clone() }));
    rows.push(ModelRow::new(rows.len(), TIE - 100));
    rows
}

fn alike(row: &ModelRow, count: usize) -> Vec<ModelRow> {
    vec![row.clone(); count]
}

fn sms() -> ModelRow {
    ModelRow::new(0, TIE)
}

fn pending() -> ModelRow {
    ModelRow { status: "PENDING", ..sms() }
}

#[test]
fn a_crowded_millisecond_is_listed_completely_by_status_group() {
    let expired = ModelRow { status: "EXPIRED", channel: "RCS", ..sms() };
    let tie = [alike(&sms(), 3), alike(&pending(), 3), alike(&expired, 3)].concat();
    for (since_counts, until_counts) in [(true, true), (false, false)] {
        let model = Model { since_counts, until_counts, ..Model::new(around(&tie)) };
        let (keys, report, _) = all(model, &Query::default());
        assert_eq!(keys, (0..11).collect::<Vec<_>>());
        assert_eq!(report.gaps, []);
    }
}

#[test]
fn channels_list_more_but_prove_nothing_since_the_vendor_adds_some() {
    let viber = ModelRow { channel: "VIBER", ..sms() };
    let tie = [alike(&sms(), 3), alike(&viber, 3)].concat();
    let (keys, report, _) = all(Model::new(around(&tie)), &Query::default());
    assert_eq!(keys, (0..8).collect::<Vec<_>>());
    assert_eq!(report.gaps.len(), 1);
}

#[test]
fn what_cannot_be_listed_is_a_gap_and_paging_goes_on_below() {
    let (keys, report, _) = all(Model::new(around(&alike(&sms(), 9))), &Query::default());
    // The newer row, four of the crowded millisecond, and the older row.
    assert_eq!(keys, [0, 1, 2, 3, 4, 10]);
    assert_eq!(report.gaps.len(), 1);
    let gap = &report.gaps[0];
    assert_eq!((gap.since, gap.until), (Some(at(TIE)), Some(at(TIE))));
    assert_eq!(gap.at_least, 4);
}

#[test]
fn networks_senders_and_bulks_that_were_seen_list_more_but_prove_nothing() {
    let other = ModelRow { network: "310260", sender: "447700900123", bulk: "b2", ..sms() };
    let tie = [alike(&sms(), 2), alike(&other, 1), alike(&sms(), 1), alike(&other, 3)].concat();
    let (keys, report, _) = all(Model::new(around(&tie)), &Query::default());
    assert_eq!(keys, (0..9).collect::<Vec<_>>());
    assert_eq!(report.gaps.len(), 1);
}

#[test]
fn a_filter_of_the_query_is_not_split_on() {
    let viber = ModelRow { channel: "VIBER", status: "PENDING", ..sms() };
    let tie = [alike(&sms(), 3), alike(&viber, 3), alike(&sms(), 1)].concat();
    let query = Query {
        channels: vec![Channel::Sms.to_string()],
        extra: vec![("generalStatus".into(), "DELIVERED".into())],
        ..Query::default()
    };
    let (keys, _, queries) = all(Model::new(around(&tie)), &query);
    assert_eq!(keys, [0, 1, 2, 3, 7, 8]);
    for request in queries {
        assert_eq!(request.channels, query.channels);
        assert_eq!((request.statuses, request.extra), (Vec::new(), query.extra.clone()));
    }
}

#[test]
fn an_unpublished_channel_that_was_seen_is_requested() {
    let rcs = ModelRow { channel: "RCS", ..sms() };
    let tie = [alike(&rcs, 1), alike(&sms(), 4), alike(&rcs, 2)].concat();
    let tie = [tie, Vec::new()].concat();
    let model = Model::new(around(&tie));
    let (keys, _, queries) = all(model, &Query::default());
    assert!(queries.iter().any(|q| q.channels == ["RCS"]));
    assert_eq!(keys, (0..9).collect::<Vec<_>>());
}

#[test]
fn a_value_that_the_server_does_not_know_has_no_rows() {
    let tie = [alike(&sms(), 3), alike(&pending(), 3)].concat();
    let model = Model { refuses: Some("EXPIRED"), ..Model::new(around(&tie)) };
    let (keys, report, _) = all(model, &Query::default());
    assert_eq!(keys, (0..8).collect::<Vec<_>>());
    assert_eq!(report.gaps, []);
    let refused = Model { refuses: Some("PENDING"), ..Model::new(around(&tie)) };
    let (_, report, _) = all(refused, &Query::default());
    assert_eq!(report.gaps.len(), 1, "rows of that value were seen");
}

#[test]
fn a_filter_that_the_server_ignores_is_not_used_again() {
    let tie = alike(&sms(), 6);
    let model = Model { ignores: vec!["channel"], ..Model::new(around(&tie)) };
    let (_, report, queries) = all(model, &Query::default());
    assert_eq!(report.gaps.len(), 1);
    // The rows of the second request show that the server ignores the filter.
    assert_eq!(queries.iter().filter(|q| q.channels == [Channel::Viber.to_string()]).count(), 0);
}

#[test]
fn older_rows_reveal_a_server_that_returns_fewer_rows_than_requested() {
    let tie = [alike(&sms(), 50), alike(&pending(), 7)].concat();
    let rows: Vec<_> = around(&tie).into_iter().skip(1).collect();
    let server = Model { cap: 51, ..Model::new(rows) }.server();
    let mut pages =
        History::new(server, Query { extent: Extent::All, ..Query::default() }, at(NOW));
    let mut count = 0;
    while let Some(page) = pages.next_page() {
        count += page.unwrap().logs.len();
    }
    assert_eq!((count, pages.report().gaps), (58, vec![]));
}

#[test]
fn a_bulk_in_one_millisecond_that_fits_a_response_is_not_a_gap() {
    let rows: Vec<_> = (0..60).map(|key| ModelRow::new(key, TIE)).collect();
    let mut pages = History::new(
        Model::new(rows).server(),
        Query { extent: Extent::All, ..Query::default() },
        at(NOW),
    );
    assert_eq!(pages.next_page().unwrap().unwrap().logs.len(), 60);
    // The page that ends the run covers what is older, and holds no rows.
    assert!(pages.next_page().unwrap().unwrap().logs.is_empty());
    assert!(pages.next_page().is_none());
    assert_eq!(pages.report().gaps, []);
}
