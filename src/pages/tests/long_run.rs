//! A long run over a server that has each kind of fault now and then.

use std::ops::Range;

use crate::model::{Log, Page, Timestamp};
use crate::pages::{History, Pages};
use crate::query::{Extent, Query};
use crate::source::{Source, SourceError, SourceKind};

/// The time of the newest row.
const NEWEST: i64 = 1_762_000_000_000;
/// The number of rows per instant.
const ALIKE: i64 = 3;
/// For each kind of fault, one response in this many has it: 2 %.
const ONE_IN: u64 = 50;

/// A server that generates rows when they are requested: three per millisecond, row 0 is the newest.
struct FaultyServer {
    rows: i64,
    seed: u64,
    /// The rows of the previous response.
    stale: Range<i64>,
}

impl FaultyServer {
    fn random(&mut self) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed
    }

    /// The number of rows that are newer than this time.
    fn newer(&self, millis: i64) -> i64 {
        ((NEWEST - millis) * ALIKE).clamp(0, self.rows)
    }

    fn selected(&self, query: &Query, until: Option<i64>, limit: i64) -> Range<i64> {
        let first = until.map_or(0, |until| self.newer(until));
        let since = query.since.map_or(i64::MIN / 8, Timestamp::millis);
        let last = self.newer(since - 1).min(first + limit);
        first..last.max(first)
    }

    fn row(number: i64) -> Log {
        let sent = Timestamp::from_millis(NEWEST - number / ALIKE).to_wire();
        Log::new(format!(r#"{{"messageId":"{number}","channel":"SMS","sentAt":"{sent}"}}"#))
    }
}

impl Source for FaultyServer {
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        let limit = i64::from(query.limit.unwrap());
        let until = query.until.map(Timestamp::millis);
        let mut rows = self.selected(query, until, limit);
        let kind = self.random() % ONE_IN;
        match kind {
            // A replica that is behind.
            0 => rows = 0..0,
            // A cache that returns the previous response.
            1 => rows = self.stale.clone(),
            // A response that is shorter than others.
            2 => rows.end = rows.start + (rows.end - rows.start) / 2,
            // An end that is read to the second, or to the minute.
            3 => rows = self.selected(query, until.map(|until| until / 1000 * 1000), limit),
            4 => rows = self.selected(query, until.map(|until| until / 60_000 * 60_000), limit),
            _ => {}
        }
        self.stale = rows.clone();
        let mut logs: Vec<_> = rows.map(Self::row).collect();
        if kind == 5 {
            logs.reverse();
        }
        Ok(Page { logs, ..Page::default() })
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Api
    }
}

/// `OMNILOGS_LONG_RUN_ROWS` sets the number of rows; the default is 60,000.
#[test]
fn a_long_run_over_a_server_with_two_per_cent_of_each_fault_is_exact_or_names_what_is_missing() {
    let rows = std::env::var("OMNILOGS_LONG_RUN_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: i64 = rows.unwrap_or(60_000);
    let (mut exact, runs) = (0, if rows > 1_000_000 { 1 } else { 5 });
    for seed in 1..=runs {
        let mut server = FaultyServer { rows, seed: seed * 77, stale: 0..0 };
        let query = Query { extent: Extent::All, ..Query::default() };
        let mut pages = History::new(&mut server, query, Timestamp::from_millis(NEWEST));
        let mut seen = vec![false; usize::try_from(rows).unwrap()];
        while let Some(page) = pages.next_page() {
            for log in page.unwrap().logs {
                let id = log.cell(crate::model::Field::MessageId).into_text().into_owned();
                let is_seen = &mut seen[id.parse::<usize>().unwrap()];
                assert!(!std::mem::replace(is_seen, true), "seed {seed}: row {id} came twice");
            }
        }
        let report = pages.report();
        let is_reported = |number: usize| {
            let sent = NEWEST - i64::try_from(number).unwrap() / ALIKE;
            report.gaps.iter().any(|gap| {
                gap.since.is_none_or(|since| since.millis() <= sent)
                    && gap.until.is_none_or(|until| sent <= until.millis())
            })
        };
        let silent =
            seen.iter().enumerate().find(|(number, seen)| !**seen && !is_reported(*number));
        assert_eq!(silent, None, "seed {seed}: {:?}", report.gaps);
        exact += u64::from(report.gaps.is_empty());
    }
    assert!(exact * 2 > runs || runs == 1, "{exact} of {runs} runs were exact");
}
