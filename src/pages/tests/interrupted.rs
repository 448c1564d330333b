//! Runs that are interrupted and continued, some of them twice, over servers with faults.

use std::collections::HashSet;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::model_server::{Model, ModelRow, ModelServer, START, at, key};
use super::random_servers::{Case, NOW, a_case, a_case_of_parts, numbered, numbers};
use crate::model::{Log, StatusGroup, Timestamp};
use crate::pages::merged::MergedPages;
use crate::pages::{History, Pages, Resume, RunReport, paging_time};
use crate::query::{Extent, Query};

/// An interruption of a run.
#[derive(Clone, Debug)]
struct Interruption {
    /// The number of pages after which the run stops.
    after_pages: usize,
    /// The time until the next run, in milliseconds.
    pause: i64,
    /// How many of the first responses to the next run are empty, like those of a replica that is
    /// behind.
    empty: usize,
}

/// Interrupts a run. Returns the rows to keep, with those of the earlier runs, and where to continue:
/// what an output file that can be resumed records. `None` if the run ended by itself, or no page
/// covered a range.
fn interrupted(
    pages: &mut dyn Pages,
    (earlier, resumed): (&[Log], Option<Resume>),
    (start, after_pages): (i64, usize),
) -> Option<(Vec<Log>, Resume)> {
    let mut unmet = resumed.as_ref().map(|resume| resume.awaited.clone()).unwrap_or_default();
    let (mut logs, mut resume) = (earlier.to_vec(), resumed.map(|resume| (earlier.len(), resume)));
    for _ in 0..after_pages {
        let page = pages.next_page()?.ok()?;
        for log in &page.logs {
            if let Some(met) = unmet.iter().position(|awaited| *awaited == log.identity()) {
                unmet.swap_remove(met);
            }
        }
        logs.extend(page.logs);
        let RunReport { gaps, order_proved, expired_before, edges, waiting, unproved_end, .. } =
            pages.report();
        let Some(range) = page.covers else { continue };
        let proved = logs
            .iter()
            .position(|log| paging_time(log).is_some_and(|sent| sent.millis() < range.since))
            .unwrap_or(logs.len());
        let undated = logs.iter().take(proved).filter(|log| paging_time(log).is_none());
        let undated = undated.map(Log::identity).collect();
        let is_undated = |log: &&Log| paging_time(log).is_none();
        let awaited = logs.iter().skip(proved).filter(is_undated).map(Log::identity);
        let awaited = awaited.chain(waiting).chain(unmet.iter().cloned()).collect();
        let gaps = gaps.into_iter();
        let gaps = gaps.filter(|gap| gap.until.is_none_or(|until| until.millis() >= range.since));
        if range.since <= start {
            // Everything is listed.
            return None;
        }
        let (since, gaps) = (Timestamp::from_millis(range.since), gaps.collect());
        let point = Resume {
            since,
            gaps,
            order_proved,
            expired_before,
            undated,
            edges,
            unproved_end,
            awaited,
        };
        resume = Some((proved, point));
    }
    let (proved, resume) = resume?;
    logs.truncate(proved);
    Some((logs, resume))
}

/// The pages of a new run, or of one that continues another.
fn pages(
    server: &ModelServer,
    case: &Case,
    query: Query,
    resume: Option<Resume>,
) -> Box<dyn Pages> {
    let (server, rows) = (server.clone(), case.page_rows);
    let parts = query.parts();
    if parts.len() > 1 {
        let pages = MergedPages::new(server, parts, at(NOW)).with_page_rows(rows);
        return Box::new(match resume {
            Some(resume) => pages.resuming(resume),
            None => pages,
        });
    }
    let pages = History::new(server, query, at(NOW)).with_page_rows(rows);
    Box::new(match resume {
        Some(resume) => pages.resuming(resume),
        None => pages,
    })
}

