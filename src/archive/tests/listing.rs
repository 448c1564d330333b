use chrono::Utc;
use proptest::prelude::*;

use super::*;
use crate::clock::Interrupt;
use crate::model::{Page, Timestamp};
use crate::pages::test_support::resume_from;
use crate::pages::{Pages, RunReport};
use crate::query::{Extent, Query};
use crate::{Source, SourceError, SourceKind};

fn everything() -> Query {
    Query { extent: Extent::All, ..Query::default() }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Every page of a query, and the report.
fn listed(pages: &mut impl Pages) -> (Vec<Page>, RunReport) {
    let mut all = Vec::new();
    while let Some(page) = pages.next_page() {
        all.push(page.unwrap());
    }
    (all, pages.report())
}

fn list(test: TestStore, query: &Query) -> (Vec<String>, RunReport) {
    let (store, _folder) = test.into_store();
    let (pages, report) = listed(&mut ArchivePages::new(store, query, None));
    let ids = pages.iter().flat_map(|page| &page.logs).map(id).collect();
    (ids, report)
}

fn id(log: &Log) -> String {
    log.cell(crate::Field::MessageId).into_text().into_owned()
}

fn gap_ranges(report: &RunReport) -> Vec<(Option<i64>, Option<i64>, &str)> {
    let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
    report.gaps.iter().map(|gap| (millis(gap.since), millis(gap.until), &*gap.reason)).collect()
}

#[test]
fn more_rows_than_a_page_come_newest_first_and_the_pages_cover_every_time() {
    for make in stores() {
        let mut test = make();
        let rows: Vec<_> = (0..2500).map(|n| message(&format!("m{n}"), n / 3)).collect();
        test.write(1, &rows);
        let (store, _folder) = test.into_store();
        let (pages, report) = listed(&mut ArchivePages::new(store, &everything(), None));
        let times: Vec<_> =
            pages.iter().flat_map(|page| &page.logs).filter_map(Log::sent_at).collect();
        assert_eq!((times.len(), report.rows), (2500, 2500));
        assert!(times.is_sorted_by(|one, next| one.millis() >= next.millis()));
        let covers: Vec<_> = pages.iter().filter_map(|page| page.covers).collect();
        assert_eq!(covers[0].until, i64::MAX);
        assert!(covers.windows(2).all(|pair| pair[0].since == pair[1].until), "{covers:?}");
        assert_eq!(covers.last().unwrap().since, i64::MIN);
    }
}

/// A24.
#[test]
fn a_listing_has_each_message_once_while_another_program_writes_between_its_pages() {
    for make in stores() {
        let mut test = make();
        let rows: Vec<_> = (0..2500).map(|n| message(&format!("m{n}"), 10_000 + n / 3)).collect();
        test.write(1, &rows);
        let mut pages = ArchivePages::new(test.reopen(), &everything(), None);
        let mut ids = Vec::new();
        for round in 2.. {
            let Some(page) = pages.next_page() else { break };
            ids.extend(page.unwrap().logs.iter().map(id));
            // New messages beside those that were listed and those that were not, and changes of both.
            let new = (0..200).map(|n| message(&format!("n{round}-{n}"), 9_990 + n * 5));
            let changed = rows
                .iter()
                .step_by(7)
                .map(|log| Log::new(log.json().replace("\"hi\"", &format!("\"hi {round}\""))));
            test.write(round, &new.chain(changed).collect::<Vec<_>>());
        }
        let listed: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(listed.len(), ids.len());
        assert!(rows.iter().all(|row| listed.contains(&id(row))));
    }
}

#[test]
fn pages_that_are_read_ahead_are_those_that_are_read_in_place() {
    let grouped = Query { channels: vec!["SMS".to_owned()], ..everything() };
    let texts = |(pages, report): (Vec<Page>, RunReport)| {
        let text = |log: &Log| log.json().to_owned();
        let page =
            |page: Page| (page.logs.iter().map(text).collect::<Vec<_>>(), page.bytes, page.covers);
        (pages.into_iter().map(page).collect::<Vec<_>>(), format!("{report:?}"))
    };
    for make in stores() {
        for (query, all_versions) in
            [(everything(), false), (grouped.clone(), false), (everything(), true)]
        {
            let pages = || {
                let mut test = make();
                let rows: Vec<_> = (0..1100).map(|n| message(&format!("m{n}"), n / 3)).collect();
                test.write(1, &rows);
                test.write(2, &[with_status("m7", 2, "PENDING", "PENDING_ENROUTE")]);
                test.cover(100, 300, 2);
                let (store, folder) = test.into_store();
                let pages = ArchivePages::new(store, &query, None);
                (if all_versions { pages.with_all_versions() } else { pages }, folder)
            };
            let (mut in_place, _folder) = pages();
            let (ahead, _other_folder) = pages();
            let ahead = listed(&mut ArchivePrefetch::new(ahead).unwrap());
            assert_eq!(texts(listed(&mut in_place)), texts(ahead));
        }
    }
}

#[test]
fn an_empty_archive_lists_nothing_in_one_empty_page_and_proves_nothing() {
    for make in stores() {
        let (store, _folder) = make().into_store();
        let (pages, report) = listed(&mut ArchivePages::new(store, &everything(), None));
        assert_eq!((pages.len(), pages[0].logs.len(), report.gaps.len()), (1, 0, 1));
        assert_eq!(gap_ranges(&report), [(None, None, "nothing was listed yet")]);
    }
}

#[test]
fn a_listing_is_continued_without_repeating_or_losing_a_row() {
    for make in stores() {
        let fill = || {
            let mut test = make();
            let rows: Vec<_> = (0..1500).map(|n| message(&format!("m{n}"), n / 3)).collect();
            test.write(1, &rows);
            test.into_store()
        };
        let (store, _folder) = fill();
        let mut first = ArchivePages::new(store, &everything(), None);
        let page = first.next_page().unwrap().unwrap();
        let since = page.covers.unwrap().since;
        let is_kept = |log: &&Log| log.sent_at().unwrap().millis() >= since;
        let mut ids: Vec<_> = page.logs.iter().filter(is_kept).map(id).collect();
        let resume = resume_from(Timestamp::from_millis(since));
        let (store, _folder) = fill();
        let mut rest = ArchivePages::new(store, &everything(), None).resuming(resume);
        let (pages, _) = listed(&mut rest);
        ids.extend(pages.iter().flat_map(|page| &page.logs).map(id));
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 1500);
    }
}

