//! Properties of paging: whatever the server does, the rows are right, or the report says which are
//! missing.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use proptest::prelude::*;

use super::model_server::{Model, ModelRow, Picks, RowOrder, START, at, key};
use super::random_servers::{
    Case, NOW, a_case, a_page_size, a_query, a_row, a_server, numbered, numbers,
};
use crate::model::Log;
use crate::pages::history::History;
use crate::pages::merged::MergedPages;
use crate::pages::{Pages, RunReport};
use crate::query::{Extent, Query};
use crate::source::SourceError;

/// The result of a run.
#[derive(Debug)]
pub(super) struct PagesRun {
    pub(super) logs: Vec<Log>,
    pub(super) report: RunReport,
    pub(super) failure: Option<SourceError>,
    pub(super) requests: usize,
    /// The rows that matched the query at the first request.
    pub(super) truth: Vec<ModelRow>,
    /// The rows that each part of the query can return.
    parts: Vec<PartRows>,
    pub(super) model: Model,
    page_rows: u32,
}

/// The rows that one part of a query can return.
#[derive(Debug)]
struct PartRows {
    /// The rows that matched at the first request.
    truth: Vec<ModelRow>,
    /// The rows that match at any time, without the window.
    ever: Vec<ModelRow>,
}

pub(super) fn run(model: &Model, query: &Query, extent: Extent, page_rows: u32) -> PagesRun {
    let server = model.clone().server();
    let parts = Query { extent, ..query.clone() }.parts();
    let part_rows = rows_of_parts(model, &parts);
    let mut pages: Box<dyn Pages> = match parts.as_slice() {
        [only] => {
            Box::new(History::new(server.clone(), only.clone(), at(NOW)).with_page_rows(page_rows))
        }
        _ => Box::new(MergedPages::new(server.clone(), parts, at(NOW)).with_page_rows(page_rows)),
    };
    let (mut logs, mut failure) = (Vec::new(), None);
    while let Some(page) = pages.next_page() {
        match page {
            Ok(page) => logs.extend(page.logs),
            Err(error) => failure = Some(error),
        }
        assert!(server.model().queries.len() < 10_000, "the run does not end");
    }
    let exact = Model { reads_to: 1, since_counts: true, until_counts: true, ..model.clone() };
    let truth = exact.fitting(query);
    let model = server.model().clone();
    let requests = model.queries.len();
    PagesRun {
        logs,
        report: pages.report(),
        failure,
        requests,
        truth,
        parts: part_rows,
        model,
        page_rows,
    }
}

fn rows_of_parts(model: &Model, parts: &[Query]) -> Vec<PartRows> {
    let exact = Model { reads_to: 1, since_counts: true, until_counts: true, ..model.clone() };
    let arrivals = model.arrivals.iter().map(|(_, row)| row.clone());
    let ever =
        Model { rows: exact.rows.iter().cloned().chain(arrivals).collect(), ..exact.clone() };
    let rows_of = |part: &Query| PartRows {
        truth: exact.fitting(part),
        ever: ever.fitting(&Query { since: None, until: None, ..part.clone() }),
    };
    parts.iter().map(rows_of).collect()
}

impl PagesRun {
    pub(super) fn keys(&self) -> HashSet<usize> {
        self.logs.iter().map(key).collect()
    }

    pub(super) fn missing(&self) -> Vec<&ModelRow> {
        let keys = self.keys();
        self.truth.iter().filter(|row| !keys.contains(&row.key)).collect()
    }

    /// Whether a gap of the report contains the time of a row.
    pub(super) fn has_gap_at(&self, row: &ModelRow) -> bool {
        let sent = row.at + START;
        self.report.gaps.iter().any(|gap| {
            gap.since.is_none_or(|since| since.millis() <= sent)
                && gap.until.is_none_or(|until| sent <= until.millis())
        })
    }