/// The rows of all runs, the report of the last one, and the server at its end.
fn all_runs(case: &Case, stops: &[Interruption]) -> Option<(Vec<Log>, RunReport, Model)> {
    let server = case.model.clone().server();
    let mut query = Query { extent: Extent::All, ..case.query.clone() };
    let start = query.since.map_or(i64::MIN, Timestamp::millis);
    let (mut logs, mut resume) = (Vec::new(), None);
    for stop in stops {
        let mut run = pages(&server, case, query.clone(), resume.clone());
        let (rows, next) = interrupted(&mut *run, (&logs, resume), (start, stop.after_pages))?;
        (logs, resume) = (rows, Some(next));
        if let Some((time, _)) = &mut server.model().time {
            *time += stop.pause;
        }
        let sent = server.model().queries.len();
        server.model().empty_at.extend(sent..sent + stop.empty);
        query.until = query.until.or(run.report().until);
    }
    let mut last = pages(&server, case, query, resume);
    while let Some(page) = last.next_page() {
        logs.extend(page.ok()?.logs);
    }
    let model = server.model().clone();
    Some((logs, last.report(), model))
}

/// The time from which on no row may be missing unless a gap contains its time: the oldest time that
/// the source kept when the first run began or, if the window begins there, that it kept a minute later.
fn promised_from(case: &Case, end: &Model) -> i64 {
    let Some((keeps, (start, _))) = case.model.keeps.zip(case.model.time) else { return i64::MIN };
    let (first, last) = (start - keeps, end.now().unwrap_or(start) - keeps);
    let since = case.query.since.map_or(i64::MIN, |since| since.millis() - START);
    let from = if since > first + 7000 { first } else { last.min(first + 62_000) };
    from + 1000
}

/// Describes the requests of all runs, and the gaps, for people.
fn describe(report: &RunReport, model: &Model) -> String {
    let millis = |time: Option<Timestamp>| time.map(|time| time.millis() - START);
    let mut text = String::new();
    for (query, returned) in model.queries.iter().zip(&model.returned) {
        let (since, until) = (millis(query.since), millis(query.until));
        let _ = writeln!(text, "{since:?} to {until:?}, {:?}: {returned:?}", query.limit);
    }
    for gap in &report.gaps {
        let (since, until) = (millis(gap.since), millis(gap.until));
        let _ = writeln!(text, "gap {since:?} to {until:?}: {}", gap.reason);
    }
    text
}

fn broken_promise(case: &Case, stops: &[Interruption]) -> Option<String> {
    let (logs, report, model) = all_runs(case, stops)?;
    let keys: HashSet<_> = logs.iter().map(key).collect();
    if keys.len() != logs.len() {
        let mut met = HashSet::new();
        let twice: Vec<_> =
            logs.iter().filter(|log| !met.insert(key(log))).map(Log::json).collect();
        return Some(format!("rows came twice: {twice:?}"));
    }
    let exact = Model { reads_to: 1, since_counts: true, until_counts: true, ..model.clone() };
    let from = promised_from(case, &model);
    let has_gap_at = |row: &ModelRow| {
        let sent = row.at + START;
        report.gaps.iter().any(|gap| {
            gap.since.is_none_or(|since| since.millis() <= sent)
                && gap.until.is_none_or(|until| sent <= until.millis())
        })
    };
    let unit = |row: &ModelRow| (row.at + START).div_euclid(model.reads_to);
    let most = model.cap.min(case.page_rows as usize);
    // No client can find out that these rows are missing: see `PagesRun::is_unknowable`. Empty responses
    // can look like those of a server that reads the end to the second.
    let is_crowded = |row: &ModelRow| {
        model.rows.iter().filter(|other| unit(other) == unit(row)).count() >= most
            || row.status == "SEEN" && !model.empty_at.is_empty()
    };
    let silent = exact.fitting(&case.query).into_iter().find(|row| {
        row.at >= from && !keys.contains(&row.key) && !has_gap_at(row) && !is_crowded(row)
    });
    silent.map(|row| {
        format!("missing although no gap contains its time: {row:?}\n{}", describe(&report, &model))
    })
}

