//! Whatever the server does, what was handed on is the truth or the account says what is missing.

use std::collections::HashSet;

use proptest::prelude::*;

use super::model_server::{Model, Order, Row, START, at, key};
use super::random_servers::{NOW, a_page_size, a_question, a_row, a_server};
use crate::model::Log;
use crate::pages::{Account, History, Pages};
use crate::query::{Extent, Query};
use crate::source::SourceError;

/// What came of a run.
#[derive(Debug)]
struct Run {
    logs: Vec<Log>,
    account: Account,
    failure: Option<SourceError>,
    requests: usize,
    /// What there was to list when the first question was asked.
    truth: Vec<Row>,
    /// What arrived since.
    arrivals: Vec<Row>,
    /// The most rows of an answer.
    most: usize,
    page_rows: u32,
}

fn run(model: &Model, query: &Query, extent: Extent, page_rows: u32) -> Run {
    run_suspecting(1, model, query, extent, page_rows)
}

fn run_suspecting(
    least: usize,
    model: &Model,
    query: &Query,
    extent: Extent,
    page_rows: u32,
) -> Run {
    let server = model.clone().server();
    let mut pages = History::new(server.clone(), Query { extent, ..query.clone() }, at(NOW))
        .with_page_rows(page_rows)
        .suspicious_from(least);
    let (mut logs, mut failure) = (Vec::new(), None);
    while let Some(page) = pages.next_page() {
        match page {
            Ok(page) => logs.extend(page.logs),
            Err(error) => failure = Some(error),
        }
        assert!(server.model().asked.len() < 10_000, "the run does not end");
    }
    let until = query.until.or(Some(at(NOW)));
    let truth = model.fitting(&Query { until, ..query.clone() });
    let requests = server.model().asked.len();
    let arrivals = model.arrivals.iter().map(|(_, row)| row.clone()).collect();
    let most = model.cap.min(page_rows as usize);
    Run { logs, account: pages.account(), failure, requests, truth, arrivals, most, page_rows }
}

impl Run {
    fn keys(&self) -> HashSet<usize> {
        self.logs.iter().map(key).collect()
    }

    fn missing(&self) -> Vec<&Row> {
        let keys = self.keys();
        self.truth.iter().filter(|row| !keys.contains(&row.key)).collect()
    }

    /// Whether the account says that a row may be missing.
    fn admits(&self, row: &Row) -> bool {
        let sent = row.at + START;
        self.account.gaps.iter().any(|gap| {
            gap.since.is_none_or(|since| since.millis() <= sent)
                && gap.until.is_none_or(|until| sent <= until.millis())
        })
    }

    /// What no client can find out. When one millisecond has more rows than an answer: rows whose
    /// channel or status group cannot be asked for and that no answer shows. When all rows were
    /// sent in one millisecond and no filter tells them apart: that the server gave fewer than it
    /// was asked for.
    fn is_beyond_knowing(&self, row: &Row) -> bool {
        let tied = self.truth.iter().chain(&self.arrivals).filter(|other| other.at == row.at);
        let alike = |other: &Row| other.at == row.at && other.facets() == row.facets();
        let unpublished = ["RCS", ""].contains(&row.channel) || row.status == "SEEN";
        let gave_fewer = self.most < self.page_rows as usize;
        tied.count() >= self.most && (unpublished || gave_fewer && self.truth.iter().all(alike))
    }

    /// A row of the truth that is missing without a word.
    fn silently_missing(&self) -> Option<&Row> {
        let told = |row: &&&Row| !self.admits(row) && !self.is_beyond_knowing(row);
        self.missing().iter().find(told).copied()
    }

