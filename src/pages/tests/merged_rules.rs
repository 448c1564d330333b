//! One example for each rule of merged pages.

use super::model_server::{Model, ModelRow, ModelServer, at, key};
use crate::model::StatusGroup;
use crate::pages::merged::MergedPages;
use crate::pages::test_support::resume_from;
use crate::pages::{Pages, list};
use crate::query::{Extent, Query};
use crate::source::SourceError;

const NOW: i64 = 10_000;

/// Messages that alternate between two bulks.
fn model(count: usize) -> Model {
    let bulk = |key| ["b1", "b2"][key % 2];
    let row = |key| ModelRow {
        bulk: bulk(key),
        ..ModelRow::new(key, NOW - 1 - i64::try_from(key).unwrap())
    };
    Model::new((0..count).map(row).collect())
}

fn halves() -> Vec<Query> {
    ["b1", "b2"].map(|bulk| Query { bulk_ids: vec![bulk.into()], ..Query::default() }).to_vec()
}

fn ids(keys: impl Iterator<Item = usize>) -> Query {
    Query { message_ids: keys.map(|key| format!("m{key}")).collect(), ..Query::default() }
}

fn take(pages: &mut dyn Pages) -> (Vec<usize>, Option<SourceError>) {
    let mut keys = Vec::new();
    while let Some(page) = pages.next_page() {
        match page {
            Ok(page) => keys.extend(page.logs.iter().map(key)),
            Err(error) => return (keys, Some(error)),
        }
    }
    (keys, None)
}

fn many(server: &ModelServer, queries: Vec<Query>, extent: Extent) -> MergedPages<ModelServer> {
    let queries = queries.into_iter().map(|query| Query { extent, ..query });
    MergedPages::new(server.clone(), queries.collect(), at(NOW))
}

#[test]
fn the_rows_of_all_parts_come_newest_first() {
    let server = model(3000).server();
    let mut pages = many(&server, halves(), Extent::All);
    assert_eq!(take(&mut pages), ((0..3000).collect(), None));
    let report = pages.report();
    assert_eq!((report.rows, report.gaps), (3000, vec![]));
    assert_eq!(report.requests, server.model().queries.len() as u64);
    assert_eq!(report.reached, Some(at(NOW - 3000)));
}

#[test]
fn a_limit_counts_over_the_union() {
    let server = model(3000).server();
    let mut pages = many(&server, halves(), Extent::Rows(1501));
    assert_eq!(take(&mut pages).0, (0..1501).collect::<Vec<_>>());
    let server = model(300).server();
    let mut pages = many(&server, halves(), Extent::OnePage);
    assert_eq!(take(&mut pages).0, (0..50).collect::<Vec<_>>());
    assert_eq!(server.model().queries, halves());
}

#[test]
fn a_row_that_two_parts_return_comes_once() {
    let server = model(30).server();
    let parts = vec![ids(0..20), ids(10..30)];
    let mut pages = many(&server, parts, Extent::All);
    assert_eq!(take(&mut pages).0, (0..30).collect::<Vec<_>>());
    assert!(pages.report().duplicates >= 10);
}

#[test]
fn rows_of_two_instants_are_two_rows_whatever_else_they_share() {
    let sent = |at, bulk| ModelRow { bulk, ..ModelRow::new(7, at) };
    let server = Model::new(vec![sent(20, "b1"), sent(10, "b2")]).server();
    assert_eq!(take(&mut many(&server, halves(), Extent::All)).0, [7, 7]);
}

#[test]
fn a_part_that_fails_ends_the_pages_where_its_rows_end() {
    // The first page of each part and the proof of its order, then the second page of the first one.
    let server = Model { fails_at: Some(4), ..model(4000) }.server();
    let mut pages = many(&server, halves(), Extent::All);
    let (keys, failure) = take(&mut pages);
    assert!(matches!(failure, Some(SourceError::Server { .. })));
    assert_eq!(keys, (0..1999).collect::<Vec<_>>());
    assert_eq!(pages.report().gaps[0].until, Some(at(NOW - 1 - 1998)));
    assert!(pages.next_page().is_none());
}

#[test]
fn long_id_lists_are_requested_in_parts() {
    let server = model(600).server();
    let mut pages =
        list(server.clone(), Query { extent: Extent::All, ..ids(0..600) }, at(NOW), None);
    assert_eq!(take(&mut *pages).0, (0..600).collect::<Vec<_>>());
    for query in &server.model().queries {
        assert!(query.message_ids.join(",").len() <= Query::MAX_ID_CHARACTERS);
    }
    let short = model(5).server();
    let mut pages = list(short.clone(), ids(0..5), at(NOW), None);
    assert_eq!(take(&mut *pages).0, numbers(5));
    assert_eq!(short.model().queries, [ids(0..5)]);
}