#[test]
fn a_limit_counts_the_rows_that_fit() {
    for make in stores() {
        let mut test = make();
        let rows: Vec<_> = (0..3000)
            .map(|n| {
                Log::new(
                    message(&format!("m{n}"), n)
                        .json()
                        .replace("Shop", if n % 100 == 0 { "Bank" } else { "Shop" }),
                )
            })
            .collect();
        test.write(1, &rows);
        let query =
            Query { from: Some("Bank".into()), extent: Extent::Rows(20), ..Query::default() };
        let (ids, _) = list(test, &query);
        assert_eq!((ids.len(), ids[0].as_str(), ids[19].as_str()), (20, "m2900", "m1000"));
    }
}

#[test]
fn what_was_never_listed_or_could_not_be_is_a_gap() {
    for make in stores() {
        let fill = || {
            let mut test = make();
            let (lease, account) = (test.lease.clone(), test.account);
            test.store.set_start(&lease, account, Scope::ALL, 100).unwrap();
            test.cover(100, 200, 1);
            test.cover(250, 300, 1);
            let gap = GapRecord {
                range: TimeRange { since: 120, until: 130 },
                reason: "the server failed".to_owned(),
                at_least: 7,
                found: 1,
                lost: None,
                acknowledged: None,
            };
            test.store.record_gap(&lease, account, Scope::ALL, &gap).unwrap();
            test.write(1, &[message("a", 110), message("b", 260)]);
            test
        };
        let (ids, report) = list(fill(), &everything());
        assert_eq!(ids, ["b", "a"]);
        let holes = [
            (Some(200), Some(249), "the time was not listed yet"),
            (Some(120), Some(129), "the server failed"),
        ];
        assert_eq!(gap_ranges(&report), holes);
        assert_eq!(report.gaps[1].at_least, 7);

        // Acknowledging a gap does not make a listing complete.
        let mut acknowledged = fill();
        let (lease, account) = (acknowledged.lease.clone(), acknowledged.account);
        acknowledged.store.acknowledge_gaps(&lease, account, 1).unwrap();
        assert_eq!(gap_ranges(&list(acknowledged, &everything()).1), holes);

        let older = Query { since: Some(at(50)), until: Some(at(350)), ..everything() };
        let (_, report) = list(fill(), &older);
        let outside = [
            (Some(300), Some(350), "the archive was not synced since then"),
            holes[0],
            holes[1],
            (Some(50), Some(99), "the archive begins later"),
        ];
        assert_eq!(gap_ranges(&report), outside);

        let (_, report) = list(fill(), &Query { since: Some(at(255)), ..everything() });
        assert_eq!(gap_ranges(&report), []);
        let unsynced = "the archive was not synced since then";
        // What has expired since the end of the archive is missing from a window that begins before it.
        for (query, expected) in [
            (
                Query { since: Some(at(255)), ..everything() },
                &[(Some(300), Some(399), unsynced)][..],
            ),
            (everything(), &holes[..]),
            (Query { since: Some(at(300)), ..everything() }, &[(Some(300), None, unsynced)]),
            (Query { since: Some(at(255)), until: Some(at(260)), ..everything() }, &[]),
        ] {
            let (store, _folder) = fill().into_store();
            let (_, report) = listed(&mut ArchivePages::new(store, &query, None).with_edge(400));
            assert_eq!(gap_ranges(&report), expected);
        }
        // The newest row is there, and the query requests no older one.
        let newest = Query { extent: Extent::Rows(1), ..Query::default() };
        let (ids, report) = list(fill(), &newest);
        assert_eq!((ids.len(), gap_ranges(&report).len()), (1, 0));
    }
}

