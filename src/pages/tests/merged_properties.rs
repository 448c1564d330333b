//! Properties of queries of several status groups and channels: whatever the server does, the rows of
//! the union are right, or the report says which are missing.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::model_server::{Model, ModelRow, Picks, RowOrder};
use super::properties::{PagesRun, check_ignored_parameters, check_numbered_cases, run};
use super::random_servers::{a_case_of_parts, a_page_size, a_query_of_parts, a_row, a_server};
use crate::query::{Extent, Query};

#[test]
fn whatever_a_server_does_a_merged_run_is_exact_or_names_what_is_missing() {
    check_numbered_cases(&a_case_of_parts());
}

/// The rows that the server had, newest first.
fn newest_first(run: &PagesRun) -> Vec<&ModelRow> {
    let mut newest: Vec<_> = run.truth.iter().collect();
    newest.sort_by_key(|row| Reverse(row.at));
    newest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_number_of_rows_is_met_exactly_with_the_newest_of_the_union(
        model in a_server(), query in a_query_of_parts(), page_rows in a_page_size(), wanted in 0_u64..150
    ) {
        let run = run(&model, &query, Extent::Rows(wanted), page_rows);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        prop_assert!(run.logs.len() as u64 <= wanted && run.is_newest_first());
        let mut newest = newest_first(&run);
        newest.truncate(usize::try_from(wanted).unwrap());
        // A part can have rows of one instant and one status only.
        let is_one_instant = |row: &ModelRow| run.model.rows.iter().all(|other| other.at == row.at);
        let excused = |row: &&ModelRow| {
            run.has_gap_at(row) || run.is_unknowable(row) || is_one_instant(row)
        };
        if run.logs.len() < newest.len() {
            prop_assert!(run.missing().iter().any(excused), "too few");
        } else if run.report.gaps.is_empty()
            && !run.missing().iter().any(|row| run.is_unknowable(row))
            && run.truth.iter().all(|row| row.dated)
        {
            let oldest = newest.last().map(|row| row.at);
            let keys = run.keys();
            for row in newest.iter().filter(|row| Some(row.at) > oldest) {
                prop_assert!(keys.contains(&row.key), "a newer row is missing: {:?}", row);
            }
        }
    }

    #[test]
    fn rows_that_arrive_or_change_meanwhile_come_once_and_no_row_that_always_matched_is_lost(
        model in a_server(), query in a_query_of_parts(), page_rows in a_page_size(),
        arrivals in prop::collection::vec((1_usize..20, a_row(60)), 0..20),
        moves in prop::collection::vec((0_usize..40, 0_usize..120, prop::sample::select(vec!["DELIVERED", "REJECTED"])), 0..40),
    ) {
        let mut arrivals = arrivals;
        for (key, (_, row)) in arrivals.iter_mut().enumerate() {
            row.key = 10_000 + key;
        }
        // Without an id, a row of another status is another row.
        let pending = |key: usize| {
            model.rows.iter().any(|row| row.key == key && row.status == "PENDING" && row.named)
        };
        let mut moves: Vec<_> = moves.into_iter().filter(|(_, key, _)| pending(*key)).collect();
        // A final status does not change.
        moves.sort_by_key(|(_, key, _)| *key);
        moves.dedup_by_key(|(_, key, _)| *key);
        let moved = moves.clone();
        let model = Model { arrivals, moves, ..model };
        let mut run = run(&model, &query, Extent::All, page_rows);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        prop_assert!(run.is_newest_first());
        let has = |status: &str| query.statuses.iter().any(|group| group.as_str() == status);
        run.truth.retain(|row| moved.iter().all(|(_, key, status)| *key != row.key || has(status)));
        prop_assert!(run.silently_missing().is_none(), "{:?}", run.silently_missing());
    }

    #[test]
    fn after_a_failure_of_one_part_the_report_names_the_missing_rows(
        model in a_server(), query in a_query_of_parts(), page_rows in a_page_size(),
        fails_at in 0_usize..25
    ) {
        let model = Model { fails_at: Some(fails_at), ..model };
        let run = run(&model, &query, Extent::All, page_rows);
        prop_assert_eq!(run.failure.is_some(), run.requests > fails_at);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        // A run that fails before its first row has no gap.
        if !run.logs.is_empty() {
            prop_assert!(run.silently_missing().is_none(), "{:?}", run.silently_missing());
        }
    }

    #[test]
    fn a_server_that_ignores_parameters_repeats_no_row_of_a_merged_run(
        model in a_server(), query in a_query_of_parts(), page_rows in a_page_size(),
        ignores in prop::sample::subsequence(
            vec!["from", "bulkId", "channel", "generalStatus", "sentSince", "sentUntil", "limit"], 0..7)
    ) {
        check_ignored_parameters(model, ignores, &query, page_rows)?;
    }

    #[test]
    fn one_page_of_a_merged_query_lacks_no_row_that_is_newer_than_its_oldest_one(
        model in a_server(), query in a_query_of_parts(), limit in 1_u32..60
    ) {
        let model = Model { order: RowOrder::Newest, picks: Picks::Newest, ..model };
        let parts = query.parts().len();
        let query = Query { limit: Some(limit), ..query };
        let run = run(&model, &query, Extent::OnePage, limit);
        prop_assert_eq!(run.keys().len(), run.logs.len(), "a row came twice");
        prop_assert!(run.logs.len() <= limit as usize);
        prop_assert!(run.requests <= 2 * parts, "{} requests", run.requests);
        let exact = model.since_counts && model.until_counts && run.truth.iter().all(|row| row.dated);
        let oldest = run.logs.iter().filter_map(crate::model::Log::sent_at).map(crate::model::Timestamp::millis).min();
        if let Some(oldest) = oldest.filter(|_| exact) {
            let newer = |row: &&&ModelRow| super::model_server::at(row.at).millis() > oldest;
            prop_assert!(!run.missing().iter().any(|row| newer(&row)), "{:?}", run.missing());
        }
    }
}