    /// Whether no client can find out that a row is missing, because its instant has more rows than a
    /// response and either its status group is not one of the API, or all rows that the server can
    /// return are of this instant and status, so that nothing shows that it returns fewer rows than
    /// requested.
    pub(super) fn is_unknowable(&self, row: &ModelRow) -> bool {
        let Model { rows, arrivals, cap, reads_to, picks, ignores, .. } = &self.model;
        let unit = |row: &ModelRow| (row.at + START).div_euclid(*reads_to);
        let all = || rows.iter().chain(arrivals.iter().map(|(_, row)| row));
        let most = (*cap).min(self.page_rows as usize);
        let is_crowded = all().filter(|other| unit(other) == unit(row)).count() >= most;
        let is_split = !ignores.contains(&"generalStatus");
        let alike =
            |other: &ModelRow| other.at == row.at && (!is_split || other.status == row.status);
        let is_all_alike = |part: &PartRows| {
            let shows_others = *picks == Picks::Newest
                && part.ever.iter().any(|other| !alike(other) && other.at != row.at);
            // A server that ignores the end of a window returns its newest rows whatever the window.
            let newest = part.ever.iter().filter(|other| other.at >= row.at);
            let shows_only_the_instant = ignores.contains(&"sentUntil")
                && newest.clone().all(|other| other.at == row.at)
                && newest.count() >= *cap;
            (!shows_others || shows_only_the_instant) && part.truth.iter().all(alike)
        };
        let mut holding =
            self.parts.iter().filter(|part| part.ever.iter().any(|other| other.key == row.key));
        is_crowded && (row.status == "SEEN" || holding.any(is_all_alike))
    }

    /// A row that is missing although no gap contains its time.
    pub(super) fn silently_missing(&self) -> Option<&ModelRow> {
        let is_silent = |row: &&&ModelRow| !self.has_gap_at(row) && !self.is_unknowable(row);
        self.missing().iter().find(is_silent).copied()
    }

    pub(super) fn is_newest_first(&self) -> bool {
        let times = self.logs.iter().filter_map(Log::sent_at);
        times.is_sorted_by_key(|at| std::cmp::Reverse(at.millis()))
    }
}

/// Why a run breaks the promise, if it does: a row came twice, does not match the query, or is missing
/// although no gap contains its time.
pub(super) fn broken_promise(run: &PagesRun, query: &Query) -> Option<String> {
    if run.keys().len() != run.logs.len() {
        return Some("a row came twice".to_owned());
    }
    let truth: HashSet<_> = run.truth.iter().map(|row| row.key).collect();
    // A row without a readable time cannot be compared with the window.
    let dated = run.logs.iter().filter(|log| log.sent_at().is_some());
    if dated.map(key).any(|key| !truth.contains(&key)) {
        return Some("a row does not match the query".to_owned());
    }
    if !run.is_newest_first() {
        return Some("the rows are not newest first".to_owned());
    }
    let bound = (100 + 40 * run.model.rows.len()) * query.parts().len();
    if run.requests > bound {
        return Some(format!("{} requests", run.requests));
    }
    let Model { keeps, time, .. } = &run.model;
    // The rows that the source kept at the first request must not be missing or, if the window begins
    // with the oldest message that the source keeps, those that it kept a minute later.
    let kept_from = keeps.zip(*time).map_or(i64::MIN, |(keeps, (start, _))| {
        let first = start - keeps;
        let since = query.since.map_or(i64::MIN, |since| since.millis() - START);
        let last = run.model.now().unwrap_or(start) - keeps;
        if since > first + 7000 { first } else { last.min(first + 62_000) + 1000 }
    });
    let silent = run
        .missing()
        .into_iter()
        .find(|row| row.at >= kept_from && !run.has_gap_at(row) && !run.is_unknowable(row));
    silent.map(|row| format!("missing although no gap contains its time: {row:?}"))
}

/// Describes a case and its run for people.
pub(super) fn describe(run: &PagesRun, case: &Case) -> String {
    let seconds = |time: Option<crate::model::Timestamp>| time.map(|time| time.millis() - START);
    let mut text = format!("rows per request {}\n", case.page_rows);
    let model = Model {
        queries: Vec::new(),
        rows: Vec::new(),
        returned: Vec::new(),
        sent: HashMap::new(),
        ..case.model.clone()
    };
    let _ = writeln!(text, "{model:?}");
    let (since, until) = (seconds(case.query.since), seconds(case.query.until));
    let _ = writeln!(text, "window {since:?} to {until:?}");
    for (query, returned) in run.model.queries.iter().zip(&run.model.returned) {
        let (since, until) = (seconds(query.since), seconds(query.until));
        let filters: Vec<_> = query
            .parameters()
            .into_iter()
            .filter(|parameter| !parameter.name.starts_with("sent"))
            .map(|parameter| format!("{}={}", parameter.name, parameter.value))
            .collect();
        let _ = writeln!(text, "{since:?} to {until:?} {filters:?}: {returned:?}");
    }
    for gap in &run.report.gaps {
        let (since, until) = (seconds(gap.since), seconds(gap.until));
        let _ = writeln!(text, "gap {since:?} to {until:?}: {}", gap.reason);
    }
    text
}