#[test]
fn a_range_without_a_beginning_that_ends_before_the_archive_begins_is_a_gap() {
    for make in stores() {
        for (until, expected) in
            [(99, &[(None, Some(99), "the archive begins later")][..]), (100, &[])]
        {
            let mut test = make();
            let (lease, account) = (test.lease.clone(), test.account);
            test.store.set_start(&lease, account, Scope::ALL, 100).unwrap();
            test.cover(100, 200, 1);
            let (_, report) = list(test, &Query { until: Some(at(until)), ..everything() });
            assert_eq!(gap_ranges(&report), expected);
        }
    }
}

#[test]
fn every_version_is_listed_with_when_it_was_seen() {
    for make in stores() {
        let mut test = make();
        test.write(1000, &[with_status("m", 5, "PENDING", "PENDING_ENROUTE"), message("n", 6)]);
        test.write(2000, &[message("m", 5)]);
        test.write(2000, &[Log::new("{}")]);
        let (store, _folder) = test.into_store();
        let mut pages = ArchivePages::new(store, &everything(), None).with_all_versions();
        let (pages, _) = listed(&mut pages);
        let texts: Vec<_> = pages.iter().flat_map(|page| &page.logs).map(Log::json).collect();
        let seen = |millis| format!(r#""seenAt":"{}"}}"#, Timestamp::from_millis(millis).to_wire());
        assert_eq!(texts.len(), 4);
        assert_eq!(texts[0], format!("{{{}", seen(2000)));
        for (text, (millis, status)) in texts[1..].iter().zip([
            (1000, "DELIVERED_TO_HANDSET"),
            (2000, "DELIVERED_TO_HANDSET"),
            (1000, "PENDING_ENROUTE"),
        ]) {
            assert!(text.ends_with(&seen(millis)) && text.contains(status), "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
    }
}

#[test]
fn an_interrupt_ends_a_listing_that_finds_nothing() {
    for make in stores() {
        let mut test = make();
        let rows: Vec<_> = (0..10).map(|n| message(&format!("m{n}"), n)).collect();
        test.write(1, &rows);
        let (store, _folder) = test.into_store();
        let interrupt = Interrupt::new();
        let query = Query { from: Some("Unknown".into()), ..everything() };
        let pages = ArchivePages::new(store, &query, None).interruptible(interrupt.clone());
        interrupt.raise();
        let mut pages = Box::new(pages) as Box<dyn Pages>;
        assert_eq!(pages.next_page().unwrap().unwrap_err(), SourceError::Interrupted);
        assert!(pages.next_page().is_none());
    }
}

#[test]
fn a_single_query_brings_the_newest_rows_that_fit() {
    for make in stores() {
        let mut test = make();
        let rows: Vec<_> = (0..80).map(|n| message(&format!("m{n}"), n)).collect();
        test.write(1, &rows);
        let (store, _folder) = test.into_store();
        let mut source = ArchiveSource::new(store, None);
        assert_eq!((source.kind(), source.retention()), (SourceKind::Archive, None));
        assert_eq!(source.fetch(&Query::default()).unwrap().logs.len(), 50);
        let query = Query { message_ids: vec!["m7".into()], limit: Some(9), ..Query::default() };
        assert_eq!(source.fetch(&query).unwrap().logs.iter().map(id).collect::<Vec<_>>(), ["m7"]);
    }
}

fn any_row() -> impl Strategy<Value = Log> {
    let to = prop::sample::select(vec!["447700900001", "+44 7700 900001", "ana@example.com", ""]);
    let status = prop::sample::select(vec![
        r#""status":{"groupName":"PENDING","name":"PENDING_ENROUTE"},"#,
        r#""status":{"groupName":"delivered","name":"DELIVERED_TO_HANDSET"},"#,
        r#""status":{"groupName":"NEW","name":"NEW"},"#,
        r#""status":{"id":5},"#,
        "",
    ]);
    let channel = prop::sample::select(vec!["SMS", "sms", "PUSH", ""]);
    (0_u32..30, to, status, channel, 0_i64..20, any::<bool>()).prop_map(
        |(id, to, status, channel, sent_at, is_timed)| {
            let time = Timestamp::from_millis(sent_at).to_wire();
            let time = if is_timed { time } else { "soon".to_owned() };
            Log::new(format!(
                r#"{{"messageId":"m{id}","channel":"{channel}","to":"{to}","from":"{}",{status}"bulkId":"b{}","mccmnc":"23410","sentAt":"{time}"}}"#,
                if id % 2 == 0 { "Shop" } else { "+447700900009" },
                id % 3,
            ))
        },
    )
}

fn any_query() -> impl Strategy<Value = Query> {
    let texts = |values: &'static [&'static str]| {
        let texts = prop::collection::vec(prop::sample::select(values), 1..3);
        let texts =
            texts.prop_map(|texts| texts.into_iter().map(str::to_owned).collect::<Vec<_>>());
        prop::option::weighted(0.3, texts).prop_map(Option::unwrap_or_default)
    };
    let groups = prop::collection::vec(prop::sample::select(&StatusGroup::ALL[..]), 1..3);
    let groups = prop::option::weighted(0.3, groups).prop_map(Option::unwrap_or_default);
    (
        texts(&["447700900001", "00447700900001", "ana@example.com", "bob@example.com"]),
        texts(&["Shop", "447700900009"]),
        texts(&["SMS", "push"]),
        groups,
        prop::option::weighted(0.3, 0_i64..20),
        prop::option::weighted(0.3, 0_i64..20),
        prop::collection::vec(0_u32..30, 0..4),
        texts(&["b0", "b1"]),
        texts(&["234", "235"]),
    )
        .prop_map(|(to, from, channels, statuses, since, until, ids, bulk_ids, mcc)| Query {
            to,
            from: from.into_iter().next(),
            channels,
            statuses,
            since: since.map(at),
            until: until.map(at),
            message_ids: ids.iter().skip(1).map(|id| format!("m{id}")).collect(),
            bulk_ids,
            mcc: mcc.into_iter().next(),
            extent: Extent::All,
            ..Query::default()
        })
}

#[test]
fn every_query_lists_what_its_filters_match() {
    let rows = prop::collection::vec(any_row(), 1..40);
    let queries = prop::collection::vec(any_query(), 1..12);
    let config =
        ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(rows in rows, queries in queries)| {
        for make in stores() {
            let mut test = make();
            test.write(Utc::now().timestamp_millis(), &rows);
            let stored = test.texts(&Selection::default());
            for query in &queries {
                let (found, _) = listed(&mut ArchivePages::new(test.reopen(), query, None));
                let mut found: Vec<_> = found
                    .iter()
                    .flat_map(|page| &page.logs)
                    .map(|log| log.json().to_owned())
                    .collect();
                let mut expected = stored.clone();
                expected.retain(|row| query.matches(&Log::new(row.as_str())));
                found.sort();
                expected.sort();
                prop_assert_eq!(&found, &expected, "{:?}", query);
            }
        }
    });
}