/// Interrupts and continues the numbered cases of a strategy.
fn check_numbered_cases(cases: impl Strategy<Value = Case>) {
    let pause = prop::sample::select(vec![0_i64, 1000, 30_000, 90_000]);
    let empty = prop::sample::select(vec![0_usize, 0, 1, 2, 5]);
    let stop = (1..8_usize, pause, empty).prop_map(|(after_pages, pause, empty)| Interruption {
        after_pages,
        pause,
        empty,
    });
    let strategy = (cases, prop::collection::vec(stop, 1..=2));
    let mut broken = Vec::new();
    for number in numbers() {
        let (case, stops) = numbered(&strategy, number);
        broken.extend(broken_promise(&case, &stops).map(|why| (number, why, case, stops)));
    }
    if let Some((number, why, case, stops)) = broken.first() {
        panic!(
            "{} continued runs break the promise: {:?}\nOMNILOGS_RANDOM_SEED={number} \
             OMNILOGS_RANDOM_SERVERS=1: {why}\n{stops:?}\n{case:#?}",
            broken.len(),
            broken.iter().map(|(number, ..)| number).collect::<Vec<_>>()
        );
    }
}

#[test]
fn an_interrupted_run_that_is_continued_is_exact_or_names_what_is_missing() {
    check_numbered_cases(a_case());
}

#[test]
fn an_interrupted_merged_run_that_is_continued_is_exact_or_names_what_is_missing() {
    check_numbered_cases(a_case_of_parts());
}

#[test]
fn with_a_server_without_faults_a_continued_run_has_no_gap() {
    for (count, page_rows) in [(1, 4), (3, 4), (4, 4), (20, 4), (300, 100), (450, 1000)] {
        for after_pages in 1..20 {
            let rows =
                (0..count).map(|n| ModelRow::new(n, 100_000 - i64::try_from(n).unwrap() * 130));
            let query = Query::default();
            let case = Case { model: Model::new(rows.collect()), query, page_rows };
            let stop = Interruption { after_pages, pause: 0, empty: 0 };
            let Some((logs, report, model)) = all_runs(&case, &[stop]) else { continue };
            let run = format!("{count} rows, {page_rows} a page, stopped after {after_pages}");
            assert_eq!(logs.len(), count, "{run}");
            assert_eq!(report.gaps, [], "{run}: {} requests", model.queries.len());
        }
    }
}

#[test]
fn messages_that_changed_their_status_leave_no_gap_in_a_continued_run() {
    use StatusGroup::{Accepted, Pending};
    for (statuses, after_pages, empty) in [
        (vec![Pending], 1, 0),
        (vec![Pending], 3, 0),
        (vec![Pending], 2, 7),
        (vec![Accepted, Pending], 2, 0),
    ] {
        let row = |n: usize| {
            let sent = 100_000 - i64::try_from(n).unwrap() * 130;
            ModelRow { status: "PENDING", ..ModelRow::new(n, sent) }
        };
        let model = Model::new((0..60).map(row).collect());
        let query = Query { extent: Extent::All, statuses, ..Query::default() };
        let case = Case { model, query: query.clone(), page_rows: 8 };
        let server = case.model.clone().server();
        let mut first = pages(&server, &case, query.clone(), None);
        let (logs, resume) =
            interrupted(&mut *first, (&[], None), (i64::MIN, after_pages)).unwrap();
        // Meanwhile the messages that were received, and some more, are delivered.
        for row in server.model().rows.iter_mut().take(logs.len() + 12) {
            row.status = "DELIVERED";
        }
        let sent = server.model().queries.len();
        server.model().empty_at.extend(sent..sent + empty);
        let query = Query { until: first.report().until, ..query };
        let mut last = pages(&server, &case, query, Some(resume));
        let mut rest = Vec::new();
        while let Some(page) = last.next_page() {
            rest.extend(page.unwrap().logs.iter().map(key));
        }
        assert_eq!(last.report().gaps, []);
        assert_eq!(rest, (logs.len() + 12..60).collect::<Vec<_>>());
    }
}

#[test]
fn a_merged_run_that_is_continued_takes_no_empty_response_for_the_end() {
    let channels = ["SMS", "EMAIL"];
    let rows = (0..400).map(|n| {
        let sent = 100_000 - i64::try_from(n).unwrap() * 130;
        ModelRow { channel: channels[n % 2], ..ModelRow::new(n, sent) }
    });
    let channels = channels.map(str::to_owned).to_vec();
    let query = Query { channels, ..Query::default() };
    let case = Case { model: Model::new(rows.collect()), query, page_rows: 20 };
    for empty in 1..12 {
        let stop = Interruption { after_pages: 1, pause: 0, empty };
        let why = broken_promise(&case, &[stop]);
        assert_eq!(why, None, "{empty} empty responses");
    }
}