/// The promise behind the exit status 0: a run without a gap returned exactly the rows of the server.
#[test]
fn whatever_a_server_does_a_run_is_exact_or_names_what_is_missing() {
    check_numbered_cases(&a_case());
}

/// Runs the numbered cases of a strategy, and checks that none breaks the promise.
pub(super) fn check_numbered_cases(strategy: &impl Strategy<Value = Case>) {
    let (mut complete, mut broken) = (0, Vec::new());
    for number in numbers() {
        let case = numbered(strategy, number);
        let run = run(&case.model, &case.query, Extent::All, case.page_rows);
        if let Some(why) = broken_promise(&run, &case.query) {
            broken.push((number, why, describe(&run, &case)));
        }
        complete += u64::from(run.report.gaps.is_empty());
    }
    if let Some((number, why, description)) = broken.first() {
        panic!(
            "{} runs break the promise: {:?}\nOMNILOGS_RANDOM_SEED={number} \
             OMNILOGS_RANDOM_SERVERS=1: {why}\n{description}",
            broken.len(),
            broken.iter().map(|(number, why, _)| format!("{number}: {why}")).collect::<Vec<_>>()
        );
    }
    let all = numbers().count() as u64;
    assert!(all < 100 || complete * 3 > all, "only {complete} of {all} runs were complete");
}

/// Checks that with a server that ignores parameters no row comes twice, and none is missing unless a
/// gap contains its time.
pub(super) fn check_ignored_parameters(
    model: Model,
    ignores: Vec<&'static str>,
    query: &Query,
    page_rows: u32,
) -> Result<(), TestCaseError> {
    let truthful = Model {
        ignores: Vec::new(),
        reads_to: 1,
        since_counts: true,
        until_counts: true,
        ..model.clone()
    };
    let model = Model { ignores, ..model };
    let run = run(&model, query, Extent::All, page_rows);
    prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
    let keys = run.keys();
    for row in truthful.fitting(query) {
        prop_assert!(
            keys.contains(&row.key) || run.has_gap_at(&row) || run.is_unknowable(&row),
            "silently missing: {:?}",
            row
        );
    }
    Ok(())
}