    fn is_newest_first(&self) -> bool {
        let moments = self.logs.iter().filter_map(Log::sent_at);
        moments.is_sorted_by_key(|at| std::cmp::Reverse(at.millis()))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_comes_once_newest_first_or_the_account_says_what_is_missing(
        model in a_server(), query in a_question(), page_rows in a_page_size()
    ) {
        let run = run(&model, &query, Extent::All, page_rows);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        prop_assert!(run.is_newest_first());
        prop_assert!(run.silently_missing().is_none(), "{:?}", run.silently_missing());
        let truth: HashSet<_> = run.truth.iter().map(|row| row.key).collect();
        prop_assert!(run.keys().is_subset(&truth), "a row came that does not fit");
        prop_assert_eq!(run.account.rows, run.logs.len() as u64);
        prop_assert_eq!(run.account.requests, run.requests as u64);
    }

    #[test]
    fn the_result_does_not_depend_on_the_page_size(
        model in a_server(), query in a_question(), sizes in (a_page_size(), a_page_size())
    ) {
        let model = Model { cap: 1000, ..model };
        let one = run(&model, &query, Extent::All, sizes.0);
        let other = run(&model, &query, Extent::All, sizes.1);
        for row in &one.truth {
            let differs = one.keys().contains(&row.key) != other.keys().contains(&row.key);
            let told = one.admits(row) || other.admits(row);
            let beyond = one.is_beyond_knowing(row) || other.is_beyond_knowing(row);
            prop_assert!(!differs || told || beyond);
        }
    }

    #[test]
    fn without_ties_all_rows_come_in_as_many_requests_as_they_need(
        moments in prop::collection::btree_set(0_i64..NOW, 0..300),
        cap in 5_usize..40, page_rows in 5_u32..40, until_counts: bool, mixed: bool
    ) {
        let rows: Vec<_> =
            moments.iter().enumerate().map(|(key, sent)| Row::new(key, *sent)).collect();
        let order = if mixed { Order::Mixed } else { Order::Newest };
        let model = Model { cap, until_counts, order, ..Model::new(rows) };
        let run = run_suspecting(50, &model, &Query::default(), Extent::All, page_rows);
        prop_assert_eq!(run.missing().len(), 0);
        prop_assert_eq!(&run.account.gaps, &[]);
        // Each answer repeats the two rows of the overlap at most.
        let new_rows = cap.min(page_rows as usize) - 2;
        prop_assert!(run.requests <= moments.len() / new_rows + 5, "{} requests", run.requests);
    }

    #[test]
    fn ties_end_in_a_bounded_number_of_requests(
        model in a_server(), page_rows in a_page_size()
    ) {
        let run = run(&model, &Query::default(), Extent::All, page_rows);
        let bound = 60 + 25 * model.rows.len();
        prop_assert!(run.requests <= bound, "{} requests", run.requests);
    }

    #[test]
    fn rows_that_arrive_meanwhile_come_once_or_not_at_all_and_cost_no_other_row(
        model in a_server(), query in a_question(), page_rows in a_page_size(),
        arrivals in prop::collection::vec((1_usize..12, a_row(60)), 0..20)
    ) {
        let mut arrivals = arrivals;
        for (key, (_, row)) in arrivals.iter_mut().enumerate() {
            row.key = 10_000 + key;
        }
        let model = Model { arrivals, ..model };
        let run = run(&model, &query, Extent::All, page_rows);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        prop_assert!(run.is_newest_first());
        prop_assert!(run.silently_missing().is_none(), "{:?}", run.silently_missing());
    }

    #[test]
    fn a_failure_leaves_what_came_before_it_and_tells_the_rest(
        model in a_server(), query in a_question(), page_rows in a_page_size(),
        fails_at in 0_usize..12
    ) {
        let model = Model { fails_at: Some(fails_at), ..model };
        let run = run(&model, &query, Extent::All, page_rows);
        prop_assert_eq!(run.failure.is_some(), run.requests == fails_at + 1);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        prop_assert!(run.silently_missing().is_none(), "{:?}", run.silently_missing());
    }

    #[test]
    fn a_server_that_ignores_parameters_costs_no_row_unless_the_account_says_so(
        model in a_server(), query in a_question(), page_rows in a_page_size(),
        ignores in prop::sample::subsequence(
            vec!["from", "bulkId", "channel", "generalStatus", "mcc", "sentSince", "sentUntil", "limit"], 0..8)
    ) {
        let truthful = Model { ignores: Vec::new(), ..model.clone() };
        let model = Model { ignores, ..model };
        let run = run(&model, &query, Extent::All, page_rows);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        let keys = run.keys();
        let until = query.until.or(Some(at(NOW)));
        for row in truthful.fitting(&Query { until, ..query.clone() }) {
            prop_assert!(
                keys.contains(&row.key) || run.admits(&row) || run.is_beyond_knowing(&row),
                "silently missing: {:?}", row
            );
        }
    }

    #[test]
    fn a_server_that_gives_the_oldest_rows_is_found_out(
        moments in prop::collection::btree_set(0_i64..60, 0..60),
        since_counts: bool, until_counts: bool, page_rows in 3_u32..20
    ) {
        let rows: Vec<_> =
            moments.iter().enumerate().map(|(key, sent)| Row::new(key, *sent)).collect();
        let order = Order::Oldest;
        let model = Model::new(rows);
        let model = Model { gives_oldest: true, order, since_counts, until_counts, ..model };
        let run = run(&model, &Query::default(), Extent::All, page_rows);
        prop_assert!(run.silently_missing().is_none(), "{:?}", run.silently_missing());
    }

    #[test]
    fn a_number_of_rows_is_met_exactly_with_the_newest(
        model in a_server(), query in a_question(), page_rows in a_page_size(), wanted in 0_u64..150
    ) {
        let run = run(&model, &query, Extent::Rows(wanted), page_rows);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        prop_assert!(run.logs.len() as u64 <= wanted);
        let mut newest: Vec<_> = run.truth.iter().collect();
        newest.sort_by_key(|row| std::cmp::Reverse(row.at));
        newest.truncate(usize::try_from(wanted).unwrap());
        if run.logs.len() < newest.len() {
            let excused =
                |row: &&Row| run.admits(row) || run.is_beyond_knowing(row);
            prop_assert!(run.missing().iter().any(excused), "too few");
        } else if run.account.gaps.is_empty()
            && !run.missing().iter().any(|row| run.is_beyond_knowing(row))
            && run.truth.iter().all(|row| row.dated)
        {
            // Which rows of the last millisecond come is the server's choice.
            let oldest = newest.last().map(|row| row.at);
            let keys = run.keys();
            for row in newest.iter().filter(|row| Some(row.at) > oldest) {
                prop_assert!(keys.contains(&row.key), "a newer row is missing: {:?}", row);
            }
        }
    }
}