fn by_status(statuses: &[StatusGroup], extent: Extent) -> Query {
    Query { statuses: statuses.to_vec(), extent, ..Query::default() }
}

#[test]
fn messages_that_can_move_on_are_read_before_the_group_that_they_move_to() {
    let mut model = model(4000);
    for row in model.rows.iter_mut().step_by(2) {
        row.status = "PENDING";
    }
    // If the groups were read in turns, this message would change its group after the newest pages of
    // both were received.
    model.moves = vec![(8, 3800, "DELIVERED")];
    let server = model.server();
    let query = by_status(&[StatusGroup::Delivered, StatusGroup::Pending], Extent::All);
    let mut pages = list(server.clone(), query, at(NOW), None);
    assert_eq!(take(&mut *pages), ((0..4000).collect(), None));
    assert_eq!(pages.report().gaps, []);
    let requests = server.model();
    let filtered = requests.queries.iter().filter(|query| !query.statuses.is_empty());
    let groups: Vec<_> = filtered.map(|query| query.statuses[0]).collect();
    assert!(groups.is_sorted(), "{groups:?}");
}

#[test]
fn a_group_that_is_too_large_to_be_read_first_leaves_a_gap() {
    let row = |key: usize| ModelRow {
        status: if key < 20_500 { "PENDING" } else { "DELIVERED" },
        ..ModelRow::new(key, NOW - 1 - i64::try_from(key).unwrap())
    };
    let server = Model::new((0..20_600).map(row).collect()).server();
    let query = by_status(&[StatusGroup::Pending, StatusGroup::Delivered], Extent::All);
    let mut pages = list(server, query, at(NOW), None);
    assert_eq!(take(&mut *pages).0.len(), 20_600);
    let gaps = pages.report().gaps;
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0].since, None);
    assert!(gaps[0].until.unwrap() >= at(NOW - 20_500));
}

#[test]
fn one_page_ends_where_a_response_that_was_cut_off_ends() {
    let mut model = Model { cap: 10, ..model(60) };
    for row in &mut model.rows {
        row.status = if row.key < 45 { "REJECTED" } else { "EXPIRED" };
    }
    let server = model.server();
    let query = by_status(&[StatusGroup::Rejected, StatusGroup::Expired], Extent::OnePage);
    let mut pages = list(server.clone(), query, at(NOW), None);
    // The 10 rows that the server returns of the first part. The rows of the other part are older than
    // rows that the server did not return.
    assert_eq!(take(&mut *pages).0, numbers(10));
    assert_eq!(server.model().queries.len(), 3);
}

#[test]
fn one_page_of_parts_that_are_shorter_than_the_limit_takes_one_request_more_at_most() {
    let mut model = model(60);
    for row in &mut model.rows {
        row.status = ["REJECTED", "EXPIRED", "DELIVERED"][row.key % 3];
    }
    let server = model.server();
    let query = by_status(&[StatusGroup::Rejected, StatusGroup::Expired], Extent::OnePage);
    let mut pages = list(server.clone(), query, at(NOW), None);
    let expected: Vec<_> = (0..60).filter(|key| key % 3 < 2).collect();
    assert_eq!(take(&mut *pages).0, expected);
    assert_eq!(pages.report().requests, 3);
    assert_eq!(server.model().queries.len(), 3);
}

#[test]
fn no_rows_at_all_are_one_empty_page() {
    let server = model(0).server();
    let mut pages = many(&server, halves(), Extent::All);
    assert!(pages.next_page().unwrap().unwrap().logs.is_empty());
    assert!(pages.next_page().is_none());
}

fn numbers(to: usize) -> Vec<usize> {
    (0..to).collect()
}

#[test]
fn a_run_that_resumes_at_any_instant_returns_exactly_the_rows_that_are_left() {
    // Three rows per instant, so that an edge falls inside a page and inside a tie.
    let rows = (0..2400).map(|key| ModelRow::new(key, NOW - 1 - i64::try_from(key / 3).unwrap()));
    let server = Model::new(rows.collect()).server();
    for edge in [1, 2, 333, 334, 800] {
        let query = Query::default();
        let since = at(NOW - edge + 1);
        let resume = resume_from(since);
        let mut pages =
            list(server.clone(), Query { extent: Extent::All, ..query }, at(NOW), Some(resume));
        let (mut keys, failure) = take(pages.as_mut());
        keys.sort_unstable();
        let first = usize::try_from(edge - 1).unwrap() * 3;
        assert_eq!((keys, failure), ((first..2400).collect(), None), "edge {edge}");
    }
}