/// A server that has only one of these rows would give the same responses.
#[test]
fn a_run_need_not_know_of_rows_that_a_server_returns_to_no_window() {
    let mut rows: Vec<_> = (0..5).map(|key| ModelRow::new(key, 1)).collect();
    rows.push(ModelRow::new(5, 0));
    let model = Model { cap: 1, ..Model::new(rows) };
    let query = Query { since: Some(at(1)), ..Query::default() };
    check_ignored_parameters(model, vec!["generalStatus", "sentUntil"], &query, 3).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_result_does_not_depend_on_the_page_size(
        model in a_server(), query in a_query(), sizes in (a_page_size(), a_page_size())
    ) {
        let model = Model { cap: 1000, ..model };
        let one = run(&model, &query, Extent::All, sizes.0);
        let other = run(&model, &query, Extent::All, sizes.1);
        let (in_one, in_other) = (one.keys(), other.keys());
        for row in &one.truth {
            let differs = in_one.contains(&row.key) != in_other.contains(&row.key);
            let is_excused = || one.has_gap_at(row)
                || other.has_gap_at(row)
                || one.is_unknowable(row)
                || other.is_unknowable(row);
            prop_assert!(!differs || is_excused());
        }
    }

    #[test]
    fn without_ties_all_rows_come_in_as_many_requests_as_they_need(
        times in prop::collection::btree_set(0_i64..1000, 0..300),
        cap in 5_usize..40, page_rows in 5_u32..40, until_counts: bool, mixed: bool
    ) {
        let rows: Vec<_> =
            times.iter().enumerate().map(|(key, sent)| ModelRow::new(key, *sent)).collect();
        let order = if mixed { RowOrder::Mixed } else { RowOrder::Newest };
        let model = Model { cap, until_counts, order, ..Model::new(rows) };
        let run = run(&model, &Query::default(), Extent::All, page_rows);
        prop_assert_eq!(run.missing().len(), 0);
        prop_assert_eq!(&run.report.gaps, &[]);
        // Each response repeats at most the two rows of the overlap.
        let new_rows = cap.min(page_rows as usize) - 2;
        // The order of pages is proved until they hold 64 rows, with up to three requests each.
        let proofs = 3 * (64 / (new_rows + 2) + 2);
        // One instant alone is requested by status group as well.
        let alone = if times.len() == 1 { 20 } else { 5 };
        prop_assert!(run.requests <= times.len() / new_rows + alone + proofs, "{} requests", run.requests);
    }

    #[test]
    fn ties_end_in_a_bounded_number_of_requests(
        model in a_server(), page_rows in a_page_size()
    ) {
        let run = run(&model, &Query::default(), Extent::All, page_rows);
        let bound = 100 + 40 * model.rows.len();
        prop_assert!(run.requests <= bound, "{} requests", run.requests);
    }

    #[test]
    fn rows_that_arrive_meanwhile_come_at_most_once_and_no_other_row_is_lost(
        model in a_server(), query in a_query(), page_rows in a_page_size(),
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
    fn after_a_failure_the_report_names_the_missing_rows(
        model in a_server(), query in a_query(), page_rows in a_page_size(),
        fails_at in 0_usize..12
    ) {
        let model = Model { fails_at: Some(fails_at), ..model };
        let run = run(&model, &query, Extent::All, page_rows);
        prop_assert_eq!(run.failure.is_some(), run.requests == fails_at + 1);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        prop_assert!(run.silently_missing().is_none(), "{:?}", run.silently_missing());
    }

    #[test]
    fn with_a_server_that_ignores_parameters_no_row_is_missing_unless_the_report_says_so(
        model in a_server(), query in a_query(), page_rows in a_page_size(),
        ignores in prop::sample::subsequence(
            vec!["from", "bulkId", "channel", "generalStatus", "mcc", "sentSince", "sentUntil", "limit"], 0..8)
    ) {
        check_ignored_parameters(model, ignores, &query, page_rows)?;
    }

    #[test]
    fn a_server_that_gives_the_oldest_rows_is_detected(
        times in prop::collection::btree_set(0_i64..60, 0..60),
        since_counts: bool, until_counts: bool, page_rows in 3_u32..20
    ) {
        let rows: Vec<_> =
            times.iter().enumerate().map(|(key, sent)| ModelRow::new(key, *sent)).collect();
        let order = RowOrder::Oldest;
        let model = Model::new(rows);
        let model = Model { picks: Picks::Oldest, order, since_counts, until_counts, ..model };
        let run = run(&model, &Query::default(), Extent::All, page_rows);
        prop_assert!(run.silently_missing().is_none(), "{:?}", run.silently_missing());
    }

    #[test]
    fn a_number_of_rows_is_met_exactly_with_the_newest(
        model in a_server(), query in a_query(), page_rows in a_page_size(), wanted in 0_u64..150
    ) {
        let run = run(&model, &query, Extent::Rows(wanted), page_rows);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        prop_assert!(run.logs.len() as u64 <= wanted);
        let mut newest: Vec<_> = run.truth.iter().collect();
        newest.sort_by_key(|row| std::cmp::Reverse(row.at));
        newest.truncate(usize::try_from(wanted).unwrap());
        if run.logs.len() < newest.len() {
            let excused =
                |row: &&ModelRow| run.has_gap_at(row) || run.is_unknowable(row);
            prop_assert!(run.missing().iter().any(excused), "too few");
        } else if run.report.gaps.is_empty()
            && !run.missing().iter().any(|row| run.is_unknowable(row))
            && run.truth.iter().all(|row| row.dated)
        {
            // The server decides which rows of the last millisecond it returns.
            let oldest = newest.last().map(|row| row.at);
            let keys = run.keys();
            for row in newest.iter().filter(|row| Some(row.at) > oldest) {
                prop_assert!(keys.contains(&row.key), "a newer row is missing: {:?}", row);
            }
        }
    }
}
